/**
 * From what a caller wrote to what is stored: defaults, hooks, validation.
 *
 * @module
 */
import { NotFoundError, ValidationError, type ValidationIssue } from "../base/errors.ts";
import type { ValidateOptions } from "../model/validation.ts";
import type { EntitySchema, HookName, PropertySchema } from "../schema/entity.ts";
import { initialInstance } from "./instance.ts";
import type { Dictionary, Row } from "./shape.ts";
import {
  layoutOf,
  named,
  noValues,
  readInto,
  takeApart,
  type Values,
  valuesOfInstance,
} from "./values.ts";

/**
 * Fills in what a new record leaves out, runs its hooks and validates it. Only waits where a hook or rule does.
 *
 * @param values taken over
 * @param hooks `false` where the caller runs them on an instance of its own
 */
export function prepareInsert(
  entity: EntitySchema,
  values: Values,
  now: Date,
  hooks = true,
): Values | Promise<Values> {
  complete(entity, values, now);
  return hooks && (entity.hooks.beforeValidate || entity.hooks.beforeInsert)
    ? withHooks(entity, ["beforeValidate", "beforeInsert"], values).then((ready) =>
      validated(entity, ready, whole)
    )
    : validated(entity, values, whole);
}

/** How many new records are prepared. */
export interface PrepareOptions {
  /** The paths of issues begin with the record's place among the inputs. */
  readonly numbered: boolean;
  /** Takes each record in its order; the values are overwritten by the next one's. */
  take(values: Values): void;
}

/**
 * Takes many inputs apart and prepares each as `prepareInsert` does. All that is wrong with all of them is told
 * together. The inputs are read before this first waits, so that the caller may go on using them.
 *
 * @throws {ValidationError} where records are not valid
 * @throws what `take` threw first, where all are
 */
export async function prepareInserts(
  entity: EntitySchema,
  inputs: readonly unknown[],
  now: Date,
  { numbered, take }: PrepareOptions,
): Promise<void> {
  const { validator } = layoutOf(entity);
  const hooked = entity.hooks.beforeValidate ?? entity.hooks.beforeInsert;
  const issues: ValidationIssue[] = [];
  const failures: unknown[] = [];
  const scratch = noValues(entity);
  let kept: readonly Values[] | undefined = hooked ? readAll(entity, inputs) : undefined;
  for (let row = 0; row < inputs.length; row++) {
    let values = kept?.[row] ?? readOver(scratch, entity, inputs[row]);
    complete(entity, values, now);
    if (hooked) values = await withHooks(entity, ["beforeValidate", "beforeInsert"], values);
    let found = validator.issues(values, whole);
    if (found instanceof Promise) {
      kept ??= readAll(entity, inputs);
      found = await found;
    }
    if (found.length > 0) issues.push(...numbered ? inRow(row, found) : found);
    if (issues.length + failures.length > 0) continue;
    try {
      take(values);
    } catch (error) {
      failures.push(error);
    }
  }
  if (issues.length > 0) throw new ValidationError(entity.name, issues);
  if (failures.length > 0) throw failures[0];
}

function readAll(entity: EntitySchema, inputs: readonly unknown[]): Values[] {
  return inputs.map((input) => takeApart(entity, input, "create").values);
}

function readOver(values: Values, entity: EntitySchema, input: unknown): Values {
  for (let place = 0; place < values.length; place++) values[place] = undefined;
  readInto(values, entity, input, "create");
  return values;
}

/** The same issues, told of a row among several. */
export function inRow(row: number, issues: readonly ValidationIssue[]): ValidationIssue[] {
  return issues.map(({ path, message }) => ({ path: [row, ...path], message }));
}

const whole = Object.freeze({ partial: false });
const partial = Object.freeze({ partial: true });

function validated(
  entity: EntitySchema,
  values: Values,
  options: ValidateOptions,
): Values | Promise<Values> {
  const settle = (issues: readonly ValidationIssue[]): Values => {
    if (issues.length > 0) throw new ValidationError(entity.name, issues);
    return values;
  };
  const issues = layoutOf(entity).validator.issues(values, options);
  return issues instanceof Promise ? issues.then(settle) : settle(issues);
}

/** Fills in what a new record leaves out. */
function complete(entity: EntitySchema, values: Values, now: Date): void {
  const { fills } = layoutOf(entity);
  const initial = initialInstance(entity);
  if (initial) {
    const others = valuesOfInstance(entity, initial);
    for (let place = 0; place < values.length; place++) {
      if (values[place] === undefined) values[place] = others[place];
    }
  }
  for (const { place, make, overNull } of fills) {
    const value = values[place];
    if (value === undefined || (overNull && value === null)) values[place] = make(now);
  }
}

/**
 * Runs the hooks of a change and validates what changes.
 *
 * @param values taken over
 * @param hooks `false` where the caller runs them on an instance of its own
 */
export function prepareUpdate(
  entity: EntitySchema,
  values: Values,
  now: Date,
  hooks = true,
): Values | Promise<Values> {
  const { updatedAt } = entity.roles;
  if (updatedAt) values[layoutOf(entity).places.get(updatedAt.name) as number] ??= now;
  return hooks && (entity.hooks.beforeValidate || entity.hooks.beforeUpdate)
    ? withHooks(entity, ["beforeValidate", "beforeUpdate"], values).then((ready) =>
      validated(entity, ready, partial)
    )
    : validated(entity, values, partial);
}

/** Runs hooks on an instance that has the values, and gives the values that it has afterwards. */
async function withHooks(
  entity: EntitySchema,
  names: readonly HookName[],
  values: Values,
): Promise<Values> {
  const instance: Row = Object.assign(Object.create(entity.model.prototype), named(entity, values));
  for (const name of names) await runHooks(entity, name, instance);
  return valuesOfInstance(entity, instance);
}

/** Runs the hooks of one moment on an instance. */
export async function runHooks(entity: EntitySchema, name: HookName, instance: Row): Promise<void> {
  for (const hook of entity.hooks[name] ?? []) {
    await (instance[hook] as () => void | Promise<void>)();
  }
}

/** The values of some properties of a record. */
export function pick(record: Dictionary, properties: readonly PropertySchema[]): Row {
  return Object.fromEntries(properties.map((each) => [each.name, record[each.name]]));
}

/** The error for a record that is not there. The key is data, so it is not shown. */
export function notFound(entity: EntitySchema, what: string): NotFoundError {
  return new NotFoundError(`Cannot ${what} ${entity.name}: there is no such record`);
}

/** Whether two values of a property are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || (a ?? null) === (b ?? null)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Date) return b instanceof Date && a.toJSON() === b.toJSON();
  if (ArrayBuffer.isView(a) || Array.isArray(a)) return sameElements(a, b);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && sameValue((a as Dictionary)[key], (b as Dictionary)[key]));
}

function sameElements(a: unknown, b: unknown): boolean {
  const [left, right] = [a, b] as [ArrayLike<unknown>, ArrayLike<unknown>];
  if (left.length !== right.length || Array.isArray(a) !== Array.isArray(b)) return false;
  for (let i = 0; i < left.length; i++) if (!sameValue(left[i], right[i])) return false;
  return true;
}
