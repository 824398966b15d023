/**
 * PostgreSQL's text form of rows: `(1,"a, b",,"")`, one after the other without anything between.
 *
 * @module
 */
import { DataError } from "../../../base/errors.ts";

const QUOTE = 34;
const CLOSE = 41;
const COMMA = 44;
const OPEN = 40;

/** A row: its values in the order of the columns, and its text. */
export interface RecordText {
  /** The values; `null` is NULL. */
  readonly values: readonly (string | null)[];
  /** Its text, equal for equal rows. */
  readonly text: string;
}

/**
 * Reads rows.
 *
 * @throws {DataError} when `text` is no rows
 */
export function parseRecords(text: string): RecordText[] {
  const records: RecordText[] = [];
  for (let at = 0; at < text.length;) {
    const start = at;
    if (text.charCodeAt(at) !== OPEN) throw malformed();
    const values: (string | null)[] = [];
    do {
      at++;
      const first = text.charCodeAt(at);
      if (first === COMMA || first === CLOSE) values.push(null);
      else if (first === QUOTE) {
        const end = endOfQuoted(text, at + 1);
        const value = text.slice(at + 1, end);
        values.push(doubled.test(value) ? value.replaceAll(everyDoubled, "$1") : value);
        at = end + 1;
      } else {
        const end = endOfBare(text, at);
        values.push(text.slice(at, end));
        at = end;
      }
    } while (text.charCodeAt(at) === COMMA);
    if (text.charCodeAt(at++) !== CLOSE) throw malformed();
    records.push({ values, text: text.slice(start, at) });
  }
  return records;
}

const doubled = /["\\]/;
const everyDoubled = /(["\\])\1/g;

/** Quotes and backslashes in quotes are doubled. */
function endOfQuoted(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) !== QUOTE) return at;
  }
  throw malformed();
}

function endOfBare(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSE) return at;
  }
  throw malformed();
}

function malformed(): DataError {
  return new DataError("Cannot read an entry of the change log: its text is malformed", undefined);
}
