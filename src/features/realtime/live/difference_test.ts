import assert from "node:assert/strict";
import { applied, differenceOf } from "./difference.ts";

type Rows = Map<string, { readonly v: number }>;

function rows(text: string): Rows {
  return new Map(
    text.split(" ").filter(Boolean).map((each) => {
      const [key = "", v = "0"] = each.split("=");
      return [key, { v: Number(v) }];
    }),
  );
}

const same = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) =>
  a.v === b.v;

function told(before: string, after: string, ordered = true): string | undefined {
  const change = differenceOf(rows(before), rows(after), ordered, same);
  return change && [
    ...change.drop.map((key) => `-${key}`),
    ...change.put.map(({ key, at }) => `+${key}${at === undefined ? "" : `@${at}`}`),
  ].join(" ");
}

Deno.test("equal results have no difference", () => {
  assert.equal(told("a b c", "a b c"), undefined);
  assert.equal(told("a b c", "c b a", false), undefined);
});

Deno.test("a difference tells what is gone, new, changed and moved, and nothing else", () => {
  assert.equal(told("a b c", "a c"), "-b");
  assert.equal(told("a b", "a n b"), "+n@1");
  assert.equal(told("a b c", "a b=1 c"), "+b@1");
  assert.equal(told("a b c d", "b c d a"), "+a@3");
  assert.equal(told("a b c d", "d a b c"), "+d@0");
  assert.equal(told("a b", "b=2 n", false), "-a +b +n");
});

Deno.test("a difference that is applied gives the new result, whatever changed", () => {
  let seed = 1;
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
  const result = (): Rows => {
    const keys = [..."abcdefghij"].filter(() => random(3) > 0);
    for (let i = keys.length - 1; i > 0; i--) {
      const j = random(i + 1);
      [keys[i], keys[j]] = [keys[j]!, keys[i]!];
    }
    return new Map(keys.map((key) => [key, { v: random(2) }]));
  };
  for (let i = 0; i < 2_000; i++) {
    const [before, after] = [result(), result()];
    const change = differenceOf(before, after, true, same) ?? { drop: [], put: [] };
    assert.deepEqual([...applied(before, change)], [...after]);
  }
});
