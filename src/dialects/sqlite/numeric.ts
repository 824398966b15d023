/**
 * Exact decimals as text: their canonical form, arithmetic, and a key that sorts as the numbers do. SQLite
 * has no decimals of its own; see `docs/decisions/0002-sqlite-numeric.md`.
 *
 * @module
 */
import { DataError } from "../../base/errors.ts";

/** A decimal: `units` divided by ten to the power of `scale`. */
export interface Decimal {
  /** All digits, as a whole number. */
  readonly units: bigint;
  /** How many of them stand after the point. */
  readonly scale: number;
}

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
/** As many digits as PostgreSQL allows before the point. */
const maxDigits = 131_072;

/**
 * Reads a decimal from text, with or without an exponent.
 *
 * @throws {DataError} when `text` is not a decimal
 */
export function parseDecimal(text: string): Decimal {
  const match = pattern.exec(text.trim());
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match ?? [];
  const scale = fraction.length - Number(exponent);
  if (!match || whole + fraction === "" || Math.abs(scale) + whole.length > maxDigits) {
    throw new DataError(
      "Cannot use a value as numeric: it is not a decimal number",
      undefined,
      undefined,
      {
        hint: 'Write it as a string such as "12.50"',
      },
    );
  }
  const units = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
}

/** The digits of a decimal, with all of its scale. */
export function formatDecimal({ units, scale }: Decimal): string {
  const sign = units < 0n ? "-" : "";
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The same number with no zeros at the end beyond `scale`, and at least that many digits. */
export function canonical({ units, scale: current }: Decimal, scale = 0): Decimal {
  let [digits, places] = [units, current];
  while (places > scale && digits % 10n === 0n) {
    digits /= 10n;
    places--;
  }
  return places < scale ? rescale({ units: digits, scale: places }, scale) : {
    units: digits,
    scale: places,
  };
}

/** The number with exactly `scale` digits after the point, rounded half away from zero. */
export function rescale(decimal: Decimal, scale: number): Decimal {
  const { units } = decimal;
  if (scale >= decimal.scale) {
    return { units: units * 10n ** BigInt(scale - decimal.scale), scale };
  }
  const divisor = 10n ** BigInt(decimal.scale - scale);
  return { units: divideRounded(units, divisor), scale };
}

function divideRounded(units: bigint, divisor: bigint): bigint {
  const half = units < 0n ? -divisor / 2n : divisor / 2n;
  return (units + half) / divisor;
}

/** `a + b`. */
export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: rescale(a, scale).units + rescale(b, scale).units, scale };
}

/** `a - b`. */
export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { units: -b.units, scale: b.scale });
}

/** `a * b`. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** `sum / count`, to sixteen digits after the point, as PostgreSQL's average has at least. */
export function average(sum: Decimal, count: bigint): Decimal {
  const wide = rescale(sum, Math.max(sum.scale, 16));
  return canonical({ units: divideRounded(wide.units, count), scale: wide.scale }, sum.scale);
}

/** Less than, equal to or greater than zero as `a` is to `b`. */
export function compare(a: Decimal, b: Decimal): number {
  const { units } = subtract(a, b);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/**
 * Text that sorts, byte by byte, as the numbers do: sign, number of digits before the point, digits. For a
 * negative number all of them are complemented, and an end mark puts the longer before the shorter.
 */
export function sortKey(decimal: Decimal): string {
  const { units, scale } = canonical(decimal);
  const digits = String(units < 0n ? -units : units);
  const whole = scale === 0 ? digits : digits.slice(0, -scale);
  const before = whole === "0" ? "" : whole;
  const after = scale === 0 ? "" : digits.slice(-scale).padStart(scale, "0");
  const key = String(before.length).padStart(6, "0") + before + after;
  return units < 0n ? `0${key.replace(/\d/g, (digit) => String(9 - Number(digit)))}~` : `1${key}`;
}
