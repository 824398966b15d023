/**
 * The measured code for Rex-ORM.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { childOf, each, type Library, parentOf } from "./subject.ts";

const MODULE = fileURLToPath(new URL("../../mod.ts", import.meta.url));
const IMPORTS = "BaseModel, Column, CreatedAt, type Database, Entity, type Generated, ManyToOne, " +
  "OneToMany, PrimaryKey";

const model = (n: number, parent: number, child: number): string =>
  `@Entity({ tableName: "m${n}" })
export class M${n} extends BaseModel {
  @PrimaryKey() id!: Generated<number>;
  @Column({ type: "varchar", length: 100 }) name!: string;
  @Column({ type: "varchar", unique: true }) email!: string;
  @Column({ type: "integer", nullable: true }) age!: number | null;
  @Column({ type: "boolean", default: true }) active!: Generated<boolean>;
  @Column({ type: "numeric", precision: 10, scale: 2 }) balance!: string;
  @CreatedAt() createdAt!: Generated<Date>;
  @Column({ type: "integer" }) parentId!: number;
  @ManyToOne(() => M${parent}, (m) => m.children) parent!: M${parent};
  @OneToMany(() => M${child}, (m) => m.parent) children!: M${child}[];
}`;

const find = (n: number): string =>
  `export async function find${n}(db: Database): Promise<[string, Date, string] | undefined> {
  const [row] = await db.repository(M${n}).find({
    where: { name: { like: "a%" }, age: { gt: 18 }, parent: { active: true }, children: { some: { balance: "1.50" } } },
    select: ["id", "name", "email"],
    include: {
      parent: true,
      children: {
        where: { active: true },
        orderBy: { createdAt: "desc" },
        limit: 3,
        include: { children: { select: ["id", "name"] } },
      },
    },
    orderBy: { name: "asc" },
    limit: 10,
  });
  return row && [row.name, row.parent.createdAt, row.children[0]!.children[0]!.name];
}`;

const write = (n: number): string =>
  `export async function create${n}(db: Database): Promise<number> {
  const made = await db.repository(M${n}).create({
    name: "a",
    email: "b",
    balance: "1.50",
    parent: { connect: { id: 1 } },
    children: { create: [{ name: "c", email: "d", balance: "2.50" }] },
  });
  return made.id;
}
export async function update${n}(db: Database): Promise<string> {
  const changed = await db.repository(M${n}).update(1, {
    age: null,
    active: false,
    children: { connect: { id: 2 } },
  });
  return changed.name;
}`;

/** This library. */
export const rex: Library = {
  name: "Rex-ORM",
  packages: {},
  imports: `import { ${IMPORTS} } from "${MODULE}";`,
  models: (count) =>
    `import { ${IMPORTS} } from "${MODULE}";\n` +
    each(count, (n) => model(n, parentOf(n, count), childOf(n, count))),
  header: (count) =>
    `import type { Database } from "${MODULE}";\n` +
    `import { ${each(count, (n) => `M${n},`)} } from "./models.ts";`,
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
    { name: "select", right: `"name", "email"]`, wrong: `"nam", "email"]` },
    { name: "select, nested", right: `["id", "name"] }`, wrong: `["id", "nam"] }` },
    { name: "include", right: `parent: true`, wrong: `parnt: true` },
    { name: "include, nested", right: `include: { children: {`, wrong: `include: { childen: {` },
    { name: "orderBy", right: `orderBy: { name`, wrong: `orderBy: { nam` },
    { name: "result", right: `row.parent.createdAt`, wrong: `row.parent.creatdAt` },
    { name: "create: column", right: `name: "a"`, wrong: `nam: "a"` },
    { name: "create: value", right: `name: "a"`, wrong: `name: 5` },
    { name: "create: missing column", right: `email: "b",`, wrong: `` },
    { name: "create: column, nested", right: `name: "c"`, wrong: `nam: "c"` },
    { name: "update: column", right: `age: null`, wrong: `ag: null` },
    { name: "update: value", right: `age: null`, wrong: `age: "5"` },
  ],
};
