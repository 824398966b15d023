/**
 * Every column type × its edge values × every way in and out × load strategy × depth × database: what comes back
 * is exactly what was written, and a nested value is exactly the one of the top level.
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { UpdateColumns } from "../../src/model/keys.ts";
import { cte } from "../../src/query/typed/cte.ts";
import { onEveryDatabase, type Target } from "../targets/databases.ts";
import {
  columnCases,
  type DatabaseName,
  listRows,
  type SampleRow,
  sampleRows,
} from "./value_cases.ts";
import { assertRows, pickColumns } from "./value_compare.ts";
import { type Family, lists, modelsOf, type Sample, scalars } from "./value_models.ts";

const columns = columnCases.map(({ column }) => column);
const strategies = ["join", "query"] as const;

interface Subject {
  readonly name: string;
  readonly family: Family;
  readonly rows: (database: DatabaseName) => readonly SampleRow[];
}

const subjects: readonly Subject[] = [
  { name: "values", family: scalars, rows: sampleRows },
  { name: "arrays", family: lists, rows: listRows },
];

interface Given {
  readonly db: Database;
  readonly family: Family;
  readonly rows: readonly SampleRow[];
  /** What comes back of each row. */
  readonly back: readonly Readonly<Record<string, unknown>>[];
}

/** The target without "rewritten". */
function nameOf(target: Target): DatabaseName {
  return target.name.startsWith("SQLite") ? "SQLite" : "PostgreSQL";
}

/** Registers a test for scalars, and for arrays where the database has them. */
function onEverySubject(name: string, test: (given: Given) => Promise<void>): void {
  for (const { name: what, family, rows: rowsOn } of subjects) {
    onEveryDatabase(`${what} ${name}`, {
      models: modelsOf(family),
      needs: (has) => family === scalars || has.supportsArrays,
    }, async ({ db, target }) => {
      const rows = rowsOn(nameOf(target));
      await test({ db, family, rows, back: rows.map(({ back }) => back) });
    });
  }
}

/** A row in the types of the model: that it fits is what is tested. */
function input(row: SampleRow): UpdateColumns<Sample> {
  return row.given as UpdateColumns<Sample>;
}

function plain(records: readonly object[]): Record<string, unknown>[] {
  return records.map((record) => pickColumns(record, columns));
}

async function stored({ db, family, rows }: Given): Promise<Sample[]> {
  const made = await db.repository(family.sample).createManyReturning(rows.map(input));
  return made as Sample[];
}

onEverySubject("come back from create() and findById() as they were written", async (given) => {
  const samples = given.db.repository(given.family.sample);
  const made: Sample[] = [];
  for (const row of given.rows) made.push(await samples.create(input(row)) as Sample);
  assertRows("create()", made, given.back);
  const again: object[] = [];
  for (const { id } of made) again.push(await samples.findById(id) ?? assert.fail());
  assertRows("findById()", again, given.back);
});

onEverySubject("come back from createMany() as they were written", async (given) => {
  const samples = given.db.repository(given.family.sample);
  assertRows("createManyReturning()", await stored(given), given.back);
  await samples.deleteMany({});
  assert.equal(await samples.createMany(given.rows.map(input)), given.rows.length);
  const found = await samples.find({ orderBy: { id: "asc" } });
  assertRows("createMany(), then find()", found, given.back);
  const some = await samples.find({ orderBy: { id: "asc" }, select: ["bigint", "json", "bytes"] });
  assertRows(
    "select",
    some,
    given.back.map((row) => pickColumns(row, ["bigint", "json", "bytes"])),
  );
});

onEverySubject("come back from bulks larger than a statement, in order", async (given) => {
  const samples = given.db.repository(given.family.sample);
  const times = Array.from({ length: 12 });
  const many = times.flatMap(() => given.rows.map(input));
  const back = times.flatMap(() => given.back);
  assert.ok(many.length > 256);
  assertRows("createManyReturning()", await samples.createManyReturning(many), back);
  await samples.createMany(many);
  const found = await samples.find({ orderBy: { id: "asc" }, offset: many.length });
  assertRows("createMany(), then find()", found, back);
});

onEverySubject(
  "come back from update(), updateMany() and upsert() as they were written",
  async (given) => {
    const samples = given.db.repository(given.family.sample);
    const { id } = await samples.create({});
    const updated: object[] = [];
    const many: object[] = [];
    const upserted: object[] = [];
    for (const row of given.rows) {
      updated.push(await samples.update(id, input(row)));
      await samples.updateMany({ where: { id } }, input(row));
      many.push(await samples.findById(id) ?? assert.fail());
      upserted.push(await samples.upsert({ where: { id }, create: {}, update: input(row) }));
    }
    assertRows("update()", updated, given.back);
    assertRows("updateMany()", many, given.back);
    assertRows("upsert()", upserted, given.back);
  },
);

onEverySubject("are told of in changes as they were written", async (given) => {
  const told: Record<string, unknown>[] = [];
  given.db.onCommit(({ changes }) => void told.push(...changes.map((each) => each.after ?? {})));
  await stored(given);
  assertRows("changes", told, given.back);
});

/** Two shelves in one room: every second sample on each; every sample has a label and is in one theme. */
async function furnish(given: Given): Promise<{ readonly top: Sample[] }> {
  const { db, family } = given;
  const made = await stored(given);
  const room = await db.repository(family.room).create({});
  const shelves = [
    await db.repository(family.shelf).create({ room: { connect: { id: room.id } } }),
    await db.repository(family.shelf).create({ room: { connect: { id: room.id } } }),
  ];
  const samples = db.repository(family.sample);
  for (const [index, { id }] of made.entries()) {
    const shelf = shelves[index % 2] ?? assert.fail();
    await samples.update(id, { shelf: { connect: { id: shelf.id } } });
    await db.repository(family.label).create({ sample: { connect: { id } } });
  }
  await db.repository(family.theme).create({
    samples: { connect: made.map(({ id }) => ({ id })) },
  });
  const top = await samples.find({ orderBy: { id: "asc" } });
  return { top: top as Sample[] };
}

for (const strategy of strategies) {
  for (const inner of strategies) {
    onEverySubject(
      `are the same at every depth by ${strategy}, and ${inner} below it`,
      async (given) => {
        const { db, family, back } = given;
        const { top } = await furnish(given);
        assertRows("find()", top, back);
        const expected = plain(top);
        const halves = [0, 1].map((half) => expected.filter((_, index) => index % 2 === half));
        const orderBy = { id: "asc" } as const;

        const shelves = await db.repository(family.shelf).find({
          orderBy,
          include: { samples: { strategy, orderBy } },
        });
        shelves.forEach(({ samples }, i) => assertRows("to many", samples, halves[i] ?? []));

        const rooms = await db.repository(family.room).find({
          include: {
            shelves: { strategy, orderBy, include: { samples: { strategy: inner, orderBy } } },
          },
        });
        rooms[0]?.shelves.forEach(({ samples }, i) =>
          assertRows("two levels below", samples, halves[i] ?? [])
        );

        const labels = await db.repository(family.label).find({
          orderBy,
          include: { sample: { strategy } },
        });
        const ones = labels.map(({ sample }) => sample ?? assert.fail());
        assertRows("to one", ones, expected);

        const [theme] = await db.repository(family.theme).find({
          include: {
            samples: {
              strategy,
              orderBy,
              include: { label: { strategy: inner, include: { sample: { strategy: inner } } } },
            },
          },
        });
        const through = theme?.samples ?? assert.fail();
        assertRows("many to many", through, expected);
        const back2 = through.map(({ label }) => label?.sample ?? assert.fail());
        assertRows("many to many, one and back", back2, expected);

        const paged = await db.repository(family.shelf).find({
          orderBy,
          include: { samples: { strategy, orderBy, limit: 3, offset: 1 } },
        });
        paged.forEach(({ samples }, i) =>
          assertRows("to many, limited", samples, halves[i]?.slice(1, 4) ?? [])
        );

        const chosen = await db.repository(family.shelf).find({
          orderBy,
          include: { samples: { strategy, orderBy, select: ["bytes", "bigint", "timestamptz"] } },
        });
        const names = ["bytes", "bigint", "timestamptz"];
        chosen.forEach(({ samples }, i) =>
          assertRows(
            "to many, selected",
            samples,
            (halves[i] ?? []).map((each) => pickColumns(each, names)),
          )
        );
      },
    );
  }
}

onEverySubject("are the same through load()", async (given) => {
  const { db, family } = given;
  const { top } = await furnish(given);
  const labels = db.repository(family.label);
  const found = await labels.load(await labels.find({ orderBy: { id: "asc" } }), { sample: true });
  assertRows("load()", found.map(({ sample }) => sample ?? assert.fail()), plain(top));
});

onEverySubject("come through the typed builder as they were written", async (given) => {
  const { db, family, back } = given;
  await stored(given);
  const all = db.query(family.sample).orderBy("id");
  assertRows("execute()", await all.execute(), back);
  const streamed: object[] = [];
  for await (const row of all.stream({ chunkSize: 7 })) streamed.push(row);
  assertRows("stream()", streamed, back);
  assertRows("a derived table", await db.query(all, "d").orderBy("id").execute(), back);
  const named = cte("named", db.query(family.sample));
  assertRows("a common table expression", await db.query(named).orderBy("id").execute(), back);
  const joined = await db.query(family.sample).innerJoin(
    family.sample,
    "s",
    (c) => c.s.id.eq(c.id),
  )
    .select((c) => Object.fromEntries(columns.map((name) => [name, c.s[name as "bigint"]])))
    .orderBy((c) => c.id).execute();
  assertRows("a join", joined, back);
  const greatest = await db.query(family.sample).select((c) => ({ big: c.bigint, id: c.id }))
    .where((c) => c.id.gt(0)).union(
      db.query(family.sample).select((c) => ({ big: c.bigint, id: c.id })),
    ).orderBy("id").execute();
  assertRows("a union", greatest, back.map(({ bigint }) => ({ big: bigint })));
});

onEverySubject("go through the typed insert and come back by returning", async (given) => {
  const { db, family, rows, back } = given;
  const one = await db.insertInto(family.sample).values(rows.map(input)).returningAll().execute();
  assertRows("returning", one.toSorted((a, b) => a.id - b.id), back);
});

onEveryDatabase("values come from raw SQL as the database has them", {
  models: modelsOf(scalars),
  needs: (has) => has.supportsArrays,
}, async ({ db, target }) => {
  const rows = sampleRows(nameOf(target));
  await db.repository(scalars.sample).createMany(rows.map(input));
  const { rows: found } = await db.execute("SELECT * FROM value_samples ORDER BY id");
  // Raw SQL knows no model: an integer is a number where that is exact.
  const narrow = (value: unknown) =>
    typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  const back = rows.map(({ back }) => ({ ...back, bigint: narrow(back.bigint) }));
  assertRows("execute()", found, back);
});

onEveryDatabase("values are stored in the forms that the decisions name", {
  models: modelsOf(scalars),
  needs: (has) => !has.supportsArrays,
}, async ({ db }) => {
  await db.repository(scalars.sample).create({
    smallint: 1,
    bigint: 2n ** 53n + 1n,
    decimal: "12.5",
    double: 0.5,
    boolean: true,
    text: "x",
    uuid: "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
    date: "2024-02-29",
    time: "12:30:00",
    timestamptz: new Date(0),
    jsonb: { a: 1 },
    bytes: new Uint8Array([1]),
    enum: "glad",
  });
  const stored = { ...(await db.execute("SELECT * FROM value_samples")).rows[0] };
  assert.deepStrictEqual(
    Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== null)),
    {
      id: 1,
      smallint: 1,
      bigint: 2n ** 53n + 1n,
      decimal: "12.5000000000",
      double: 0.5,
      boolean: 1,
      text: "x",
      uuid: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      date: "2024-02-29",
      time: "12:30:00",
      timestamptz: "1970-01-01 00:00:00.000",
      jsonb: '{"a":1}',
      bytes: new Uint8Array([1]),
      enum: "glad",
    },
  );
});
