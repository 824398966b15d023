/**
 * Statements that were cut off: those that PostgreSQL runs outside of a transaction may have been done, or half done, before
 * that was written down.
 *
 * @module
 */
import type { SchemaConnection } from "../../../dialect/schema_support.ts";
import { literal } from "./names.ts";

const index =
  /^\s*(create|drop)\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+(?:not\s+)?exists\s+)?(?!on\s)((?:"(?:[^"]|"")*"|[\w$]+)(?:\.(?:"(?:[^"]|"")*"|[\w$]+))?)(?:\s+on\s+(?:only\s+)?((?:"(?:[^"]|"")*"|[\w$]+)\.)?)?/i;

const alone = new RegExp(
  [
    String.raw`(?:create|drop)\s+(?:unique\s+)?index\s+concurrently\b`,
    String.raw`reindex\s+(?:\([^)]*\)\s*)?(?:\w+\s+concurrently|database|system|schema)\b`,
    String.raw`alter\s+table\b[^;']*\bdetach\s+partition\b[^;']*\bconcurrently\s*$`,
    String.raw`vacuum\b`,
    String.raw`alter\s+system\b`,
    String.raw`(?:create|drop)\s+(?:database|tablespace)\b`,
  ].join("|"),
  "iy",
);
const spaces = /(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/y;

/** The statement without the comments in front of it. */
function bare(sql: string): string {
  spaces.lastIndex = 0;
  spaces.exec(sql);
  return sql.slice(spaces.lastIndex);
}

/** Whether a statement has to run outside of a transaction. */
export function runsAlone(sql: string): boolean {
  alone.lastIndex = 0;
  return alone.test(bare(sql));
}

/** Whether such a statement was done after all; an index that was left half built is dropped. */
export async function isDone(connection: SchemaConnection, sql: string): Promise<boolean> {
  const [, verb, name, schema = ""] = index.exec(bare(sql)) ?? [];
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
