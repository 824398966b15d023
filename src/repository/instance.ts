/**
 * How instances of a class are made for rows of the database.
 *
 * A row is not a new record, so its instance is made without running the class's constructor, which is also
 * several times as fast. A class shows that this would break it by private members, or by fields with initial
 * values that are no columns; its constructor is run.
 *
 * @module
 */
import type { EntitySchema } from "../schema/entity.ts";
import type { Row } from "./shape.ts";

/** Makes empty instances. */
export type Blank = new () => Row;

/** What one trial instance told of a class. */
interface Traits {
  readonly blank: Blank;
  /** Whether new instances have values of their own: fields with initial values. */
  readonly initialised: boolean;
}

const known = new WeakMap<EntitySchema, Traits>();

/** A constructor of empty instances of an entity's class. */
export function blankOf(entity: EntitySchema): Blank {
  return traitsOf(entity).blank;
}

/** A new instance of a class whose fields begin with values; nothing for other classes. */
export function initialInstance(entity: EntitySchema): Row | undefined {
  return traitsOf(entity).initialised ? new (entity.model as unknown as Blank)() : undefined;
}

function traitsOf(entity: EntitySchema): Traits {
  let traits = known.get(entity);
  if (!traits) known.set(entity, traits = examine(entity));
  return traits;
}

function examine(entity: EntitySchema): Traits {
  const model = entity.model as unknown as Blank;
  const trial = tryConstruct(model);
  const initial = Object.keys(trial ?? {}).filter((key) => trial?.[key] !== undefined);
  const foreign = initial.some((key) => !entity.byName.has(key) && !entity.relations.has(key));
  const construct = trial !== undefined && (foreign || hasPrivateMembers(model));
  return {
    blank: construct ? model : withoutConstructor(model.prototype),
    initialised: initial.some((key) => entity.byName.has(key)),
  };
}

/** A constructor that takes arguments may refuse to run without; such a class is never constructed here. */
function tryConstruct(model: Blank): Row | undefined {
  if (model.length > 0) return undefined;
  try {
    return new model();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function hasPrivateMembers(model: Blank): boolean {
  for (let at: unknown = model; typeof at === "function"; at = Object.getPrototypeOf(at)) {
    if (/#[\w$]/.test(Function.prototype.toString.call(at))) return true;
  }
  return false;
}

function withoutConstructor(prototype: object): Blank {
  const blank = function () {} as unknown as Blank;
  blank.prototype = prototype;
  return blank;
}

/** Makes plain objects. */
export const plainBlank: Blank = withoutConstructor(Object.prototype);
