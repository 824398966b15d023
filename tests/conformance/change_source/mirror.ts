/**
 * Tables made of what a source tells.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ChangeBatch, RowChange, RowImage } from "../../../src/change/source.ts";
import type { Database } from "../../../src/database/database.ts";
import { entityOf } from "../../../src/model/registry.ts";
import type { ColumnType } from "../../../src/schema/column_type.ts";
import { Account, Seat } from "./models.ts";
import type { SourceSetting } from "./setting.ts";

type Row = Readonly<Record<string, unknown>>;
type Load = (raw: unknown, type: ColumnType) => unknown;

/** The models that a mirror follows. */
const followed = [entityOf(Account), entityOf(Seat)];
const tables = new Map(followed.map((entity) => [entity.table.name, entity]));

/** Holds the rows of accounts and seats, in programs' values by column. */
export class Mirror {
  readonly #load: Load;
  readonly rows: Map<string, Row>;

  /** Begins with `rows`. */
  constructor(load: Load, rows: ReadonlyMap<string, Row> = new Map()) {
    this.#load = load;
    this.rows = new Map(rows);
  }

  /** A mirror of the tables as they are. */
  static async of({ db, loader }: SourceSetting, form: "value" | "text" | "json"): Promise<Mirror> {
    const load: Load = (raw, type) => {
      const convert = loader(form, type);
      return raw === null || convert === null ? raw : convert(raw);
    };
    return new Mirror(load, await rowsOf(db));
  }

  /** The same rows, to go on with apart. */
  copy(rows: ReadonlyMap<string, Row> = this.rows): Mirror {
    return new Mirror(this.#load, rows);
  }

  /** The money of all accounts. */
  get total(): bigint {
    return [...this.rows.values()].reduce(
      (sum, row) => sum + BigInt(row.balance as bigint ?? 0),
      0n,
    );
  }

  /** Applies what was told. */
  apply(batches: readonly ChangeBatch[]): void {
    for (const { changes } of batches) for (const change of changes) this.#apply(change);
  }

  /** Expects the tables to have these rows. */
  async assertSame(db: Database, what: string): Promise<void> {
    assertSameRows(this.rows, await rowsOf(db), what);
  }

  #apply({ table, kind, before, after }: RowChange): void {
    if (!tables.has(table)) return;
    if (kind === "truncate") {
      for (const key of this.rows.keys()) if (key.startsWith(`${table} `)) this.rows.delete(key);
      return;
    }
    const old = before && this.#keyOf(table, before);
    const key = after && this.#keyOf(table, after);
    if (kind === "delete") {
      this.rows.delete(old ?? assert.fail("a delete tells the key"));
      return;
    }
    assert.ok(key && after, `${kind} tells the row`);
    const known = this.rows.get(old ?? key);
    if (old !== undefined) this.rows.delete(old);
    this.rows.set(key, { ...known, ...this.#loaded(table, after) });
  }

  #loaded(table: string, image: RowImage): Row {
    const columns = tables.get(table)!.table.columns;
    return Object.fromEntries(
      columns.filter(({ name }) => name in image).map(({ name, type }) => [
        name,
        this.#load(image[name], type),
      ]),
    );
  }

  #keyOf(table: string, image: RowImage): string {
    return keyOf(table, this.#loaded(table, image));
  }
}

/** The rows of the mirrored tables in a database, or a snapshot of it. */
export async function rowsOf(
  db: Pick<Database, "repository">,
): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  const take = (table: string, records: readonly object[]) => {
    const entity = tables.get(table)!;
    for (const record of records) {
      const row = Object.fromEntries(
        [...entity.properties].map(({ name, column }) => [
          column.name,
          (record as Row)[name],
        ]),
      );
      rows.set(keyOf(table, row), row);
    }
  };
  take("kit_accounts", await db.repository(Account).find());
  take("kit_seats", await db.repository(Seat).find());
  return rows;
}

/** Expects equal rows, whatever their order. */
export function assertSameRows(
  found: ReadonlyMap<string, Row>,
  expected: ReadonlyMap<string, Row>,
  what: string,
): void {
  const sorted = (rows: ReadonlyMap<string, Row>) => [...rows].sort(([a], [b]) => a < b ? -1 : 1);
  assert.deepEqual(sorted(found), sorted(expected), what);
}

function keyOf(table: string, row: Row): string {
  const { primaryKey } = tables.get(table)!;
  return `${table} ${JSON.stringify(primaryKey.map(({ column }) => row[column.name]))}`;
}
