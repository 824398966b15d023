/**
 * Prisma with its driver adapters, over the clients that its generator makes in `prisma/`.
 *
 * @module
 */
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { PrismaPg } from "@prisma/adapter-pg";
import type { Candidate, Operations } from "../candidate.ts";
import { pragmas } from "../databases/sqlite.ts";
import { PrismaClient as PostgresClient } from "./prisma/postgres/generated/client.ts";
import { PrismaClient as SqliteClient } from "./prisma/sqlite/generated/client.ts";

/** Prisma on SQLite. */
export const sqlite: readonly Candidate[] = [{
  name: "Prisma",
  driver: "better-sqlite3",
  storedDate: (date) => date.toISOString().replace("Z", "+00:00"),
  async open(place) {
    const client = new SqliteClient({ adapter: new PrismaBetterSqlite3({ url: `file:${place}` }) });
    for (const pragma of pragmas) await client.$queryRawUnsafe(`PRAGMA ${pragma}`);
    return operations(client);
  },
}];

/** Prisma on PostgreSQL. */
export const postgres: readonly Candidate[] = [{
  name: "Prisma",
  driver: "pg",
  open(place) {
    const adapter = new PrismaPg({ connectionString: place, max: 10 });
    return Promise.resolve(operations(new PostgresClient({ adapter })));
  },
}];

function operations(client: SqliteClient | PostgresClient): Operations {
  // The two generated clients have the same methods here, in types of their own.
  const { item, author } = client as PostgresClient;
  return {
    readItem: (id) => item.findUnique({ where: { id } }),
    readPage: (after) =>
      item.findMany({ where: { id: { gt: after } }, orderBy: { id: "asc" }, take: 100 }),
    insertItem: (data) => item.create({ data }),
    insertItems: (rows) => item.createMany({ data: [...rows] }),
    insertItemsReturning: (rows) => item.createManyAndReturn({ data: [...rows] }),
    readAuthors: () =>
      author.findMany({
        orderBy: { id: "asc" },
        include: { posts: { include: { comments: true } } },
      }),
    close: () => client.$disconnect(),
  };
}
