import assert from "node:assert/strict";
import { countTests } from "../../scripts/test.ts";

Deno.test("countTests() counts tests and leaves out their steps", () => {
  const output = "\nFAILED | 3 passed (3 steps) | 4 failed (2 steps) | 1 ignored (218ms)\n";
  assert.deepEqual(countTests(output, 1), { passed: 3, failed: 4 });
});

Deno.test("countTests() reads a coloured summary", () => {
  const output = "\n\x1b[0m\x1b[32mok\x1b[0m | 12 passed | 0 failed \x1b[90m(3s)\x1b[0m\n";
  assert.deepEqual(countTests(output, 0), { passed: 12, failed: 0 });
});

Deno.test("countTests() takes the last summary, as a test may print one itself", () => {
  const output = "ok | 1 passed | 0 failed (1ms)\nok | 7 passed (1 step) | 0 failed (9ms)\n";
  assert.deepEqual(countTests(output, 0), { passed: 7, failed: 0 });
});

Deno.test("countTests() counts a run without a summary as one failed test", () => {
  assert.deepEqual(countTests("error: Type checking failed.\n", 1), { passed: 0, failed: 1 });
});

Deno.test("countTests() never hides the failure of the run itself", () => {
  const output = "ok | 5 passed | 0 failed (1ms)\n";
  assert.deepEqual(countTests(output, 1), { passed: 5, failed: 1 });
});
