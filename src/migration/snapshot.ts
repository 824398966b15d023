/**
 * Schemas in files: what a later comparison starts from without a database.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";
import { type DatabaseSchema, emptySchema } from "../schema/database_schema.ts";
import { spellingOf, tellSpelling } from "./reader.ts";

const format = 1;
const lists = Object.keys(emptySchema) as (keyof DatabaseSchema)[];

/**
 * A schema as text: JSON with its keys in a fixed order, so that files can be compared line by line.
 *
 * @returns the text, with a line end
 */
export function snapshotText(schema: DatabaseSchema): string {
  const spelling = spellingOf(schema);
  const data = {
    format,
    ...spelling !== undefined && { spelling },
    ...Object.fromEntries(lists.map((list) => [list, sorted(list, schema[list])])),
  };
  return `${JSON.stringify(data, ordered, 2)}\n`;
}

/** Lists whose order says nothing stand in the order of names. */
function sorted(list: keyof DatabaseSchema, all: readonly (string | { name: string })[]): unknown {
  // Tables are created in their order.
  if (list === "tables") return all;
  const key = (each: string | { name: string }) => typeof each === "string" ? each : each.name;
  return [...all].sort((a, b) => key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

function ordered(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { name, ...rest } = value as Record<string, unknown>;
  return name === undefined ? value : { name, ...rest };
}

/**
 * Reads the text of a snapshot.
 *
 * @throws {MigrationError} for text that is none, or one of a later version of Rex-ORM
 */
export function readSnapshot(text: string): DatabaseSchema {
  const data = parsed(text);
  if (data.format !== format) {
    throw new MigrationError(
      typeof data.format === "number"
        ? `Cannot read the snapshot: its format is ${data.format}, and this version reads ${format}`
        : "Cannot read the snapshot: it has no `format`",
      { hint: "Write it anew with this version of Rex-ORM" },
    );
  }
  for (const list of lists) checkList(list, data[list]);
  const { format: _, spelling, ...schema } = data;
  const read = Object.freeze({ ...emptySchema, ...schema }) as DatabaseSchema;
  if (typeof spelling === "string") tellSpelling(read, spelling);
  return read;
}

function parsed(text: string): Record<string, unknown> {
  let data: unknown;
  try {
    data = JSON.parse(
      text,
      (_key, value) => typeof value?.$bigint === "string" ? BigInt(value.$bigint) : value,
    );
  } catch (cause) {
    throw new MigrationError("Cannot read the snapshot: it is not JSON", { cause });
  }
  if (typeof data === "object" && data !== null && !Array.isArray(data)) {
    return data as Record<string, unknown>;
  }
  throw new MigrationError("Cannot read the snapshot: it is not a JSON object");
}

const tableLists = ["columns", "uniques", "indexes", "checks", "foreignKeys"] as const;

function checkList(list: string, value: unknown): void {
  const wrong = (where: string, what: string) =>
    new MigrationError(`Cannot read the snapshot: \`${where}\` ${what}`);
  if (!Array.isArray(value)) throw wrong(list, "is not a list");
  value.forEach((each, i) => {
    const where = `${list}[${i}]`;
    if (list === "schemas") {
      if (typeof each !== "string") throw wrong(where, "is not a name");
      return;
    }
    if (typeof each?.name !== "string") throw wrong(where, "has no `name`");
    if (list !== "tables") return;
    for (const inner of tableLists) {
      if (!Array.isArray(each[inner])) throw wrong(`${where}.${inner}`, "is not a list");
    }
    for (const column of each.columns) {
      if (typeof column?.name !== "string" || typeof column.type?.name !== "string") {
        throw wrong(`${where}.columns`, "has a column without `name` or `type`");
      }
    }
  });
}
