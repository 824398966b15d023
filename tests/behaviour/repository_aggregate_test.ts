/** Sums, averages, extremes and groups. */
import assert from "node:assert/strict";
import { QueryError } from "../../src/base/errors.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { blog, fillBlog, Item, Post } from "./repository_models.ts";
import { plain, sends, untyped } from "./repository_support.ts";

const models = [Item];

onEveryDatabase("aggregate() gives each type its own exact result", { models }, async ({ db }) => {
  const items = db.repository(Item);
  await items.createMany([
    {
      name: "a",
      amount: 1,
      big: 9007199254740993n,
      price: "0.1",
      ratio: 0.5,
      day: "2020-01-01",
      at: new Date(5),
      active: true,
    },
    { name: "b", amount: 2, big: 2n, price: "0.2", ratio: 1.5, day: "2021-01-01", at: new Date(7) },
    { name: "c", amount: 4, price: "12345678901234567890.1234" },
    {},
  ]);
  const found = await sends(db, 1, () =>
    items.aggregate({
      count: true,
      sum: ["amount", "big", "price", "ratio"],
      avg: ["amount", "ratio", "big", "price"],
      min: ["name", "amount", "big", "price", "ratio", "day", "at"],
      max: ["name", "amount", "big", "price", "ratio", "day", "at"],
    }));
  assert.equal(found.count, 4);
  assert.deepEqual(plain(found.sum), {
    amount: 7,
    big: 9007199254740995n,
    price: "12345678901234567890.4234",
    ratio: 2,
  });
  assert.equal(found.avg.amount, 7 / 3);
  assert.equal(found.avg.ratio, 1);
  assert.equal(typeof found.avg.big, "number");
  assert.equal(typeof found.avg.price, "number");
  assert.deepEqual(plain(found.min), {
    name: "a",
    amount: 1,
    big: 2n,
    price: "0.1000",
    ratio: 0.5,
    day: "2020-01-01",
    at: new Date(5),
  });
  assert.deepEqual(plain(found.max), {
    name: "c",
    amount: 4,
    big: 9007199254740993n,
    price: "12345678901234567890.1234",
    ratio: 1.5,
    day: "2021-01-01",
    at: new Date(7),
  });
});

onEveryDatabase("aggregate() of nothing is null, and its count 0", { models }, async ({ db }) => {
  const found = await db.repository(Item).aggregate({
    count: true,
    sum: ["amount", "big", "price", "ratio"],
    avg: ["amount"],
    min: ["name"],
    max: ["at"],
    where: { name: "none" },
  });
  assert.deepEqual(plain(found), {
    count: 0,
    sum: { amount: null, big: null, price: null, ratio: null },
    avg: { amount: null },
    min: { name: null },
    max: { at: null },
  });
});

onEveryDatabase(
  "aggregate() keeps to its filter, over relations too",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const found = await db.repository(Post).aggregate({
      count: true,
      sum: ["views"],
      where: { author: { name: "ada" }, published: true },
    });
    assert.deepEqual(plain(found), { count: 2, sum: { views: 60 } });
  },
);

onEveryDatabase(
  "min() and max() of UUIDs and enums are values of the column",
  { models },
  async ({ db }) => {
    const items = db.repository(Item);
    const codes = [1, 2, 3].map((i) => `00000000-0000-4000-8000-00000000000${i}`);
    await items.createMany(
      codes.map((code, i) => ({ code, level: (["low", "mid", "top"] as const)[i] ?? null })),
    );
    const { min, max } = await items.aggregate({ min: ["code", "level"], max: ["code", "level"] });
    assert.deepEqual(plain(min), { code: codes[0], level: "low" });
    assert.deepEqual(plain(max), { code: codes[2], level: "top" });
  },
);

onEveryDatabase(
  "groupBy() gives one result for each combination",
  { models: blog },
  async ({ db }) => {
    const { ada, bob } = await fillBlog(db);
    const posts = db.repository(Post);
    const groups = await sends(db, 1, () =>
      posts.groupBy({
        by: ["authorId"],
        count: true,
        sum: ["views"],
        orderBy: { authorId: "asc" },
      }));
    assert.deepEqual(plain(groups), [
      { authorId: ada, count: 3, sum: { views: 70 } },
      { authorId: bob, count: 1, sum: { views: 30 } },
    ]);
    const two = await posts.groupBy({
      by: ["published", "authorId"],
      count: true,
      orderBy: { published: "asc", authorId: "desc" },
    });
    assert.deepEqual(plain(two), [
      { published: false, authorId: ada, count: 1 },
      { published: true, authorId: bob, count: 1 },
      { published: true, authorId: ada, count: 2 },
    ]);
  },
);

onEveryDatabase(
  "groupBy() takes having, order, limit, offset and a filter",
  { models },
  async ({ db }) => {
    const items = db.repository(Item);
    await items.createMany(
      ["a", "b", "b", "c", "c", "c", null, null].map((name) => ({ name, amount: 1 })),
    );
    const counted = async (query: object) =>
      (await items.groupBy({ by: ["name"], count: true, ...query })).map((each) =>
        `${each.name ?? "-"}${(each as { count: number }).count}`
      ).join(" ");
    assert.equal(await counted({ orderBy: { name: "asc" } }), "a1 b2 c3 -2");
    assert.equal(await counted({ orderBy: { name: "desc" } }), "-2 c3 b2 a1");
    assert.equal(await counted({ orderBy: { _count: "desc", name: "asc" } }), "c3 b2 -2 a1");
    assert.equal(
      await counted({ orderBy: { name: "asc" }, having: { count: { gt: 1, lt: 3 } } }),
      "b2 -2",
    );
    assert.equal(await counted({ orderBy: { name: "asc" }, having: { count: 3 } }), "c3");
    assert.equal(
      await counted({ orderBy: { name: "asc" }, having: { count: { in: [1, 3] } } }),
      "a1 c3",
    );
    assert.equal(await counted({ orderBy: { name: "asc" }, limit: 2, offset: 1 }), "b2 c3");
    assert.equal(await counted({ orderBy: { name: "asc" }, offset: 3 }), "-2");
    assert.equal(
      await counted({ orderBy: { name: "asc" }, where: { name: { gt: "a" } } }),
      "b2 c3",
    );
    assert.equal(await counted({ orderBy: { name: "asc" }, where: { name: "zz" } }), "");
  },
);

onEveryDatabase("groupBy() groups by every type", { models }, async ({ db }) => {
  const items = db.repository(Item);
  const row = {
    big: 9007199254740993n,
    price: "1.5000",
    active: true,
    at: new Date("2020-01-01T00:00:00.123Z"),
    day: "2020-01-01",
    code: "00000000-0000-4000-8000-000000000001",
    level: "mid",
  } as const;
  await items.createMany([row, row]);
  const [group, ...more] = await items.groupBy({
    by: ["big", "price", "active", "at", "day", "code", "level"],
    count: true,
  });
  assert.equal(more.length, 0);
  assert.deepEqual(plain(group), { ...row, count: 2 });
});

onEveryDatabase(
  "an aggregate that makes no sense is refused before it is sent",
  { models },
  async ({ db }) => {
    const items = db.repository(Item);
    const refused = (run: () => Promise<unknown>, message: RegExp) =>
      assert.rejects(async () => await run(), (error: Error) => {
        assert.ok(error instanceof QueryError, String(error));
        assert.match(error.message, message);
        return true;
      });
    await sends(db, 0, async () => {
      await refused(() => items.aggregate({}), /ask for/);
      await refused(() => items.aggregate(untyped({ sum: ["nope"] })), /nope/);
      await refused(() => items.aggregate(untyped({ sum: ["name"] })), /Cannot sum name/);
      await refused(() => items.aggregate(untyped({ avg: ["active"] })), /Cannot avg active/);
      await refused(() => items.aggregate(untyped({ min: ["active"] })), /Cannot min active/);
      await refused(() => items.aggregate(untyped({ max: ["data"] })), /Cannot max data/);
      await refused(() => items.aggregate(untyped({ median: ["amount"] })), /median/);
      await refused(() => items.groupBy(untyped({ by: [] })), /names no column/);
      await refused(() => items.groupBy(untyped({ by: ["nope"] })), /nope/);
      await refused(
        () => items.groupBy(untyped({ by: ["name"], orderBy: { amount: "asc" } })),
        /amount/,
      );
      await refused(() => items.groupBy(untyped({ by: ["name"], orderBy: { name: "up" } })), /asc/);
      await refused(() => items.groupBy(untyped({ by: ["name"], having: { sum: 3 } })), /having/);
      await refused(() => items.groupBy(untyped({ by: ["name"], limit: -1 })), /limit/);
    });
  },
);
