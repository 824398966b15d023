import assert from "node:assert/strict";
import { visible } from "./visible.ts";

Deno.test("visible() shows what a terminal would obey or hide, and leaves the rest", () => {
  assert.equal(visible("\x1b[2J\x07\x9b31m\x7f"), "\\u001b[2J\\u0007\\u009b31m\\u007f");
  assert.equal(visible("a\u202etxt\u2066\u2028\0\r"), "a\\u202etxt\\u2066\\u2028\\u0000\\u000d");
  assert.equal(visible("half \ud800 of a pair"), "half \\ud800 of a pair");
  const plain = "a\tb\nc é 👩‍💻 \\u001b";
  assert.equal(visible(plain), plain);
});

Deno.test("visible() cuts what is too long", () => {
  assert.equal(visible("abcdef", 3), "abc…");
  assert.equal(visible("abc", 3), "abc");
  assert.equal(visible("\u{1f600}x", 1), "\\ud83d…");
});
