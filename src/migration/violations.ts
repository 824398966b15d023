/**
 * Rows that break foreign keys after a migration, where the database did not check while the schema changed.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";
import type {
  ForeignKeyViolation,
  SchemaConnection,
  SchemaSupport,
} from "../dialect/schema_support.ts";

const shownAtMost = 5;

/**
 * Refuses rows that break foreign keys. Those that did before are not the migration's matter; they are counted, since a rebuild
 * can number rows anew.
 *
 * @param before those that were there before
 * @throws {MigrationError} when there are more now
 */
export async function refuseViolations(
  support: SchemaSupport,
  connection: SchemaConnection,
  before: readonly ForeignKeyViolation[],
): Promise<void> {
  const was = byTables(before);
  const now = byTables(await support.violations(connection));
  const told: string[] = [];
  let count = 0;
  for (const [tables, rows] of now) {
    const known = was.get(tables) ?? [];
    if (rows.length <= known.length) continue;
    count += rows.length - known.length;
    const same = new Set(known.map(({ row }) => row));
    told.push(...rows.filter(({ row }) => row === undefined || !same.has(row)).map(described));
  }
  if (count === 0) return;
  const shown = told.slice(0, shownAtMost).map((each) => `\n  ${each}`).join("");
  throw new MigrationError(
    `Cannot commit: ${count} ${count === 1 ? "row" : "rows"} would break a foreign key${shown}`,
    { hint: "Move or delete those rows in the migration first; nothing was changed" },
  );
}

function byTables(all: readonly ForeignKeyViolation[]): Map<string, ForeignKeyViolation[]> {
  return Map.groupBy(all, ({ table, parent }) => `${table}\0${parent}`);
}

function described({ table, row, parent }: ForeignKeyViolation): string {
  const which = row === undefined ? table : `${table}, row ${row}`;
  return `${which}: points to a row of ${parent} that is not there`;
}
