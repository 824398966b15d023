/**
 * The triggers of a table whose changes are logged.
 *
 * @module
 */
import { MigrationError, UnsupportedError } from "../../../base/errors.ts";
import type { SourceConnection } from "../../../change/source.ts";
import type { LoggedTable } from "../../../dialect/change_support.ts";
import { imageSql, literal, type LoggedColumn, quoted, type Storage } from "./image.ts";

/** What the names of triggers begin with; the event and the tag of the table follow. */
export const prefix = "_rex_changes:";

/** Kinds of entries: a row was inserted, updated or deleted, or the table was altered. */
export type EntryKind = "i" | "u" | "d" | "s";

/** A trigger that is there. */
export interface Trigger {
  /** Its name. */
  readonly name: string;
  /** The table that it is on now: SQLite has it follow a table that gets another name. */
  readonly table: string;
  /** Its statement. */
  readonly sql: string;
}

/** A table as the triggers see it. */
interface Shape {
  readonly name: string;
  readonly columns: readonly LoggedColumn[];
  /** The columns that tell its rows apart: all, where it has no key. */
  readonly key: readonly LoggedColumn[];
}

/** Reads all triggers of the log. */
export async function readTriggers(connection: SourceConnection): Promise<Trigger[]> {
  const { rows } = await connection.execute<Trigger>(
    'SELECT name, tbl_name AS "table", sql FROM sqlite_schema ' +
      `WHERE type = 'trigger' AND substr(name, 1, ${prefix.length}) = ${literal(prefix)}`,
  );
  return rows;
}

/** The part of a trigger's name that entries of the log tell the table by. */
export function tagOf(trigger: string): string {
  return trigger.slice(trigger.indexOf(":", prefix.length) + 1);
}

/**
 * The triggers that a table is to have.
 *
 * @param others the triggers of other tables, whose names are taken
 * @throws {MigrationError} when there is no such table
 */
export async function triggersOf(
  connection: SourceConnection,
  table: LoggedTable,
  others: readonly Trigger[],
): Promise<Trigger[]> {
  const shape = await shapeOf(connection, table);
  const taken = new Set(others.map(({ name }) => tagOf(name)));
  let tag = shape.name;
  // A table that got its name beside Rex-ORM may have left a trigger with it.
  for (let count = 2; taken.has(tag); count++) tag = `${shape.name}:${count}`;
  const { columns, key } = shape;
  const [after, before] = [imageSql("NEW", columns), imageSql("OLD", columns)];
  const moved = key.map(({ name }) =>
    // By its bytes: a collation may take what has changed for the same.
    `OLD.${quoted(name)} COLLATE BINARY IS NOT NEW.${quoted(name)} COLLATE BINARY`
  ).join(" OR ");
  const oldKey = `CASE WHEN ${moved} THEN ${imageSql("OLD", key)} END`;
  const trigger = (event: string, kind: EntryKind, images: string): Trigger => {
    const name = `${prefix}${event}:${tag}`;
    return {
      name,
      table: shape.name,
      sql: `CREATE TRIGGER ${quoted(name)} AFTER ${event.toUpperCase()} ON ${quoted(shape.name)} ` +
        "BEGIN INSERT INTO _rex_changes (tag, kind, old, new) " +
        `VALUES (${literal(tag)}, '${kind}', ${images}); END`,
    };
  };
  return [
    trigger("insert", "i", `NULL, ${after}`),
    trigger("update", "u", `${oldKey}, ${after}`),
    trigger("delete", "d", `${before}, NULL`),
  ];
}

async function shapeOf(
  connection: SourceConnection,
  { name, schema = "main" }: LoggedTable,
): Promise<Shape> {
  if (schema !== "main") {
    throw new UnsupportedError(
      `Cannot follow changes of ${schema}.${name}: only tables of the main database can be logged`,
    );
  }
  const { rows: [table] } = await connection.execute<
    { name: string; type: string; strict: number | bigint }
  >(
    "SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main' AND name = $1 COLLATE NOCASE",
    [name],
  );
  if (table === undefined) {
    throw new MigrationError(`Cannot follow changes of ${name}: there is no such table`, {
      hint: "create the table first",
    });
  }
  if (table.type !== "table") {
    throw new UnsupportedError(
      `Cannot follow changes of ${name}: it is a ${table.type}, not a table`,
    );
  }
  const { rows } = await connection.execute<{ name: string; type: string; pk: number | bigint }>(
    "SELECT name, type, pk FROM pragma_table_xinfo($1) WHERE hidden <> 1 ORDER BY cid",
    [table.name],
  );
  const strict = Number(table.strict) === 1;
  const columns = rows.map(({ name, type, pk }) => ({
    name,
    storage: strict ? storageOf(type) : "ANY" as const,
    place: Number(pk),
  }));
  const key = columns.filter(({ place }) => place > 0).sort((a, b) => a.place - b.place);
  return { name: table.name, columns, key: key.length > 0 ? key : columns };
}

function storageOf(type: string): Storage {
  const name = type.toUpperCase();
  if (name === "INT") return "INTEGER";
  return ["INTEGER", "REAL", "TEXT", "BLOB"].includes(name) ? name as Storage : "ANY";
}
