import assert from "node:assert/strict";
import { encode } from "../protocol/wire.ts";
import type { WireChange, WireEntry, WireRow } from "../protocol/messages.ts";
import { applyChange, keep, readSnapshot, type Rows } from "./rows.ts";

function entry(id: number, values: Record<string, unknown> = {}, at?: number): WireEntry {
  const row = encode({ id, ...values }) as WireRow;
  return at === undefined ? [`${id}`, row] : [`${id}`, row, at];
}

function ids(rows: Rows): string {
  return [...rows.keys()].join();
}

Deno.test("without places, what changes is replaced where it is, and what is new comes last", () => {
  const rows = readSnapshot(new Map(), [entry(1), entry(2), entry(3)]);
  const next = applyChange(rows, { id: 1, drop: ["1", "9"], put: [entry(4), entry(2, { x: 1 })] });
  assert.equal(ids(next), "2,3,4");
  assert.deepEqual(next.get("2"), { id: 2, x: 1 });
  assert.equal(next.get("3"), rows.get("3"));
});

Deno.test("with places, all are taken out and then put in, each at its place", () => {
  const rows = readSnapshot(new Map(), [1, 2, 3, 4].map((id) => entry(id, {}, id - 1)));
  const moved = applyChange(rows, { id: 1, put: [entry(4, {}, 0), entry(1, {}, 3)] });
  assert.equal(ids(moved), "4,2,3,1");
  const change: WireChange = { id: 1, drop: ["2"], put: [entry(9, {}, 1), entry(8, {}, 2)] };
  assert.equal(ids(applyChange(moved, change)), "4,9,8,3,1");
});

Deno.test("what equals the old value is the old value, at any depth, and all is frozen", () => {
  const at = new Date(5);
  const bytes = new Uint8Array([1, 2]);
  const first = keep(undefined, { at, bytes, list: [{ n: 1 }, { n: 2 }], big: 3n, none: null });
  const again = keep(first, structuredClone(first));
  assert.equal(again, first);
  const next = keep(first, { ...structuredClone(first), list: [{ n: 1 }, { n: 3 }] });
  assert.notEqual(next, first);
  assert.equal(next.at, at);
  assert.equal(next.bytes, bytes);
  assert.equal(next.list[0], first.list[0]);
  assert.notEqual(next.list[1], first.list[1]);
  for (const each of [next, next.list, next.list[1]]) assert.ok(Object.isFrozen(each));
});

Deno.test("values that are only almost equal are told apart", () => {
  const pairs: [unknown, unknown][] = [
    [{ n: 1 }, { n: 1n }],
    [{ n: 0 }, { n: -0 }],
    [{ n: null }, {}],
    [{}, { n: null }],
    [{ n: [] }, { n: {} }],
    [{ n: [1] }, { n: [1, 2] }],
    [{ n: new Date(1) }, { n: new Date(2) }],
    [{ n: new Uint8Array([1]) }, { n: new Uint8Array([2]) }],
    [
      { n: Object.assign(new Date(1), { microsecond: 1 }) },
      { n: Object.assign(new Date(1), { microsecond: 2 }) },
    ],
  ];
  for (const [old, next] of pairs) assert.equal(keep(old, next), next);
  assert.notEqual(keep({ n: NaN }, { n: 1 }), undefined);
  const nan = { n: NaN };
  assert.equal(keep(nan, { n: NaN }), nan);
});
