/**
 * What is known of a row after a batch: an image that a source told, or a row that was read since.
 *
 * @module
 */
import type { RowImage } from "../../../change/source.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import type { EntitySchema, PropertySchema } from "../../../schema/entity.ts";

/** The value of a property; `undefined`: not known. */
export type Get = (property: PropertySchema) => unknown;

/** Gives for each column type what turns a value of a row image into a program's; `null`: it is one already. */
export type ImageLoader = (type: ColumnType) => ((raw: unknown) => unknown) | null;

/** A row after a batch. */
export interface RowState {
  /** Its key as text. */
  readonly key: string;
  /** Its values; absent: the row is gone. */
  readonly get?: Get;
  /** `whole`: all values are known; `part`: those that the source told; `none`: it has to be read. */
  readonly known: "whole" | "part" | "none";
}

/** Reads the row images of one entity's table. */
export class ImageReader {
  /** The entity. */
  readonly entity: EntitySchema;
  readonly #loads: ReadonlyMap<PropertySchema, ((raw: unknown) => unknown) | null>;

  /** Makes a reader; `loader` is that of the source's form. */
  constructor(entity: EntitySchema, loader: ImageLoader) {
    this.entity = entity;
    this.#loads = new Map(entity.properties.map((each) => [each, loader(each.type)]));
  }

  /** The values of an image. Each is made when it is first asked for. */
  values(image: RowImage): Get {
    const loads = this.#loads;
    let made: Map<PropertySchema, unknown> | undefined;
    return (property) => {
      const raw = image[property.column.name];
      if (raw === undefined || raw === null) return raw;
      const load = loads.get(property);
      if (!load) return raw;
      const known = made?.get(property);
      if (known !== undefined) return known;
      const value = load(raw);
      (made ??= new Map()).set(property, value);
      return value;
    };
  }

  /** The key of an image; `undefined` where it lacks a part of it. */
  keyOf(image: RowImage | undefined): string | undefined {
    return image && keyText(this.entity, this.values(image));
  }
}

/** A primary key as text; `undefined` where a part of it is unknown. */
export function keyText({ primaryKey }: EntitySchema, get: Get): string | undefined {
  const [only] = primaryKey;
  if (only && primaryKey.length === 1) return keyPart(get(only));
  const parts: string[] = [];
  for (const property of primaryKey) {
    const part = keyPart(get(property));
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return JSON.stringify(parts);
}

function keyPart(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return undefined;
  if (value instanceof Date) return value.toJSON();
  return value instanceof Uint8Array ? value.join() : String(value);
}

/**
 * The state after a further image of the same row. What the later one lacks was not changed by it, except for columns
 * that the database computes.
 */
export function merged(earlier: Get, later: Get): Get {
  return (property) => {
    const value = later(property);
    return value !== undefined || property.column.generated ? value : earlier(property);
  };
}
