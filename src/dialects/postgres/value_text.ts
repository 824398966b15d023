/**
 * JavaScript values in PostgreSQL's text form, and back. What cannot be stored exactly is a `DataError` before
 * anything is sent; values never enter its message.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { DataError } from "../../base/errors.ts";
import { utcText } from "../../schema/utc_text.ts";
import { INFINITY, microsecondOf, NEGATIVE_INFINITY } from "../../schema/precise_date.ts";

/** The error for a value that a column of type `type` cannot take. */
export function refused(type: string, why: string, hint?: string): DataError {
  return new DataError(`Cannot store a value as ${type}: ${why}`, undefined, undefined, { hint });
}

/** Makes the function that writes a whole number from `min` to `max`. */
export function integerText(type: string, min: bigint, max: bigint): (value: unknown) => string {
  const least = Number(min);
  const most = Number(max);
  return (value) => {
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) {
        throw refused(type, "it is not a whole number that a number holds exactly");
      }
      if (value < least || value > most) throw refused(type, "it is out of range");
      return value === 0 ? "0" : String(value);
    }
    if (typeof value !== "bigint") throw refused(type, `it is a ${kindOf(value)}`);
    if (value < min || value > max) throw refused(type, "it is out of range");
    return String(value);
  };
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const specialNumbers: ReadonlySet<string> = new Set(["NaN", "Infinity", "-Infinity"]);

/** Writes an exact decimal: from a string, a bigint, or a number of at most 15 digits. */
export function numericText(value: unknown): string {
  switch (typeof value) {
    case "string":
      if (decimal.test(value) || specialNumbers.has(value)) return value;
      throw refused("numeric", "it is not a decimal number");
    case "bigint":
      return String(value);
    case "number": {
      const text = String(value);
      if (specialNumbers.has(text) || Number.isSafeInteger(value)) return text;
      const digits = text.replace(/e.*$/, "").replace(/[-.]/g, "").replace(/^0+/, "");
      if (digits.length <= 15) return text;
      throw refused("numeric", "the number is not exact", "pass the decimal as a string");
    }
    default:
      throw refused("numeric", `it is a ${kindOf(value)}`, "pass the decimal as a string");
  }
}

/** Writes a float of double precision; `-0`, `NaN` and the infinities are kept. */
export function doubleText(value: unknown): string {
  if (typeof value !== "number") throw refused("double", `it is a ${kindOf(value)}`);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Writes a float of single precision. */
export function realText(value: unknown): string {
  if (typeof value !== "number") throw refused("real", `it is a ${kindOf(value)}`);
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    throw refused("real", "it is out of range");
  }
  return doubleText(value);
}

/** Writes a boolean. */
export function booleanText(value: unknown): string {
  if (typeof value !== "boolean") throw refused("boolean", `it is a ${kindOf(value)}`);
  return value ? "t" : "f";
}

/** Checks a text: PostgreSQL stores no NUL, and a half of a surrogate pair has no UTF-8 form. */
export function plainText(value: unknown): string {
  if (typeof value !== "string") throw refused("text", `it is a ${kindOf(value)}`);
  if (value.includes("\0")) throw refused("text", "it has a NUL character");
  if (!value.isWellFormed()) throw refused("text", "it has a lone surrogate");
  return value;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Checks a UUID and writes it in lower case. */
export function uuidText(value: unknown): string {
  if (typeof value !== "string" || !uuid.test(value)) {
    throw refused("uuid", "it is not a UUID", "write it as 8-4-4-4-12 hexadecimal digits");
  }
  return value.toLowerCase();
}

const date = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/;

/** Checks a date: a day that exists, in `YYYY-MM-DD` with an optional ` BC`, or an infinity. */
export function dateText(value: unknown): string {
  if (typeof value === "string") {
    if (value === "infinity" || value === "-infinity") return value;
    const match = date.exec(value);
    if (match && isDay(Number(match[1]), Number(match[2]), Number(match[3]), !!match[4])) {
      return value;
    }
  }
  throw refused("date", "it is not a day that exists", "write it as YYYY-MM-DD");
}

function isDay(year: number, month: number, day: number, bc: boolean): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const astronomical = bc ? 1 - year : year;
  const leap = astronomical % 4 === 0 && (astronomical % 100 !== 0 || astronomical % 400 === 0);
  const days = month === 2
    ? (leap ? 29 : 28)
    : month === 4 || month === 6 || month === 9 || month === 11
    ? 30
    : 31;
  return day <= days;
}

const time = /^(?:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?|24:00:00(?:\.0{1,6})?)$/;

/** Checks a time of day: `HH:MM:SS` with up to six digits of a second; seconds are added when missing. */
export function timeText(value: unknown): string {
  if (typeof value === "string" && time.test(value)) {
    return value.length === 5 ? `${value}:00` : value;
  }
  throw refused("time", "it is not a time of day", "write it as HH:MM:SS or HH:MM:SS.ffffff");
}

/** Writes a point in time without a zone, in UTC. */
export function timestampText(value: unknown): string {
  return instantText(value, "timestamp", "");
}

/** Writes a point in time with its zone, UTC. */
export function timestamptzText(value: unknown): string {
  return instantText(value, "timestamptz", "+00");
}

function instantText(value: unknown, type: string, zone: string): string {
  if (!(value instanceof Date)) throw refused(type, `it is a ${kindOf(value)}`, "pass a Date");
  const instant = value.getTime();
  if (instant === INFINITY) return "infinity";
  if (instant === NEGATIVE_INFINITY) return "-infinity";
  if (Number.isNaN(instant)) throw refused(type, "the Date is invalid");
  const micros = microsecondOf(value);
  const digits = micros === 0 ? "" : String(micros).padStart(3, "0");
  const text = utcText(instant);
  // PostgreSQL knows no year 0.
  if (text !== undefined && !text.startsWith("0000")) return text + digits + zone;
  const iso = Date.prototype.toISOString.call(value);
  const year = value.getUTCFullYear();
  const rest = iso.slice(year >= 0 && year <= 9999 ? 4 : 7, -1);
  return year > 0
    ? `${String(year).padStart(4, "0")}${rest}${digits}${zone}`
    : `${String(1 - year).padStart(4, "0")}${rest}${digits}${zone} BC`;
}

/** Writes bytes in hexadecimal form. */
export function bytesText(value: unknown): string {
  if (!(value instanceof Uint8Array)) {
    throw refused("bytes", `it is a ${kindOf(value)}`, "pass a Uint8Array");
  }
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;
}

/** Reads bytes in hexadecimal form. */
export function parseBytes(text: string): Uint8Array {
  if (!text.startsWith("\\x")) {
    throw new DataError(
      "Cannot read bytes: they are not in hexadecimal form",
      undefined,
      undefined,
      {
        hint: "set the server's bytea_output to hex, its default",
      },
    );
  }
  const bytes = new Uint8Array((text.length - 2) / 2);
  bytes.set(Buffer.from(text.slice(2), "hex"));
  return bytes;
}

/** Makes the function that checks the value of an enum. */
export function enumText(values: readonly string[] | undefined): (value: unknown) => string {
  if (!values) return plainText;
  const allowed = new Set<unknown>(values);
  return (value) => {
    if (allowed.has(value)) return value as string;
    throw refused("enum", "it is none of the type's values", `use one of ${values.join(", ")}`);
  };
}

/** What a value is, for messages that may not show it. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (Array.isArray(value)) return "list";
  if (value instanceof Date) return "Date";
  return value instanceof Uint8Array ? "Uint8Array" : "object";
}
