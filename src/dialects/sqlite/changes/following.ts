/**
 * Gives tables the log's triggers, and takes them away.
 *
 * @module
 */
import type { SourceConnection } from "../../../change/source.ts";
import type { LoggedTable } from "../../../dialect/change_support.ts";
import { literal, quoted } from "./image.ts";
import { readTriggers, tagOf, type Trigger, triggersOf } from "./triggers.ts";

/** Gives a table its triggers; those that are right are left as they are. */
export async function follow(connection: SourceConnection, table: LoggedTable): Promise<void> {
  const triggers = await readTriggers(connection);
  const isOn = (each: Trigger) => folded(each.table) === folded(table.name);
  const present = triggers.filter(isOn);
  const wanted = await triggersOf(connection, table, triggers.filter((each) => !isOn(each)));
  const statements = new Set(present.map(({ sql }) => sql));
  if (
    present.length === wanted.length && wanted.every(({ sql }) => statements.has(sql))
  ) return;
  await dropTriggers(connection, present);
  for (const { sql } of wanted) await connection.execute(sql);
  // What older triggers did not tell has to be read.
  if (present.length > 0) await noteAltered(connection, tagOf(wanted[0]!.name));
}

/** Writes into the log that rows of a table may have changed without an entry. */
export async function noteAltered(connection: SourceConnection, tag: string): Promise<void> {
  await connection.execute(
    `INSERT INTO _rex_changes (tag, kind) VALUES (${literal(tag)}, 's')`,
  );
}

/** Removes triggers. */
export async function dropTriggers(
  connection: SourceConnection,
  triggers: readonly Trigger[],
): Promise<void> {
  for (const { name } of triggers) {
    await connection.execute(`DROP TRIGGER IF EXISTS ${quoted(name)}`);
  }
}

/** SQLite takes names for equal that differ only in the case of ASCII letters. */
export function folded(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
