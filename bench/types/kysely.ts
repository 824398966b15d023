/**
 * The measured code for Kysely: relations by `jsonArrayFrom`. It has no models, relations or nested writes.
 *
 * @module
 */
import { childOf, each, type Library, parentOf } from "./subject.ts";

const IMPORTS = `import type { ColumnType, Generated, Kysely } from "kysely";
import { jsonArrayFrom, jsonObjectFrom } from "kysely/helpers/postgres";`;

const table = (n: number): string =>
  `export interface M${n} {
  id: Generated<number>;
  name: string;
  email: string;
  age: number | null;
  active: Generated<boolean>;
  balance: string;
  createdAt: ColumnType<Date, Date | undefined, Date>;
  parentId: number;
}`;

const find = (n: number, parent: number, child: number, grandchild: number): string =>
  `export async function find${n}(db: Kysely<Tables>): Promise<[string, Date, string] | undefined> {
  const [row] = await db.selectFrom("m${n}")
    .where("name", "like", "a%")
    .where("age", ">", 18)
    .where((eb) => eb.exists(eb.selectFrom("m${parent} as p").whereRef("p.id", "=", "m${n}.parentId").where("p.active", "=", true).select("p.id")))
    .where((eb) => eb.exists(eb.selectFrom("m${child} as c").whereRef("c.parentId", "=", "m${n}.id").where("c.balance", "=", "1.50").select("c.id")))
    .select(["id", "name", "email"])
    .select((eb) => jsonObjectFrom(eb.selectFrom("m${parent} as p").selectAll("p").whereRef("p.id", "=", "m${n}.parentId")).$notNull().as("parent"))
    .select((eb) => jsonArrayFrom(
      eb.selectFrom("m${child} as c").selectAll("c").whereRef("c.parentId", "=", "m${n}.id").where("c.active", "=", true).orderBy("c.createdAt", "desc").limit(3)
        .select((eb) => jsonArrayFrom(eb.selectFrom("m${grandchild} as g").select(["g.id", "g.name"]).whereRef("g.parentId", "=", "c.id")).as("children")),
    ).as("children"))
    .orderBy("name", "asc")
    .limit(10)
    .execute();
  return row && [row.name, new Date(row.parent.createdAt), row.children[0]!.children[0]!.name];
}`;

const write = (n: number): string =>
  `export async function create${n}(db: Kysely<Tables>): Promise<number> {
  const made = await db.insertInto("m${n}").values({ name: "a", email: "b", balance: "1.50", parentId: 1 }).returningAll().executeTakeFirstOrThrow();
  return made.id;
}
export async function update${n}(db: Kysely<Tables>): Promise<string> {
  const changed = await db.updateTable("m${n}").set({ age: null, active: false }).where("id", "=", 1).returningAll().executeTakeFirstOrThrow();
  return changed.name;
}`;

/** Kysely. */
export const kysely: Library = {
  name: "Kysely",
  packages: { "kysely": "0.29.9" },
  imports: IMPORTS,
  models: (count) =>
    `${IMPORTS}\n${each(count, table)}\n` +
    `export interface Tables {\n${each(count, (n) => `  m${n}: M${n};`)}\n}`,
  header: () => `${IMPORTS}\nimport type { Tables } from "./models.ts";`,
  find: (n, count) => {
    const child = childOf(n, count);
    return find(n, parentOf(n, count), child, childOf(child, count));
  },
  write,
  mistakes: [
    { name: "where: column", right: `.where("name"`, wrong: `.where("nam"` },
    { name: "where: value", right: `">", 18`, wrong: `">", "18"` },
    { name: "where: column of a relation", right: `"c.balance"`, wrong: `"c.balanc"` },
    { name: "select", right: `"name", "email"]`, wrong: `"nam", "email"]` },
    { name: "select, nested", right: `"g.name"]`, wrong: `"g.nam"]` },
    { name: "orderBy", right: `.orderBy("name"`, wrong: `.orderBy("nam"` },
    { name: "result", right: `row.parent.createdAt`, wrong: `row.parent.creatdAt` },
    { name: "create: column", right: `name: "a"`, wrong: `nam: "a"` },
    { name: "create: value", right: `name: "a"`, wrong: `name: 5` },
    { name: "create: missing column", right: `email: "b",`, wrong: `` },
    { name: "update: column", right: `age: null`, wrong: `ag: null` },
    { name: "update: value", right: `age: null`, wrong: `age: "5"` },
  ],
};
