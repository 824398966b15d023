/**
 * What the tests of errors share.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ConstraintError, DatabaseError, RexError } from "../../src/base/errors.ts";
import type { Target } from "../targets/databases.ts";

/** A value that is bound in every failing statement and must show nowhere. */
export const secret = "hunter2";

/** What an error has to tell. */
export interface Expected {
  /** Its class. */
  readonly type: abstract new (...args: never[]) => Error;
  /** Its stable code. */
  readonly code: string;
  /** What its message says. */
  readonly message: RegExp;
  /** The constraint, by database: SQLite tells some of them by their columns only. */
  readonly constraint?: string | undefined;
  /** The table. */
  readonly table?: string | undefined;
  /** The columns. */
  readonly columns?: readonly string[];
  /** The statement; `false` where nothing was sent. */
  readonly query?: RegExp | false;
  /** What its hint says; `false` where there is nothing to advise. */
  readonly hint?: RegExp | false;
  /** The 1-based position of the fault in the query. */
  readonly position?: number;
}

/** Runs `work` and gives the error that it throws or rejects with. */
export async function failure(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof Error, "what was thrown is an error");
    return error;
  }
  assert.fail("it did not fail");
}

/** Expects an error to tell exactly that, and no value. */
export function tells(error: Error, expected: Expected): void {
  assert.ok(error instanceof expected.type, `${error.name}: ${error.message}`);
  assert.ok(error instanceof RexError);
  assert.equal(error.constructor, expected.type, error.name);
  assert.equal(error.name, expected.type.name);
  assert.equal(error.code, expected.code);
  assert.match(error.message, expected.message);
  assert.match(error.message, /^(Cannot|Validation of|Model) /);
  if (expected.hint === false) assert.equal(error.hint, undefined);
  else if (expected.hint) {
    assert.match(error.hint ?? "", expected.hint);
    assert.ok(error.message.endsWith(`\n  hint: ${error.hint}`), error.message);
  }
  hidesValues(error);
  if (!(error instanceof DatabaseError)) return;
  if (expected.query === false) assert.equal(error.query, undefined);
  else if (expected.query) {
    assert.match(error.query ?? "", expected.query);
    assert.ok(error.cause instanceof Error, "the driver's error is its cause");
    assert.ok(error.databaseCode, "the database's own code");
  }
  if ("position" in expected) assert.equal(error.position, expected.position);
  if (!(error instanceof ConstraintError)) return;
  if ("constraint" in expected) assert.equal(error.constraint, expected.constraint);
  if ("table" in expected) assert.equal(error.table, expected.table);
  if ("columns" in expected) assert.deepEqual(error.columns, expected.columns);
}

/** Expects that neither the message nor what printing or serialising the error gives shows the secret. */
export function hidesValues(error: Error): void {
  const shown = {
    message: error.message,
    json: JSON.stringify(error),
    inspect: Deno.inspect(error, { depth: 9 }),
    string: String(error),
    stack: error.stack ?? "",
  };
  for (const [how, text] of Object.entries(shown)) {
    assert.ok(!text.includes(secret), `${how} shows a value: ${text}`);
  }
}

/** Whether a target is SQLite. */
export function isSqlite(target: Target): boolean {
  return target.name.startsWith("SQLite");
}
