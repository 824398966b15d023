import assert from "node:assert/strict";
import { utcText } from "./utc_text.ts";

const expected = (time: number): string =>
  new Date(time).toISOString().slice(0, 23).replace("T", " ");

Deno.test("utcText() writes every time of a day, whatever came before", () => {
  for (let time = -3 * 86_400_000; time < 3 * 86_400_000; time += 61_237) {
    assert.equal(utcText(time), expected(time));
  }
});

Deno.test("utcText() writes the years from 0 to 9999 and no others", () => {
  const first = Date.parse("0000-01-01T00:00:00.000Z");
  const last = Date.parse("9999-12-31T23:59:59.999Z");
  for (let time = first; time < last; time += 123_456_789_012) {
    assert.equal(utcText(time), expected(time));
  }
  assert.equal(utcText(first), "0000-01-01 00:00:00.000");
  assert.equal(utcText(last), "9999-12-31 23:59:59.999");
  assert.equal(utcText(-1), "1969-12-31 23:59:59.999");
  for (const time of [first - 1, last + 1, NaN, Infinity]) assert.equal(utcText(time), undefined);
});
