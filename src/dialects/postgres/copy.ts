/**
 * Bulk load by `COPY … FROM STDIN` in text format.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import { QueryError } from "../../base/errors.ts";
import type { PostgresConnection } from "./connection.ts";
import { mapError } from "./errors.ts";
import { type WireQuery, wireQuery, type WireResult } from "./wire.ts";

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** How much text is gathered before it is sent, in UTF-16 units. */
const chunkLength = 64 * 1024;

/**
 * Loads rows of wire values. The connection must have nothing else under way.
 *
 * @returns how many rows were loaded
 */
export async function copyRows(
  connection: PostgresConnection,
  sql: string,
  rows: Iterable<readonly unknown[]>,
): Promise<number> {
  const query = wireQuery(connection.sql, sql, [], { prepare: false, simple: true });
  const outcome = watch(query, sql);
  connection.enter(1);
  try {
    const stream = await Promise.race([outcome.stream, outcome.result]);
    if (!isStream(stream)) return stream.count ?? 0;
    await write(stream, rows, outcome.result);
    return (await outcome.result).count ?? 0;
  } finally {
    connection.leave(1);
  }
}

interface Outcome {
  readonly stream: Promise<Writable>;
  readonly result: Promise<WireResult>;
}

/**
 * postgres.js settles the query with the stream and then tells nobody how the COPY ended: an error that comes
 * after the last row would be lost and the stream never finish. So its settling is watched here.
 */
function watch(query: WireQuery, sql: string): Outcome {
  let opened: (stream: Writable) => void;
  const stream = new Promise<Writable>((resolve) => opened = resolve);
  const result = new Promise<WireResult>((resolve, reject) => {
    query.resolve = (value) => isStream(value) ? opened(value) : resolve(value);
    query.reject = (error) => reject(mapError(error, sql));
  });
  // It is awaited where the rows have been written; until then its failure is not unhandled.
  result.catch(() => {});
  query.execute();
  return { stream, result };
}

function isStream(value: WireResult | Writable): value is Writable {
  return "write" in value;
}

async function write(
  stream: Writable,
  rows: Iterable<readonly unknown[]>,
  result: Promise<WireResult>,
): Promise<void> {
  // The stream's own errors repeat what `result` rejects with.
  stream.on("error", () => {});
  const failed = result.then(() => {});
  failed.catch(() => {});
  try {
    let text = "";
    for (const row of rows) {
      text += line(row);
      if (text.length < chunkLength) continue;
      await Promise.race([written(stream, text), failed]);
      text = "";
    }
    if (text !== "") await Promise.race([written(stream, text), failed]);
    stream.end();
  } catch (error) {
    stream.destroy(new Error("the client stopped"));
    await result.catch(() => {});
    throw error;
  }
}

function written(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(Buffer.from(text), () => resolve()));
}

function line(row: readonly unknown[]): string {
  let text = "";
  for (let index = 0; index < row.length; index++) {
    if (index > 0) text += "\t";
    text += field(row[index]);
  }
  return text + "\n";
}

function field(value: unknown): string {
  if (value === null) return "\\N";
  if (typeof value !== "string") {
    throw new QueryError("Cannot load rows: a value is not in text form", {
      hint: "turn values into wire form with the dialect's codecs",
    });
  }
  return special.test(value)
    ? value.replace(/[\\\n\r\t]/g, (character) => escapes[character] ?? character)
    : value;
}
