/**
 * Values on their way into SQLite and back. What is stored, so that other programs can read it too:
 *
 * | type | stored as |
 * |---|---|
 * | `smallint` `integer` `bigint` | INTEGER |
 * | `numeric` | TEXT, exact digits, padded to the column's scale |
 * | `real` `double` | REAL |
 * | `boolean` | INTEGER, 0 or 1 |
 * | `text` `varchar` `char` `enum` `other` | TEXT |
 * | `uuid` | TEXT, in lower case |
 * | `date` `time` | TEXT, `YYYY-MM-DD`, `HH:MM:SS[.ffffff]` |
 * | `timestamp` `timestamptz` | TEXT in UTC, `YYYY-MM-DD HH:MM:SS.fff[fff]`, which sorts as the times do |
 * | `json` `jsonb` | TEXT |
 * | `bytes` | BLOB |
 *
 * @module
 */
import { DataError, UnsupportedError } from "../../base/errors.ts";
import type { Codec, Codecs } from "../../schema/codec.ts";
import type { ColumnType, ColumnTypeName } from "../../schema/column_type.ts";
import { parseJson, stringifyJson } from "../../schema/json.ts";
import { parseTimestamp } from "../../schema/precise_date.ts";
import { doubleText } from "./functions.ts";
import { canonical, formatDecimal, parseDecimal } from "./numeric.ts";
import { numericScale } from "./numeric_scale.ts";
import { dumpDate, dumpTime, dumpTimestamp, dumpUuid, plainText } from "./text_values.ts";
import { refuse } from "./refuse.ts";

type Convert = (value: unknown) => unknown;

const integerLimits: Partial<Record<ColumnTypeName, readonly [bigint, bigint]>> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** A driver takes a number for a REAL: integers are bound as bigints. */
function dumpInteger(name: ColumnTypeName): Convert {
  const [least, most] = integerLimits[name]!;
  const [low, high] = [Number(least), Number(most)];
  return (value) => {
    if (typeof value === "number" ? !Number.isSafeInteger(value) : typeof value !== "bigint") {
      throw refuse(name, "it is not a whole number that is exact");
    }
    // Numbers compare many times faster with numbers than bigints do.
    const fits = typeof value === "number"
      ? value >= low && value <= high
      : (value as bigint) >= least && (value as bigint) <= most;
    if (!fits) throw refuse(name, "it is out of range");
    return BigInt(value as number | bigint);
  };
}

function dumpDouble(value: unknown): number {
  if (typeof value !== "number") throw refuse("double", "it is not a number");
  if (Number.isNaN(value)) throw refuse("double", "SQLite would store NaN as NULL");
  return value;
}

/** Below it a 32-bit number has ever fewer digits. */
const leastNormalReal = 2 ** -126;

/** The shortest decimal that stands for the same 32-bit number, as PostgreSQL gives it back. */
function dumpReal(value: unknown): number {
  const given = dumpDouble(value);
  const single = Math.fround(given);
  if (!Number.isFinite(single)) {
    if (Number.isFinite(given)) throw refuse("real", "it is out of range");
    return given;
  }
  for (let digits = Math.abs(single) < leastNormalReal ? 1 : 6; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}

function dumpBoolean(value: unknown): bigint {
  if (typeof value !== "boolean") throw refuse("boolean", "it is not true or false");
  return value ? 1n : 0n;
}

function dumpBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw refuse("bytes", "it is not a Uint8Array");
  return value;
}

function dumpNumeric(scale: number | undefined): Convert {
  return (value) => {
    if (typeof value !== "string" && typeof value !== "bigint" && typeof value !== "number") {
      throw refuse("numeric", "it is not a decimal string, a number or a bigint");
    }
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw refuse("numeric", "it is not finite");
    }
    return formatDecimal(canonical(parseDecimal(String(value)), scale));
  };
}

/** Whether a decimal has at least so many digits after the point. */
function hasDigits(text: string, scale = 0): boolean {
  if (scale === 0) return true;
  const point = text.indexOf(".");
  return point >= 0 && text.length - point > scale;
}

function loadNumeric(scale: number | undefined): Convert {
  return (wire) => {
    if (typeof wire === "string" && hasDigits(wire, scale)) return wire;
    const text = typeof wire === "number" ? doubleText(wire) : String(wire);
    return formatDecimal(canonical(parseDecimal(text), scale));
  };
}

function dumpEnum(values: readonly string[]): Convert {
  const allowed = new Set<unknown>(values);
  return (value) => {
    if (!allowed.has(value)) throw refuse("enum", `it is not one of ${values.join(", ")}`);
    return value;
  };
}

function hexBytes(json: unknown): Uint8Array {
  const hex = json as string;
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** SQLite goes on with a REAL where integers overflow. */
const loadBigint: Convert = (wire) => {
  if (typeof wire !== "number" || Number.isSafeInteger(wire)) {
    return BigInt(wire as bigint | number | string);
  }
  throw new DataError("Cannot read a bigint: it is out of range, or has a fraction");
};
const loadBoolean: Convert = (wire) => wire === 1 || wire === 1n;
const loadTimestamp: Convert = (wire) => parseTimestamp(wire as string);
const loadJson: Convert = (wire) => parseJson(wire as string);

function make(
  dump: Convert | null,
  load: Convert | null,
  loadNested: Convert | null = load,
): Codec {
  return Object.freeze({ dump, load, loadNested });
}

function makeCodec(type: ColumnType): Codec {
  const { name } = type;
  if (type.array) {
    throw new UnsupportedError(`Cannot use a list of ${name} as a column: sqlite has no arrays`, {
      hint: "Use a column of type json",
    });
  }
  switch (name) {
    case "smallint":
    case "integer":
      return make(dumpInteger(name), Number);
    case "bigint":
      return make(dumpInteger(name), loadBigint);
    case "numeric":
      return make(dumpNumeric(numericScale(type)), loadNumeric(numericScale(type)));
    case "real":
      return make(dumpReal, Number);
    case "double":
      return make(dumpDouble, Number);
    case "boolean":
      return make(dumpBoolean, loadBoolean);
    case "uuid":
      return make(dumpUuid, null);
    case "date":
      return make(dumpDate, null);
    case "time":
      return make(dumpTime, null);
    case "timestamp":
    case "timestamptz":
      return make(dumpTimestamp, loadTimestamp);
    case "json":
    case "jsonb":
      return make(stringifyJson, loadJson);
    case "bytes":
      return make(dumpBytes, null, hexBytes);
    case "enum":
      return make(dumpEnum(type.values ?? []), null);
    default:
      return make((value) => plainText(name, value), null);
  }
}

/** An integer is a number where that is exact. */
function loadExact(wire: unknown): unknown {
  if (typeof wire !== "bigint") return wire;
  const number = Number(wire);
  return Number.isSafeInteger(number) ? number : wire;
}

function dumpUntyped(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      if (Number.isNaN(value)) throw refuse("number", "SQLite would store NaN as NULL");
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
    case "bigint":
      return dumpInteger64(value);
    case "boolean":
      return value ? 1n : 0n;
    case "string":
      return plainText("text", value);
    case "object":
      if (value === null || value instanceof Uint8Array) return value;
      return value instanceof Date ? dumpTimestamp(value) : stringifyJson(value);
    default:
      throw new DataError(`Cannot bind a value: it is of type ${typeof value}`);
  }
}

const dumpInteger64 = dumpInteger("bigint");
const byType = new WeakMap<ColumnType, Codec>();

/** The codecs of SQLite. */
export const sqliteCodecs: Codecs = Object.freeze({
  codec(type: ColumnType): Codec {
    let codec = byType.get(type);
    if (codec === undefined) {
      codec = makeCodec(type);
      byType.set(type, codec);
    }
    return codec;
  },
  dumpUntyped,
  loadUntyped: (): Convert => loadExact,
});
