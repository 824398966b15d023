/**
 * What the types cost the compiler, counted in instantiations: the same on every machine. The bounds leave a
 * twentieth for growth; what passes them makes every editor of a user slower.
 */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "../../bench/types/measure.ts";
import { importProgram, rightProgram, wrongProgram } from "../../bench/types/programs.ts";
import { rex } from "../../bench/types/rex.ts";

/** Nothing is written there: the programs are in memory only. */
const FOLDER = join(tmpdir(), "rex-orm-types");

function rightInstantiations(count: number, queries: "none" | "finds" | "all"): number {
  const { errors, instantiations } = measure(rightProgram(FOLDER, rex, count, queries));
  assert.deepEqual(errors, []);
  return instantiations - measure(importProgram(FOLDER, rex)).instantiations;
}

Deno.test("100 models with a nested find, a create and an update on each stay within their budget", () => {
  const models = rightInstantiations(100, "none");
  assert.ok(models <= 50_000, `${models} for the models`);
  const finds = rightInstantiations(100, "finds");
  assert.ok(finds <= 136_000, `${finds} for models and finds`);
  const all = rightInstantiations(100, "all");
  assert.ok(all <= 180_000, `${all} for models, finds, creates and updates`);
});

Deno.test("a mistake costs at most 2,000 instantiations more than the right code", () => {
  const right = measure(rightProgram(FOLDER, rex, 10, "all")).instantiations;
  for (const mistake of rex.mistakes) {
    const { errors, instantiations } = measure(wrongProgram(FOLDER, rex, 10, mistake));
    assert.notEqual(errors.length, 0, `${mistake.name} compiles`);
    const cost = instantiations - right;
    assert.ok(cost <= 2_000, `${mistake.name}: ${cost}`);
  }
});
