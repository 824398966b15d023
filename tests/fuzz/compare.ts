/**
 * How values of a kind compare, as the documentation says, and a form in which results can be compared.
 *
 * @module
 */
import type { Kind } from "./world.ts";

/** Less than, equal or greater than zero, for two values of a kind that are not NULL. */
export function compare(kind: Kind, left: unknown, right: unknown): number {
  switch (kind) {
    case "num":
      return order(cents(left as string), cents(right as string));
    case "time":
      return (left as Date).getTime() - (right as Date).getTime();
    case "bytes":
    case "json":
      return order(canonical(left), canonical(right));
    case "bool":
      return Number(left) - Number(right);
    case "int":
    case "double":
    case "big":
      return order(left as number | bigint, right as number | bigint);
    default:
      return comparePoints(left as string, right as string);
  }
}

function order<T extends number | bigint | string>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** By code point, which is how the test databases sort text. */
function comparePoints(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const by = order(a[i]?.codePointAt(0) ?? 0, b[i]?.codePointAt(0) ?? 0);
    if (by !== 0) return by;
  }
  return a.length - b.length;
}

/** A decimal with two digits after the point, as hundredths. */
export function cents(decimal: string): bigint {
  const [, sign, whole, part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  const all = BigInt(`${whole}${part.padEnd(2, "0").slice(0, 2)}`);
  return sign === "-" ? -all : all;
}

/** Hundredths as a decimal. */
export function decimalOf(hundredths: bigint): string {
  const digits = `${hundredths < 0n ? -hundredths : hundredths}`.padStart(3, "0");
  return `${hundredths < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Text that is equal for equal results, whatever the order of their keys and the class of their records. */
export function canonical(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "0" : `${value}`;
  if (value instanceof Date) return `Date(${value.toISOString()})`;
  if (value instanceof Uint8Array) return `bytes(${[...value].join()})`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value).sort();
    return `{${
      keys.map((key) => `${key}: ${canonical((value as Record<string, unknown>)[key])}`).join(", ")
    }}`;
  }
  return JSON.stringify(value);
}
