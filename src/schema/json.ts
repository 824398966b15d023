/**
 * JSON without loss: integers beyond 2^53 are bigints on both ways, and what JSON cannot hold is an
 * error instead of a silent `null`.
 *
 * @module
 */
import { DataError, UnsupportedError } from "../base/errors.ts";

/** The parts of the platform's `JSON` that TypeScript does not know yet. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON?(text: string): unknown;
}

const exactJson = JSON as unknown as ExactJson;
// Sixteen digits in a row: the least that an integer beyond 2^53 has.
const mayHoldLargeInteger = /\d{16}/;
const integer = /^-?\d+$/;
/** `JSON.stringify` escapes control characters and lone surrogates, and no other ones. */
const unstorableEscape = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * Reads JSON text; an integer beyond 2^53 becomes a `bigint`, every other number a `number`.
 *
 * @throws {SyntaxError} when `text` is not JSON
 */
export function parseJson(text: string): unknown {
  return mayHoldLargeInteger.test(text) ? exactJson.parse(text, revive) : JSON.parse(text);
}

function revive(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && integer.test(source) ? BigInt(source) : value;
}

/**
 * Writes a value as JSON text; a `bigint` is written as a number with all its digits. Properties that are
 * `undefined` are left out; objects with `toJSON` are written as that says.
 *
 * @throws {DataError} for what JSON cannot hold: `undefined` elsewhere, functions, symbols, `NaN` and
 *   infinite numbers, invalid dates, bytes, maps and sets, and cycles; and for what databases cannot hold: NUL
 *   characters and halves of surrogate pairs
 */
export function stringifyJson(value: unknown): string {
  if (value === undefined) throw notJson("undefined", "");
  const text = written(value);
  if (text.includes("\\u") && unstorableEscape.test(text)) {
    throw notJson("a NUL character or a lone surrogate in a string", "");
  }
  return text;
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value, replace);
  } catch (error) {
    // A RangeError: it is nested deeper than the stack is.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new DataError(
      "Cannot write a value as JSON: it cannot be serialised",
      undefined,
      undefined,
      {
        cause: error,
        hint: error instanceof TypeError
          ? "Remove the cycle, or give the object a toJSON() method"
          : "Nest it less deeply",
      },
    );
  }
}

function replace(this: unknown, key: string, value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return rawNumber(value);
    case "number":
      if (!Number.isFinite(value)) throw notJson(String(value), key);
      return value;
    case "undefined":
      if (Array.isArray(this)) throw notJson("undefined in a list", key);
      return value;
    case "function":
    case "symbol":
      throw notJson(`a ${typeof value}`, key);
    case "object":
      if (value === null && isDate(this, key)) throw notJson("an invalid date", key);
      if (ArrayBuffer.isView(value)) throw notJson("bytes", key);
      if (value instanceof Map || value instanceof Set) throw notJson("a map or set", key);
      return value;
    default:
      return value;
  }
}

/** An invalid date's `toJSON` gives `null`: the holder still has the date. */
function isDate(holder: unknown, key: string): boolean {
  return (holder as Record<string, unknown>)[key] instanceof Date;
}

function rawNumber(value: bigint): unknown {
  if (Number.isSafeInteger(Number(value))) return Number(value);
  if (exactJson.rawJSON) return exactJson.rawJSON(String(value));
  throw new UnsupportedError("Cannot write a bigint as JSON: this runtime has no JSON.rawJSON", {
    hint: "Store the number as a string, or run on Deno or Node",
  });
}

function notJson(what: string, key: string): DataError {
  const where = key === "" ? "" : ` (at ${JSON.stringify(key)})`;
  return new DataError(`Cannot write a value as JSON: it holds ${what}${where}`);
}
