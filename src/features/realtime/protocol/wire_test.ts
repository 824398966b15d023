import assert from "node:assert/strict";
import { PreciseDate } from "../../../schema/precise_date.ts";
import { decode, encode } from "./wire.ts";

/** There and back, by way of the text that is sent. */
function sent(value: unknown): unknown {
  return decode(JSON.parse(JSON.stringify(encode(value))));
}

Deno.test("values that JSON has no form for come back as they were", () => {
  const values: readonly unknown[] = [
    new Date(0),
    new Date(-1),
    new Date(8.64e15),
    9007199254740993n,
    -0n,
    NaN,
    Infinity,
    -Infinity,
    -0,
    new Uint8Array(),
    new Uint8Array([0, 127, 128, 255]),
    null,
    "",
    "\ud800 \u0000 \u2028",
    [],
    {},
    [null, [1n]],
    { a: { b: [new Date(5)] } },
  ];
  for (const value of values) assert.deepStrictEqual(sent(value), value);
  assert.ok(Object.is(sent(-0), -0));
  assert.ok(Number.isNaN((sent(new Date(NaN)) as Date).getTime()));
});

Deno.test("dates keep their microseconds", () => {
  const date = new PreciseDate(1706702400123, 456);
  assert.equal(JSON.stringify(encode(date)), `{"$date":[1706702400123,456]}`);
  const back = sent(date) as Date & { microsecond: number };
  assert.equal(back.getTime(), 1706702400123);
  assert.equal(back.microsecond, 456);
  // What a client was given it may send back.
  assert.deepEqual(encode(back), { $date: [1706702400123, 456] });
  const precise = decode(encode(back), (time, micro) => new PreciseDate(time, micro));
  assert.deepStrictEqual(precise, date);
});

Deno.test("documents that look like marks survive", () => {
  const documents: readonly unknown[] = [
    { $date: 5 },
    { $bigint: "x" },
    { $json: { $json: 1 } },
    { $: 1 },
    { $unknown: { $date: new Date(3) } },
    { $date: 1, $bigint: "2" },
    { "": 1 },
    [{ $number: "NaN" }],
    JSON.parse(`{"__proto__": {"$date": 1}, "constructor": 2}`),
    JSON.parse(`{"__proto__": 1}`),
  ];
  for (const document of documents) assert.deepStrictEqual(sent(document), document);
  assert.equal(({} as Record<string, unknown>).$date, undefined);
});

Deno.test("what is undefined is left out of objects and NULL in lists", () => {
  assert.deepEqual(encode({ a: undefined, b: 1 }), { b: 1 });
  assert.deepEqual(encode([undefined, 1]), [null, 1]);
  assert.deepStrictEqual(sent({ $date: 1, left: undefined }), { $date: 1 });
});

Deno.test("random values come back as they were", () => {
  let state = 7;
  const next = (below: number): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return (state >>> 0) % below;
  };
  const keys = ["a", "$date", "$json", "$x", "$bigint", "__proto__x", "", "$"];
  const leaves: (() => unknown)[] = [
    () => next(1e9) - 5e8,
    () => [NaN, Infinity, -Infinity, -0, 0.1, 1e300][next(6)],
    () => BigInt(next(1e9)) * 10_000_000_000n,
    () => new Date(next(1e9) * 1000),
    () => Uint8Array.from({ length: next(20) }, () => next(256)),
    () => String.fromCharCode(next(65536), next(65536)),
    () => [null, true, false][next(3)],
  ];
  const make = (depth: number): unknown => {
    const kind = next(depth > 0 ? 3 : 1);
    if (kind === 0) return leaves[next(leaves.length)]!();
    const many = next(4);
    if (kind === 1) return Array.from({ length: many }, () => make(depth - 1));
    return Object.fromEntries(
      Array.from({ length: many }, () => [keys[next(keys.length)], make(depth - 1)]),
    );
  };
  for (let i = 0; i < 5000; i++) {
    const value = make(4);
    assert.deepStrictEqual(sent(value), value);
  }
});

Deno.test("what encode() did not make is refused", () => {
  const texts = [
    `{"$bigint":"x"}`,
    `{"$what":1}`,
    `{"$bytes":"é"}`,
    `{"$json":null}`,
    `{"$bigint":{}}`,
    `{"a":[{"$nope":1}]}`,
  ];
  for (const text of texts) assert.throws(() => decode(JSON.parse(text)), text);
});
