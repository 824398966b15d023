import assert from "node:assert/strict";
import { DeadlockError, SerializationError } from "../base/errors.ts";
import { isRetryable } from "./transaction_rules.ts";

Deno.test("isRetryable() looks through causes, also where they go in a circle", () => {
  const circle = new Error("a");
  circle.cause = new Error("b", { cause: circle });
  assert.equal(isRetryable(circle), false);
  assert.equal(isRetryable(new Error("outer", { cause: new DeadlockError("inner") })), true);
  assert.equal(isRetryable(new SerializationError("conflict")), true);
  assert.equal(isRetryable("no error"), false);
});
