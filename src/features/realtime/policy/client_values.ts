/**
 * Values from clients: read from their wire form, and held against the types of their columns, so that no database has to
 * refuse them.
 *
 * @module
 */
import {
  DataError,
  QueryError,
  ValidationError,
  type ValidationIssue,
} from "../../../base/errors.ts";
import { valueForms } from "../../../model/column_check.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import type { EntitySchema } from "../../../schema/entity.ts";
import { stringifyJson } from "../../../schema/json.ts";
import { PreciseDate } from "../../../schema/precise_date.ts";
import { decode, type MakeDate } from "../protocol/wire.ts";

/** How large a message of a client may be inside. */
export interface SizeLimits {
  /** How deep objects and lists nest. Default: 24. */
  readonly depth?: number;
  /** How many values there are in all, those of objects and lists counted each. Default: 2,000. */
  readonly nodes?: number;
  /** How long a text is, in UTF-16 units. Default: 100,000. */
  readonly text?: number;
}

/**
 * Expects that a JSON value is of bounded size.
 *
 * @throws {QueryError} when it is not
 */
export function checkSize(
  wire: unknown,
  what: string,
  { depth = 24, nodes = 2_000, text = 100_000 }: SizeLimits = {},
): void {
  let left = nodes;
  const walk = (value: unknown, level: number): void => {
    if (--left < 0) throw new QueryError(`Cannot read ${what}: it has more than ${nodes} parts`);
    if (typeof value === "string" && value.length > text) {
      throw new QueryError(`Cannot read ${what}: a text in it is longer than ${text}`);
    }
    if (typeof value !== "object" || value === null) return;
    if (level === depth) {
      throw new QueryError(`Cannot read ${what}: it is more than ${depth} levels deep`);
    }
    for (const key of Object.keys(value)) walk((value as Record<string, unknown>)[key], level + 1);
  };
  walk(wire, 0);
}

const preciseDate: MakeDate = (time, microsecond) =>
  microsecond ? new PreciseDate(time, microsecond) : new Date(time);

/**
 * Reads a value from its wire form, which is taken over.
 *
 * @throws {QueryError} when it is none; names the path
 */
export function wireValue(wire: unknown, path: string): unknown {
  try {
    return decode(wire, preciseDate);
  } catch (error) {
    throw new QueryError(`Cannot read ${path}: it is no value in wire form`, { cause: error });
  }
}

/** What keeps a value, which is not NULL, from being one of a column; nothing where it is one. */
export function valueFault(type: ColumnType, value: unknown): string | undefined {
  if (!type.array) return elementFault(type, value);
  if (!Array.isArray(value)) return "must be a list";
  for (const element of value) {
    const fault = element === null ? undefined : elementFault(type, element);
    if (fault) return `${fault}, each of the list`;
  }
}

/** The same of an element of a column that holds lists. */
export function elementFault(type: ColumnType, value: unknown): string | undefined {
  const form = valueForms[type.name];
  if (form === "any") return jsonFault(value);
  const fits = form === "Date"
    ? value instanceof Date && !Number.isNaN(value.getTime())
    : form === "Uint8Array"
    ? value instanceof Uint8Array
    : hasType(value, form);
  if (!fits) return `must be a ${form}`;
  if (typeof value === "number" || typeof value === "bigint") return rangeFault(type, value);
  return typeof value === "string" ? textFault(type, value) : undefined;
}

function hasType(value: unknown, name: string): boolean {
  const found: string = typeof value;
  return found === name;
}

/** How many bits the integers of a type have. */
const bits: Readonly<Partial<Record<ColumnType["name"], number>>> = {
  smallint: 16,
  integer: 32,
  bigint: 64,
};

function rangeFault({ name }: ColumnType, value: number | bigint): string | undefined {
  if (name === "real" && Number.isFinite(value) && !Number.isFinite(Math.fround(Number(value)))) {
    return "is out of range";
  }
  const size = bits[name];
  if (size === undefined) return undefined;
  if (typeof value === "number" && !Number.isInteger(value)) return "must be a whole number";
  const integer = BigInt(value);
  return BigInt.asIntN(size, integer) === integer ? undefined : "is out of range";
}

const forms: Readonly<Partial<Record<ColumnType["name"], readonly [RegExp, string]>>> = {
  numeric: [/^[+-]?(\d+(\.\d*)?|\.\d+)$/, "must be a decimal"],
  uuid: [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "must be a UUID"],
  date: [/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, "must be a date, YYYY-MM-DD"],
  time: [/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/, "must be a time, HH:MM:SS"],
};

function textFault(type: ColumnType, value: string): string | undefined {
  if (value.includes("\0") || !value.isWellFormed()) return "has characters that no text can have";
  if (type.values && !type.values.includes(value)) return "is none of the values of its column";
  const form = forms[type.name];
  if (form && !form[0].test(value)) return form[1];
  return type.name === "date" ? dayFault(value) : undefined;
}

function dayFault(value: string): string | undefined {
  const [year, month, day] = value.split("-").map(Number) as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCDate() === day ? undefined : "is no day of the calendar";
}

function jsonFault(value: unknown): string | undefined {
  try {
    stringifyJson(value);
  } catch (error) {
    if (error instanceof DataError) return "must be a value that JSON can hold";
    throw error;
  }
}

/** A write of a client, in wire form. */
export interface ClientWriteRequest {
  /** The model. */
  readonly entity: EntitySchema;
  /** The primary key by property. */
  readonly key?: unknown;
  /** The values by property. */
  readonly values?: unknown;
  /** How large both may be. */
  readonly limits?: SizeLimits;
}

/** A write of a client. */
export interface ClientWrite {
  /** The primary key by property; empty where none was given. */
  readonly key: Readonly<Record<string, unknown>>;
  /** The values by property. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Reads a write that a client sent. Whether it is allowed is for `createAllowed` and the others to say.
 *
 * @throws {QueryError} when it is none: a key that is not that of the model, a name that is none, a message that is too large
 * @throws {ValidationError} when values are not of the types of their columns
 */
export function clientWrite({ entity, key, values, limits }: ClientWriteRequest): ClientWrite {
  checkSize(key, "key", limits);
  checkSize(values, "values", limits);
  return {
    key: key === undefined ? {} : clientKey(entity, key),
    values: values === undefined ? {} : clientValues(entity, values),
  };
}

function clientKey(entity: EntitySchema, wire: unknown): Record<string, unknown> {
  const given = wireObject(wire, "key");
  const names = entity.primaryKey.map((each) => each.name);
  if (
    names.length === 0 || !names.every((name) => given.has(name)) || given.size !== names.length
  ) {
    throw new QueryError(`Cannot read key: it must be an object of ${names.join(", ")}`);
  }
  return Object.fromEntries(entity.primaryKey.map(({ name, type }) => {
    const value = wireValue(given.get(name), `key.${name}`);
    const fault = valueFault(type, value);
    if (fault) throw new QueryError(`Cannot read key.${name}: it ${fault}`);
    return [name, value];
  }));
}

function clientValues(entity: EntitySchema, wire: unknown): Record<string, unknown> {
  const issues: ValidationIssue[] = [];
  const values = [...wireObject(wire, "values")].map(([name, given]) => {
    const property = entity.byName.get(name);
    if (!property || property.hidden) throw noSuchName(entity, name, "values");
    const value = wireValue(given, `values.${name}`);
    // Whether NULL may be there is for the model's own rules to say, with those of its author.
    const fault = value === null ? undefined : valueFault(property.type, value);
    if (fault) issues.push({ path: [name], message: fault });
    return [name, value];
  });
  if (issues.length > 0) throw new ValidationError(entity.name, issues);
  return Object.fromEntries(values);
}

/** The own properties of an object of a client. */
export function wireObject(wire: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof wire !== "object" || wire === null || Array.isArray(wire)) {
    throw new QueryError(`Cannot read ${path}: it must be an object`);
  }
  return new Map(Object.entries(wire));
}

/** The error for a name that a model does not have. What it has is not told. */
export function noSuchName(entity: EntitySchema, name: string, path: string): QueryError {
  return new QueryError(
    `Cannot use ${shownName(name)} in ${path}: ${entity.name} has no such name`,
  );
}

/** A name that a client sent, as messages show it. */
export function shownName(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}
