/**
 * Sets of columns: which of its columns a record has values for. Each set is one object, so that sets are compared by
 * identity and plans are kept by a short key.
 *
 * @module
 */
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";

/** The values of a record in the order of `EntitySchema.properties`; `undefined` is absent. */
export type Values = unknown[];

/** Some of an entity's properties, in its order. Frozen. */
export interface ColumnSet {
  /** Equal for no two sets. */
  readonly key: string;
  /** The properties. */
  readonly properties: readonly PropertySchema[];
  /** Where their values stand in a record's. */
  readonly places: readonly number[];
}

/** One step of the way from the first property to the last. */
interface Fork {
  present?: Fork;
  absent?: Fork;
  set?: ColumnSet;
}

/** How many sets of an entity are known at once. */
const capacity = 500;

let made = 0;

/** The sets of columns of one entity. */
export class ColumnSets {
  readonly #entity: EntitySchema;
  #root: Fork = {};
  #known = 0;

  /** Begins without any. */
  constructor(entity: EntitySchema) {
    this.#entity = entity;
  }

  /** The set of those columns that have a value; `undefined` is none. */
  of(values: Values): ColumnSet {
    let fork = this.#root;
    for (let place = 0; place < values.length; place++) {
      fork = values[place] === undefined ? (fork.absent ??= {}) : (fork.present ??= {});
    }
    return fork.set ?? this.#add(fork, values);
  }

  #add(fork: Fork, values: Values): ColumnSet {
    if (this.#known++ >= capacity) {
      this.#root = {};
      this.#known = 1;
    }
    const places = [...values.keys()].filter((place) => values[place] !== undefined);
    const properties = places.map((place) => this.#entity.properties[place] as PropertySchema);
    return fork.set = Object.freeze({
      key: `#${++made}`,
      properties: Object.freeze(properties),
      places: Object.freeze(places),
    });
  }
}

/** The values of the columns of a set, in their order. */
export function valuesIn({ places }: ColumnSet, values: Values): unknown[] {
  const slots = new Array<unknown>(places.length);
  for (let i = 0; i < places.length; i++) slots[i] = values[places[i] as number];
  return slots;
}
