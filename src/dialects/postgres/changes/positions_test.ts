import assert from "node:assert/strict";
import {
  covers,
  logPositions,
  parseSnapshot,
  positionAt,
  positionOfOne,
  positionWithin,
  shows,
  type Snapshot,
} from "./positions.ts";

const snapshot = (text: string): Snapshot => parseSnapshot(text) ?? assert.fail(text);

Deno.test("a snapshot shows what ended before it, and not what ran", () => {
  const taken = snapshot("10:15:10,12");
  assert.deepEqual(
    [9, 10, 11, 12, 13, 14, 15, 16].map((xid) => shows(taken, xid)),
    [true, false, true, false, true, true, false, false],
  );
});

Deno.test("covers() is what comparing transaction by transaction gives", () => {
  const random = (below: number) => Math.floor(Math.random() * below);
  for (let round = 0; round < 5_000; round++) {
    const [a, b] = [0, 0].map(() => {
      const xmax = 3 + random(8);
      const running = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((x) => x < xmax && random(3) === 0);
      return snapshot(`${running[0] ?? xmax}:${xmax}:${running.join(",")}`);
    }) as [Snapshot, Snapshot];
    const all = Array.from({ length: 12 }, (_, xid) => xid);
    const expected = all.every((xid) => !shows(b, xid) || shows(a, xid));
    assert.equal(covers(a, b), expected, `${a.text} covers ${b.text}`);
  }
});

Deno.test("positions compare by what was had, also inside of a window", () => {
  const [from, to] = [snapshot("10:12:10"), snapshot("13:15:13")];
  const at = (rank: number) => positionWithin("e", from, to, rank);
  const batch = (transaction: number, rank: number) => ({
    transaction: String(transaction),
    position: at(rank),
  });
  const { has, reaches } = logPositions;
  // 12 ended first in the log, then 10, then 14.
  const batches = [batch(12, 1), batch(10, 2), batch(14, 3)];
  assert.deepEqual(batches.map((each) => has(at(2), each)), [true, true, false]);
  assert.deepEqual(batches.map((each) => has(positionAt("e", from), each)), [false, false, false]);
  assert.deepEqual(batches.map((each) => has(positionAt("e", to), each)), [true, true, true]);
  assert.ok(reaches(at(2), at(1)) && !reaches(at(1), at(2)));
  assert.ok(reaches(at(1), positionAt("e", from)) && !reaches(positionAt("e", from), at(1)));
  assert.ok(reaches(positionAt("e", to), at(3)) && !reaches(at(2), positionAt("e", to)));
  assert.ok(reaches(positionAt("e", to), positionOfOne("e", "14")));
  assert.ok(!reaches(positionAt("e", to), positionOfOne("e", "13")));
  assert.ok(!reaches(positionAt("f", to), at(1)), "another log's position says nothing");
  assert.ok(!has("no position", batch(12, 1)) && !reaches("no position", at(1)));
});
