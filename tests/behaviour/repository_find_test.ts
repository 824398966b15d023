/** Conditions on columns: every operator, on every type that has it, on every database. */
import assert from "node:assert/strict";
import { QueryError, UnsupportedError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { onEveryDatabase, targets } from "../targets/databases.ts";
import type { OrderBy, Where } from "../../src/repository/types.ts";
import { Item, Listed } from "./repository_models.ts";
import { sends, untyped, watched } from "./repository_support.ts";

const models = [Item];
const uuids = [
  "00000000-0000-4000-8000-000000000001",
  "00000000-0000-4000-8000-000000000002",
] as const;

/** Four items: a, b, c with ever greater values, and d with nothing but NULLs. */
async function fill(db: Database): Promise<void> {
  await db.repository(Item).createMany([
    {
      name: "a",
      amount: 1,
      big: 9007199254740993n,
      price: "0.1000",
      ratio: 0.5,
      active: true,
      at: new Date("2020-01-01T00:00:00Z"),
      day: "2020-01-01",
      code: uuids[0],
      notes: { list: [1, 1] },
      data: { colour: "red", sizes: [1, 2], inner: { deep: true } },
      level: "low",
      bytes: new Uint8Array([1, 2]),
    },
    {
      name: "b",
      amount: 2,
      big: 9007199254740994n,
      price: "12345678901234567890.1234",
      ratio: 1.5,
      active: false,
      at: new Date("2021-01-01T00:00:00.123Z"),
      day: "2021-01-01",
      code: uuids[1],
      data: { colour: "blue", sizes: [2, 3] },
      level: "mid",
      bytes: new Uint8Array([3]),
    },
    {
      name: "c",
      amount: 3,
      big: -5n,
      price: "12345678901234567890.1235",
      ratio: 2.5,
      active: true,
      at: new Date("2022-01-01T00:00:00Z"),
      day: "2022-01-01",
      data: {},
      level: "top",
    },
    {},
  ]);
}

/** The names (or `-`) of the items that a condition leaves, as one word. */
async function names(db: Database, where: Where<Item>): Promise<string> {
  const found = await db.repository(Item).find({ where, orderBy: { id: "asc" } });
  return found.map((each) => each.name ?? "-").join("");
}

const cases:
  readonly (readonly [title: string, rows: readonly (readonly [Where<Item>, string])[]])[] = [
    ["text", [
      [{ name: "b" }, "b"],
      [{ name: { eq: "b" } }, "b"],
      [{ name: { ne: "b" } }, "ac"],
      [{ name: { gt: "b" } }, "c"],
      [{ name: { gte: "b" } }, "bc"],
      [{ name: { lt: "b" } }, "a"],
      [{ name: { lte: "b" } }, "ab"],
      [{ name: { in: ["a", "c", "x"] } }, "ac"],
      [{ name: { notIn: ["a"] } }, "bc"],
      [{ name: { between: ["a", "b"] } }, "ab"],
      [{ name: { gt: "a", lt: "c" } }, "b"],
    ]],
    ["integers", [
      [{ amount: 2 }, "b"],
      [{ amount: { ne: 2 } }, "ac"],
      [{ amount: { gt: 1, lte: 3 } }, "bc"],
      [{ amount: { lt: 2 } }, "a"],
      [{ amount: { gte: 3 } }, "c"],
      [{ amount: { in: [1, 3] } }, "ac"],
      [{ amount: { notIn: [1, 3] } }, "b"],
      [{ amount: { between: [2, 3] } }, "bc"],
    ]],
    ["bigints beyond 2^53", [
      [{ big: 9007199254740993n }, "a"],
      [{ big: { gt: 9007199254740993n } }, "b"],
      [{ big: { lt: 0n } }, "c"],
      [{ big: { in: [9007199254740994n, -5n] } }, "bc"],
      [{ big: { between: [9007199254740993n, 9007199254740994n] } }, "ab"],
    ]],
    ["exact decimals", [
      [{ price: "0.1" }, "a"],
      [{ price: { gt: "12345678901234567890.1234" } }, "c"],
      [{ price: { gte: "12345678901234567890.1234" } }, "bc"],
      [{ price: { lt: "2" } }, "a"],
      [{ price: { in: ["0.10", "12345678901234567890.12350"] } }, "ac"],
      [{ price: { between: ["0", "1"] } }, "a"],
    ]],
    ["floating point", [
      [{ ratio: 1.5 }, "b"],
      [{ ratio: { gt: 0.5 } }, "bc"],
      [{ ratio: { in: [0.5, 2.5] } }, "ac"],
      [{ ratio: { lt: 1 } }, "a"],
    ]],
    ["booleans", [
      [{ active: true }, "ac"],
      [{ active: false }, "b"],
      [{ active: { ne: true } }, "b"],
      [{ active: { in: [true, false] } }, "abc"],
      [{ active: { isNull: true } }, "-"],
    ]],
    ["moments", [
      [{ at: new Date("2021-01-01T00:00:00.123Z") }, "b"],
      [{ at: { gt: new Date("2021-01-01T00:00:00.122Z") } }, "bc"],
      [{ at: { lt: new Date("2021-01-01T00:00:00.123Z") } }, "a"],
      [{ at: { in: [new Date("2020-01-01"), new Date("2022-01-01")] } }, "ac"],
      [{ at: { between: [new Date("2020-06-01"), new Date("2021-06-01")] } }, "b"],
    ]],
    ["dates", [
      [{ day: "2021-01-01" }, "b"],
      [{ day: { gte: "2021-01-01" } }, "bc"],
      [{ day: { in: ["2020-01-01"] } }, "a"],
      [{ day: { between: ["2020-01-01", "2021-12-31"] } }, "ab"],
    ]],
    ["UUIDs, whatever their case", [
      [{ code: uuids[0] }, "a"],
      [{ code: uuids[1].toUpperCase() }, "b"],
      [{ code: { ne: uuids[0] } }, "b"],
      [{ code: { in: [uuids[0], uuids[1]] } }, "ab"],
      [{ code: { gt: uuids[0] } }, "b"],
    ]],
    ["enums", [
      [{ level: "mid" }, "b"],
      [{ level: { ne: "mid" } }, "ac"],
      [{ level: { in: ["low", "top"] } }, "ac"],
      [{ level: { notIn: ["low"] } }, "bc"],
    ]],
    ["bytes", [
      [{ bytes: new Uint8Array([1, 2]) }, "a"],
      [{ bytes: { ne: new Uint8Array([1, 2]) } }, "b"],
      [{ bytes: { in: [new Uint8Array([3])] } }, "b"],
    ]],
    ["documents", [
      [{ data: { eq: {} } }, "c"],
      [{ data: { eq: { sizes: [2, 3], colour: "blue" } } }, "b"],
      [{ data: { ne: {} } }, "ab"],
      [{ data: { contains: { colour: "red" } } }, "a"],
      [{ data: { contains: { sizes: [2] } } }, "ab"],
      [{ data: { contains: { inner: { deep: true } } } }, "a"],
      [{ data: { contains: {} } }, "abc"],
      [{ data: { contains: { colour: "green" } } }, ""],
      [{ data: { isNull: true } }, "-"],
      [{ data: { eq: { colour: "blue", sizes: [3, 2] } } }, ""],
      [{ notes: { eq: { list: [1, 1] } } }, "a"],
      [{ notes: { eq: { list: [1] } } }, ""],
      [{ notes: { contains: { list: [1] } } }, "a"],
      [{ notes: { ne: { list: [1] } } }, "a"],
      [{ notes: { eq: null } }, "bc-"],
    ]],
    ["NULL", [
      [{ name: null }, "-"],
      [{ name: { eq: null } }, "-"],
      [{ name: { ne: null } }, "abc"],
      [{ name: { isNull: true } }, "-"],
      [{ name: { isNull: false } }, "abc"],
      [{ code: null }, "c-"],
      [{ name: null, amount: null }, "-"],
      [{ amount: { notIn: [] } }, "abc-"],
      [{ amount: { in: [] } }, ""],
    ]],
    ["AND, OR and NOT", [
      [{}, "abc-"],
      [{ AND: [{ amount: { gt: 1 } }, { active: true }] }, "c"],
      [{ AND: { amount: 1 } }, "a"],
      [{ OR: [{ name: "a" }, { name: "c" }] }, "ac"],
      [{ NOT: { name: "a" } }, "bc"],
      [{ NOT: [{ name: "a" }, { name: "b" }] }, "c"],
      [{ AND: [] }, "abc-"],
      [{ OR: [] }, ""],
      [{ NOT: [] }, "abc-"],
      [{ AND: [{}] }, "abc-"],
      [{ OR: [{}] }, "abc-"],
      [{ NOT: {} }, ""],
      [{ NOT: { OR: [] } }, "abc-"],
      [{
        OR: [{ AND: [{ name: "a" }, { OR: [{ amount: 1 }, { amount: 9 }] }] }, {
          NOT: { amount: { lt: 3 } },
        }],
      }, "ac"],
      [{ amount: { gt: 1 }, OR: [{ name: "a" }, { name: "b" }], NOT: { active: true } }, "b"],
      [{ OR: [{ name: null }, { name: { startsWith: "a" } }] }, "a-"],
    ]],
  ];

for (const [title, rows] of cases) {
  onEveryDatabase(`find() takes every operator on ${title}`, { models }, async ({ db }) => {
    await fill(db);
    for (const [where, wanted] of rows) {
      const label = JSON.stringify(
        where,
        (_, each) => typeof each === "bigint" ? `${each}n` : each,
      );
      assert.equal(await names(db, where), wanted, label);
      assert.equal(await db.repository(Item).count({ where }), wanted.length, `count ${label}`);
      assert.equal(await db.repository(Item).exists({ where }), wanted !== "", `exists ${label}`);
    }
  });
}

const hostile = [
  "100%",
  "100x",
  "under_score",
  "underXscore",
  "back\\slash",
  "o'clock",
  'say "hi"',
  "; DROP TABLE items; --",
  "[abc]",
  "a*b?c",
  "line\nbreak",
  "emoji 🎉 end",
  "$1 ?1 :name",
] as const;

onEveryDatabase("text operators take their text literally", { models }, async ({ db }) => {
  const items = db.repository(Item);
  await items.createMany(hostile.map((name) => ({ name })));
  for (const text of hostile) {
    for (
      const where of [
        { name: text },
        { name: { eq: text } },
        { name: { in: [text] } },
        { name: { startsWith: text } },
        { name: { endsWith: text } },
        { name: { contains: text } },
        { name: { contains: text.slice(1) } },
        { name: { startsWith: text.slice(0, 6), endsWith: text.slice(-3) } },
      ] satisfies Where<Item>[]
    ) {
      const found = await items.find({ where });
      assert.deepEqual(found.map((each) => each.name), [text], JSON.stringify(where));
    }
  }
  assert.equal(await items.count({ where: { name: { contains: "%" } } }), 1);
  assert.equal(await items.count({ where: { name: { contains: "_" } } }), 1);
  assert.equal(await items.count({ where: { name: { contains: "\\" } } }), 1);
  assert.equal(await items.count({ where: { name: { startsWith: "" } } }), hostile.length);
});

onEveryDatabase(
  "like takes patterns and minds case, ilike does not",
  { models },
  async ({ db }) => {
    const items = db.repository(Item);
    await items.createMany(
      ["Apple", "apple", "APPLE pie", "a_ple", "a%", "[x]"].map((name) => ({ name })),
    );
    const find = async (where: Where<Item>) =>
      (await items.find({ where, orderBy: { id: "asc" } })).map((each) => each.name);
    assert.deepEqual(await find({ name: { like: "apple" } }), ["apple"]);
    assert.deepEqual(await find({ name: { like: "A%" } }), ["Apple", "APPLE pie"]);
    assert.deepEqual(await find({ name: { like: "_pple" } }), ["Apple", "apple"]);
    assert.deepEqual(await find({ name: { like: "a\\_ple" } }), ["a_ple"]);
    assert.deepEqual(await find({ name: { like: "a\\%" } }), ["a%"]);
    assert.deepEqual(await find({ name: { like: "[x]" } }), ["[x]"]);
    assert.deepEqual(await find({ name: { ilike: "apple%" } }), ["Apple", "apple", "APPLE pie"]);
    assert.deepEqual(await find({ name: { ilike: "A\\_PLE" } }), ["a_ple"]);
    assert.deepEqual(await find({ name: { startsWith: "app" } }), ["apple"]);
    assert.deepEqual(await find({ name: { endsWith: "PIE" } }), []);
    assert.deepEqual(await find({ name: { contains: "PP" } }), ["APPLE pie"]);
    assert.deepEqual(
      await find({ NOT: { name: { like: "%p%" } } }),
      ["APPLE pie", "a%", "[x]"].filter((each) => !each.includes("p")),
    );
  },
);

onEveryDatabase(
  "lists are asked whether they contain or overlap",
  { models: [Listed], needs: (can) => can.supportsArrays },
  async ({ db }) => {
    const lists = db.repository(Listed);
    await lists.createMany([
      { words: ["a", "b"], numbers: [1, 2] },
      { words: ["b", "c"] },
      { words: [] },
    ]);
    const find = async (where: Where<Listed>) =>
      (await lists.find({ where, orderBy: { id: "asc" } })).map((each) => each.words.join(""));
    assert.deepEqual(await find({ words: { contains: ["b"] } }), ["ab", "bc"]);
    assert.deepEqual(await find({ words: { contains: ["b", "a"] } }), ["ab"]);
    assert.deepEqual(await find({ words: { contains: [] } }), ["ab", "bc", ""]);
    assert.deepEqual(await find({ words: { overlaps: ["a", "c", "it's, {\"}"] } }), ["ab", "bc"]);
    assert.deepEqual(await find({ words: { overlaps: [] } }), []);
    assert.deepEqual(await find({ words: ["a", "b"] }), ["ab"]);
    assert.deepEqual(await find({ words: { eq: [] } }), [""]);
    assert.deepEqual(await find({ words: { ne: ["a", "b"] } }), ["bc", ""]);
    assert.deepEqual(await find({ numbers: { contains: [2] } }), ["ab"]);
    assert.deepEqual(await find({ numbers: null }), ["bc", ""]);
  },
);

for (const target of targets.filter((each) => !each.capabilities.supportsArrays)) {
  Deno.test(`a column of lists is refused before any SQL is sent (${target.name})`, async () => {
    await using opened = await target.open();
    const { db } = opened;
    const sent = await watched(db, async () => {
      await assert.rejects(db.schema.create({ models: [Listed] }), UnsupportedError);
    });
    assert.equal(sent.events.length, 0);
  });
}

onEveryDatabase("a long list is one parameter", { models }, async ({ db }) => {
  await fill(db);
  const many = Array.from({ length: 50_000 }, (_, i) => i + 2);
  const { result, events } = await watched(
    db,
    () => db.repository(Item).find({ where: { amount: { in: many } }, orderBy: { id: "asc" } }),
  );
  assert.deepEqual(result.map((each) => each.name), ["b", "c"]);
  assert.equal(events.length, 1);
  assert.equal(events[0]?.parameters.length, 1);
});

onEveryDatabase(
  "values never enter the SQL, and one shape is compiled once",
  { models },
  async ({ db }) => {
    await fill(db);
    const items = db.repository(Item);
    const { events } = await watched(db, async () => {
      for (const name of ["a", "'; DROP TABLE items; --", "zz"]) {
        await items.find({
          where: { name, amount: { in: [1, 2].slice(0, name.length) } },
          limit: 3,
        });
      }
    });
    const [first, ...rest] = events.map((each) => each.sql);
    assert.deepEqual(rest, [first, first]);
    assert.doesNotMatch(first ?? "", /DROP/);
    const before = db.stats();
    await items.find({ where: { name: "b", amount: { in: [7] } }, limit: 3 });
    const after = db.stats();
    assert.deepEqual(
      [after.cacheHits, after.cacheMisses],
      [before.cacheHits + 1, before.cacheMisses],
      "nothing was compiled and no plan was added",
    );
  },
);

onEveryDatabase("undefined is refused wherever a value stands", { models }, async ({ db }) => {
  const items = db.repository(Item);
  const queries: unknown[] = [
    { where: { name: undefined } },
    { where: { name: { eq: undefined } } },
    { where: { name: { in: [undefined] } } },
    { where: { AND: [{ name: undefined }] } },
    { where: { amount: { between: [1, undefined] } } },
    { where: { NOT: undefined } },
  ];
  await sends(db, 0, async () => {
    for (const query of queries) {
      await assert.rejects(
        async () => await items.find(untyped(query)),
        (error: Error) => error instanceof QueryError && /undefined/.test(error.message),
        JSON.stringify(query),
      );
    }
  });
});

onEveryDatabase("find() gives instances, and select plain data", { models }, async ({ db }) => {
  await fill(db);
  const items = db.repository(Item);
  const [whole] = await items.find({ where: { name: "a" } });
  assert.ok(whole instanceof Item);
  const [part] = await items.find({ where: { name: "a" }, select: ["amount", "name"] });
  assert.deepEqual(part, { amount: 1, name: "a" });
  assert.equal(Object.getPrototypeOf(part), Object.prototype);
  const { events } = await watched(db, () => items.find({ select: ["big"] }));
  assert.match(events[0]?.sql ?? "", /^select "?big"? from "?items"?$/i);
});

onEveryDatabase(
  "orderBy puts NULLs last ascending and first descending, or where it says",
  { models },
  async ({ db }) => {
    await fill(db);
    const items = db.repository(Item);
    const order = async (orderBy: OrderBy<Item> | readonly OrderBy<Item>[]) =>
      (await items.find({ orderBy })).map((each) => each.name ?? "-").join("");
    assert.equal(await order({ name: "asc" }), "abc-");
    assert.equal(await order({ name: "desc" }), "-cba");
    assert.equal(await order({ name: { direction: "desc", nulls: "last" } }), "cba-");
    assert.equal(await order({ name: { nulls: "first" } }), "-abc");
    assert.equal(await order([{ active: "desc" }, { amount: "desc" }]), "-cab");
    assert.equal(await order({ active: "asc", amount: "desc" }), "bca-");
    assert.equal(await order({ price: "desc" }), "-cba");
    assert.equal(await order({ big: "asc" }), "cab-");
    assert.equal(await order({ level: "asc" }), "abc-");
  },
);

onEveryDatabase("limit and offset cut the ordered list", { models }, async ({ db }) => {
  await fill(db);
  const items = db.repository(Item);
  const page = async (limit?: number, offset?: number) => {
    const found = await items.find({ orderBy: { id: "asc" }, limit, offset });
    return found.map((each) => each.name ?? "-").join("");
  };
  assert.equal(await page(2), "ab");
  assert.equal(await page(2, 1), "bc");
  assert.equal(await page(undefined, 3), "-");
  assert.equal(await page(0), "");
  assert.equal(await page(5, 9), "");
});
