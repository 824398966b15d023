/**
 * The class that models extend.
 *
 * @module
 */
import { ModelError } from "../base/errors.ts";
import type { ColumnKeys, Model, RelationKeys } from "./keys.ts";
import { type ModelSession, modelWriter } from "./model_session.ts";
import { entityOf } from "./registry.ts";
import { stateOf } from "./state.ts";
import { validateRecord } from "./validation.ts";

/** The values that `from()` takes: any columns and relations. */
export type ModelValues<M> = Partial<Pick<M, ColumnKeys<M> | RelationKeys<M>>>;

/**
 * What every model extends. Its methods are a convenience: a repository does the same and more.
 *
 * ```ts ignore
 * const user = User.from({ name: "Ann", email: "ann@example.org" });
 * await user.save(db); // inserts, and sets user.id
 * user.name = "Anne";
 * await user.save(db); // updates the name
 * await user.delete(db);
 * ```
 */
export interface BaseModel extends Model {}

/** What every model extends. */
export abstract class BaseModel {
  /**
   * Makes an instance with these values. It is not stored, and not validated before it is.
   *
   * @throws {ModelError} for a name that is no property of the class
   */
  static from<M extends BaseModel>(this: new () => M, values: ModelValues<M>): M {
    const { name, byName, relations } = entityOf(this);
    for (const key of Object.keys(values)) {
      if (byName.get(key)?.hidden === false || relations.has(key)) continue;
      throw new ModelError(`Cannot make a ${name}: it has no column or relation ${key}`);
    }
    return Object.assign(new this(), values);
  }

  /**
   * Checks the values against the columns and all rules. In a record that is stored, values that were not
   * loaded are not missing.
   *
   * @throws {ValidationError} with every failure
   * @throws {ModelError} when a rule or schema is asynchronous: that takes `validateAsync()`
   */
  validate(): void {
    const pending = check(this);
    if (pending === undefined) return;
    // Its outcome is not waited for, and must not end the process as an unhandled rejection.
    pending.catch(() => {});
    throw new ModelError(
      `Cannot validate ${this.constructor.name} at once: a rule is asynchronous`,
      {
        hint: "call `await record.validateAsync()`; save() does",
      },
    );
  }

  /**
   * As `validate()`, and waits for rules and schemas that are asynchronous.
   *
   * @throws {ValidationError} with every failure
   */
  async validateAsync(): Promise<void> {
    await check(this);
  }

  /**
   * Stores the record: inserts it and sets what the database filled in, or updates what changed.
   *
   * @param session A database, an adapter or a transaction
   * @throws {ValidationError} before anything is sent
   */
  async save(session: ModelSession): Promise<void> {
    await writerOf(session).save(this);
  }

  /**
   * Deletes the stored record.
   *
   * @param session A database, an adapter or a transaction
   */
  async delete(session: ModelSession): Promise<void> {
    await writerOf(session).delete(this);
  }
}

/** Not a private method: an instance that was read from the database never ran the constructor. */
function check(model: BaseModel): Promise<void> | undefined {
  const entity = entityOf(model.constructor as new () => BaseModel);
  for (const hook of entity.hooks.beforeValidate ?? []) {
    (model as unknown as Record<string, () => void>)[hook]!();
  }
  return validateRecord(entity, model, { partial: stateOf(model) !== undefined }) ?? undefined;
}

function writerOf(session: ModelSession): ModelSession[typeof modelWriter] {
  const writer = session?.[modelWriter];
  if (writer !== undefined) return writer;
  throw new ModelError("Cannot write a model: what was given is no database and no transaction", {
    hint: "pass the adapter, the database or the transaction",
  });
}
