/**
 * Points in time to the microsecond, which is what databases keep and `Date` cuts off.
 *
 * A column's value is a plain `Date` wherever that is exact, and a {@linkcode PreciseDate} where the
 * stored value has digits below the millisecond. The two ends of what a `Date` can hold stand for
 * `infinity` and `-infinity`: {@linkcode INFINITY} and {@linkcode NEGATIVE_INFINITY}.
 *
 * @module
 */
import { DataError } from "../base/errors.ts";

/** The time, in milliseconds since 1970, of the `Date` that stands for `infinity`. */
export const INFINITY: number = 8.64e15;
/** The time, in milliseconds since 1970, of the `Date` that stands for `-infinity`. */
export const NEGATIVE_INFINITY: number = -8.64e15;

/** A `Date` with microseconds. */
export class PreciseDate extends Date {
  /** The microseconds beyond the millisecond, from 0 to 999. */
  readonly microsecond: number;

  /**
   * Makes a point in time.
   *
   * @param time milliseconds since 1970, or a `Date`
   * @param microsecond microseconds beyond that, from 0 to 999
   * @throws {RangeError} when `microsecond` is not a whole number from 0 to 999
   */
  constructor(time: number | Date, microsecond = 0) {
    super(time);
    if (!Number.isInteger(microsecond) || microsecond < 0 || microsecond > 999) {
      throw new RangeError("Cannot make a PreciseDate: microsecond must be from 0 to 999");
    }
    this.microsecond = microsecond;
  }

  /**
   * Reads `YYYY-MM-DD HH:MM:SS.ffffff` with an optional zone, as {@linkcode parseTimestamp} does, but
   * always as a `PreciseDate`.
   *
   * @throws {DataError} when `text` is not a point in time
   */
  static from(text: string): PreciseDate {
    const date = parseTimestamp(text);
    return date instanceof PreciseDate ? date : new PreciseDate(date);
  }

  /** ISO 8601 with six digits of a second: `2024-01-31T12:00:00.123456Z`. */
  override toISOString(): string {
    const text = super.toISOString();
    return `${text.slice(0, -1)}${String(this.microsecond).padStart(3, "0")}Z`;
  }

  /** The same as {@linkcode PreciseDate.toISOString}; `null` for an invalid date. */
  override toJSON(): string {
    return (Number.isNaN(this.getTime()) ? null : this.toISOString()) as string;
  }
}

/** The microseconds beyond the millisecond of any `Date`, from 0 to 999. */
export function microsecondOf(date: Date): number {
  return date instanceof PreciseDate ? date.microsecond : 0;
}

const pattern =
  /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?( BC)?$/;

/**
 * Reads a point in time as databases write it: `YYYY-MM-DD[( |T)HH:MM[:SS[.f…]]][zone][ BC]`, `infinity`
 * or `-infinity`. Without a zone it is UTC. Digits below the microsecond are rounded half up.
 *
 * @returns a `Date`, or a {@linkcode PreciseDate} where the microseconds are not zero
 * @throws {DataError} when `text` is not a point in time that a `Date` can hold
 */
export function parseTimestamp(text: string): Date {
  const fast = parseCanonical(text);
  if (fast !== undefined) return fast;
  if (text === "infinity") return new Date(INFINITY);
  if (text === "-infinity") return new Date(NEGATIVE_INFINITY);
  const match = pattern.exec(text);
  if (!match) throw notATime();
  const [, year, month, day, hour = "0", minute = "0", second = "0", digits = "", zone, bc] = match;
  const micros = Math.round(Number(`0.${digits || "0"}`) * 1e6);
  const time = utc(
    bc ? 1 - Number(year) : Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    0,
  );
  return dateOf(time + Math.floor(micros / 1000) - zoneOffset(zone), micros % 1000);
}

/** `YYYY-MM-DD?HH:MM:SS[.fff[fff]]` without a zone or with `Z`, `+00`: what nearly every value looks like. */
function parseCanonical(text: string): Date | undefined {
  let length = text.length;
  if (text.endsWith("Z")) length -= 1;
  else if (text.endsWith("+00")) length -= 3;
  if (length !== 19 && !(length >= 21 && length <= 26)) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  let micros = 0;
  if (length > 19) {
    if (text.charCodeAt(19) !== 46) return undefined;
    micros = number(text, 20, length) * 10 ** (26 - length);
  }
  const sum = year + month + day + hour + minute + second + micros;
  const separator = text.charCodeAt(10);
  if (
    Number.isNaN(sum) || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 ||
    (separator !== 32 && separator !== 84) || text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  ) return undefined;
  const milli = Math.floor(micros / 1000);
  return dateOf(utc(year, month, day, hour, minute, second, milli), micros % 1000);
}

/** Two digits as a number; NaN where one is not a digit. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** The digits of `text` from `start` to `end` as a number; NaN where one is not a digit. */
function number(text: string, start: number, end: number): number {
  let result = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    result = result * 10 + digit;
  }
  return result;
}

function utc(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  milli: number,
): number {
  if (
    month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 24 ||
    (hour === 24 && minute + second + milli > 0) || minute > 59 || second > 60
  ) throw notATime();
  const seconds = (daysSince1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
  return seconds * 1000 + milli;
}

/** The days from 1970 to a day of the Gregorian calendar. Less than half the time of `Date.UTC`, which takes any year. */
function daysSince1970(year: number, month: number, day: number): number {
  // In years that begin in March the leap day is the last.
  const late = month > 2;
  const years = late ? year : year - 1;
  const months = late ? month - 3 : month + 9;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return 365 * years + leapDays + Math.floor((153 * months + 2) / 5) + day - 719_469;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A zone's distance from UTC in milliseconds. */
function zoneOffset(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const digits = zone.slice(1).replaceAll(":", "").padEnd(6, "0");
  const seconds = number(digits, 0, 2) * 3600 + number(digits, 2, 4) * 60 + number(digits, 4, 6);
  return (zone.startsWith("-") ? -1000 : 1000) * seconds;
}

function dateOf(time: number, microsecond: number): Date {
  if (!(Math.abs(time) <= INFINITY)) throw notATime();
  return microsecond === 0 ? new Date(time) : new PreciseDate(time, microsecond);
}

function notATime(): DataError {
  return new DataError(
    "Cannot read a point in time: the text is not YYYY-MM-DD HH:MM:SS[.ffffff][zone], or out of range",
  );
}
