/**
 * Policies asked for one visitor: what of each model they see.
 *
 * @module
 */
import { ForbiddenError, ModelError, QueryError } from "../../base/errors.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../../schema/entity.ts";
import { type Dictionary, isDictionary, ShapeReader } from "../shape.ts";
import type { AnyPolicy, Policies } from "./policies.ts";

/** All records (`true`), or those that meet a condition. */
export type Condition = true | Dictionary;

/** The condition that no record meets. */
export const nobody: Dictionary = Object.freeze({ OR: Object.freeze([]) });

/** What of a model can be seen. */
export interface Access {
  /** The records. */
  readonly records: Condition;
  /** The columns, in the order of the model. */
  readonly columns: readonly string[];
  /** The columns and relations. */
  readonly fields: ReadonlySet<string>;
  /** Whether records that are deleted softly can be seen. */
  readonly withDeleted: boolean;
}

/** What one visitor sees. Each policy is asked once. */
export class Visitor<C> {
  readonly #policies: Policies<C>;
  readonly #seen = new Map<EntitySchema, Access>();

  /** Asks these policies for whom `context` tells. */
  constructor(policies: Policies<C>, readonly context: C) {
    this.#policies = policies;
  }

  /**
   * What of a model can be seen.
   *
   * @throws {ForbiddenError} when it cannot be read at all
   * @throws {ModelError} when its policy cannot be used
   */
  access(entity: EntitySchema): Access {
    const known = this.#seen.get(entity);
    if (known) return known;
    const { read, fields, withDeleted = false } = this.policy(entity, "read");
    if (read === undefined) throw forbidden("read", entity);
    const names = readableNames(entity, this.#asked(fields, undefined));
    const access: Access = {
      records: recordsOf(entity, this.#asked(read, undefined), "read"),
      fields: names,
      columns: entity.properties.filter((each) => !each.hidden && names.has(each.name))
        .map((each) => each.name),
      withDeleted: this.#asked(withDeleted, undefined) === true,
    };
    this.#seen.set(entity, access);
    return access;
  }

  /**
   * The policy of a model.
   *
   * @throws {ForbiddenError} when it has none
   */
  policy(entity: EntitySchema, what: string): AnyPolicy<C> {
    const policy = this.#policies.of(entity);
    if (!policy) throw forbidden(what, entity);
    return policy;
  }

  /**
   * The records that a rule allows.
   *
   * @param more what the rule is given beside the context
   * @throws {ModelError} when it gives no condition on the model
   */
  allowed(
    entity: EntitySchema,
    name: "create" | "update" | "updateTo" | "delete",
    more?: unknown,
  ): Condition {
    const policy = this.policy(entity, name);
    const rule = name === "updateTo" ? policy.updateTo ?? policy.update : policy[name];
    return recordsOf(entity, this.#asked(rule, more), name);
  }

  /** The columns of a model that a write may set. */
  writable(entity: EntitySchema, write: "create" | "update"): ReadonlySet<string> {
    const names = this.#asked(this.policy(entity, write).writable, write);
    return new Set(names === undefined ? [] : checkedNames(entity, names, "writable", columnNamed));
  }

  /** What the server writes into new records of a model. */
  preset(entity: EntitySchema): Dictionary {
    return this.#asked(this.policy(entity, "create").preset, undefined) as Dictionary ?? {};
  }

  #asked(part: unknown, more: unknown): unknown {
    return typeof part === "function" ? part(this.context, more) : part;
  }
}

/** Whether a name is that of a column that callers know of. */
export function columnNamed(entity: EntitySchema, name: string): PropertySchema | undefined {
  const property = entity.byName.get(name);
  return property?.hidden ? undefined : property;
}

function fieldNamed(
  entity: EntitySchema,
  name: string,
): PropertySchema | RelationSchema | undefined {
  return columnNamed(entity, name) ?? entity.relations.get(name);
}

function readableNames(entity: EntitySchema, names: unknown): ReadonlySet<string> {
  if (names !== undefined) return new Set(checkedNames(entity, names, "fields", fieldNamed));
  const columns = entity.properties.filter((each) => !each.hidden).map((each) => each.name);
  return new Set([...columns, ...entity.relations.keys()]);
}

function checkedNames(
  entity: EntitySchema,
  names: unknown,
  part: string,
  named: (entity: EntitySchema, name: string) => unknown,
): readonly string[] {
  const known = Array.isArray(names) &&
    names.every((name) => typeof name === "string" && named(entity, name) !== undefined);
  if (known) return names;
  throw new ModelError(
    `Cannot use the policy of ${entity.name}: ${part} must be a list of names that it has`,
  );
}

/** Anything but `true` and a condition allows nothing. */
function recordsOf(entity: EntitySchema, given: unknown, rule: string): Condition {
  if (given === true) return true;
  if (given === false || given === undefined || given === null) return nobody;
  if (!isDictionary(given)) throw wrongRule(entity, rule);
  try {
    new ShapeReader(false).where(entity, given, rule);
  } catch (error) {
    // What a policy says is no business of those whom it is about.
    throw error instanceof QueryError ? wrongRule(entity, rule, error) : error;
  }
  return Object.keys(given).length === 0 ? true : given;
}

function wrongRule(entity: EntitySchema, rule: string, cause?: Error): ModelError {
  return new ModelError(
    `Cannot use the policy of ${entity.name}: ${rule} must give a condition on it, true or false`,
    { cause },
  );
}

/** The error for what a policy does not allow of a model. */
export function forbidden(what: string, entity: EntitySchema, more = ""): ForbiddenError {
  return new ForbiddenError(`Cannot ${what} ${entity.name}${more}: no policy allows it`);
}
