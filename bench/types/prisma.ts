/**
 * The measured code for Prisma: its client is generated from a schema. What the generator writes is not
 * counted as code of the user: only what the queries need of it.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { childOf, each, type Library, parentOf } from "./subject.ts";

const VERSION = "7.10.0";

const model = (n: number, parent: number, child: number): string =>
  `model M${n} {
  id        Int      @id @default(autoincrement())
  name      String
  email     String   @unique
  age       Int?
  active    Boolean  @default(true)
  balance   Decimal
  createdAt DateTime @default(now())
  parentId  Int
  parent    M${parent} @relation("r${n}", fields: [parentId], references: [id])
  children  M${child}[] @relation("r${child}")
}`;

const SCHEMA = `generator client {
  provider = "prisma-client"
  output   = "./generated"
  runtime  = "deno"
}
datasource db {
  provider = "postgresql"
}
`;

const find = (n: number): string =>
  `export async function find${n}(db: PrismaClient): Promise<[string, Date, string] | undefined> {
  const [row] = await db.m${n}.findMany({
    where: { name: { startsWith: "a" }, age: { gt: 18 }, parent: { active: true }, children: { some: { balance: "1.50" } } },
    select: {
      id: true,
      name: true,
      email: true,
      parent: true,
      children: {
        where: { active: true },
        orderBy: { createdAt: "desc" },
        take: 3,
        include: { children: { select: { id: true, name: true } } },
      },
    },
    orderBy: { name: "asc" },
    take: 10,
  });
  return row && [row.name, row.parent.createdAt, row.children[0]!.children[0]!.name];
}`;

const write = (n: number): string =>
  `export async function create${n}(db: PrismaClient): Promise<number> {
  const made = await db.m${n}.create({
    data: {
      name: "a",
      email: "b",
      balance: "1.50",
      parent: { connect: { id: 1 } },
      children: { create: [{ name: "c", email: "d", balance: "2.50" }] },
    },
  });
  return made.id;
}
export async function update${n}(db: PrismaClient): Promise<string> {
  const changed = await db.m${n}.update({
    where: { id: 1 },
    data: { age: null, active: false, children: { connect: { id: 2 } } },
  });
  return changed.name;
}`;

/** Prisma. */
export const prisma: Library = {
  name: "Prisma",
  packages: { "prisma": VERSION, "@prisma/client": VERSION, "@types/node": "22.20.5" },
  imports: `import type { PrismaClient } from "./generated/client.ts";`,
  models: () => `export type { PrismaClient } from "./generated/client.ts";`,
  header: () => `import type { PrismaClient } from "./models.ts";`,
  find,
  write,
  mistakes: [
    { name: "where: column", right: `{ name: { starts`, wrong: `{ nam: { starts` },
    { name: "where: value", right: `age: { gt: 18 }`, wrong: `age: { gt: "18" }` },
    {
      name: "where: column of a relation",
      right: `{ balance: "1.50" } }`,
      wrong: `{ balanc: "" } }`,
    },
    { name: "select", right: `      name: true,`, wrong: `      nam: true,` },
    { name: "select, nested", right: `id: true, name: true }`, wrong: `id: true, nam: true }` },
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
  prepare: (count) => ({
    files: {
      "schema.prisma": SCHEMA + each(count, (n) => model(n, parentOf(n, count), childOf(n, count))),
    },
    command: [
      "run",
      "--no-prompt",
      "--allow-read",
      `--allow-write=.,${tmpdir()}`,
      "--allow-env",
      "--allow-sys",
      `npm:prisma@${VERSION}`,
      "generate",
      "--schema=schema.prisma",
    ],
    // The generator does not run this engine, but would download it; any file will do.
    env: { PRISMA_SCHEMA_ENGINE_BINARY: Deno.execPath() },
  }),
};
