/**
 * Many writers at once: whole transactions, in an order that could have been, and none lost.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ChangeBatch } from "../../../src/change/source.ts";
import { Mirror } from "./mirror.ts";
import { Account } from "./models.ts";
import { caughtUp, Reading } from "./reading.ts";
import type { Outside, SourceCase, SourceSetting, SourceTraits } from "./setting.ts";

const accounts = 12;

/** Accounts with money. */
export async function seed({ db }: SourceSetting): Promise<void> {
  await db.repository(Account).createMany(
    Array.from({ length: accounts }, (_, index) => ({
      id: index + 1,
      owner: `owner ${index}`,
      balance: 1_000n,
      note: null,
    })),
  );
}

/** The statements of a random transfer; rows are taken in order, so that no two wait for each other. */
function transfer(random: () => number): string[] {
  const pick = () => 1 + Math.floor(random() * accounts);
  const from = pick();
  let to = pick();
  while (to === from) to = pick();
  const amount = 1 + Math.floor(random() * 50);
  const parts: [number, number][] = [[from, -amount], [to, amount]];
  return parts.sort(([a], [b]) => a - b).map(([id, change]) =>
    `UPDATE kit_accounts SET balance = balance + (${change}) WHERE id = ${id}`
  );
}

/** The statements of any small transaction. */
export function randomWork(random: () => number): string[] {
  const seat = Math.floor(random() * 6);
  const key = `hall = 'A' AND number = ${seat}`;
  switch (Math.floor(random() * 5)) {
    case 0:
      return [
        `DELETE FROM kit_seats WHERE ${key}`,
        `INSERT INTO kit_seats (hall, number, guest) VALUES ('A', ${seat}, 'g${random()}') ` +
        "ON CONFLICT (hall, number) DO UPDATE SET guest = excluded.guest",
      ];
    case 1:
      return [`DELETE FROM kit_seats WHERE ${key}`, ...transfer(random)];
    case 2:
      return [
        `INSERT INTO kit_seats (hall, number, guest) VALUES ('A', ${seat}, NULL) ` +
        "ON CONFLICT (hall, number) DO UPDATE SET guest = NULL",
      ];
    default:
      return transfer(random);
  }
}

/** Writers beside each other, within Rex-ORM and without; settles when all are done. */
export async function writeAtRandom(
  setting: SourceSetting,
  { outside }: SourceTraits,
  rounds: number,
): Promise<void> {
  const { db } = setting;
  const within = async () => {
    for (let i = 0; i < rounds; i++) {
      const undo = Math.random() < 0.15;
      await db.transaction(async (tx) => {
        for (const sql of randomWork(Math.random)) await tx.execute(sql);
        if (undo) throw new Undo();
      }).catch((error) => {
        if (!(error instanceof Undo)) throw error;
      });
    }
  };
  const beside = async (connection: Outside) => {
    for (let i = 0; i < rounds; i++) await connection.run(randomWork(Math.random));
    await connection[Symbol.asyncDispose]();
  };
  const others = outside ? [await setting.outside(), await setting.outside()] : [];
  await Promise.all([within(), within(), ...others.map(beside)]);
}

class Undo extends Error {}

/** Cases of many writers; a source of keys has none, as it tells no states. */
export function concurrencyCases(traits: SourceTraits): SourceCase[] {
  const { images = "rows", outside, resumes } = traits;
  if (images === "keys") return [];
  return [
    {
      title: "a transaction is never told in parts, and conflicting ones come in their order",
      async run(setting) {
        const { db } = setting;
        await seed(setting);
        const source = await setting.source();
        const mirror = await Mirror.of(setting, source.form);
        const total = mirror.total;
        await using reading = await Reading.open(source);
        await writeAtRandom(setting, traits, 60);
        await caughtUp(db, reading);
        for (const batch of reading.batches) {
          mirror.apply([batch]);
          assert.equal(mirror.total, total, "after each batch all money is there");
        }
        await mirror.assertSame(db, "after all batches");
      },
    },
    {
      title: "a large transaction is told whole, and what is written meanwhile is not lost",
      async run(setting) {
        const { db } = setting;
        await seed(setting);
        const source = await setting.source();
        const mirror = await Mirror.of(setting, source.form);
        await using reading = await Reading.open(source);
        const rows = Array.from({ length: 5_000 }, (_, index) => ({
          id: 1_000 + index,
          owner: "many",
          balance: 0n,
          note: null,
        }));
        await db.transaction(async (tx) => {
          await tx.repository(Account).createMany(rows);
          await tx.execute("UPDATE kit_accounts SET note = 'x' WHERE id >= 1000");
        });
        if (outside) {
          await using other = await setting.outside();
          await other.run(["DELETE FROM kit_accounts WHERE id >= 5000"]);
        }
        await caughtUp(db, reading);
        const large = reading.batches.filter(({ changes }) =>
          changes.some(({ after }) => Number(after?.id) === 1_000)
        );
        assert.equal(large.length, 1);
        const count =
          large[0]!.changes.filter(({ table, kind }) =>
            table === "kit_accounts" && kind !== "delete"
          ).length;
        assert.equal(count, 10_000);
        mirror.apply(reading.batches);
        await mirror.assertSame(db, "after all");
      },
    },
    ...resumes
      ? [{
        title: "a reader that ended at any moment goes on where it was, and loses nothing",
        async run(setting: SourceSetting) {
          const { db } = setting;
          await seed(setting);
          const source = await setting.source();
          const mirror = await Mirror.of(setting, source.form);
          let reading = await Reading.open(source);
          const told: ChangeBatch[] = [];
          let writing = true;
          let readings = 0;
          const work = (async () => {
            do await writeAtRandom(setting, traits, 15); while (readings < 8);
          })().finally(() => writing = false);
          const next = async () => {
            await reading.close();
            assert.deepEqual(reading.resets, []);
            told.push(...reading.batches);
            reading = await Reading.open(await setting.source(), reading.position);
          };
          while (writing) {
            readings++;
            await next();
            const { length } = reading.steps;
            await Promise.race([work, reading.until(() => reading.steps.length > length)]);
          }
          await work;
          await next();
          await caughtUp(db, reading);
          await next();
          await reading.close();
          mirror.apply(told);
          await mirror.assertSame(db, "after all readings");
        },
      }]
      : [],
  ];
}
