/**
 * The values of one row, wherever it comes from: decoded when they are asked for, and made a record when it is
 * needed.
 *
 * @module
 */
import type { RowImage } from "../../../change/source.ts";
import { Level } from "../../../repository/level.ts";
import { nowhere } from "../../../repository/read.ts";
import type { Codecs } from "../../../schema/codec.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import type { EntitySchema, PropertySchema } from "../../../schema/entity.ts";
import { keyText } from "./keys.ts";
import type { LiveRow } from "./live.ts";

/** Gives for each column type what turns a value of a row image into a program's; `null`: it is one already. */
export type ImageLoader = (type: ColumnType) => ((raw: unknown) => unknown) | null;

/** Reads the values of a row. */
export interface RowValues {
  /** The value of a property; `undefined`: unknown. */
  get(property: PropertySchema): unknown;
  /** The whole record, as a repository gives it. The same object at each call. */
  whole(): LiveRow;
}

/** The rows of an entity's table, in the forms in which they come. */
export class RowReader {
  readonly #entity: EntitySchema;
  readonly #loaders: ReadonlyMap<PropertySchema, ((raw: unknown) => unknown) | null>;
  readonly #level: Level;
  readonly #loadedLevel: Level;
  readonly #indexes: ReadonlyMap<PropertySchema, number>;

  /** Reads rows of an entity; images by `loader`, rows of statements by the codecs. */
  constructor(entity: EntitySchema, codecs: Codecs, loader: ImageLoader) {
    this.#entity = entity;
    this.#loaders = new Map(entity.properties.map((each) => [each, loader(each.type)]));
    const options = { entity, needed: [], nested: false, gather: -1 };
    this.#level = new Level({ ...options, codecs });
    this.#loadedLevel = new Level({ ...options, codecs: loadedCodecs(codecs) });
    this.#indexes = new Map(this.#level.properties.map((each, i) => [each, i]));
  }

  /** How rows of a statement that reads whole records are laid out. */
  get level(): Level {
    return this.#level;
  }

  /** The values of an image. */
  ofImage(image: RowImage): RowValues {
    let record: LiveRow | undefined;
    const get = (property: PropertySchema): unknown => {
      const raw = image[property.column.name];
      if (raw === null || raw === undefined) return raw;
      const load = this.#loaders.get(property);
      return load ? load(raw) : raw;
    };
    return {
      get,
      whole: () => record ??= this.#loadedLevel.hydrate(this.#level.properties.map(get), nowhere),
    };
  }

  /** The values of a row of a statement. */
  ofRow(row: readonly unknown[]): RowValues {
    let record: LiveRow | undefined;
    return {
      get: (property) => this.#level.valueAt(row, this.#indexes.get(property) as number),
      whole: () => record ??= this.#level.hydrate(row, nowhere),
    };
  }

  /** The key of an image; nothing where not all of it is known. */
  keyOfImage(image: RowImage): string | undefined {
    const values: unknown[] = [];
    for (const property of this.#entity.primaryKey) {
      const raw = image[property.column.name];
      if (raw === undefined || raw === null) return undefined;
      const load = this.#loaders.get(property);
      values.push(load ? load(raw) : raw);
    }
    return keyText(values);
  }

  /** The key's values of an image, by property. */
  keyValues(image: RowImage): Record<string, unknown> {
    const { get } = this.ofImage(image);
    return Object.fromEntries(this.#entity.primaryKey.map((each) => [each.name, get(each)]));
  }

  /** Whether an image has all columns of whole records. */
  isComplete(image: RowImage): boolean {
    for (const { column } of this.#level.properties) {
      if (image[column.name] === undefined) return false;
    }
    return true;
  }
}

/** Codecs for values that are loaded already. */
function loadedCodecs(codecs: Codecs): Codecs {
  const plain = Object.freeze({ dump: null, load: null, loadNested: null });
  return {
    codec: () => plain,
    dumpUntyped: (value) => codecs.dumpUntyped(value),
    loadUntyped: () => null,
  };
}
