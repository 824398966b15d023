/**
 * From what a caller wrote to what is stored: defaults, hooks, validation.
 *
 * @module
 */
import { NotFoundError, QueryError } from "../base/errors.ts";
import type { EntitySchema, HookName, PropertySchema, RelationSchema } from "../schema/entity.ts";
import { validateRecord } from "../model/validation.ts";
import { initialValues } from "./instance.ts";
import { type Dictionary, type Row, unknownName } from "./shape.ts";

/** What a caller wrote, taken apart. */
export interface Parts {
  /** Values by property name. */
  readonly values: Row;
  /** Related records to write, relations that this record points to first. */
  readonly relations: readonly (readonly [RelationSchema, unknown])[];
}

/** Takes an input apart; a key that the model does not have is an error. */
export function takeApart(entity: EntitySchema, input: unknown, what: string): Parts {
  if (typeof input !== "object" || input === null) {
    throw new QueryError(`Cannot ${what} ${entity.name}: the values must be an object`);
  }
  const values: Row = {};
  const relations: [RelationSchema, unknown][] = [];
  for (const name of Object.keys(input)) {
    const value = (input as Dictionary)[name];
    if (value === undefined) continue;
    const property = entity.byName.get(name);
    const relation = property ? undefined : entity.relations.get(name);
    if (property !== undefined) {
      if (property.readonly) {
        throw new QueryError(`Cannot write ${entity.name}.${name}: the database computes it`);
      }
      values[name] = value;
    } else if (relation) relations.push([relation, value]);
    else throw unknownName(entity, name, what);
  }
  if (relations.length > 1) relations.sort(([a], [b]) => Number(b.owner) - Number(a.owner));
  return { values, relations };
}

/**
 * Fills in what a new record leaves out, runs its hooks and validates it.
 *
 * @param hooks `false` where the caller runs them on an instance of its own
 */
export async function prepareInsert(
  entity: EntitySchema,
  given: Row,
  now: Date,
  hooks = true,
): Promise<Row> {
  const values = completed(entity, given, now);
  const ready = hooks
    ? await withHooks(entity, ["beforeValidate", "beforeInsert"], values)
    : values;
  await validateRecord(entity, ready, whole);
  return ready;
}

/** As `prepareInsert` for many records; only waits where a hook or rule does. */
export async function prepareInserts(
  entity: EntitySchema,
  given: readonly Row[],
  now: Date,
): Promise<Row[]> {
  if (entity.hooks.beforeValidate || entity.hooks.beforeInsert) {
    const ready: Row[] = [];
    for (const values of given) ready.push(await prepareInsert(entity, values, now));
    return ready;
  }
  const ready = given.map((values) => completed(entity, values, now));
  for (const values of ready) {
    const pending = validateRecord(entity, values, whole);
    if (pending) await pending;
  }
  return ready;
}

const whole = Object.freeze({ partial: false });

/** The values with what a new record leaves out. */
function completed(entity: EntitySchema, given: Row, now: Date): Row {
  const values = { ...initialValues(entity), ...given };
  const { createdAt, updatedAt, version } = entity.roles;
  for (const property of entity.properties) {
    if (property.default && values[property.name] === undefined) {
      values[property.name] = property.default();
    }
  }
  if (createdAt) values[createdAt.name] ??= now;
  if (updatedAt) values[updatedAt.name] ??= now;
  if (version) values[version.name] ??= 1;
  return values;
}

/**
 * Runs the hooks of a change and validates what changes.
 *
 * @param hooks `false` where the caller runs them on an instance of its own
 */
export async function prepareUpdate(
  entity: EntitySchema,
  given: Row,
  now: Date,
  hooks = true,
): Promise<Row> {
  const { updatedAt } = entity.roles;
  const values = { ...given };
  if (updatedAt) values[updatedAt.name] ??= now;
  const ready = hooks
    ? await withHooks(entity, ["beforeValidate", "beforeUpdate"], values)
    : values;
  await validateRecord(entity, ready, { partial: true });
  return ready;
}

/** Runs hooks on an instance that has the values, and gives the values that it has afterwards. */
async function withHooks(
  entity: EntitySchema,
  names: readonly HookName[],
  values: Row,
): Promise<Row> {
  if (!names.some((name) => entity.hooks[name])) return values;
  const instance: Row = Object.assign(Object.create(entity.model.prototype), values);
  for (const name of names) await runHooks(entity, name, instance);
  return valuesOf(entity, instance);
}

/** Runs the hooks of one moment on an instance. */
export async function runHooks(entity: EntitySchema, name: HookName, instance: Row): Promise<void> {
  for (const hook of entity.hooks[name] ?? []) {
    await (instance[hook] as () => void | Promise<void>)();
  }
}

/** The values that an instance has, by property; what is `undefined` is absent. */
export function valuesOf(entity: EntitySchema, instance: Row): Row {
  const values: Row = {};
  for (const property of entity.properties) {
    const value = instance[property.name];
    if (value !== undefined && !property.readonly) values[property.name] = value;
  }
  return values;
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
