import assert from "node:assert/strict";
import { inspect } from "node:util";
import { forget, type InstanceState, markStored, stateOf } from "./state.ts";

const original = (row: readonly unknown[], index: number): unknown => row[index];
const state: InstanceState = { row: [1, "Ann"], original };

Deno.test("stateOf() tells the state that markStored() noted, until forget()", () => {
  const instance = { id: 1 };
  assert.equal(stateOf(instance), undefined);
  markStored(instance, state);
  assert.equal(stateOf(instance), state);
  const later = { row: [1, "Anne"], original };
  markStored(instance, later);
  assert.equal(stateOf(instance), later);
  forget(instance);
  assert.equal(stateOf(instance), undefined);
  markStored(instance, state);
  assert.equal(stateOf(instance), state);
});

Deno.test("the state shows nowhere", () => {
  const instance = { id: 1, name: "Ann" };
  markStored(instance, state);
  assert.deepEqual(instance, { id: 1, name: "Ann" });
  assert.deepEqual(Reflect.ownKeys(instance), ["id", "name"]);
  assert.equal(JSON.stringify(instance), '{"id":1,"name":"Ann"}');
  assert.equal(inspect(instance, { showHidden: true }), "{ id: 1, name: 'Ann' }");
  assert.equal(Deno.inspect(instance), '{ id: 1, name: "Ann" }');
});

Deno.test("a copy of a stored instance is not stored", () => {
  const instance = { id: 1 };
  markStored(instance, state);
  assert.equal(stateOf({ ...instance }), undefined);
  assert.equal(stateOf(structuredClone(instance)), undefined);
});

Deno.test("forget() leaves an instance that was never stored as it is", () => {
  const instance = Object.freeze({ id: 1 });
  forget(instance);
  assert.equal(stateOf(instance), undefined);
});
