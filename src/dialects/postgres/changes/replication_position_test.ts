import assert from "node:assert/strict";
import {
  lineOf,
  lsnText,
  parseLsn,
  parseSnapshot,
  positionText,
  replicationPositions,
  snapshotPosition,
  ToldTransactions,
} from "./replication_position.ts";

const line = lineOf("7412345678901234567", "3");
const at = (end: number) => positionText(line, end);
const { has, reaches } = replicationPositions;
const batch = (end: number, xid: number) => ({
  position: at(end),
  transaction: String(xid),
});

Deno.test("positionText() sorts as places in the log do, and lsnText() is what the server reads", () => {
  const places = ["0/0", "0/FF", "0/FFFFFFFF", "1/0", "A/10", "1F/16B3748"];
  const texts = places.map((place) => at(parseLsn(place)));
  assert.deepEqual(texts, [...texts].sort());
  assert.deepEqual(places.map((place) => lsnText(parseLsn(place))), places);
});

Deno.test("the position of a batch has all up to it", () => {
  assert.equal(has(at(20), batch(20, 7)), true);
  assert.equal(has(at(20), batch(21, 6)), false);
  assert.equal(reaches(at(20), at(20)), true);
  assert.equal(reaches(at(20), at(21)), false);
});

Deno.test("positions of another server or of another line of its history have nothing in common", () => {
  const others = [lineOf("7412345678901234567", "4"), lineOf("7412345678901234568", "3")];
  for (const other of others) {
    assert.equal(has(positionText(other, 99), batch(20, 7)), false);
    assert.equal(reaches(positionText(other, 99), at(20)), false);
    assert.equal(reaches(at(99), positionText(other, 20)), false);
    assert.equal(reaches(snapshotPosition(other, 99, 99, "9:9:"), at(20)), false);
  }
});

Deno.test("the position of a snapshot has what the snapshot shows", () => {
  const position = snapshotPosition(line, 100, 40, "10:20:12,15");
  assert.equal(has(position, batch(100, 11)), true);
  assert.equal(has(position, batch(101, 11)), false, "committed after the snapshot");
  assert.equal(has(position, batch(90, 9)), true);
  assert.equal(has(position, batch(90, 12)), false, "in the log, and not visible yet");
  assert.equal(has(position, batch(90, 20)), false);
  assert.equal(has(position, batch(40, 12)), true, "another transaction had the number before");
  assert.equal(has(position, { position: at(90) }), false);
  assert.equal(reaches(position, at(40)), true);
  assert.equal(reaches(position, at(41)), false);
  assert.equal(reaches(at(99), position), false);
  assert.equal(reaches(at(100), position), true);
  assert.equal(reaches(position, position), true);
});

Deno.test("a position that is none has nothing and reaches nothing", () => {
  const odd = ["", "x", "0000;0000", `${at(9)};${at(9)};1:2`, "-".repeat(16)];
  for (const text of odd) {
    assert.equal(has(text, batch(1, 1)), false);
    assert.equal(reaches(text, at(0)), false);
    assert.equal(reaches(at(9), text), false);
    assert.equal(reaches(text, text), false);
  }
});

Deno.test("ToldTransactions keeps a snapshot from reaching what was told and is not shown", () => {
  const told = new ToldTransactions();
  told.start(5, false);
  told.add(10, 20);
  told.add(11, 30);
  told.add(12, 40);
  assert.equal(told.floor(parseSnapshot("11:12:11")!, { ...told.before(), end: 40 }), 29);
  assert.equal(told.size, 2);
  assert.equal(told.floor(parseSnapshot("13:13:")!, { ...told.before(), end: 30 }), 30);
  assert.equal(told.size, 0);
  assert.equal(told.floor(parseSnapshot("13:13:")!, told.before()), 40);
});
