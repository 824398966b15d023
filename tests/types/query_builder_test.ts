/**
 * Mistakes in queries that the compiler finds at their place. Nothing here runs against a database.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import {
  and,
  cte,
  deleteFrom,
  exists,
  fn,
  insertInto,
  query,
  QueryBuilder,
  sql,
  update,
} from "../../src/query/mod.ts";
import { Category, Order, Person, type Taste } from "../support/shop.ts";
import { compileOnly as db } from "../support/standard_compiler.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

/** Compiles only if both types are the same. */
function same<A, B>(_equal: Equal<A, B>): void {}

type RowOf<Q extends { execute(): Promise<unknown> }> = Awaited<ReturnType<Q["execute"]>>;

const people = query(db, Person);
const orders = query(db, Order);
const withOrders = people.leftJoin(Order, "o", (c) => c.o.personId.eq(c.id));

/** Checked by the compiler, never called. */
function selectMistakes(): void {
  // @ts-expect-error no such column
  people.select("nope");
  // @ts-expect-error a relation is no column
  people.select("orders");
  // @ts-expect-error a getter is no column
  people.select("title");
  // @ts-expect-error a method is no column
  people.select("save");
  // @ts-expect-error no such column in the callback
  people.select((c) => ({ x: c.nope }));
  // @ts-expect-error a value is no expression
  people.select(() => ({ x: 1 }));
  // @ts-expect-error unknown alias
  withOrders.select((c) => ({ x: c.p.total }));
  // @ts-expect-error no such column of the joined model
  withOrders.select((c) => ({ x: c.o.name }));
}

function whereMistakes(): void {
  // @ts-expect-error no such column
  people.where("nope", "=", 1);
  // @ts-expect-error wrong type of value
  people.where("age", "=", "18");
  // @ts-expect-error no such operator
  people.where("age", "~", 18);
  // @ts-expect-error LIKE is for texts
  people.where("age", "like", "1%");
  // @ts-expect-error booleans have no order
  people.where("active", ">", true);
  // @ts-expect-error IN takes a list
  people.where("id", "in", 1);
  // @ts-expect-error a list of the wrong type
  people.where("id", "in", ["1"]);
  // @ts-expect-error BETWEEN takes two values
  people.where("age", "between", [1]);
  // @ts-expect-error a bigint column takes bigints
  orders.where("cents", "=", 5);
  // @ts-expect-error a moment is a Date
  orders.where("placedAt", "<", "2024-01-01");
  // @ts-expect-error a text is no condition
  people.where((c) => c.name);
  // @ts-expect-error wrong type of value in an expression
  people.where((c) => c.name.eq(1));
  // @ts-expect-error NULL where the column is never NULL
  people.where((c) => c.name.eq(null));
  // @ts-expect-error columns of different types
  withOrders.where((c) => c.name.eq(c.o.cents));
  // @ts-expect-error LIKE on a number
  people.where((c) => c.age.like("1%"));
  // @ts-expect-error no order between booleans
  people.where((c) => c.active.gt(false));
  // @ts-expect-error texts cannot be added to numbers
  people.where((c) => c.age.plus("1").gt(1));
  // @ts-expect-error a query of another type of column
  people.where((c) => c.id.in(orders.select("total")));
  // @ts-expect-error a fragment of another type
  people.where(() => sql<number>`1`);
  // @ts-expect-error a path into a text
  people.where((c) => c.name.path("a").eq("b"));
  // @ts-expect-error and() takes conditions
  people.where((c) => and(c.name, c.active));
  // @ts-expect-error exists() takes a query
  people.where((c) => exists(c.id.eq(1).isNull));
}

function shapeMistakes(): void {
  // @ts-expect-error no such column to order by
  people.orderBy("nope");
  // @ts-expect-error no such direction
  people.orderBy("age", "up");
  // @ts-expect-error no such column to group by
  people.groupBy("nope");
  // @ts-expect-error HAVING takes a condition
  people.groupBy("age").having(() => fn.count());
  // @ts-expect-error a limit is a number
  people.limit("10");
  // @ts-expect-error the alias of a join is a column of the first source
  people.innerJoin(Order, "name", (c) => c.id.eq(1));
  // @ts-expect-error the condition of a join compares equal types
  people.innerJoin(Order, "o", (c) => c.o.total.eq(c.id));
  // @ts-expect-error a join needs a condition
  people.innerJoin(Order, "o");
  // @ts-expect-error rows of other columns
  people.select("name").union(people.select("id"));
  // @ts-expect-error rows of more columns
  people.select("name").union(people.select("name", "id"));
  // @ts-expect-error not in what the CTE selected
  query(db, cte("a", people.select("id"))).select("name");
  // @ts-expect-error not in what the sub-query selected
  query(db, people.select("id"), "p").where("name", "=", "x");
  // @ts-expect-error a sum of texts… of dates
  orders.select((c) => ({ x: fn.sum(c.placedAt) }));
  // @ts-expect-error capitals of a number
  people.select((c) => ({ x: fn.upper(c.age) }));
}

async function resultMistakes(): Promise<void> {
  const [row] = await withOrders.select((c) => ({ total: c.o.total })).execute();
  // @ts-expect-error it was not selected
  row?.name;
  // @ts-expect-error an outer join may give NULL
  row?.total.length;
  const first = await people.select("age").first();
  // @ts-expect-error there may be no row
  first.age;
  const [upper] = await people.select((c) => ({ upper: fn.upper(c.name) })).execute();
  // @ts-expect-error a text is no number
  upper?.upper.toFixed();
}

async function writeMistakes(): Promise<void> {
  // @ts-expect-error a column is missing
  insertInto(db, Person).values({ name: "x" });
  // @ts-expect-error no such column
  insertInto(db, Person).values({ name: "x", email: "y", nope: 1 });
  // @ts-expect-error wrong type
  insertInto(db, Person).values({ name: 1, email: "y" });
  // @ts-expect-error NULL in a column that is never NULL
  insertInto(db, Person).values({ name: null, email: "y" });
  // @ts-expect-error a relation is no column
  insertInto(db, Person).values({ name: "x", email: "y", orders: [] });
  // @ts-expect-error no such column
  insertInto(db, Person).values({ name: "x", email: "y" }).onConflict(["nope"]);
  // @ts-expect-error no such column to take
  insertInto(db, Person).values({ name: "x", email: "y" }).onConflict(["email"]).doUpdateSet(["x"]);
  // @ts-expect-error the query lacks a column
  insertInto(db, Person).fromSelect(people.select("name"));
  // @ts-expect-error no such column
  update(db, Person).set({ nope: 1 });
  // @ts-expect-error wrong type
  update(db, Person).set({ age: "1" });
  // @ts-expect-error an expression of the wrong type
  update(db, Person).set((c) => ({ age: c.name }));
  // @ts-expect-error no such column to give back
  update(db, Person).set({ age: 1 }).allRows().returning("nope");
  // @ts-expect-error no such column
  deleteFrom(db, Person).where("nope", "=", 1);
  const count = await deleteFrom(db, Person).where("id", "=", 1).execute();
  // @ts-expect-error without returning() it gives a number
  count[0];
}

function untypedMistakes(): void {
  // @ts-expect-error no such operator
  new QueryBuilder().where("a", "~", 1);
  // @ts-expect-error no such direction
  new QueryBuilder().orderBy("a", "up");
  // @ts-expect-error no such kind of join
  new QueryBuilder().join("b", "a.id = b.id", "OUTER");
  // @ts-expect-error an array is no value
  sql`select ${[1, 2]}`;
  // @ts-expect-error undefined is no value
  sql`select ${undefined}`;
  // @ts-expect-error whereRaw takes a fragment
  new QueryBuilder().whereRaw("1 = 1");
}

function results(): void {
  const all = people;
  same<RowOf<typeof all>, {
    id: number;
    name: string;
    email: string;
    age: number | null;
    active: boolean;
    taste: Taste | null;
  }[]>(true);
  const some = people.select("id", "age");
  same<RowOf<typeof some>, { id: number; age: number | null }[]>(true);
  const joined = withOrders.select("name").select((c) => ({ total: c.o.total, n: fn.count() }));
  same<RowOf<typeof joined>, { name: string; total: string | null; n: number }[]>(true);
  const right = people.select("name").rightJoin(Order, "o", (c) => c.o.personId.eq(c.id))
    .select((c) => ({ id: c.id, total: c.o.total }));
  same<RowOf<typeof right>, { name: string | null; id: number | null; total: string }[]>(true);
  const sums = orders.select((c) => ({
    cents: fn.sum(c.cents),
    total: fn.sum(c.total),
    ids: fn.sum(c.id),
    avg: fn.avg(c.total),
    last: fn.max(c.placedAt),
  }));
  same<RowOf<typeof sums>, {
    cents: bigint | null;
    total: string | null;
    ids: number | null;
    avg: number | null;
    last: Date | null;
  }[]>(true);
  const written = insertInto(db, Category).values({ name: "x" }).returning("id", "createdAt");
  same<RowOf<typeof written>, { id: number; createdAt: Date }[]>(true);
  const counted = insertInto(db, Category).values({ name: "x" });
  same<RowOf<typeof counted>, number>(true);
  const derived = query(db, cte("c", sums)).select("last");
  same<RowOf<typeof derived>, { last: Date | null }[]>(true);
  const fallback = people.select((c) => ({ age: c.age.orElse(0) }));
  same<RowOf<typeof fallback>, { age: number }[]>(true);
}

Deno.test("mistakes in queries are compile errors at their place, and results are exact", () => {
  const checked = [
    selectMistakes,
    whereMistakes,
    shapeMistakes,
    resultMistakes,
    writeMistakes,
    untypedMistakes,
    results,
  ];
  ok(checked.every((each) => each.length === 0));
});
