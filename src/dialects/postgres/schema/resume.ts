/**
 * Statements that were cut off: those that PostgreSQL runs outside of a transaction may have been done, or half done, before
 * that was written down.
 *
 * @module
 */
import type { SchemaConnection } from "../../../dialect/schema_support.ts";
import { literal } from "./names.ts";

const index =
  /^\s*(create|drop)\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+(?:not\s+)?exists\s+)?((?:"(?:[^"]|"")*"|[\w$]+)(?:\.(?:"(?:[^"]|"")*"|[\w$]+))?)(?:\s+on\s+(?:only\s+)?((?:"(?:[^"]|"")*"|[\w$]+)\.)?)?/i;

const alone =
  /^\s*(?:(?:create|drop|reindex|alter)\b[^;]*?\bconcurrently\b|vacuum\b|alter\s+system\b|(?:create|drop)\s+(?:database|tablespace)\b)/i;

/** Whether a statement has to run outside of a transaction. */
export function runsAlone(sql: string): boolean {
  return alone.test(sql);
}

/** Whether such a statement was done after all; an index that was left half built is dropped. */
export async function isDone(connection: SchemaConnection, sql: string): Promise<boolean> {
  const [, verb, name, schema = ""] = index.exec(sql) ?? [];
  if (verb === undefined || name === undefined) return false;
  const path = verb.toLowerCase() === "create" ? schema + name : name;
  const { rows: [row] } = await connection.execute<{ valid: boolean }>(
    `SELECT i.indisvalid AS valid FROM pg_index i WHERE i.indexrelid = to_regclass(${
      literal(path)
    })`,
  );
  if (verb.toLowerCase() === "drop") return row === undefined;
  if (row !== undefined && !row.valid) await connection.execute(`DROP INDEX CONCURRENTLY ${path}`);
  return row?.valid === true;
}
