/**
 * Exact decimals in one form each, and their order.
 *
 * @module
 */
import type { Comparable } from "./comparable.ts";

const plain = /^(?:0|-?[1-9]\d{0,15})$/;
const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const special: ReadonlyMap<string, number> = new Map([
  ["-Infinity", -1],
  ["Infinity", 1],
  ["NaN", 2],
]);
/** A few characters of an exponent could otherwise stand for very many digits. */
const mostExponent = 1000;

/**
 * The one text of a decimal: no exponent, no zeros that mean nothing, no `-0`. `undefined` for what is no decimal, or has
 * an exponent beyond 1,000.
 */
export function decimalForm(value: unknown): string | undefined {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value).trim();
  if (plain.test(text) || special.has(text)) return text;
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent);
  if (whole + fraction === "" || Math.abs(shift) > mostExponent) return undefined;
  const digits = whole + fraction;
  const point = whole.length + shift;
  const before = trimStart(point <= 0 ? "" : digits.slice(0, point).padEnd(point, "0"));
  const after = trimEnd(point < 0 ? "0".repeat(-point) + digits : digits.slice(point));
  if (before === "" && after === "") return "0";
  return `${sign === "-" ? "-" : ""}${before || "0"}${after && `.${after}`}`;
}

function trimStart(digits: string): string {
  let start = 0;
  while (digits.charCodeAt(start) === 48) start++;
  return digits.slice(start);
}

function trimEnd(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

/** The order of decimals in their form: `-Infinity` first, `NaN` last. */
export function compareDecimals(left: Comparable, right: Comparable): number {
  const a = left as string;
  const b = right as string;
  if (a === b) return 0;
  const [ranked, other] = [special.get(a) ?? 0, special.get(b) ?? 0];
  if (ranked !== other) return ranked - other;
  const [aNegative, bNegative] = [a.startsWith("-"), b.startsWith("-")];
  if (aNegative !== bNegative) return aNegative ? -1 : 1;
  return aNegative ? comparePositive(b.slice(1), a.slice(1)) : comparePositive(a, b);
}

function comparePositive(a: string, b: string): number {
  const [aWhole = "", aRest = ""] = a.split(".");
  const [bWhole = "", bRest = ""] = b.split(".");
  if (aWhole.length !== bWhole.length) return aWhole.length - bWhole.length;
  if (aWhole !== bWhole) return aWhole < bWhole ? -1 : 1;
  // Zeros at the end are cut: of two fractions the one that goes on is greater.
  return aRest < bRest ? -1 : aRest > bRest ? 1 : 0;
}
