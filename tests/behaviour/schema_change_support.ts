/**
 * Changes of schemas, as tests make them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { PlannedStep, PlanOptions } from "../../src/dialect/schema_support.ts";
import { diffSchemas, type Renames } from "../../src/migration/diff/mod.ts";
import { SchemaReader } from "../../src/migration/reader.ts";
import type { DatabaseSchema } from "../../src/schema/database_schema.ts";
import type { TableSchema } from "../../src/schema/table.ts";
import { targets } from "../targets/databases.ts";

/** What was made of a schema and how. */
export interface Changed {
  /** The plan that was carried out. */
  readonly planned: readonly PlannedStep[];
  /** All its statements. */
  readonly sql: readonly string[];
}

/** What a change would take. */
export async function plan(
  db: Database,
  change: (schema: DatabaseSchema) => DatabaseSchema,
  renames?: Renames,
  options?: PlanOptions,
): Promise<{ readonly planned: readonly PlannedStep[]; readonly wanted: DatabaseSchema }> {
  const reader = new SchemaReader(db);
  const current = await reader.read();
  const wanted = await reader.canonical(change(current));
  const { planner } = await db.dialect.schemaSupport();
  const steps = diffSchemas(current, wanted, { ...renames && { renames } });
  return { planned: planner.plan(steps, current, options), wanted };
}

/** Changes the schema; afterwards it has to be as wanted, and no foreign key broken. */
export async function change(
  db: Database,
  to: (schema: DatabaseSchema) => DatabaseSchema,
  renames?: Renames,
): Promise<Changed> {
  const { planned, wanted } = await plan(db, to, renames);
  const { violations } = await db.dialect.schemaSupport();
  const sql = planned.flatMap(({ statements }) => statements);
  await db.transaction(async (tx) => {
    for (const each of sql) await tx.execute(each);
    assert.deepEqual(await violations(tx), []);
  }, { schemaChange: true });
  assert.deepEqual(diffSchemas(await new SchemaReader(db).read(), wanted), []);
  return { planned, sql };
}

/** Runs the statements of a script. */
export async function script(db: Database, text: string): Promise<void> {
  const { split } = await db.dialect.schemaSupport();
  for (const sql of split(text)) await db.execute(sql);
}

/** The rows of a query, each value as text. */
export async function rows(db: Database, sql: string): Promise<unknown[]> {
  return (await db.execute(sql)).rows.map((row) => Object.values(row).map(String));
}

/** A change of one table. */
export function onTable(
  name: string,
  to: (table: TableSchema) => TableSchema,
): (schema: DatabaseSchema) => DatabaseSchema {
  return (schema: DatabaseSchema): DatabaseSchema => ({
    ...schema,
    tables: schema.tables.map((table) => table.name === name ? to(table) : table),
  });
}

/** Registers a test on one database. */
export function testOn(
  database: "SQLite" | "PostgreSQL",
  name: string,
  work: (db: Database) => Promise<void>,
) {
  const target = targets.find((each) => each.name === database);
  Deno.test(`${name} (${database})`, async () => {
    await using opened = await target!.open();
    await work(opened.db);
  });
}
