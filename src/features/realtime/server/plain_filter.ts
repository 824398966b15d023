/**
 * What a client of the plain form wants to be told: `?model=User&id=5&topic=news&where={"age":36}`.
 *
 * @module
 */

import type { EntitySchema } from "../../../schema/entity.ts";

/** A message of the plain form. */
export interface PlainMessage {
  /** What happened: `save`, `delete`, or a name of the program's own. */
  readonly event: string;
  /** The model's name. */
  readonly model?: string;
  /** The model's values. */
  readonly data: unknown;
}

/** Where a message goes. */
export interface PlainAddress {
  /** The model's name. */
  readonly model?: string;
  /** The record's key: of several columns, joined by commas. */
  readonly id?: string;
  /** The topic; those who ask for none get everything. */
  readonly topic?: string;
}

/** What a client asks for. What it leaves out is not looked at. */
export interface PlainFilter {
  /** Models, any of them. */
  readonly models: readonly string[];
  /** Keys of records, any of them. */
  readonly ids: readonly string[];
  /** Topics, any of them. */
  readonly topics: readonly string[];
  /** Values that the data has to have. */
  readonly where: Readonly<Record<string, unknown>>;
}

/** Reads what a client asks for; `undefined` when it cannot be understood. */
export function readFilter(url: URL): PlainFilter | undefined {
  const { searchParams } = url;
  const text = searchParams.get("where");
  let where: unknown = {};
  try {
    if (text !== null) where = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof where !== "object" || where === null || Array.isArray(where)) return undefined;
  return {
    models: searchParams.getAll("model"),
    ids: searchParams.getAll("id"),
    topics: searchParams.getAll("topic"),
    where: where as Readonly<Record<string, unknown>>,
  };
}

/** Whether a message is what a client asks for. */
export function wants(
  { models, ids, topics, where }: PlainFilter,
  { model, id, topic }: PlainAddress,
  data: unknown,
): boolean {
  return isOne(models, model) && isOne(ids, id) && isOne(topics, topic) &&
    Object.entries(where).every(([name, value]) => valueOf(data, name) === value);
}

function isOne(list: readonly string[], value: string | undefined): boolean {
  return list.length === 0 || (value !== undefined && list.includes(value));
}

function valueOf(data: unknown, name: string): unknown {
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, name)) return undefined;
  return (data as Record<string, unknown>)[name];
}

/** The key of a record as text: of several columns, joined by commas. */
export function keyOf(
  { primaryKey }: EntitySchema,
  values: Readonly<Record<string, unknown>>,
): string {
  return primaryKey.map(({ name }) => {
    const value = values[name];
    return value instanceof Date ? value.toJSON() : String(value);
  }).join(",");
}
