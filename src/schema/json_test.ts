import assert from "node:assert/strict";
import { DataError } from "../base/errors.ts";
import { parseJson, stringifyJson } from "./json.ts";

Deno.test("integers beyond 2^53 survive JSON both ways, nested too", () => {
  const value = {
    id: 9007199254740993n,
    list: [-12345678901234567890n, 1, 1.5],
    text: "1234567890123456789",
  };
  const text = stringifyJson(value);
  assert.equal(
    text,
    '{"id":9007199254740993,"list":[-12345678901234567890,1,1.5],"text":"1234567890123456789"}',
  );
  assert.deepEqual(parseJson(text), value);
});

Deno.test("other numbers stay numbers", () => {
  assert.deepEqual(parseJson("[9007199254740991, 1e300, 0.12345678901234567, -0]"), [
    9007199254740991,
    1e300,
    0.12345678901234567,
    -0,
  ]);
  assert.equal(stringifyJson(5n), "5");
  assert.equal(stringifyJson("\\u0000"), '"\\\\u0000"');
});

/** A list in a list, so many times. */
function nested(levels: number): unknown {
  let value: unknown = [];
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

Deno.test("stringifyJson() refuses what JSON cannot hold and says where", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const values = [
    undefined,
    () => 1,
    Symbol("s"),
    NaN,
    { deep: { ratio: Infinity } },
    [undefined],
    new Date(NaN),
    { bytes: new Uint8Array(1) },
    new Map(),
    cycle,
    { text: "a\0b" },
    { ["a\ud800"]: 1 },
    nested(100_000),
  ];
  for (const value of values) assert.throws(() => stringifyJson(value), DataError);
  assert.throws(() => stringifyJson({ deep: { ratio: NaN } }), /NaN \(at "ratio"\)/);
});

Deno.test("stringifyJson() leaves undefined properties out and uses toJSON", () => {
  assert.equal(stringifyJson({ a: undefined, b: null }), '{"b":null}');
  assert.equal(stringifyJson(new Date(0)), '"1970-01-01T00:00:00.000Z"');
});
