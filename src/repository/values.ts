/**
 * A record on its way into the database: its values in the order of the entity's properties, so that no step between
 * what a caller wrote and what is bound has to look names up.
 *
 * @module
 */
import { QueryError } from "../base/errors.ts";
import { ValuesValidator } from "../model/validation.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../schema/entity.ts";
import { ColumnSets, type Values } from "./column_set.ts";
import { type Dictionary, type Row, unknownName } from "./shape.ts";

export type { Values };

/** What a caller wrote, taken apart. */
export interface Parts {
  /** The values of columns. */
  readonly values: Values;
  /** Related records to write, relations that this record points to first. */
  readonly relations: readonly (readonly [RelationSchema, unknown])[];
}

/** What writes know of an entity, found out once. */
export interface Layout {
  /** Where the value of each property stands, by the property's name. */
  readonly places: ReadonlyMap<string, number>;
  /** Which columns records have values for. */
  readonly columns: ColumnSets;
  /** What new records get where nothing is given. */
  readonly fills: readonly Fill[];
  /** What is checked of records. */
  readonly validator: ValuesValidator;
  /** The keys of the input that was read last, and the places of their values. */
  last: Keys;
}

/** What a new record gets in one place. */
interface Fill {
  readonly place: number;
  readonly make: (now: Date) => unknown;
  /** In place of NULL too. */
  readonly overNull: boolean;
}

interface Keys {
  readonly names: readonly string[];
  /** -1: what stands there is no column that can be written. */
  readonly places: readonly number[];
}

const layouts = new WeakMap<EntitySchema, Layout>();

/** What writes know of an entity. */
export function layoutOf(entity: EntitySchema): Layout {
  let layout = layouts.get(entity);
  if (!layout) {
    layouts.set(
      entity,
      layout = {
        places: new Map(entity.properties.map(({ name }, place) => [name, place])),
        columns: new ColumnSets(entity),
        fills: entity.properties.flatMap(fillsOf),
        validator: new ValuesValidator(entity),
        last: { names: [], places: [] },
      },
    );
  }
  return layout;
}

function fillsOf(property: PropertySchema, place: number): Fill[] {
  const { role, default: initial } = property;
  if (role === "createdAt" || role === "updatedAt") {
    return [{ place, make: (now) => now, overNull: true }];
  }
  if (role === "version") return [{ place, make: () => 1, overNull: true }];
  return initial ? [{ place, make: () => initial(), overNull: false }] : [];
}

/** No values. */
export function noValues(entity: EntitySchema): Values {
  return new Array<unknown>(entity.properties.length).fill(undefined);
}

const noRelations: Parts["relations"] = Object.freeze([]);

/** Takes an input apart; a key that the model does not have is an error. */
export function takeApart(entity: EntitySchema, input: unknown, what: string): Parts {
  const values = noValues(entity);
  return { values, relations: readInto(values, entity, input, what) };
}

/** Sets the values of an input and gives its relations, as `takeApart` does. */
export function readInto(
  values: Values,
  entity: EntitySchema,
  input: unknown,
  what: string,
): Parts["relations"] {
  if (typeof input !== "object" || input === null) {
    throw new QueryError(`Cannot ${what} ${entity.name}: the values must be an object`);
  }
  if (readAsBefore(values, entity, input as Dictionary)) return noRelations;
  const { names, places } = placed(entity, Object.keys(input));
  let relations: [RelationSchema, unknown][] | undefined;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const value = (input as Dictionary)[name];
    if (value === undefined) continue;
    const place = places[i] as number;
    if (place >= 0) values[place] = value;
    else (relations ??= []).push([writableRelation(entity, name, what), value]);
  }
  return relations?.sort(([a], [b]) => Number(b.owner) - Number(a.owner)) ?? noRelations;
}

const { hasOwnProperty } = Object.prototype;

/**
 * Reads an input that has the same keys as the one before, all of them columns, as most of many have: twice as fast as
 * by `Object.keys`. Gives whether it has; if not, what was set is overwritten by whoever reads it otherwise.
 */
function readAsBefore(values: Values, entity: EntitySchema, input: Dictionary): boolean {
  const { names, places } = layoutOf(entity).last;
  let i = 0;
  for (const name in input) {
    if (name !== names[i] || !hasOwnProperty.call(input, name)) return false;
    const place = places[i++] as number;
    if (place < 0) return false;
    values[place] = input[name];
  }
  return i === names.length;
}

/** Whether an input has related records to write. */
export function hasRelations(entity: EntitySchema, input: unknown): boolean {
  for (const name of entity.relations.keys()) {
    if ((input as Dictionary | null | undefined)?.[name] !== undefined) return true;
  }
  return false;
}

function placed(entity: EntitySchema, names: readonly string[]): Keys {
  const layout = layoutOf(entity);
  const places = names.map((name) =>
    entity.byName.get(name)?.readonly ? -1 : layout.places.get(name) ?? -1
  );
  return layout.last = { names, places };
}

function writableRelation(entity: EntitySchema, name: string, what: string): RelationSchema {
  if (entity.byName.get(name)?.readonly) {
    throw new QueryError(`Cannot write ${entity.name}.${name}: the database computes it`);
  }
  const relation = entity.relations.get(name);
  if (relation) return relation;
  throw unknownName(entity, name, what);
}

/** Sets values by the names of their properties. */
export function assign(entity: EntitySchema, values: Values, given: Row): Values {
  const { places } = layoutOf(entity);
  for (const name of Object.keys(given)) values[places.get(name) as number] = given[name];
  return values;
}

/** The values that have these names, all others absent. */
export function valuesOf(entity: EntitySchema, given: Row): Values {
  return assign(entity, noValues(entity), given);
}

/** The values that an instance has; what the database computes is left out. */
export function valuesOfInstance(entity: EntitySchema, instance: Row): Values {
  return entity.properties.map(({ name, readonly }) => readonly ? undefined : instance[name]);
}

/** Values by the names of their properties; what is absent is left out. */
export function named(entity: EntitySchema, values: Values): Row {
  const row: Row = {};
  entity.properties.forEach(({ name }, place) => {
    if (values[place] !== undefined) row[name] = values[place];
  });
  return row;
}
