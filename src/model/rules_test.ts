import assert from "node:assert/strict";
import {
  isEmail,
  isInteger,
  isUrl,
  matches,
  max,
  maxLength,
  min,
  minLength,
  notEmpty,
  oneOf,
} from "./rules.ts";

Deno.test("isEmail() takes what looks like an address", () => {
  for (const good of ["a@b.c", "ann.lee+x@mail.example.org", "ü@exämple.de"]) {
    assert.equal(isEmail(good), true, good);
  }
  const bad = ["", "a", "a@b", "@b.c", "a@.c", "a@b.", "a@b..c", "a b@c.d", "a@b@c.d", "a@b.c\n"];
  for (const each of [...bad, `${"a".repeat(251)}@b.c`]) assert.equal(isEmail(each), false, each);
});

Deno.test("isEmail() is fast on texts made to be slow", () => {
  const start = performance.now();
  assert.equal(isEmail("a@" + "b.".repeat(120) + "@"), false);
  assert.ok(performance.now() - start < 50);
});

Deno.test("isUrl() takes absolute web addresses", () => {
  assert.deepEqual(
    ["https://a.b/c?d#e", "http://localhost:8000", "ftp://a.b", "javascript:1", "/a", ""].map(
      isUrl,
    ),
    [true, true, false, false, false, false],
  );
});

Deno.test("bounds are inclusive, for numbers, bigints and dates", () => {
  assert.deepEqual([0, 1, 2].map(min(1)), [false, true, true]);
  assert.deepEqual([0n, 1n, 2n].map(max(1)), [true, true, false]);
  assert.deepEqual([new Date(0), new Date(1), new Date(2)].map(min(new Date(1))), [
    false,
    true,
    true,
  ]);
  assert.deepEqual([new Date(0), new Date(2)].map(max(new Date(1))), [true, false]);
  assert.equal(min(0)(NaN), false);
});

Deno.test("lengths are inclusive, for texts and lists", () => {
  assert.deepEqual(["a", "ab", "abc"].map(minLength(2)), [false, true, true]);
  assert.deepEqual([[1], [1, 2]].map(maxLength(1)), [true, false]);
  assert.deepEqual(["", " \n", "a"].map(notEmpty), [false, false, true]);
  assert.deepEqual([[], [0]].map(notEmpty), [false, true]);
});

Deno.test("matches() does not remember where a global pattern stopped", () => {
  const rule = matches(/a/g);
  assert.deepEqual(["a", "a", "b"].map(rule), [true, true, false]);
});

Deno.test("oneOf() and isInteger() compare exactly", () => {
  assert.deepEqual(["a", "b", "c"].map(oneOf("a", "b")), [true, true, false]);
  assert.deepEqual([1, 1.5, 2 ** 53, NaN].map(isInteger), [true, false, false, false]);
});
