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
  /** The columns of its key; none where it has none. */
  readonly key: readonly LoggedColumn[];
  /** What keeps two of its rows from being the same beside the key. */
  readonly uniques: readonly (readonly UniqueColumn[])[];
}

/** A column of a unique index. */
interface UniqueColumn {
  readonly name: string;
  /** By which the index compares. */
  readonly collation: string;
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
  const { columns, key, name: on } = shape;
  const [after, before] = [imageSql("NEW", columns), imageSql("OLD", columns)];
  const apart = key.length > 0 ? key : columns;
  const oldKey = `CASE WHEN ${changed(apart)} THEN ${imageSql("OLD", apart)} END`;
  const write = (kind: EntryKind, images: string) =>
    `INSERT INTO _rex_changes (tag, kind, old, new) VALUES (${
      literal(tag)
    }, '${kind}', ${images});`;
  const trigger = (part: string, event: string, body: readonly string[], when = ""): Trigger => {
    const name = `${prefix}${part}:${tag}`;
    const sql = `CREATE TRIGGER ${quoted(name)} ${event} ON ${quoted(on)} ` +
      `${when && `WHEN ${when} `}BEGIN ${body.join(" ")} END`;
    return { name, table: on, sql };
  };
  return [
    trigger("insert", "AFTER INSERT", [write("i", `NULL, ${after}`)]),
    trigger("update", "AFTER UPDATE", [write("u", `${oldKey}, ${after}`)]),
    trigger("delete", "AFTER DELETE", [write("d", `${before}, NULL`)]),
    ...replacement(shape, tag).map(({ part, event, when, body }) =>
      trigger(part, event, body, when)
    ),
  ];
}

/** Whether any of these columns has another value than before; by its bytes: a collation may take them for the same. */
function changed(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) =>
    `OLD.${quoted(name)} COLLATE BINARY IS NOT NEW.${quoted(name)} COLLATE BINARY`
  ).join(" OR ");
}

/** A trigger in parts. */
interface TriggerParts {
  readonly part: string;
  readonly event: string;
  readonly when?: string;
  readonly body: readonly string[];
}

/**
 * `REPLACE` deletes the rows that are in its way, and fires no trigger for them. Those with the same key are told by the
 * new row; those that have the values of another unique index are noted before, and told after: what is ignored or
 * becomes an update never comes to the trigger after it.
 */
function replacement({ name, columns, key, uniques }: Shape, tag: string): TriggerParts[] {
  if (uniques.length === 0) return [];
  const table = quoted(name);
  const inTheWay = uniques.map((unique) => `(${unique.map(equal).join(" AND ")})`).join(" OR ");
  const other = (row: "NEW" | "OLD") =>
    key.length > 0
      ? key.map(({ name }) => `${quoted(name)} IS NOT ${row}.${quoted(name)}`).join(" OR ")
      // A row that is inserted is not there yet.
      : row === "OLD"
      ? "rowid <> OLD.rowid"
      : "TRUE";
  const mine = (event: string) => `tag = ${literal(tag)} AND event = '${event}'`;
  const forget = (event: string) => `DELETE FROM _rex_changes_replaced WHERE ${mine(event)};`;
  const note = (event: string, row: "NEW" | "OLD") => [
    forget(event),
    `INSERT INTO _rex_changes_replaced (tag, event, old) SELECT ${literal(tag)}, '${event}', ` +
    `${imageSql(table, columns)} FROM ${table} WHERE (${inTheWay}) AND (${other(row)});`,
  ];
  const tell = (event: string) => [
    "INSERT INTO _rex_changes (tag, kind, old) " +
    `SELECT tag, 'd', old FROM _rex_changes_replaced WHERE ${mine(event)};`,
    forget(event),
  ];
  const moved = changed(uniques.flat());
  const noted = "EXISTS (SELECT 1 FROM _rex_changes_replaced)";
  return [
    { part: "before insert", event: "BEFORE INSERT", body: note("i", "NEW") },
    { part: "before update", event: "BEFORE UPDATE", when: moved, body: note("u", "OLD") },
    { part: "after insert", event: "AFTER INSERT", when: noted, body: tell("i") },
    { part: "after update", event: "AFTER UPDATE", when: moved, body: tell("u") },
  ];
}

/** Whether a row has the value of the new one, as the index takes it. */
function equal({ name, collation }: UniqueColumn): string {
  return `${quoted(name)} = NEW.${quoted(name)} COLLATE ${quoted(collation)}`;
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
  return { name: table.name, columns, key, uniques: await uniquesOf(connection, table.name) };
}

/** The unique indexes beside the key; of expressions and of a part of the rows are left out. */
async function uniquesOf(
  connection: SourceConnection,
  table: string,
): Promise<(readonly UniqueColumn[])[]> {
  const { rows } = await connection.execute<
    { index: string; column: string | null; collation: string }
  >(
    'SELECT l.name AS "index", c.name AS "column", c.coll AS collation ' +
      "FROM pragma_index_list($1) l, pragma_index_xinfo(l.name) c " +
      `WHERE l."unique" = 1 AND l.origin <> 'pk' AND l.partial = 0 AND c."key" = 1 ` +
      "ORDER BY l.name, c.seqno",
    [table],
  );
  return [...Map.groupBy(rows, ({ index }) => index).values()].flatMap((parts) => {
    const columns = parts.flatMap(({ column: name, collation }) =>
      name === null ? [] : [{ name, collation }]
    );
    return columns.length === parts.length ? [columns] : [];
  });
}

function storageOf(type: string): Storage {
  const name = type.toUpperCase();
  if (name === "INT") return "INTEGER";
  return ["INTEGER", "REAL", "TEXT", "BLOB"].includes(name) ? name as Storage : "ANY";
}
