/**
 * Values of which no column type is known: bound by raw SQL and untyped builders, or returned under nothing
 * but PostgreSQL's type number.
 *
 * @module
 */
import { DataError } from "../../base/errors.ts";
import { parseJson, stringifyJson } from "../../schema/json.ts";
import { parseTimestamp } from "../../schema/precise_date.ts";
import { arrayText, parseArrayText } from "./array_text.ts";
import {
  bytesText,
  doubleText,
  kindOf,
  parseBytes,
  plainText,
  timestamptzText,
} from "./value_text.ts";

/**
 * Turns a value into PostgreSQL's text form by its JavaScript type alone. A list of plain values becomes an
 * array; an object, or a list that holds one, becomes JSON.
 *
 * @throws {DataError} for what has no such form
 */
export function dumpUntyped(value: unknown): string | null {
  if (value === null) return null;
  switch (typeof value) {
    case "string":
      return plainText(value);
    case "number":
      return doubleText(value);
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return objectText(value);
    default:
      throw new DataError(`Cannot bind a value: it is a ${kindOf(value)}`);
  }
}

function objectText(value: object): string {
  if (value instanceof Date) return timestamptzText(value);
  if (value instanceof Uint8Array) return bytesText(value);
  if (!Array.isArray(value)) return stringifyJson(value);
  if (holdsObject(value)) return stringifyJson(value);
  return arrayText(value, (item) => dumpUntyped(item) ?? "NULL", true);
}

function holdsObject(items: readonly unknown[]): boolean {
  return items.some((item) =>
    Array.isArray(item) ? holdsObject(item) : typeof item === "object" && item !== null &&
      !(item instanceof Date) && !(item instanceof Uint8Array)
  );
}

type Loader = (wire: unknown) => unknown;

const toNumber: Loader = (wire) => Number(wire);
const toBoolean: Loader = (wire) => wire === "t";
const toInteger: Loader = (wire) => {
  const number = Number(wire);
  return Number.isSafeInteger(number) ? number : BigInt(wire as string);
};
const toJson: Loader = (wire) => parseJson(wire as string);
const toTimestamp: Loader = (wire) => parseTimestamp(wire as string);
const toBytes: Loader = (wire) => parseBytes(wire as string);

/** `[type, array type, loader]`; `null`: text as it is. The numbers are fixed in PostgreSQL's catalogue. */
const known: readonly (readonly [number, number, Loader | null])[] = [
  [16, 1000, toBoolean],
  [17, 1001, toBytes],
  [18, 1002, null], // "char"
  [19, 1003, null], // name
  [20, 1016, toInteger],
  [21, 1005, toNumber],
  [23, 1007, toNumber],
  [25, 1009, null], // text
  [26, 1028, toNumber], // oid
  [114, 199, toJson],
  [700, 1021, toNumber],
  [701, 1022, toNumber],
  [869, 1041, null], // inet
  [1042, 1014, null], // char
  [1043, 1015, null], // varchar
  [1082, 1182, null], // date
  [1083, 1183, null], // time
  [1114, 1115, toTimestamp],
  [1184, 1185, toTimestamp],
  [1186, 1187, null], // interval
  [1266, 1270, null], // timetz
  [1700, 1231, null], // numeric
  [2950, 2951, null], // uuid
  [3802, 3807, toJson],
];

const loaders: ReadonlyMap<unknown, Loader> = new Map(
  known.flatMap(([type, arrayType, load]): [number, Loader][] => {
    const array: Loader = (wire) => parseArrayText(wire as string, load);
    return load ? [[type, load], [arrayType, array]] : [[arrayType, array]];
  }),
);

/** The loader of a result column by PostgreSQL's type number; `null`: text as it is. */
export function loadUntyped(driverType: unknown): Loader | null {
  return loaders.get(driverType) ?? null;
}
