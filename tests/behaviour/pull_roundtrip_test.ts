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
import { SchemaReader } from "../../src/migration/reader.ts";
import { keepUnmodelled } from "../../src/migration/unmodelled.ts";
import { type DatabaseSchema, emptySchema } from "../../src/schema/database_schema.ts";
import type { Step } from "../../src/schema/step.ts";
import { checkLayout, checkTypes, createTables, pullInto, schemaOf } from "../support/pulled.ts";
import { oddSchema } from "../support/odd_schema.ts";
import { freshPostgresDatabase, postgresUrl } from "../targets/mod.ts";

const data = new URL("../../../shared/data/", import.meta.url);

/** What is different afterwards, and why. */
type Reasons = Readonly<Record<string, string>>;

/** What models have no words for, whatever the schema; the notes tell of it. */
function isUnsaid(step: Step): boolean {
  return step.kind === "dropView" || step.kind === "dropTrigger" ||
    step.kind === "dropTable" && step.definition.partition?.kind === "of";
}

function differences(from: DatabaseSchema, to: DatabaseSchema): Step[] {
  return diffSchemas(from, to, { names: true });
}

/** A step in a few words. */
function told(step: Step): string {
  const { kind, ...rest } = step;
  return `${kind} ${JSON.stringify(rest)}`;
}

function assertSame(from: DatabaseSchema, to: DatabaseSchema, reasons: Reasons): void {
  const steps = differences(from, to).filter((step) => !isUnsaid(step)).map(told);
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
  { from, to, places: [, where] }: Pair,
  reasons: Reasons,
): Promise<void> {
  const schema = await schemaOf(from);
  await using folder = await pullInto(schema);
  await checkTypes(folder.path);
  await checkLayout(folder.path);
  await prepare(to, schema);
  const wanted = await createTables(folder.path, kind, where);
  assertSame(schema, await schemaOf(to), reasons);
  // What the models ask for is what is there: nothing is left to migrate.
  const reader = new SchemaReader(from);
  const kept = keepUnmodelled(wanted, schema, { tables: [], columns: [] });
  assertSame(schema, await reader.canonical(kept), reasons);
  assertTold(schema, folder.pulled.notes);
}

/** Fails unless the notes name everything that models cannot say. */
function assertTold(schema: DatabaseSchema, notes: readonly string[]): void {
  const { domains, sequences, views, triggers, others } = schema;
  for (const { name } of [...domains, ...sequences, ...views, ...triggers, ...others]) {
    assert.ok(notes.some((note) => note.includes(name)), `no note tells of ${name}`);
  }
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

/** An original and an empty copy. */
interface Pair extends AsyncDisposable {
  readonly from: Database;
  readonly to: Database;
  /** The address or the path of each. */
  readonly places: readonly [from: string, to: string];
}

async function postgresPair(): Promise<Pair> {
  const databases = [await freshPostgresDatabase(), await freshPostgresDatabase()] as const;
  const [from, to] = databases.map(({ url }) => new PostgresAdapter({ url }));
  return await connected(from!, to!, [databases[0].url, databases[1].url], async () => {
    for (const each of databases) await each.drop();
  });
}

async function sqlitePair(): Promise<Pair> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  const places = [`${folder}/original.db`, `${folder}/copy.db`] as const;
  const [from, to] = places.map((databasePath) => new SQLiteAdapter({ databasePath }));
  return await connected(from!, to!, places, () => Deno.remove(folder, { recursive: true }));
}

async function connected(
  from: Database,
  to: Database,
  places: Pair["places"],
  remove: () => Promise<void>,
): Promise<Pair> {
  await from.connect();
  await to.connect();
  return {
    from,
    to,
    places,
    async [Symbol.asyncDispose]() {
      await from.disconnect();
      await to.disconnect();
      await remove();
    },
  };
}

/** The extensions that a dump needs, each of which PostgreSQL may be installed without. */
const extensions: Readonly<Record<string, readonly string[]>> = {
  "schemas/crates_io.postgres.sql": ["ltree", "pg_trgm", "pgcrypto"],
  "schemas/nakama.postgres.sql": ["pg_trgm"],
  "schemas/umami.postgres.sql": ["pgcrypto"],
};

/** Whether the test server has extensions. */
async function hasExtensions(names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return true;
  const sql = postgres(await postgresUrl(), { max: 1, onnotice: () => {} });
  try {
    const rows = await sql`SELECT name FROM pg_available_extensions WHERE name = ANY(${[
      ...names,
    ]})`;
    return rows.length === names.length;
  } finally {
    await sql.end();
  }
}

for (const [path, reasons] of Object.entries(postgresSchemas)) {
  const needs = extensions[path] ?? [];
  const where = ["PostgreSQL", ...needs.length > 0 ? [`with ${needs.join(", ")}`] : []].join(" ");
  Deno.test({
    name: `${path} comes back from its models (${where})`,
    ignore: !await exists(path) || !await hasExtensions(needs),
    async fn() {
      await using pair = await postgresPair();
      await load(pair.places[0], withoutRows(await Deno.readTextFile(new URL(path, data))));
      await roundTrip("postgres", pair, reasons);
    },
  });
}

for (const [path, reasons] of Object.entries(sqliteSchemas)) {
  Deno.test({
    name: `${path} comes back from its models (SQLite)`,
    ignore: !await exists(path),
    async fn() {
      await using pair = await sqlitePair();
      await pair.from.execute(await sqliteScript(path));
      await roundTrip("sqlite", pair, reasons);
    },
  });
}

/** The statements that make a database of SQLite, from a script or a database. */
async function sqliteScript(path: string): Promise<string> {
  if (path.endsWith(".sql")) return await Deno.readTextFile(new URL(path, data));
  // A copy: SQLite may want to write beside what it reads.
  const copy = await Deno.makeTempFile({ prefix: "rex-orm-", suffix: ".db" });
  await Deno.writeFile(copy, await Deno.readFile(new URL(path, data)));
  using db = new DatabaseSync(copy);
  await Deno.remove(copy);
  const rows = db.prepare(
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' " +
      "ORDER BY type = 'trigger', type = 'view', type = 'index', rowid",
  ).all();
  return rows.map(({ sql }) => `${sql};`).join("\n");
}

for (const [kind, open] of [["postgres", postgresPair], ["sqlite", sqlitePair]] as const) {
  Deno.test(`models of tables with odd names compile and make them again (${kind})`, async () => {
    await using pair = await open();
    const { planner } = await pair.from.dialect.schemaSupport();
    const schema = oddSchema(1, { tables: 90, foreignKeys: 150 });
    await pair.from.transaction(async (tx) => {
      for (const { statements } of planner.plan(diffSchemas(emptySchema, schema), emptySchema)) {
        for (const sql of statements) await tx.execute(sql);
      }
    });
    await roundTrip(kind, pair, {});
  });
}

Deno.test("a database that uses all of PostgreSQL comes back from its models", async () => {
  await using pair = await postgresPair();
  const script = new URL("testdata/odd.postgres.sql", import.meta.url);
  await load(pair.places[0], await Deno.readTextFile(script));
  await load(pair.places[1], "CREATE TYPE pair AS (a integer, b text)");
  await roundTrip("postgres", pair, {});
});

Deno.test("a database that uses all of SQLite comes back from its models", async () => {
  await using pair = await sqlitePair();
  const script = new URL("testdata/odd.sqlite.sql", import.meta.url);
  await pair.from.execute(await Deno.readTextFile(script));
  await roundTrip("sqlite", pair, {
    'alterColumn {"table":"m2m"': mayBeNull,
    'alterColumn {"table":"text_key"': mayBeNull,
  });
});

Deno.test("512 tables with odd names and 889 foreign keys: every file compiles", async () => {
  const schema = oddSchema(2, { tables: 512, foreignKeys: 889 });
  await using folder = await pullInto(schema);
  assert.equal(folder.pulled.files.length, 513);
  const text = folder.pulled.files.map((file) => file.text).join("");
  assert.equal(text.match(/constraintName: "fk_/g)?.length, 889);
  await checkTypes(folder.path);
  await checkLayout(folder.path);
});

Deno.test("all models in one file compile", async () => {
  const schema = oddSchema(3, { tables: 40, foreignKeys: 60 });
  await using folder = await pullInto(schema, { single: true });
  assert.deepEqual(folder.pulled.files.map(({ path }) => path), ["models.ts"]);
  await checkTypes(folder.path, "models.ts");
  await checkLayout(folder.path);
});
