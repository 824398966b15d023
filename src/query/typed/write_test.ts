import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { Category, Order, Person } from "../../../tests/support/shop.ts";
import { compileOnly as db } from "../../../tests/support/standard_compiler.ts";
import { deleteFrom, update } from "./change_builder.ts";
import { insertInto } from "./insert_builder.ts";
import { query } from "./select_builder.ts";

const ann = { name: "Ann", email: "a@x" };

Deno.test("an insert takes rows with different columns and fills in defaults", () => {
  const insert = insertInto(db, Person).values([ann, { ...ann, age: 3, active: false }]);
  equal(insert.toSQL(), {
    sql: "INSERT INTO people (name, e_mail, age, active) VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)",
    parameters: ["Ann", "a@x", null, true, "Ann", "a@x", 3, false],
  });
  const { columns } = insertInto(db, Category).values({ name: "x" }).toNode();
  ok(["created_at", "updated_at", "version"].every((name) => columns.includes(name)));
});

Deno.test("an upsert takes columns, values or a callback", () => {
  const insert = insertInto(db, Person).values(ann);
  const set = (sql: string) => sql.split(" ON CONFLICT ")[1];
  const email = insert.onConflict(["email"]);
  equal(set(email.doNothing().toSQL().sql), "(e_mail) DO NOTHING");
  equal(
    set(email.doUpdateSet(["name", "email"]).toSQL().sql),
    "(e_mail) DO UPDATE SET name = excluded.name, e_mail = excluded.e_mail",
  );
  equal(
    set(
      email.doUpdateSet((excluded, stored) => ({ age: stored.age.plus(1), name: excluded.name }))
        .returning("id", "email").toSQL().sql,
    ),
    "(e_mail) DO UPDATE SET age = people.age + $4, name = excluded.name RETURNING id, e_mail",
  );
});

Deno.test("an insert takes its rows from a query, by the names of its results", () => {
  equal(
    insertInto(db, Person).fromSelect(query(db, Person).select("email", "name")).toSQL().sql,
    "INSERT INTO people (e_mail, name) SELECT people.e_mail AS email, people.name FROM people",
  );
});

Deno.test("an update sets values and expressions, and joins what it refers to", () => {
  equal(
    update(db, Person).set((c) => ({ age: c.age.plus(1), name: "x" })).where("id", "=", 1)
      .returning((c) => ({ now: c.age })).toSQL().sql,
    "UPDATE people SET age = people.age + $1, name = $2 WHERE people.id = $3 RETURNING age",
  );
  equal(
    update(db, Person, "p").from(Order, "o").set((c) => ({ name: c.o.total }))
      .where((c) => c.o.personId.eq(c.id)).toSQL().sql,
    "UPDATE people AS p SET name = o.total FROM orders o WHERE o.person_id = p.id",
  );
});

Deno.test("an update counts the version up and sets the time of the last change", () => {
  const { set } = update(db, Category).set({ name: "x" }).allRows().toNode();
  equal(set.map(({ column }) => column), ["name", "updated_at", "version"]);
});

Deno.test("a delete joins what its condition refers to", () => {
  equal(
    deleteFrom(db, Order).using(Person, "p").where((c) => c.p.id.eq(c.personId)).returningAll()
      .toSQL().sql,
    "DELETE FROM orders USING people p WHERE p.id = orders.person_id RETURNING id, person_id, total, cents, placed_at",
  );
});

Deno.test("a change of all rows has to say so", () => {
  throws(() => update(db, Person).set({ age: 1 }).toNode(), /Cannot update Person: no condition/);
  throws(() => deleteFrom(db, Person).toSQL(), /Cannot delete Person: no condition/);
  equal(deleteFrom(db, Person).allRows().toSQL().sql, "DELETE FROM people");
});

Deno.test("what only the run can see is refused with a reason", () => {
  throws(() => insertInto(db, Person).values([]), { name: "QueryError" });
  throws(() => insertInto(db, Person).values({ ...ann, nope: 1 } as never), /no column nope/);
  throws(() => update(db, Person).set({}), { name: "QueryError" });
});
