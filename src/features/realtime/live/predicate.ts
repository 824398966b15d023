/**
 * A condition of the query shape that rows are tested with outside of the database, by the database's own rules. Where
 * these are not known, or other rows would have to be read, it says so instead of guessing.
 *
 * @module
 */
import type { Semantics } from "../../../dialect/semantics.ts";
import { type Dictionary, ShapeReader, Slot } from "../../../repository/shape.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../../../schema/entity.ts";
import type { TableSchema } from "../../../schema/table.ts";
import { columnCondition } from "./column_condition.ts";
import {
  allOf,
  anyOf,
  type Keys,
  type Lookups,
  noLookups,
  noneOf,
  type Part,
  type ReadValue,
} from "./condition_part.ts";
import type { LiveShape } from "./live.ts";
import { EITHER, TRUE, type Truth, truthOf } from "./truth.ts";
import type { Comparable } from "./comparable.ts";
import { formOf } from "./value_form.ts";

export type { ReadValue } from "./condition_part.ts";

/** A column by which rows that may match are found. */
export interface Lookup {
  /** The column. */
  readonly property: PropertySchema;
  /** The keys of the values that matching rows have in it; `null` is NULL. */
  readonly values: readonly (Comparable | null)[];
  /**
   * The key of a row's value that is not NULL: the same however equal values are written. `undefined` for a value that is
   * none of the type: then the row may match.
   */
  key(value: unknown): Comparable | undefined;
}

/** A condition that can be tested. */
export interface Predicate {
  /** Whether `test()` gives the database's own answer for every row. */
  readonly exact: boolean;
  /** Why it is not exact, in sentences. */
  readonly reasons: readonly string[];
  /** Every row that matches has one of these values in this column; the most selective of several. */
  readonly lookup: Lookup | undefined;
  /** The columns of the row that it reads. */
  readonly properties: readonly PropertySchema[];
  /** The models of other rows that the database would read for it, through relations of relations too. */
  readonly entities: readonly EntitySchema[];
  /** The tables of these, and the join tables on the way. */
  readonly tables: readonly TableSchema[];
  /**
   * Whether a row matches: never true or false unless that is certain, and `undefined` where it cannot tell. It always
   * tells where it is exact and `read` gives all that it asks for, in the form of the column's type.
   *
   * @param read gives the row's value of a column as repositories do; `undefined`: it is not known
   */
  test(read: ReadValue): boolean | undefined;
}

/**
 * Makes a predicate of a condition.
 *
 * @param where the condition; left out: every row matches
 * @param semantics how the database compares: `dialect.semantics`, or better what `dialect.readSemantics` gives
 * @throws {QueryError} for a condition that the model does not have
 */
export function predicateOf(
  entity: EntitySchema,
  where: LiveShape | undefined,
  semantics: Semantics,
): Predicate {
  const reader = new ShapeReader(true);
  const shape = reader.where(entity, where ?? {});
  const maker = new PredicateMaker(semantics, reader.values);
  const { evaluate, lookups } = maker.where(entity, shape, false);
  const reasons = Object.freeze([...maker.reasons]);
  return Object.freeze({
    exact: reasons.length === 0,
    reasons,
    lookup: bestLookup(entity, lookups, semantics),
    properties: Object.freeze([...maker.properties]),
    entities: Object.freeze([...maker.entities]),
    tables: Object.freeze([...maker.tables]),
    test(read: ReadValue): boolean | undefined {
      const truth = evaluate(read);
      if (truth === TRUE) return true;
      return truth & TRUE ? undefined : false;
    },
  });
}

/** The condition with what a repository adds: without `withDeleted`, records that are deleted softly do not match. */
export function withoutDeleted(
  entity: EntitySchema,
  where: LiveShape | undefined,
  withDeleted = false,
): LiveShape {
  const { deletedAt } = entity.roles;
  if (!deletedAt || withDeleted) return where ?? {};
  const alive = { [deletedAt.name]: null };
  return where ? { AND: [where, alive] } : alive;
}

/** Makes the parts of one condition. */
class PredicateMaker {
  readonly reasons = new Set<string>();
  readonly properties = new Set<PropertySchema>();
  readonly entities = new Set<EntitySchema>();
  readonly tables = new Set<TableSchema>();
  /** How many relations lead to the rows whose condition is being made. */
  #depth = 0;

  constructor(readonly semantics: Semantics, readonly values: readonly unknown[]) {}

  /** A condition with slots in place of values. */
  where(entity: EntitySchema, where: Dictionary, negated: boolean): Part {
    const parts: Part[] = [];
    for (const [name, operand] of Object.entries(where)) {
      if (name === "AND" || name === "OR" || name === "NOT") {
        const inner = negated !== (name === "NOT");
        const list = (operand as Dictionary[]).map((each) => this.where(entity, each, inner));
        if (name === "OR") parts.push(anyOf(list));
        else parts.push(...name === "NOT" ? list.map(noneOf) : list);
        continue;
      }
      const property = entity.byName.get(name);
      if (property) parts.push(...this.#column(property, operand as Dictionary, negated));
      const relation = property ? undefined : entity.relations.get(name);
      if (relation) parts.push(...this.#relation(entity, relation, operand as Dictionary));
    }
    return allOf(parts);
  }

  #column(property: PropertySchema, operators: Dictionary, negated: boolean): Part[] {
    if (this.#depth === 0) this.properties.add(property);
    const context = {
      property,
      semantics: this.semantics,
      doubt: (reason: string, untrue = false) => {
        if (!untrue || negated) this.#doubt(reason);
      },
    };
    return Object.entries(operators).map(([name, operand]) =>
      columnCondition(context, name, this.#value(operand))
    );
  }

  #doubt(reason: string): void {
    // What is said of related rows does not matter beside that they have to be read.
    if (this.#depth === 0) this.reasons.add(reason);
  }

  #value(operand: unknown): unknown {
    if (Array.isArray(operand)) return operand.map((each) => this.#value(each));
    return operand instanceof Slot ? this.values[operand.index] : operand;
  }

  #relation(entity: EntitySchema, relation: RelationSchema, conditions: Dictionary): Part[] {
    const owned = relation.owner && !relation.through;
    if (this.#depth === 0) relation.local.forEach((each) => this.properties.add(each));
    return Object.entries(conditions).map(([name, given]) => {
      if (given === null && owned && !relation.target.roles.deletedAt) {
        return absent(relation, name === "isNot");
      }
      this.#reads(relation);
      this.#doubt(`reads other records: ${entity.name}.${relation.name}`);
      if (given === null || name === "_count") return unknownRelation;
      this.#depth++;
      const inner = this.where(relation.target, given as Dictionary, false);
      this.#depth--;
      // What narrows the others is no condition of its own; they are told without it, as far as they can be.
      return name === "where" ? unknownRelation : related(relation, name, inner, this.semantics);
    });
  }

  #reads({ target, through }: RelationSchema): void {
    this.entities.add(target);
    this.tables.add(target.table);
    if (through?.entity) this.entities.add(through.entity);
    if (through) this.tables.add(through.table);
  }
}

/** A part of which nothing is known; whether there is a row is never NULL. */
const unknownRelation: Part = Object.freeze({ evaluate: () => EITHER, lookups: noLookups });

/** Whether the foreign key on this side is NULL, as far as it can be. */
function absent({ local }: RelationSchema, negated: boolean): Part {
  const keys = local.filter((each) => each.column.nullable);
  const tests = keys.map((property): Part => ({
    evaluate: (read) => {
      const value = read(property);
      return value === undefined ? EITHER : truthOf((value === null) !== negated);
    },
    lookups: negated ? noLookups : new Map([[property, new Set([null])]]),
  }));
  return negated ? allOf(tests) : anyOf(tests);
}

/**
 * Whether there are related rows that fit. There are none where a key on this side is NULL, or where what the condition
 * says of the key on the other side is wrong for the one on this side.
 */
function related(relation: RelationSchema, name: string, inner: Part, semantics: Semantics): Part {
  const { local, foreign, through } = relation;
  const exists = name === "some" || name === "is";
  const every = name === "every";
  const beyond = (read: ReadValue): ReadValue => (property) => {
    const at = foreign.indexOf(property);
    return at < 0 ? undefined : read(local[at] as PropertySchema);
  };
  const evaluate = (read: ReadValue): Truth => {
    const none = local.some((each) => read(each) === null);
    if (none) return truthOf(!exists);
    if (through || every) return EITHER;
    return inner.evaluate(beyond(read)) & TRUE ? EITHER : truthOf(!exists);
  };
  return { evaluate, lookups: exists ? through ? noLookups : carried() : noLookups };

  function carried(): Lookups {
    const found = new Map<PropertySchema, Keys>();
    foreign.forEach((far, at) => {
      const near = local[at] as PropertySchema;
      const keys = inner.lookups.get(far);
      const alike = formOf(near, semantics).kind === formOf(far, semantics).kind;
      // A key that is NULL leads to nothing.
      if (keys && alike) found.set(near, new Set([...keys].filter((each) => each !== null)));
    });
    return found;
  }
}

/** How little a column tells rows apart: less is better. */
function selectivity(entity: EntitySchema, property: PropertySchema, keys: Keys): number {
  if (keys.size === 0) return -1;
  const { name } = property.column;
  const alone = (columns: readonly string[]) => columns.length === 1 && columns[0] === name;
  if (keys.has(null)) return 5;
  const { primaryKey, uniques } = entity.table;
  if (primaryKey && alone(primaryKey.columns) || uniques.some((each) => alone(each.columns))) {
    return 0;
  }
  if (property.type.name === "boolean") return 4;
  return property.type.name === "enum" ? 3 : 2;
}

function bestLookup(
  entity: EntitySchema,
  lookups: Lookups,
  semantics: Semantics,
): Lookup | undefined {
  let best: { property: PropertySchema; keys: Keys; score: number } | undefined;
  for (const [property, keys] of lookups) {
    const score = selectivity(entity, property, keys);
    const better = !best || score < best.score ||
      (score === best.score && keys.size < best.keys.size);
    if (better) best = { property, keys, score };
  }
  if (!best) return undefined;
  const { property, keys } = best;
  const key = formOf(property, semantics).key ?? (() => undefined);
  return Object.freeze({ property, values: Object.freeze([...keys]), key });
}
