/**
 * Values that SQLite keeps as text of a fixed form.
 *
 * @module
 */
import {
  INFINITY,
  microsecondOf,
  NEGATIVE_INFINITY,
  parseTimestamp,
} from "../../schema/precise_date.ts";
import { utcText } from "../../schema/utc_text.ts";
import { refuse } from "./refuse.ts";

/**
 * Any text. A NUL is refused on every database: PostgreSQL cannot hold it, and SQLite's driver cuts at it. Half of a
 * surrogate pair has no UTF-8 form: the driver would store another character.
 */
export function plainText(type: string, value: unknown): string {
  if (typeof value !== "string") throw refuse(type, "it is not a string");
  if (value.includes("\0")) throw refuse(type, "it has a NUL character");
  if (!value.isWellFormed()) throw refuse(type, "it has a lone surrogate");
  return value;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUID in lower case. */
export function dumpUuid(value: unknown): string {
  const text = typeof value === "string" ? value.toLowerCase() : "";
  if (!uuid.test(text)) throw refuse("uuid", "it is not 8-4-4-4-12 hexadecimal digits");
  return text;
}

const date = /^\d{4}-\d\d-\d\d$/;

/** A day that is in the calendar. */
export function dumpDate(value: unknown): string {
  if (value === "infinity" || value === "-infinity") return value;
  if (typeof value !== "string" || !date.test(value)) {
    throw refuse("date", "it is not a string YYYY-MM-DD");
  }
  try {
    parseTimestamp(`${value} 00:00:00`);
  } catch {
    throw refuse("date", "there is no such day");
  }
  return value;
}

const time = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$|^24:00:00$/;

/** A time of day; seconds are added when they are missing, zeros at the end of a fraction are cut. */
export function dumpTime(value: unknown): string {
  if (typeof value !== "string" || !time.test(value)) {
    throw refuse("time", "it is not a string HH:MM:SS[.ffffff]");
  }
  if (value.length === 5) return `${value}:00`;
  return value.includes(".") ? value.replace(/\.?0+$/, "") : value;
}

/** A point in time as UTC text: three digits of a second, six where there are microseconds. */
export function dumpTimestamp(value: unknown): string {
  if (!(value instanceof Date)) throw refuse("timestamp", "it is not a Date");
  const milliseconds = value.getTime();
  if (milliseconds === INFINITY) return "infinity";
  if (milliseconds === NEGATIVE_INFINITY) return "-infinity";
  if (Number.isNaN(milliseconds)) throw refuse("timestamp", "it is an invalid Date");
  const text = utcText(milliseconds);
  if (text === undefined) throw refuse("timestamp", "its year is not from 0 to 9999");
  const micros = microsecondOf(value);
  return micros === 0 ? text : text + String(micros).padStart(3, "0");
}
