/**
 * Positions: how they compare, and what a snapshot's position says.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ChangeBatch } from "../../../src/change/source.ts";
import type { Database } from "../../../src/database/database.ts";
import { randomWork, seed, writeAtRandom } from "./concurrency.ts";
import { assertSameRows, Mirror, rowsOf } from "./mirror.ts";
import { Account } from "./models.ts";
import { caughtUp, Reading } from "./reading.ts";
import type { SourceCase, SourceSetting, SourceTraits } from "./setting.ts";

/** Cases of positions. */
export function positionCases(traits: SourceTraits): SourceCase[] {
  const { images = "rows", resumes } = traits;
  return [
    {
      title: "positions have the batches up to them, and reach those before them",
      async run(setting) {
        const { db } = setting;
        await using reading = await Reading.open(await setting.source());
        const { position: start, source: { positions } } = reading;
        for (let id = 1; id <= 8; id++) {
          await db.repository(Account).create({ id, owner: "x", balance: 1n, note: null });
          await caughtUp(db, reading);
        }
        const { batches } = reading;
        assert.ok(batches.length >= 8);
        assert.ok(batches.every((batch) => !positions.has(start, batch)));
        batches.forEach((one, i) =>
          batches.forEach((other, j) => {
            assert.equal(positions.has(one.position, other), j <= i, `${i} has ${j}`);
            assert.equal(
              positions.reaches(one.position, other.position),
              j <= i,
              `${i} reaches ${j}`,
            );
          })
        );
        assert.ok(positions.reaches(start, start));
        assert.ok(positions.reaches(reading.position, start));
        assert.ok(positions.reaches(reading.position, batches.at(-1)!.position));
      },
    },
    {
      title: "a snapshot's position is reached by who was told all of it",
      async run(setting) {
        const { db } = setting;
        const source = await setting.source();
        await using reading = await Reading.open(source);
        for (let id = 1; id <= 5; id++) {
          await db.repository(Account).create({ id, owner: "x", balance: 1n, note: null });
          const position = await snapshot(db, (tx) => source.positionOf(tx));
          await db.repository(Account).update(id, { note: "later" });
          await caughtUp(db, reading);
          assert.ok(source.positions.reaches(reading.position, position));
        }
      },
    },
    ...images === "keys" ? [] : [{
      title: "a snapshot has exactly the batches that its position says",
      run: (setting: SourceSetting) => partition(setting, traits),
    }],
    ...resumes && images === "rows"
      ? [{
        title: "reading on from a snapshot's position leads to the table",
        async run(setting: SourceSetting) {
          const { db } = setting;
          await seed(setting);
          const source = await setting.source();
          await using keeping = await Reading.open(source);
          const work = writeAtRandom(setting, traits, 30);
          const taken = await snapshot(db, async (tx) => {
            const position = await source.positionOf(tx);
            return { position, rows: await rowsOf(tx) };
          });
          await using reading = await Reading.open(await setting.source(), taken.position);
          await work;
          await caughtUp(db, reading, keeping);
          assert.deepEqual(reading.resets, []);
          const mirror = (await Mirror.of(setting, source.form)).copy(taken.rows);
          mirror.apply(reading.batches);
          await mirror.assertSame(db, "the snapshot and what came after it");
        },
      }]
      : [],
  ];
}

type Snapshot = Pick<Database, "repository" | "execute">;

/** Runs `work` on one snapshot. */
function snapshot<T>(db: Database, work: (tx: Snapshot) => Promise<T>): Promise<T> {
  const level = "repeatable read";
  const isolation = db.dialect.capabilities.isolationLevels.includes(level)
    ? { isolation: level } as const
    : {};
  return db.transaction((tx) => work(tx), { readOnly: true, ...isolation });
}

async function partition(setting: SourceSetting, traits: SourceTraits): Promise<void> {
  const { db } = setting;
  await seed(setting);
  const source = await setting.source();
  const start = await Mirror.of(setting, source.form);
  await using reading = await Reading.open(source);
  let writing = true;
  const work = writeAtRandom(setting, traits, 60).finally(() => writing = false);
  const taken: { position: string; rows: Awaited<ReturnType<typeof rowsOf>> }[] = [];
  while (writing && taken.length < 200) {
    taken.push(
      await snapshot(db, async (tx) => {
        const position = await source.positionOf(tx);
        // Others commit between the reads of the snapshot; it does not see them.
        if (taken.length % 3 === 0 && !traits.oneConnection) await meanwhile(db);
        return { position, rows: await rowsOf(tx) };
      }),
    );
  }
  await work;
  await caughtUp(db, reading);
  const final = await rowsOf(db);
  const all: readonly ChangeBatch[] = reading.batches;
  assert.ok(taken.length > 3, `${taken.length} snapshots`);
  for (const [index, { position, rows }] of taken.entries()) {
    const had = all.filter((batch) => source.positions.has(position, batch));
    const before = start.copy();
    before.apply(had);
    assertSameRows(before.rows, rows, `snapshot ${index}: the batches that it has make it`);
    const after = start.copy(rows);
    after.apply(all.filter((batch) => !had.includes(batch)));
    assertSameRows(after.rows, final, `snapshot ${index}: the other batches make what came of it`);
  }
}

async function meanwhile(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    for (const sql of randomWork(Math.random)) await tx.execute(sql);
  });
}
