/**
 * One level of a nested read: which columns of which entity are selected, and how a row of them becomes a
 * record. Built once per query shape; a row then costs one loop.
 *
 * @module
 */
import type { ExpressionNode } from "../ast/nodes.ts";
import { type InstanceState, markStored } from "../model/state.ts";
import type { Codecs } from "../schema/codec.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { parseJson } from "../schema/json.ts";
import { propertyColumn } from "./condition.ts";
import { noteUnseen } from "./unseen.ts";
import { type Blank, blankOf, plainBlank } from "./instance.ts";

/** Turns a wire value into a value; `null`: it is one already. */
type Loader = ((wire: unknown) => unknown) | null;

/** Where the records of a level are gathered, for the statements that read their relations. */
export interface Gathered {
  /** The records. */
  readonly records: Record<string, unknown>[];
  /** Their rows, in the level's layout. */
  readonly rows: (readonly unknown[])[];
}

/** A relation that is read in the same statement, as JSON. */
export interface Joined {
  /** The relation's name. */
  readonly name: string;
  /** Whether it is a list. */
  readonly many: boolean;
  /** Where in the parent's row its foreign key is, if it is there. */
  readonly keys: readonly number[];
  /** How its rows become records. */
  readonly level: Level;
}

/** How rows of one level are laid out: columns, then joined relations, then counts, then extras. */
export interface LevelOptions {
  /** The entity. */
  readonly entity: EntitySchema;
  /** The selected columns; none: all, as instances of the class. */
  readonly select?: readonly string[];
  /** Columns that are needed beside those, but not shown. */
  readonly needed: readonly PropertySchema[];
  /** Columns of another table that follow in a row: the keys in a join table. */
  readonly beside?: readonly PropertySchema[];
  /** Whether the rows come out of JSON. */
  readonly nested: boolean;
  /** Where to gather records; -1: nowhere. */
  readonly gather: number;
  /** The dialect's codecs. */
  readonly codecs: Codecs;
}

/** One level of a nested read. */
export class Level {
  /** The entity. */
  readonly entity: EntitySchema;
  /** The properties that are read, shown ones first. */
  readonly properties: readonly PropertySchema[];
  /** The relations read in the same statement. */
  readonly joined: Joined[] = [];
  /** The relations that are counted; `undefined` where no counts were asked for. */
  counted: string[] | undefined;
  /** Where its records are gathered; -1: nowhere. */
  readonly gather: number;
  /** Whether rows hold a bigint, so that every integer must come as one. */
  readonly bigints: boolean;
  readonly #shown: number;
  readonly #names: readonly string[];
  readonly #loaders: readonly Loader[];
  readonly #nested: boolean;
  readonly #blank: Blank;
  readonly #original: ((row: readonly unknown[], index: number) => unknown) | undefined;
  readonly #afterLoad: readonly string[];

  /** Lays out a level. */
  constructor(options: LevelOptions) {
    const { entity, codecs, nested } = options;
    const shown = options.select ? selected(entity, options.select) : entity.properties;
    const hidden = options.needed.filter((each) => !shown.includes(each));
    this.entity = entity;
    // Hidden foreign keys are last in an entity: they are read, but are no properties of the class.
    this.properties = [...new Set([...shown, ...hidden])];
    const inRow = [...this.properties, ...options.beside ?? []];
    this.bigints = !nested && inRow.some((each) => each.type.name === "bigint");
    this.#nested = nested;
    this.gather = options.gather;
    const tracked = options.select === undefined;
    this.#loaders = this.properties.map((each) =>
      loaderOf(each, codecs, { nested, bigints: this.bigints, tracked })
    );
    this.#shown = new Set(shown.filter((each) => !each.hidden)).size;
    this.#names = this.properties.map((each) => each.name);
    this.#blank = options.select ? plainBlank : blankOf(entity);
    this.#original = options.select ? undefined : originalReader(this.#loaders);
    this.#afterLoad = options.select ? [] : entity.hooks.afterLoad ?? [];
  }

  /** The columns to select from the table under `alias`. */
  columns(alias: string | undefined): ExpressionNode[] {
    return this.properties.map((each) => propertyColumn(each, alias));
  }

  /** Where in a row a property is. */
  indexOf(property: PropertySchema): number {
    return this.properties.indexOf(property);
  }

  /** The value of the property at `index` of a row. */
  valueAt(row: readonly unknown[], index: number): unknown {
    const wire = row[index];
    if (wire === null || wire === undefined) return null;
    const load = this.#loaders[index];
    return load ? load(wire) : wire;
  }

  /** Makes records of rows. */
  hydrateAll(
    rows: readonly (readonly unknown[])[],
    gathered: readonly Gathered[],
  ): Record<string, unknown>[] {
    // A driver's rows may be of a class of arrays, on which map() is slow.
    const records = new Array<Record<string, unknown>>(rows.length);
    for (let i = 0; i < rows.length; i++) {
      records[i] = this.hydrate(rows[i] as readonly unknown[], gathered);
    }
    return records;
  }

  /** Makes a record of a row, and gathers it where its relations are read afterwards. */
  hydrate(row: readonly unknown[], gathered: readonly Gathered[]): Record<string, unknown> {
    const record = new this.#blank();
    const names = this.#names;
    const loaders = this.#loaders;
    const shown = this.#shown;
    for (let i = 0; i < shown; i++) {
      const wire = row[i];
      const load = loaders[i];
      record[names[i] as string] = wire === null ? null : load ? load(wire) : wire;
    }
    if (this.joined.length > 0) this.#hydrateJoined(record, row, gathered);
    if (this.counted) this.#hydrateCounts(record, row, this.counted);
    if (this.#original) markStored(record, { row, original: this.#original });
    for (const hook of this.#afterLoad) (record[hook] as () => void)();
    if (this.gather >= 0) {
      const into = gathered[this.gather] as Gathered;
      into.records.push(record);
      into.rows.push(row);
    }
    return record;
  }

  #hydrateJoined(
    record: Record<string, unknown>,
    row: readonly unknown[],
    gathered: readonly Gathered[],
  ): void {
    let index = this.properties.length;
    for (const { name, many, keys, level } of this.joined) {
      const wire = row[index++];
      const json = typeof wire === "string" ? parseJson(wire) : wire;
      if (many) {
        const rows = (json ?? []) as unknown[][];
        record[name] = rows.map((each) => level.hydrate(each, gathered));
      } else {
        const found = json !== null && json !== undefined;
        record[name] = found ? level.hydrate(json as unknown[], gathered) : null;
        if (!found && keys.length > 0 && keys.every((at) => (row[at] ?? null) !== null)) {
          noteUnseen(record, name);
        }
      }
    }
  }

  #hydrateCounts(
    record: Record<string, unknown>,
    row: readonly unknown[],
    counted: readonly string[],
  ): void {
    let index = this.properties.length + this.joined.length;
    const counts: Record<string, number> = {};
    for (const name of counted) counts[name] = Number(row[index++]);
    record._count = counts;
  }
}

/** The selected properties, hidden ones last, as they are in an entity. */
function selected(entity: EntitySchema, names: readonly string[]): PropertySchema[] {
  const listed = names.map((name) => entity.byName.get(name) as PropertySchema);
  return [...listed.filter((each) => !each.hidden), ...listed.filter((each) => each.hidden)];
}

/** Types that are integers on the wire, and no bigints. */
const narrowIntegers: ReadonlySet<string> = new Set(["smallint", "integer", "boolean"]);

function loaderOf(
  property: PropertySchema,
  codecs: Codecs,
  { nested, bigints, tracked }: {
    readonly nested: boolean;
    readonly bigints: boolean;
    readonly tracked: boolean;
  },
): Loader {
  const codec = codecs.codec(property.type);
  let load = nested ? codec.loadNested : codec.load;
  if (tracked && property.type.name === "bytes") load ??= copyOfBytes;
  if (!bigints || !narrowIntegers.has(property.type.name)) return load;
  return (wire) => {
    const narrow = typeof wire === "bigint" ? Number(wire) : wire;
    return load ? load(narrow) : narrow;
  };
}

/** The row keeps its own, by which a change inside the value is told. */
function copyOfBytes(wire: unknown): Uint8Array {
  return (wire as Uint8Array).slice();
}

function originalReader(loaders: readonly Loader[]): InstanceState["original"] {
  return (row, index) => {
    const wire = row[index];
    const load = loaders[index];
    return wire === null || wire === undefined ? null : load ? load(wire) : wire;
  };
}
