/** Keyset pagination: pages put together are the ordered list, whatever ties and NULLs there are. */
import assert from "node:assert/strict";
import { QueryError } from "../../src/base/errors.ts";
import type { OrderBy } from "../../src/repository/types.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Item, Region, Town } from "./repository_models.ts";
import { random, untyped, watched } from "./repository_support.ts";

const orders: readonly (OrderBy<Item> | readonly OrderBy<Item>[])[] = [
  { id: "asc" },
  { id: "desc" },
  { name: "asc" },
  { name: "desc" },
  { name: { direction: "asc", nulls: "first" } },
  { name: { direction: "desc", nulls: "last" } },
  { amount: "desc", name: "asc" },
  [{ amount: { direction: "asc", nulls: "first" } }, { name: "desc" }, { id: "desc" }],
  [{ active: "desc" }, { price: "asc" }, { at: { direction: "desc", nulls: "last" } }],
  { big: "desc", ratio: "asc" },
  { day: "asc", id: "desc" },
  { code: "desc" },
];

onEveryDatabase(
  "pages put together are the whole ordered list",
  { models: [Item] },
  async ({ db }) => {
    const next = random(20260727);
    const pick = <T>(...from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
    const items = db.repository(Item);
    await items.createMany(Array.from({ length: 60 }, () => ({
      name: pick("a", "b", "c", null),
      amount: pick(1, 2, null),
      big: pick(9007199254740993n, 9007199254740992n, null),
      price: pick("0.1", "0.10", "9", "10", null),
      ratio: pick(0.1, 0.2, null),
      active: pick(true, false, null),
      at: pick(new Date("2020-01-01T00:00:00.001Z"), new Date("2020-01-01T00:00:00.002Z"), null),
      day: pick("2020-01-01", "2020-01-02", null),
      code: pick("00000000-0000-4000-8000-000000000001", null),
    })));
    for (const orderBy of orders) {
      for (const limit of [1, 7]) {
        const label = JSON.stringify([orderBy, limit]);
        const whole = (await items.find({ orderBy, limit: 1000 })).map((each) => each.id);
        assert.equal(whole.length, 60);
        const walked: number[] = [];
        let page = await items.find({ orderBy, limit });
        while (page.length > 0) {
          walked.push(...page.map((each) => each.id));
          assert.ok(walked.length <= 60, label);
          page = await items.find({ orderBy, limit, cursor: page.at(-1)! });
        }
        assert.deepEqual(walked, whole, label);
      }
    }
  },
);

onEveryDatabase("a cursor is plain data, keeps to the filter and walks composite keys", {
  models: [Region, Town],
}, async ({ db }) => {
  const towns = db.repository(Town);
  await towns.createMany(
    ["at", "ch", "de"].flatMap((country) =>
      ["a", "b", "c"].map((name) => ({ country, name, regionNumber: null }))
    ),
  );
  const seen: string[] = [];
  let cursor: { name: string; country: string } | undefined;
  for (let i = 0; i < 20; i++) {
    const page = await towns.find({
      where: { name: { ne: "b" } },
      select: ["name", "country"],
      orderBy: { name: "desc" },
      limit: 2,
      ...cursor && { cursor },
    });
    if (page.length === 0) break;
    seen.push(...page.map((each) => `${each.name}${each.country}`));
    cursor = JSON.parse(JSON.stringify(page.at(-1)));
  }
  assert.deepEqual(seen, ["cde", "cch", "cat", "ade", "ach", "aat"]);
});

onEveryDatabase("a page is one statement of one shape", { models: [Item] }, async ({ db }) => {
  const items = db.repository(Item);
  await items.createMany(["a", "b", "c", "d"].map((name) => ({ name })));
  const { events } = await watched(db, async () => {
    let page = await items.find({ orderBy: { name: "asc" }, limit: 1 });
    while (page.length > 0) {
      page = await items.find({ orderBy: { name: "asc" }, limit: 1, cursor: page[0]! });
    }
  });
  assert.equal(events.length, 5);
  assert.equal(new Set(events.map((each) => each.sql)).size, 2);
});

onEveryDatabase(
  "columns that are not in the order do not change the shape of a cursor",
  { models: [Item], rewrite: false },
  async ({ db }) => {
    const items = db.repository(Item);
    const orderBy = { id: "asc" } as const;
    const { events } = await watched(db, async () => {
      await items.find({ orderBy, limit: 1, cursor: { id: 1 } });
      await items.find({ orderBy, limit: 1, cursor: { id: 1, name: null, amount: 3 } });
    });
    assert.equal(events[0]?.sql, events[1]?.sql);
    assert.equal(events[1]?.parameters.length, events[0]?.parameters.length);
  },
);

onEveryDatabase(
  "a cursor that cannot say where to go on is refused",
  { models: [Item] },
  async ({ db }) => {
    const items = db.repository(Item);
    const refused = (query: unknown, message: RegExp) =>
      assert.rejects(async () => await items.find(untyped(query)), (error: Error) => {
        assert.ok(error instanceof QueryError);
        assert.match(error.message, message);
        return true;
      });
    await refused({ orderBy: { name: "asc" }, cursor: { id: 1 } }, /lacks name/);
    await refused({ orderBy: { name: "asc" }, cursor: { name: "a" } }, /lacks id/);
    await refused({ cursor: "x" }, /cursor/);
  },
);
