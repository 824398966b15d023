import assert from "node:assert/strict";
import { noteArrivals, overlay, type PendingWrite, type ViewQuery } from "./overlay.ts";
import type { Row, Rows } from "./rows.ts";

let numbers = 0;

function rowsOf(...rows: Row[]): Rows {
  return new Map(rows.map((row) => [`${row.id}`, row]));
}

function create(values: Row, preview?: Row): PendingWrite {
  return { id: ++numbers, op: "create", model: "Post", values, ...preview && { preview } };
}

function update(key: Row, values: Row): PendingWrite {
  return { id: ++numbers, op: "update", model: "Post", key, values };
}

function remove(key: Row): PendingWrite {
  return { id: ++numbers, op: "delete", model: "Post", key, values: {} };
}

function shown(base: Rows, query: ViewQuery, ...writes: PendingWrite[]): Row[] {
  return [...overlay(base, query, writes, new Map()).rows.values()];
}

const base = rowsOf({ id: 1, n: 10, open: true }, { id: 2, n: 20, open: true });

Deno.test("overlay: changes of one record lie over one another, in the order of the writes", () => {
  const writes = [update({ id: 1 }, { n: 11 }), update({ id: 1 }, { open: false, n: 12 })];
  assert.deepEqual(shown(base, {}, ...writes)[0], { id: 1, n: 12, open: false });
  assert.deepEqual(shown(base, {}, ...writes, remove({ id: 1 })).map(({ id }) => id), [2]);
  assert.deepEqual(shown(base, {}), [...base.values()]);
});

Deno.test("overlay: what a result does not show of a record is not added to it", () => {
  assert.deepEqual(shown(base, {}, update({ id: 1 }, { secret: 1 })), [...base.values()]);
});

Deno.test("overlay: a record that no longer meets the condition leaves, and comes back with it", () => {
  const query = { where: { open: true, owner: 7 } };
  const close = update({ id: 1 }, { open: false });
  assert.deepEqual(shown(base, query, close).map(({ id }) => id), [2]);
  const back = update({ id: 1 }, { open: true });
  assert.deepEqual(shown(base, query, close, back).map(({ id }) => id), [1, 2]);
  const given = update({ id: 1 }, { owner: 8 });
  assert.deepEqual(shown(base, query, given).map(({ id }) => id), [2]);
});

Deno.test("overlay: a record stays where only the database can tell whether it still belongs", () => {
  const query = { where: { OR: [{ n: 10 }, { n: 20 }], title: { contains: "x" } } };
  assert.equal(shown(base, query, update({ id: 1 }, { n: 3, title: "y" })).length, 2);
});

Deno.test("overlay: a record of another key, or without its key, is left alone", () => {
  assert.deepEqual(shown(base, {}, remove({ id: 3 }), remove({ id: 1, part: 2 })).length, 2);
  assert.deepEqual(shown(base, {}, update({ slug: "a" }, { n: 0 })), [...base.values()]);
});

Deno.test("overlay: a new record is shown where it certainly belongs and is whole", () => {
  const row = { n: 30, open: true };
  const whole = create(row, { id: 3 });
  assert.equal(shown(base, {}, whole).length, 3);
  assert.deepEqual(shown(base, {}, whole)[2], { id: 3, n: 30, open: true });
  assert.equal(shown(base, { where: { open: true, n: { in: [1, 30] } } }, whole).length, 3);
  assert.equal(
    shown(base, { where: { AND: [{ open: true }, { n: { eq: 30 } }] } }, whole).length,
    3,
  );
  // It lacks its key, does not meet the condition, or only the database knows.
  assert.equal(shown(base, {}, create(row)).length, 2);
  assert.equal(shown(base, { where: { open: false } }, whole).length, 2);
  assert.equal(shown(base, { where: { other: 1 } }, whole).length, 2);
  assert.equal(shown(base, { where: { n: { gt: 1 } } }, whole).length, 2);
  assert.equal(shown(base, { where: { OR: [{ n: 30 }] } }, whole).length, 2);
  assert.equal(shown(base, { offset: 1 }, whole).length, 2);
  // Relations are not known, unless they are given.
  assert.equal(shown(base, { include: { author: true } }, whole).length, 2);
  assert.equal(shown(base, { include: { author: false } }, whole).length, 3);
  const author = create(row, { id: 3, author: { name: "A" } });
  assert.deepEqual(shown(base, { include: { author: true } }, author)[2]?.author, { name: "A" });
  // Without a select and without records nobody knows the columns, but who gives a preview.
  assert.equal(shown(rowsOf(), {}, create(row)).length, 0);
  assert.equal(shown(rowsOf(), { select: ["n"] }, create(row)).length, 1);
  assert.equal(shown(rowsOf(), {}, whole).length, 1);
});

Deno.test("overlay: new and changed records take their place in orders that a client can follow", () => {
  const query = { orderBy: [{ n: "desc" }, { id: "asc" }] };
  const ordered = rowsOf({ id: 2, n: 20 }, { id: 1, n: 10 });
  const ids = (...writes: PendingWrite[]) => shown(ordered, query, ...writes).map(({ id }) => id);
  assert.deepEqual(ids(create({ n: 15 }, { id: 3 })), [2, 3, 1]);
  assert.deepEqual(ids(create({ n: 10 }, { id: 3 })), [2, 1, 3]);
  assert.deepEqual(ids(create({ n: null }, { id: 3 })), [3, 2, 1]);
  assert.deepEqual(ids(update({ id: 1 }, { n: 30 })), [1, 2]);
  // An order of texts is the database's.
  const text = { orderBy: { title: "asc" } };
  const titles = rowsOf({ id: 1, title: "b" }, { id: 2, title: "c" });
  assert.equal(shown(titles, text, create({ title: "a" }, { id: 3 })).length, 2);
  assert.deepEqual(shown(titles, text, update({ id: 2 }, { title: "a" })).map(({ id }) => id), [
    1,
    2,
  ]);
});

Deno.test("overlay: what a new record pushes over the limit is not shown", () => {
  const query = { orderBy: { n: "asc" }, limit: 2 };
  const ids = (n: number) =>
    shown(base, query, create({ n, open: true }, { id: 3 })).map((r) => r.id);
  assert.deepEqual(ids(15), [1, 3]);
  assert.deepEqual(ids(25), [1, 2]);
});

Deno.test("overlay: once the server has told a new record, its preview is not shown beside it", () => {
  const arrived = new Map<number, string>();
  const one = create({ n: 30, open: true }, { id: 99 });
  const two = create({ n: 30, open: true }, { id: 98 });
  const after = new Map([...base, ["3", { id: 3, n: 30, open: true }]]);
  noteArrivals(base, after, [one, two], arrived);
  assert.deepEqual([...arrived], [[one.id, "3"]]);
  const { rows, changed } = overlay(after, {}, [one, two], arrived);
  assert.deepEqual([...rows.values()].map(({ id }) => id), [1, 2, 3, 98]);
  assert.deepEqual([...changed], [`~${two.id}`]);
});
