import assert from "node:assert/strict";
import { DataError } from "../base/errors.ts";
import {
  INFINITY,
  microsecondOf,
  NEGATIVE_INFINITY,
  parseTimestamp,
  PreciseDate,
} from "./precise_date.ts";

Deno.test("parseTimestamp() reads every form that a database writes", () => {
  const cases: [string, string][] = [
    ["2024-01-31 12:34:56.789", "2024-01-31T12:34:56.789Z"],
    ["2024-01-31T12:34:56", "2024-01-31T12:34:56.000Z"],
    ["2024-01-31", "2024-01-31T00:00:00.000Z"],
    ["2024-01-31 12:34", "2024-01-31T12:34:00.000Z"],
    ["2024-01-31 12:34:56.7Z", "2024-01-31T12:34:56.700Z"],
    ["2024-01-31 12:34:56+00", "2024-01-31T12:34:56.000Z"],
    ["2024-01-31 12:34:56.5+05:30", "2024-01-31T07:04:56.500Z"],
    ["2024-01-31 12:34:56-08", "2024-01-31T20:34:56.000Z"],
    ["1880-01-01 00:00:00+00:19:32", "1879-12-31T23:40:28.000Z"],
    ["0099-12-31 23:59:59.999", "0099-12-31T23:59:59.999Z"],
    ["0099-12-31 24:00:00", "0100-01-01T00:00:00.000Z"],
    ["0044-03-15 00:00:00+00 BC", "-000043-03-15T00:00:00.000Z"],
    ["0001-02-29 00:00:00+00 BC", "0000-02-29T00:00:00.000Z"],
    ["12345-01-01 00:00:00+00", "+012345-01-01T00:00:00.000Z"],
    ["2024-02-29 24:00:00", "2024-03-01T00:00:00.000Z"],
    ["1969-12-31 23:59:59.999", "1969-12-31T23:59:59.999Z"],
    ["2024-01-31 12:34:56.123456", "2024-01-31T12:34:56.123456Z"],
    ["1969-12-31 23:59:59.999999+00", "1969-12-31T23:59:59.999999Z"],
    ["2024-01-31 12:34:56.9999999", "2024-01-31T12:34:57.000Z"],
  ];
  for (const [text, iso] of cases) assert.equal(parseTimestamp(text).toISOString(), iso, text);
});

Deno.test("parseTimestamp() gives a PreciseDate only where there are microseconds", () => {
  assert.equal(parseTimestamp("2024-01-31 12:34:56.123000") instanceof PreciseDate, false);
  const precise = parseTimestamp("2024-01-31 12:34:56.123004");
  assert.ok(precise instanceof PreciseDate);
  assert.equal(precise.getUTCMilliseconds(), 123);
  assert.equal(microsecondOf(precise), 4);
  assert.equal(microsecondOf(new Date()), 0);
  assert.equal(JSON.stringify({ precise }), '{"precise":"2024-01-31T12:34:56.123004Z"}');
});

Deno.test("infinity is the end of what a Date can hold", () => {
  assert.equal(parseTimestamp("infinity").getTime(), INFINITY);
  assert.equal(parseTimestamp("-infinity").getTime(), NEGATIVE_INFINITY);
});

Deno.test("parseTimestamp() refuses what is not a point in time", () => {
  const texts = [
    "",
    "today",
    "2024-13-01",
    "2024-02-30 00:00:00",
    "2023-02-29",
    "2024-01-31 25:00:00",
    "2024-01-31 12:60:00",
    "2024-01-31 12:34:56x",
    "2024-01-31 12-34-56.000",
    "999999-01-01 00:00:00",
  ];
  for (const text of texts) assert.throws(() => parseTimestamp(text), DataError, text);
});

Deno.test("PreciseDate.from() always gives a PreciseDate, and a wrong microsecond is refused", () => {
  assert.equal(PreciseDate.from("2024-01-31").toISOString(), "2024-01-31T00:00:00.000000Z");
  assert.throws(() => new PreciseDate(0, 1000), RangeError);
  assert.equal(new PreciseDate(NaN).toJSON(), null);
});
