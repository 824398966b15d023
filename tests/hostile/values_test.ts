/**
 * Values that are no plain data, at the edges of what databases hold, or of absurd size: each is stored and found as
 * it is, or refused with an error of ours; nothing hangs, overflows the stack or changes a prototype.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DataError, QueryError, RexError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { isDictionary } from "../../src/repository/shape.ts";
import { and, not, or, QueryBuilder, sql } from "../../src/query/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { checkMessage } from "./arena.ts";
import { type Loose, loose } from "./positions/loose.ts";

@Entity({ tableName: "hostile_values" })
class Thing extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", nullable: true })
  text!: string | null;
  @Column({ type: "integer", nullable: true })
  int!: number | null;
  @Column({ type: "bigint", nullable: true })
  big!: bigint | null;
  @Column({ type: "double", nullable: true })
  double!: number | null;
  @Column({ type: "numeric", precision: 12, scale: 2, nullable: true })
  num!: string | null;
  @Column({ type: "timestamptz", nullable: true })
  at!: Date | null;
  @Column({ type: "jsonb", nullable: true })
  data!: unknown;
  @Column({ type: "boolean", nullable: true })
  flag!: boolean | null;
  @Column({ type: "integer", nullable: true })
  parentId!: number | null;
  @ManyToOne(() => Thing, (thing) => thing.children, { nullable: true })
  parent!: Thing | null;
  @OneToMany(() => Thing, (thing) => thing.parent)
  children!: Thing[];
}

const models = [Thing];
const options = { models, rewrite: false } as const;

/** The columns of one value each. */
const scalars = ["text", "int", "big", "double", "num", "at", "flag"] as const;

/** Objects in place of values: what they say of themselves must not become SQL. */
const impostors: readonly (readonly [string, () => unknown])[] = [
  ["an object with toString()", () => ({ toString: () => "1; DROP TABLE hostile_values" })],
  ["an object with valueOf()", () => ({ valueOf: () => 1 })],
  ["an object with toJSON()", () => ({ toJSON: () => "x" })],
  ["an object with toNode that is no function", () => ({ toNode: "x" })],
  ["a String object", () => new String("x")],
  ["a Number object", () => new Number(1)],
  ["a symbol", () => Symbol("x")],
  ["a function", () => () => "x"],
  ["an array", () => ["x"]],
  ["a map", () => new Map([["a", 1]])],
  ["a proxy", () => new Proxy({}, { get: () => "x" })],
  ["an object with a getter", () => Object.defineProperty({}, "eq", { get: () => "x" })],
  ["an object without prototype", () => Object.create(null)],
  ["a regular expression", () => /x/],
  ["an error", () => new Error("x")],
  ["an invalid date", () => new Date(NaN)],
  ["a class", () => Thing],
];

async function refuses(what: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    assert.ok(
      error instanceof RexError,
      `${what}: ${error instanceof Error ? error.stack : error}`,
    );
    checkMessage(error.message, what);
    return;
  }
  assert.fail(`${what} was taken`);
}

const untouched = async (db: Database): Promise<void> =>
  assert.equal(await db.repository(Thing).count(), 0);

onEveryDatabase("what is no value of a column is refused as one", options, async ({ db }) => {
  const things: Loose = db.repository(Thing);
  for (const [what, make] of impostors) {
    for (const column of scalars) {
      const value = make();
      const valid = column === "at" && value instanceof Date && !Number.isNaN(value.getTime());
      if (valid) continue;
      const place = `${what} as ${column}`;
      await refuses(`${place} in create()`, () => things.create({ [column]: value }));
      await refuses(
        `${place} in values()`,
        () => loose(db.insertInto(Thing)).values({ [column]: value }).execute(),
      );
      await refuses(
        `${place} in set()`,
        () => loose(db.update(Thing)).set({ [column]: value }).allRows().execute(),
      );
      await refuses(
        `${place} in where()`,
        () => loose(db.query(Thing)).where(column, "=", value).select("id").execute(),
      );
      if (column === "flag") continue;
      await refuses(
        `${place} in find()`,
        () => things.find({ where: { [column]: { gt: value } } }),
      );
    }
  }
  await untouched(db);
});

onEveryDatabase("what is no name or word is refused as one", options, async ({ db }) => {
  const things: Loose = db.repository(Thing);
  for (const [what, make] of impostors) {
    const value = make();
    // An empty object is no order in particular, which is one.
    if (isDictionary(value) && Object.keys(value).length === 0) continue;
    const builder = (): Loose => new QueryBuilder().select("id").from("hostile_values");
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      "select()": async () => await loose(db.query(Thing)).select([value, value]).execute(),
      "orderBy()": () => things.find({ orderBy: { id: value } }),
      "select": () => things.find({ select: value }),
      "include": () => things.find({ include: { children: value } }),
      "limit": () => things.find({ limit: value }),
      "strategy": () => things.find({ include: { children: { strategy: value } } }),
      "builder from()": async () => await builder().from(value).execute(db),
      "builder operator": async () => await builder().where("id", value, 1).execute(db),
      "builder column": async () => await builder().where([value], "=", 1).execute(db),
      "builder direction": async () => await builder().orderBy("id", value).execute(db),
      "builder limit": async () => await builder().limit(value).execute(db),
      "direction": async () =>
        await loose(db.query(Thing)).select("id").orderBy("id", value).execute(),
      "operator": async () => await loose(db.query(Thing)).where("id", value, 1).execute(),
    };
    for (const [place, call] of Object.entries(calls)) await refuses(`${what} as ${place}`, call);
  }
  await untouched(db);
});

onEveryDatabase("keys of every object's prototype are no columns", options, async ({ db }) => {
  const things: Loose = db.repository(Thing);
  const keys = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "__defineGetter__",
  ];
  for (const key of keys) {
    const object = Object.fromEntries([[key, 1]]);
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      where: () => things.find({ where: object }),
      operator: () => things.find({ where: { int: object } }),
      relation: () => things.find({ where: { children: object } }),
      include: () => things.find({ include: object }),
      orderBy: () => things.find({ orderBy: object }),
      query: () => things.find(object),
      create: () => things.create(object),
      createMany: () => things.createMany([object]),
      update: () => things.update(1, object),
      updateMany: () => things.updateMany({}, object),
      increment: () => things.incrementMany({}, object),
      aggregate: () => things.aggregate(object),
      values: async () => await loose(db.insertInto(Thing)).values(object).execute(),
      set: async () => await loose(db.update(Thing)).set(object).allRows().execute(),
      select: async () => await loose(db.query(Thing)).select(key).execute(),
      refs: async () => await loose(db.query(Thing)).where((c: Loose) => c[key].eq(1)).execute(),
    };
    for (const [place, call] of Object.entries(calls)) await refuses(`${key} in ${place}`, call);
  }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  await untouched(db);
});

onEveryDatabase("a document's keys change no prototype", options, async ({ db }) => {
  const things = db.repository(Thing);
  const data = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"p": 1}}}');
  await things.create({ data });
  await things.createMany([{ data }, { data: [data] }]);
  const found = await things.find({ orderBy: { id: "asc" }, include: { children: true } });
  assert.deepEqual(found.map((each) => JSON.stringify(each.data)), [
    JSON.stringify(data),
    JSON.stringify(data),
    JSON.stringify([data]),
  ]);
  assert.equal(Object.getPrototypeOf(found[0]?.data), Object.prototype);
  assert.equal((found[0]?.data as Record<string, unknown>).polluted, undefined);
  assert.equal(await things.count({ where: { data: { contains: data } } }), 2);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  const { rows } = await db.execute('SELECT 1 AS "__proto__", 2 AS "constructor"');
  assert.deepEqual(Object.keys(rows[0] ?? {}), ["__proto__", "constructor"]);
  assert.equal(Object.getPrototypeOf(rows[0]), Object.prototype);
});

onEveryDatabase("numbers at the edges are exact or refused", options, async ({ db }) => {
  const things: Loose = db.repository(Thing);
  const taken: readonly (readonly [string, unknown, unknown])[] = [
    ["int", 2 ** 31 - 1, 2 ** 31 - 1],
    ["int", -(2 ** 31), -(2 ** 31)],
    ["int", -0, 0],
    ["big", 2n ** 63n - 1n, 2n ** 63n - 1n],
    ["big", -(2n ** 63n), -(2n ** 63n)],
    ["big", 2n ** 53n + 1n, 2n ** 53n + 1n],
    ["double", Number.MAX_VALUE, Number.MAX_VALUE],
    ["double", Number.MIN_VALUE, Number.MIN_VALUE],
    ["double", Infinity, Infinity],
    ["double", -Infinity, -Infinity],
    ["double", 0.1, 0.1],
    ["num", "9999999999.99", "9999999999.99"],
    ["num", "-0", "0.00"],
  ];
  for (const [column, given, expected] of taken) {
    const { id } = await things.create({ [column]: given });
    const found = await things.findOneOrThrow({ where: { [column]: given, id } });
    assert.ok(Object.is(found[column], expected), `${column} ${String(given)}: ${found[column]}`);
  }
  const before = await things.count();
  const refused: readonly (readonly [string, unknown])[] = [
    ["int", 2 ** 31],
    ["int", 1.5],
    ["int", NaN],
    ["int", Infinity],
    ["int", 2 ** 53],
    ["int", 1n << 70n],
    ["big", 2n ** 63n],
    ["big", -(2n ** 63n) - 1n],
    ["big", 2 ** 60],
    ["num", "10000000000.00"],
    ["num", "1e400000000"],
    ["num", "Infinity"],
    ["num", "0x10"],
    ["num", ""],
    ["at", new Date(8.64e15 + 1)],
  ];
  for (const [column, given] of refused) {
    await refuses(`${column} ${String(given)}`, () => things.create({ [column]: given }));
    await refuses(
      `${column} ${String(given)} in a list`,
      () => things.createMany([{}, { [column]: given }]),
    );
  }
  assert.equal(await things.count(), before);
});

onEveryDatabase("ten megabytes of text go in and out", options, async ({ db }) => {
  const text = "0123456789'\"\\%_".repeat(700_000).slice(0, 10_000_000);
  const things = db.repository(Thing);
  await things.create({ text });
  const [found] = await things.find({ where: { text } });
  assert.ok(found?.text === text);
  assert.equal(
    await things.count({ where: { text: { startsWith: text } } }).catch((error) => {
      // SQLite takes no pattern of more than 50,000 bytes.
      assert.ok(error instanceof RexError, String(error));
      return 1;
    }),
    1,
  );
  await refuses("as a column", () => (things as Loose).find({ where: { [text]: 1 } }));
  await refuses("as a relation", () => (things as Loose).find({ include: { [text]: true } }));
  await refuses("as an operator", () => (things as Loose).find({ where: { int: { [text]: 1 } } }));
  await refuses(
    "as a table",
    async () => await new QueryBuilder().select("*").from(text).execute(db),
  );
  await refuses("as an alias", async () => await loose(db.query(Thing)).as(`${text}\0`).execute());
});

/** Conditions in conditions. */
function nested(levels: number, key: string): object {
  let where: object = { int: 1 };
  for (let i = 0; i < levels; i++) where = { [key]: key === "OR" ? [where, where] : [where] };
  return where;
}

onEveryDatabase(
  "what is nested 10,000 levels deep is refused, not overflowed",
  options,
  async ({ db }) => {
    const things: Loose = db.repository(Thing);
    for (const key of ["AND", "OR", "NOT"]) {
      await refuses(key, () => things.find({ where: nested(10_000, key) }));
    }
    let relation: object = { int: 1 };
    let include: object = {};
    let order: object = { int: "asc" };
    let data: unknown = 1;
    for (let i = 0; i < 10_000; i++) {
      relation = { children: { some: relation } };
      include = { include: { children: include } };
      order = { parent: order };
      data = [data];
    }
    await refuses("relations", () => things.find({ where: relation }));
    await refuses("includes", () => things.find(include));
    await refuses("orders", () => things.find({ orderBy: order }));
    await refuses("a document", () => things.create({ data }));
    await refuses(
      "a document in a condition",
      () => things.find({ where: { data: { eq: data } } }),
    );
  },
);

onEveryDatabase(
  "expressions nested 10,000 levels deep are refused, not overflowed",
  options,
  async ({
    db,
  }) => {
    const query: Loose = db.query(Thing);
    const deep = (c: Loose, join: (part: Loose) => Loose): Loose => {
      let part = c.int.eq(1);
      for (let i = 0; i < 10_000; i++) part = join(part);
      return part;
    };
    const select = (join: (part: Loose, c: Loose) => Loose) => async () =>
      await query.select("id").where((c: Loose) => deep(c, (part) => join(part, c))).execute();
    await refuses("not", select((part) => not(part)));
    await refuses("and", select((part, c) => and(part, c.int.eq(1))));
    await refuses("or", select((part, c) => or(part, c.int.eq(1))));
    await refuses("arithmetic", async () => {
      await query.select((c: Loose) => {
        let sum = c.int;
        for (let i = 0; i < 10_000; i++) sum = c.int.minus(sum);
        return { sum };
      }).execute();
    });
    await refuses("sub-queries", async () => {
      let inner: Loose = db.query(Thing).select("id");
      for (let i = 0; i < 10_000; i++) inner = loose(db.query(inner, "s")).select("id");
      await inner.execute();
    });
    await refuses("fragments", async () => {
      let part = sql`1`;
      for (let i = 0; i < 10_000; i++) part = sql`(${part})`;
      await sql`SELECT ${part}`.execute(db);
    });
    await refuses("groups", async () => {
      const group = (level: number) => (q: Loose): Loose =>
        level === 0 ? q.where("id", "=", 1) : q.where(group(level - 1)).orWhere("id", "=", 2);
      await new QueryBuilder().select("id").from("hostile_values").where(group(2_000)).execute(db);
    });
    await refuses("parentheses of a join", async () => {
      const text = `${"(".repeat(100_000)}a = b${")".repeat(100_000)}`;
      await new QueryBuilder().select("*").from("t").join("u", text).execute(db);
    });
  },
);

onEveryDatabase("nested creates may be deep", options, async ({ db }) => {
  let create: object = { int: 1 };
  for (let i = 0; i < 500; i++) create = { children: { create: [create] } };
  await (db.repository(Thing) as Loose).create(create);
  assert.equal(await db.repository(Thing).count(), 501);
});

onEveryDatabase("many conditions side by side are no nesting", options, async ({ db }) => {
  const things = db.repository(Thing);
  await things.create({ int: 7 });
  const wide = Array.from({ length: 5_000 }, (_, int) => ({ int }));
  assert.equal(await things.count({ where: { OR: wide } }), 1);
  const all = Array.from({ length: 5_000 }, (_, i) => ({ int: { ne: -i - 1 } }));
  assert.equal(await things.count({ where: { AND: all } }), 1);
});

onEveryDatabase("lists of 100,000 values are one parameter", options, async ({ db }) => {
  const things = db.repository(Thing);
  await things.createMany([{ int: 5, text: "5" }, { int: -5, text: "-5" }]);
  const ints = Array.from({ length: 100_000 }, (_, i) => i);
  assert.equal(await things.count({ where: { int: { in: ints } } }), 1);
  assert.equal(await things.count({ where: { int: { notIn: ints } } }), 1);
  assert.equal(await things.count({ where: { text: { in: ints.map(String) } } }), 1);
  const found = await db.query(Thing).where("int", "in", ints).select("int").execute().catch(
    (error) => {
      assert.ok(error instanceof RexError, String(error));
      return [{ int: 5 }];
    },
  );
  assert.deepEqual(found, [{ int: 5 }]);
});

onEveryDatabase("more parameters than the database takes are refused", options, async ({ db }) => {
  const many = Array.from({ length: 70_000 }, (_, i) => i);
  await refuses("sql.list()", async () => {
    await sql`SELECT id FROM hostile_values WHERE int IN ${sql.list(many)}`.execute(db);
  });
  await refuses(
    "execute()",
    () => db.execute(`SELECT ${many.map((_, i) => `$${i + 1}`).join(", ")}`, many),
  );
  assert.equal((await db.execute("SELECT 1 AS one")).rows.length, 1);
  const rows = many.map((int) => ({ int }));
  assert.equal(await db.repository(Thing).createMany(rows), rows.length);
});

onEveryDatabase("a NUL in the text of a statement is refused", options, async ({ db }) => {
  await assert.rejects(() => db.execute("SELECT 1\0; DROP TABLE hostile_values"), QueryError);
  await assert.rejects(() => sql`SELECT ${sql.raw("1\0")}`.execute(db), QueryError);
  await assert.rejects(() => db.execute("SELECT $1", ["a\0b"]), DataError);
  await assert.rejects(() => db.execute("SELECT $1", ["a\ud800"]), DataError);
});
