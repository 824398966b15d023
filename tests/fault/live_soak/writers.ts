/**
 * Random writes: the same transactions by way of Rex-ORM and around it.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { QuerySyntaxError, RexError } from "../../../src/base/errors.ts";
import { PostgresAdapter } from "../../../src/database/postgres_adapter.ts";
import { SQLiteAdapter } from "../../../src/database/sqlite_adapter.ts";
import type { Database } from "../../../src/database/database.ts";
import { Random } from "../../fuzz/random.ts";
import { pause } from "../support.ts";
import { Author, Post } from "./models.ts";

/** Where the database is. */
export interface Place {
  /** The file of an SQLite database. */
  readonly path?: string;
  /** The address of a PostgreSQL database. */
  readonly url?: string;
}

/** A transaction: statements, and how it ends. */
interface Work {
  readonly statements: readonly string[];
  readonly rollsBack: boolean;
  /** Milliseconds that it stays open. */
  readonly open: number;
}

/** Makes random transactions. */
export interface Writer extends AsyncDisposable {
  /** Makes so many. */
  write(seed: number, count: number): Promise<void>;
}

const ids = 60;
const authors = 6;

/** Opens a database through Rex-ORM. */
export function open({ path, url }: Place): Database {
  return path === undefined
    ? new PostgresAdapter({ url: url!, poolSize: 5 })
    : new SQLiteAdapter({ databasePath: path, acquireTimeout: 30_000 });
}

function titled(tenant: number, open: boolean, random: Random): string {
  return `T${tenant}${open ? "o" : "c"} ${random.int(0, 999)}`;
}

/** A text that is stored out of line: too long, and too random to be made short. */
function largeText(random: Random): string {
  return Array.from({ length: 800 }, () => random.int(0, 0xffffffff).toString(36)).join("");
}

function postValues(random: Random, id: number): string {
  const [tenant, open] = [random.int(1, 2), random.chance(0.5)];
  const body = random.chance(0.3) ? `'${largeText(random)}'` : "NULL";
  const author = random.chance(0.8)
    ? `(SELECT max(id) FROM soak_authors WHERE id <= ${random.int(1, authors)})`
    : "NULL";
  return `(${id}, '${titled(tenant, open, random)}', ${tenant}, ${open}, ${
    random.int(0, 9)
  }, ${body}, ${author})`;
}

const postColumns = `(id, title, tenant, open, rank, body, author_id)`;
const retitled = "'T' || tenant || CASE WHEN open THEN 'o ' ELSE 'c ' END || 'again'";
const flipped = "'T' || tenant || CASE WHEN open THEN 'c ' ELSE 'o ' END || 'flipped'";

/** Statements that both databases understand, by what they do. */
const statements: Readonly<Record<string, (random: Random) => string>> = {
  insert: (random) => {
    const first = random.int(1, ids);
    const rows = Array.from({ length: random.int(1, 4) }, (_, i) => postValues(random, first + i));
    return `INSERT INTO soak_posts ${postColumns} VALUES ${
      rows.join(", ")
    } ON CONFLICT (id) DO NOTHING`;
  },
  upsert: (random) =>
    `INSERT INTO soak_posts ${postColumns} VALUES ${postValues(random, random.int(1, ids))} ` +
    "ON CONFLICT (id) DO UPDATE SET title = excluded.title, tenant = excluded.tenant, open = excluded.open",
  rank: (random) =>
    `UPDATE soak_posts SET rank = ${random.int(0, 9)} WHERE id % 7 = ${random.int(0, 6)}`,
  shift: (random) =>
    `UPDATE soak_posts SET rank = (rank + 1) % 10 WHERE id > ${random.int(1, ids)}`,
  move: (random) => {
    const [tenant, open] = [random.int(1, 2), random.chance(0.5)];
    const set = `tenant = ${tenant}, open = ${open}, title = '${titled(tenant, open, random)}'`;
    return `UPDATE soak_posts SET ${set} WHERE id BETWEEN ${random.int(1, ids)} AND ${
      random.int(1, ids)
    }`;
  },
  flip: (random) =>
    `UPDATE soak_posts SET open = NOT open, title = ${flipped} WHERE rank = ${random.int(0, 9)}`,
  same: (random) => `UPDATE soak_posts SET title = ${retitled} WHERE rank = ${random.int(0, 9)}`,
  body: (random) =>
    `UPDATE soak_posts SET body = ${random.chance(0.6) ? `'${largeText(random)}'` : "NULL"} ` +
    `WHERE id = ${random.int(1, ids)}`,
  owner: (random) =>
    `UPDATE soak_posts SET author_id = (SELECT min(id) FROM soak_authors WHERE id >= ${
      random.int(1, authors)
    }) ` +
    `WHERE id % 5 = ${random.int(0, 4)}`,
  key: (random) => {
    const id = random.int(1, ids);
    const [from, to] = random.chance(0.5) ? [id, id + 100] : [id + 100, id];
    return `UPDATE soak_posts SET id = ${to} WHERE id = ${from} ` +
      `AND NOT EXISTS (SELECT 1 FROM soak_posts AS other WHERE other.id = ${to})`;
  },
  remove: (random) =>
    `DELETE FROM soak_posts WHERE id IN (${random.int(1, ids)}, ${random.int(1, ids)}, ${
      random.int(101, 160)
    })`,
  clear: (random) =>
    `DELETE FROM soak_posts WHERE id > ${random.int(20, 160)} AND rank > ${random.int(4, 9)}`,
  author: (random) => {
    const id = random.int(1, authors);
    return `INSERT INTO soak_authors (id, name, active, secret, bio) VALUES (${id}, 'A ${id}', true, 'SECRET ${id}', NULL) ` +
      "ON CONFLICT (id) DO NOTHING";
  },
  activity: (random) =>
    "UPDATE soak_authors SET active = NOT active, " +
    "name = CASE WHEN active THEN 'I' ELSE 'A' END || substr(name, 2) " +
    `WHERE id = ${random.int(1, authors)}`,
  secret: (random) =>
    `UPDATE soak_authors SET secret = 'SECRET ${random.int(0, 999)}' WHERE id = ${
      random.int(1, authors)
    }`,
  bio: (random) =>
    `UPDATE soak_authors SET bio = '${largeText(random)}' WHERE id = ${random.int(1, authors)}`,
  leave: (random) => `DELETE FROM soak_authors WHERE id = ${random.int(1, authors)}`,
};

const weights: Readonly<Record<string, number>> = {
  ...{
    insert: 14,
    upsert: 6,
    rank: 6,
    shift: 3,
    move: 8,
    flip: 5,
    same: 3,
    body: 6,
    owner: 4,
    key: 5,
  },
  ...{ remove: 4, clear: 1, author: 6, activity: 5, secret: 3, bio: 3, leave: 1, truncate: 0.4 },
};

function statementOf(random: Random, isPostgres: boolean): string {
  const kind = random.weighted(weights);
  if (kind !== "truncate") return statements[kind]!(random);
  if (!isPostgres) return "DELETE FROM soak_posts";
  return random.chance(0.7) ? "TRUNCATE soak_posts" : "TRUNCATE soak_authors CASCADE";
}

function workOf(random: Random, isPostgres: boolean): Work {
  return {
    statements: Array.from(
      { length: random.chance(0.5) ? 1 : random.int(2, 5) },
      () => statementOf(random, isPostgres),
    ),
    rollsBack: random.chance(0.12),
    open: random.chance(0.15) ? random.int(1, 60) : 0,
  };
}

class Undone extends Error {}

/** Whether an error is one that two writers may cause each other, or that a fault causes. */
function isExpected(error: unknown): boolean {
  if (error instanceof Undone) return true;
  if (error instanceof RexError) return !(error instanceof QuerySyntaxError);
  const { code, errcode, message } = error as { code?: string; errcode?: number; message: string };
  if (errcode !== undefined) return [5, 6, 19].includes(errcode & 0xff);
  return /^(08|23|40|55P03|57P0)|^CONNECT|^ECONN/.test(code ?? "") || /connect/i.test(message);
}

async function expected(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
}

/** Writes through Rex-ORM: repositories, and SQL in its transactions. */
export function rexWriter(db: Database, isPostgres: boolean): Writer {
  const ways: readonly ((random: Random) => Promise<unknown>)[] = [
    (random) => {
      const [tenant, open] = [random.int(1, 2), random.chance(0.5)];
      const values = { tenant, open, title: titled(tenant, open, random), rank: random.int(0, 9) };
      return db.repository(Post).create({ id: random.int(1, ids), ...values });
    },
    (random) => db.repository(Post).update(random.int(1, ids), { rank: random.int(0, 9) }),
    (random) => db.repository(Post).update(random.int(1, ids), { body: largeText(random) }),
    (random) => db.repository(Post).delete(random.int(1, ids)),
    (random) =>
      db.repository(Post).updateMany({ where: { rank: { lt: random.int(0, 5) } } }, {
        rank: random.int(0, 9),
      }),
    (random) =>
      db.repository(Post).deleteMany({ where: { rank: random.int(0, 9), id: { gt: 30 } } }),
  ];
  const sql = (random: Random) => {
    const { statements, rollsBack, open } = workOf(random, isPostgres);
    return db.transaction(async (tx) => {
      for (const statement of statements) {
        const undone = random.chance(0.1);
        await tx.transaction(async (inner) => {
          await inner.execute(statement);
          if (undone) throw new Undone();
        }).catch((error) => {
          if (!(error instanceof Undone)) throw error;
        });
      }
      if (open > 0) await pause(open);
      if (rollsBack) throw new Undone();
    });
  };
  return {
    async write(seed, count) {
      const random = new Random(seed);
      for (let i = 0; i < count; i++) {
        await expected(() => random.chance(0.6) ? sql(random) : random.pick(ways)(random));
      }
    },
    [Symbol.asyncDispose]: () => db.disconnect(),
  };
}

/** Writes with `node:sqlite`. */
function sqliteWriter(path: string): Writer {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON");
  async function transact(random: Random): Promise<void> {
    const { statements, rollsBack, open } = workOf(random, false);
    const begun = statements.length > 1 || rollsBack || open > 0;
    if (begun) db.exec("BEGIN IMMEDIATE");
    try {
      for (const statement of statements) {
        // `REPLACE` deletes what is in its way.
        const replaces = statement.startsWith("INSERT") && random.chance(0.2);
        db.exec(
          replaces
            ? statement.replace("INSERT", "INSERT OR REPLACE").replace(/ON CONFLICT.*/, "")
            : statement,
        );
      }
      if (open > 0) await pause(open);
      if (rollsBack) throw new Undone();
      if (begun) db.exec("COMMIT");
    } catch (error) {
      if (begun && db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }
  return {
    async write(seed, count) {
      const random = new Random(seed);
      for (let i = 0; i < count; i++) await expected(() => transact(random));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(db.close()),
  };
}

/** Writes with postgres.js, also two transactions that commit in another order than they began. */
function postgresWriter(url: string): Writer {
  const sql = postgres(url, {
    max: 3,
    onnotice: () => {},
    max_lifetime: null,
    connection: { lock_timeout: 1_000, application_name: "outside" },
  });
  const run = (random: Random, during?: () => Promise<unknown>) => {
    const { statements, rollsBack, open } = workOf(random, true);
    return sql.begin(async (tx) => {
      for (const statement of statements) await tx.unsafe(statement);
      if (during) await expected(during);
      if (open > 0) await pause(open);
      if (rollsBack) throw new Undone();
    });
  };
  const nested = (random: Random, depth: number): Promise<unknown> =>
    run(random, depth > 0 ? () => nested(random, depth - 1) : undefined);
  return {
    async write(seed, count) {
      const random = new Random(seed);
      for (let i = 0; i < count; i++) {
        await expected(() =>
          nested(random, Number(random.weighted({ none: 8, one: 2 }) === "one"))
        );
      }
    },
    [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }),
  };
}

/** Writes around Rex-ORM. */
export function outsideWriter({ path, url }: Place): Writer {
  return path === undefined ? postgresWriter(url!) : sqliteWriter(path);
}

/** The first records. */
export async function fill(db: Database): Promise<void> {
  for (let id = 1; id <= authors; id++) {
    const active = id % 2 === 0;
    await db.repository(Author).create({
      ...{ id, active, name: `${active ? "A" : "I"} ${id}`, secret: `SECRET ${id}` },
    });
  }
  const random = new Random(7);
  for (let i = 0; i < 10; i++) await db.execute(statements.insert!(random));
}
