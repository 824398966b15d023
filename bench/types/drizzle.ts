/**
 * The measured code for Drizzle ORM: relations v2. It has no nested writes.
 *
 * @module
 */
import { childOf, each, type Library, parentOf } from "./subject.ts";

const IMPORTS = `import { defineRelations, eq } from "drizzle-orm";
import { boolean, integer, numeric, pgTable, serial, timestamp, varchar } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/postgres-js";`;

const table = (n: number, parent: number): string =>
  `export const m${n} = pgTable("m${n}", {
  id: serial().primaryKey(),
  name: varchar({ length: 100 }).notNull(),
  email: varchar().notNull().unique(),
  age: integer(),
  active: boolean().notNull().default(true),
  balance: numeric({ precision: 10, scale: 2 }).notNull(),
  createdAt: timestamp("created_at").notNull().defaultNow(),
  parentId: integer("parent_id").notNull().references((): AnyPgColumn => m${parent}.id),
});`;

const relations = (n: number, parent: number, child: number): string =>
  `  m${n}: {
    parent: r.one.m${parent}({ from: r.m${n}.parentId, to: r.m${parent}.id, optional: false }),
    children: r.many.m${child}({ from: r.m${n}.id, to: r.m${child}.parentId }),
  },`;

const find = (n: number): string =>
  `export async function find${n}(db: Db): Promise<[string, Date, string] | undefined> {
  const [row] = await db.query.m${n}.findMany({
    where: { name: { like: "a%" }, age: { gt: 18 }, parent: { active: true }, children: { balance: "1.50" } },
    columns: { id: true, name: true, email: true },
    with: {
      parent: true,
      children: {
        where: { active: true },
        orderBy: { createdAt: "desc" },
        limit: 3,
        with: { children: { columns: { id: true, name: true } } },
      },
    },
    orderBy: { name: "asc" },
    limit: 10,
  });
  return row && [row.name, row.parent.createdAt, row.children[0]!.children[0]!.name];
}`;

const write = (n: number): string =>
  `export async function create${n}(db: Db): Promise<number> {
  const [made] = await db.insert(m${n}).values({ name: "a", email: "b", balance: "1.50", parentId: 1 }).returning();
  return made!.id;
}
export async function update${n}(db: Db): Promise<string> {
  const [changed] = await db.update(m${n}).set({ age: null, active: false }).where(eq(m${n}.id, 1)).returning();
  return changed!.name;
}`;

/** Drizzle ORM. */
export const drizzle: Library = {
  name: "Drizzle",
  packages: { "drizzle-orm": "1.0.0-rc.5", "postgres": "3.4.9", "@types/node": "22.20.5" },
  imports: IMPORTS,
  models: (count) =>
    `${IMPORTS}\nimport type { AnyPgColumn } from "drizzle-orm/pg-core";\n` +
    each(count, (n) => table(n, parentOf(n, count))) +
    `\nconst tables = { ${each(count, (n) => `m${n},`)} };\n` +
    `export const relations = defineRelations(tables, (r) => ({\n` +
    each(count, (n) => relations(n, parentOf(n, count), childOf(n, count))) +
    `\n}));\nexport const open = () => drizzle("", { relations });\nexport type Db = ReturnType<typeof open>;`,
  header: (count) =>
    `import { eq } from "drizzle-orm";\n` +
    `import { type Db, ${each(count, (n) => `m${n},`)} } from "./models.ts";`,
  find,
  write,
  mistakes: [
    { name: "where: column", right: `{ name: { like`, wrong: `{ nam: { like` },
    { name: "where: value", right: `age: { gt: 18 }`, wrong: `age: { gt: "18" }` },
    {
      name: "where: column of a relation",
      right: `{ balance: "1.50" } }`,
      wrong: `{ balanc: "" } }`,
    },
    { name: "select", right: `name: true, email`, wrong: `nam: true, email` },
    { name: "select, nested", right: `id: true, name: true } }`, wrong: `id: true, nam: true } }` },
    { name: "include", right: `parent: true`, wrong: `parnt: true` },
    { name: "include, nested", right: `with: { children: {`, wrong: `with: { childen: {` },
    { name: "orderBy", right: `orderBy: { name`, wrong: `orderBy: { nam` },
    { name: "result", right: `row.parent.createdAt`, wrong: `row.parent.creatdAt` },
    { name: "create: column", right: `name: "a"`, wrong: `nam: "a"` },
    { name: "create: value", right: `name: "a"`, wrong: `name: 5` },
    { name: "create: missing column", right: `email: "b",`, wrong: `` },
    { name: "update: column", right: `age: null`, wrong: `ag: null` },
    { name: "update: value", right: `age: null`, wrong: `age: "5"` },
  ],
};
