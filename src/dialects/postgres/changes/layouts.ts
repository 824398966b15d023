/**
 * What the values of an entry are: the columns of its table, and whether they still are what they were.
 *
 * @module
 */
import { shows, type Snapshot } from "./positions.ts";

/** A table as the catalogue has it. */
export interface Layout {
  /** The number of the table that was written. */
  readonly rel: string;
  /** The number of the table that it is told as: of a part of a partitioned table that is the whole one. */
  readonly top: string;
  /** Its schema, where it is not the current one. */
  readonly schema: string | null;
  /** Its name; that of the partitioned table, for a part. */
  readonly table: string;
  /** Its columns in order; `null` where values are not stored, and so were not logged. */
  readonly columns: readonly (string | null)[];
  /** Those of its primary key. */
  readonly key: readonly string[];
  /** The transactions that wrote this into the catalogue, 32 bits of their numbers. */
  readonly versions: readonly string[];
}

/** Gives the layouts of tables as JSON; `tables` is what selects their numbers, as `rel`. */
export function layoutsSql(tables: string): string {
  return `SELECT json_agg(json_build_object(
    'rel', r.rel::text, 'top', c.oid::text, 'table', c.relname,
    'schema', nullif(n.nspname::text, current_schema()::text),
    'columns', (SELECT json_agg(CASE WHEN a.attgenerated = 'v' THEN NULL ELSE a.attname END
        ORDER BY a.attnum) FROM pg_attribute a
      WHERE a.attrelid = r.rel AND a.attnum > 0 AND NOT a.attisdropped),
    'key', (SELECT json_agg(a.attname) FROM pg_index i JOIN pg_attribute a
      ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
      WHERE i.indrelid = r.rel AND i.indisprimary),
    'versions', (SELECT json_agg(v.x) FROM (
      SELECT a.xmin::text AS x FROM pg_attribute a WHERE a.attrelid = r.rel AND a.attnum > 0
      UNION SELECT i.xmin::text FROM pg_index i WHERE i.indrelid = r.rel AND i.indisprimary) v)))
  FROM (${tables}) r
  JOIN pg_class c ON c.oid = coalesce(pg_partition_root(r.rel::regclass), r.rel)
  JOIN pg_namespace n ON n.oid = c.relnamespace`;
}

/** Reads what {@linkcode layoutsSql} gives. */
export function parseLayouts(json: string | null): Map<string, Layout> {
  const found = JSON.parse(json ?? "[]") as (Layout & { readonly key: string[] | null })[] | null;
  return new Map((found ?? []).map((each) =>
    [each.rel, {
      ...each,
      columns: each.columns ?? [],
      key: each.key ?? [],
      versions: each.versions ?? [],
    }] as const
  ));
}

/** Below are numbers that stand for no transaction. */
const firstNumber = 3;

/**
 * Whether a table is as it was for everything that was committed after a snapshot. A change of columns waits for those
 * who write to the table, and they for it: what changed them before the snapshot is older than all that was written
 * after it, and if nothing has changed them since, they have been the same all the time.
 *
 * @param now a later snapshot
 */
export function unchangedSince({ versions }: Layout, since: Snapshot, now: Snapshot): boolean {
  return versions.every((version) => {
    const low = Number(version);
    if (low < firstNumber) return true;
    const era = Math.floor(now.xmax / 2 ** 32) * 2 ** 32;
    // What began after the snapshot that is called `now` has not to be known: it is a change since.
    const number = era + low > now.xmax + 2 ** 31 ? era + low - 2 ** 32 : era + low;
    return number < firstNumber || shows(since, number);
  });
}
