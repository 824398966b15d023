/**
 * Models pulled from a database make the same database again.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { PostgresAdapter, QuerySyntaxError, SQLiteAdapter } from "@rex/orm";
import postgres from "postgres";
import type { Database } from "../../src/database/database.ts";
import type { Session } from "../../src/engine/session.ts";
import { diffSchemas } from "../../src/migration/diff/diff.ts";
import { type DatabaseSchema, emptySchema } from "../../src/schema/database_schema.ts";
import type { Step } from "../../src/schema/step.ts";
import { checkLayout, checkTypes, createTables, pullInto, schemaOf } from "../support/pulled.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";

const data = new URL("../../../shared/data/", import.meta.url);

/** What is different afterwards, and why. */
type Reasons = Readonly<Record<string, string>>;

/** What models have no words for, whatever the schema. */
const always: Readonly<Partial<Record<Step["kind"], string>>> = {
  dropView: "models have no views: told in the notes",
  dropTrigger: "models have no triggers: told in the notes",
};

function differences(from: DatabaseSchema, to: DatabaseSchema): Step[] {
  return diffSchemas(from, to, { names: true });
}

/** A step in a few words. */
function told(step: Step): string {
  const { kind, ...rest } = step;
  return `${kind} ${JSON.stringify(rest)}`;
}

function assertSame(from: DatabaseSchema, to: DatabaseSchema, reasons: Reasons): void {
  const steps = differences(from, to).filter(({ kind }) => always[kind] === undefined).map(told);
  const unexplained = steps.filter((text) =>
    !Object.keys(reasons).some((start) => text.startsWith(start))
  );
  assert.deepEqual(unexplained, []);
  const unused = Object.keys(reasons).filter((start) =>
    !steps.some((text) => text.startsWith(start))
  );
  assert.deepEqual(unused, [], "reasons for differences that are none");
}

async function roundTrip(
  kind: "postgres" | "sqlite",
  { from, to, where }: { readonly from: Database; readonly to: Database; readonly where: string },
  reasons: Reasons,
): Promise<void> {
  const schema = await schemaOf(from);
  await using folder = await pullInto(schema);
  await checkTypes(folder.path);
  await checkLayout(folder.path);
  await prepare(to, schema);
  await createTables(folder.path, kind, where);
  assertSame(schema, await schemaOf(to), reasons);
}

/** Makes what tables stand on and models do not say: schemas, extensions, functions, domains, sequences. */
async function prepare(db: Database, schema: DatabaseSchema): Promise<void> {
  const { planner } = await db.dialect.schemaSupport();
  const { schemas, domains, sequences, others } = schema;
  if (schemas.length + domains.length + sequences.length + others.length === 0) return;
  await db.transaction(async (tx) => {
    if (db.dialect.name === "postgres") await tx.execute("SET LOCAL check_function_bodies = off");
    for (const kind of ["extension", "function"]) {
      for (const { sql } of others.filter((each) => each.kind === kind && each.sql)) {
        await attempt(tx, sql!);
      }
    }
    const wanted = { ...emptySchema, schemas, domains, sequences };
    for (const { statements } of planner.plan(diffSchemas(emptySchema, wanted), emptySchema)) {
      for (const sql of statements) await tx.execute(sql);
    }
  });
}

/** Runs a statement that may need tables, as a function that gives rows of one does: no table needs that. */
async function attempt(session: Session, sql: string): Promise<void> {
  try {
    await session.transaction((tx) => tx.execute(sql));
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
  }
}

/** A dump without what only psql understands, and without rows. */
function withoutRows(dump: string): string {
  return dump.replaceAll(/^COPY [^;]* FROM stdin;\n[\s\S]*?^\\\.$/gm, "").replaceAll(/^\\.*$/gm, "")
    .replaceAll(/^INSERT INTO .*$/gm, "").replaceAll(/^ALTER .* OWNER TO .*$/gm, "")
    .replaceAll(/^SELECT pg_catalog.setval.*$/gm, "");
}

const postgresSchemas: Readonly<Record<string, Reasons>> = {
  "chinook/chinook.postgres.sql": {},
  "sakila/sakila.postgres.sql": {},
  "schemas/nakama.postgres.sql": {},
  "schemas/temporal.postgres.sql": {},
  "schemas/umami.postgres.sql": {},
  "schemas/crates_io.postgres.sql": {},
};

async function load(url: string, script: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(script);
  } finally {
    await sql.end();
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(new URL(path, data)).then(() => true, () => false);
}

for (const [path, reasons] of Object.entries(postgresSchemas)) {
  Deno.test({
    name: `${path} comes back from its models (PostgreSQL)`,
    ignore: !await exists(path),
    async fn() {
      await using original = await freshPostgresDatabase();
      await using copy = await freshPostgresDatabase();
      await using from = new PostgresAdapter({ url: original.url });
      await using to = new PostgresAdapter({ url: copy.url });
      await from.connect();
      await to.connect();
      await load(original.url, withoutRows(await Deno.readTextFile(new URL(path, data))));
      await roundTrip("postgres", { from, to, where: copy.url }, reasons);
    },
  });
}

const isRowid = "INT PRIMARY KEY is no rowid; a model's only integer key is, and can be numbered";
const mayBeNull = "only SQLite lets a part of a primary key be NULL, and no model does";

const sqliteSchemas: Readonly<Record<string, Reasons>> = {
  "chinook/chinook.sqlite.db": {},
  "sakila/sakila.sqlite.db": {},
  "schemas/temporal.sqlite.sql": {
    'alterColumn {"table":"buffered_events"': mayBeNull,
    'alterColumn {"table":"namespace_metadata"': isRowid,
    'alterColumn {"table":"nexus_endpoints_partition_status"': isRowid,
    'alterColumn {"table":"queue_metadata"': isRowid,
    'alterColumn {"table":"shards"': isRowid,
  },
};

for (const [path, reasons] of Object.entries(sqliteSchemas)) {
  Deno.test({
    name: `${path} comes back from its models (SQLite)`,
    ignore: !await exists(path),
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
      try {
        const [original, copy] = [`${folder}/original.db`, `${folder}/copy.db`];
        if (path.endsWith(".db")) await Deno.copyFile(new URL(path, data), original);
        else {
          using db = new DatabaseSync(original);
          db.exec(await Deno.readTextFile(new URL(path, data)));
        }
        await Deno.chmod(original, 0o600);
        await using from = new SQLiteAdapter({ databasePath: original });
        await using to = new SQLiteAdapter({ databasePath: copy });
        await from.connect();
        await to.connect();
        await roundTrip("sqlite", { from, to, where: copy }, reasons);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
