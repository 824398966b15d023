import assert from "node:assert/strict";
import { uuidV7 } from "./uuid.ts";

Deno.test("uuidV7() makes UUIDs of version 7 and the RFC's variant", () => {
  for (let i = 0; i < 1000; i++) {
    assert.match(uuidV7(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

Deno.test("uuidV7() carries the time in its first 48 bits and never goes back", () => {
  const before = Date.now();
  const times = Array.from(
    { length: 5000 },
    () => parseInt(uuidV7().replaceAll("-", "").slice(0, 12), 16),
  );
  assert.ok(times[0]! >= before && times.at(-1)! <= Date.now());
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

Deno.test("uuidV7() does not repeat", () => {
  assert.equal(new Set(Array.from({ length: 20_000 }, uuidV7)).size, 20_000);
});
