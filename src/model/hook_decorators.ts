/**
 * Decorators of methods that run when a record is written or read.
 *
 * A hook takes no arguments. Hooks of parent classes run first.
 *
 * @module
 */
import type { HookName } from "../schema/entity.ts";
import { type Place, place } from "./declarations.ts";

/** A decorator of a method that may be asynchronous. */
export type HookDecorator = <This>(
  method: (this: This) => void | Promise<void>,
  context: ClassMethodDecoratorContext<This>,
) => void;

/** A decorator of a method that must not be asynchronous. */
export type SyncHookDecorator = <This>(
  method: (this: This) => void | undefined,
  context: ClassMethodDecoratorContext<This>,
) => void;

/** Runs before validation, which comes before every write. Synchronous, as `validate()` is. */
export function BeforeValidate(): SyncHookDecorator {
  return (_method, context) => declareHook(context, "BeforeValidate", "beforeValidate");
}

/** Runs before the record is inserted, in the same transaction. */
export function BeforeInsert(): HookDecorator {
  return (_method, context) => declareHook(context, "BeforeInsert", "beforeInsert");
}

/** Runs after the record was inserted, in the same transaction. */
export function AfterInsert(): HookDecorator {
  return (_method, context) => declareHook(context, "AfterInsert", "afterInsert");
}

/** Runs before the record is updated, in the same transaction. */
export function BeforeUpdate(): HookDecorator {
  return (_method, context) => declareHook(context, "BeforeUpdate", "beforeUpdate");
}

/** Runs after the record was updated, in the same transaction. */
export function AfterUpdate(): HookDecorator {
  return (_method, context) => declareHook(context, "AfterUpdate", "afterUpdate");
}

/** Runs before the record is deleted, in the same transaction. */
export function BeforeDelete(): HookDecorator {
  return (_method, context) => declareHook(context, "BeforeDelete", "beforeDelete");
}

/** Runs after the record was deleted, in the same transaction. */
export function AfterDelete(): HookDecorator {
  return (_method, context) => declareHook(context, "AfterDelete", "afterDelete");
}

/** Runs after the record was read. It cannot be asynchronous: reading a row never waits for another. */
export function AfterLoad(): SyncHookDecorator {
  return (_method, context) => declareHook(context, "AfterLoad", "afterLoad");
}

function declareHook(context: Place, decorator: string, moment: HookName): void {
  const here = place(context, decorator, "method");
  here?.own.hooks.push({ moment, method: here.property });
}
