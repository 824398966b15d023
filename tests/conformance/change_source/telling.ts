/**
 * What is told, and what is not.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RowChange } from "../../../src/change/source.ts";
import { ChangeFeed } from "../../../src/change/feed.ts";
import { Account, keyless, Seat } from "./models.ts";
import { caughtUp, Reading } from "./reading.ts";
import type { SourceCase, SourceTraits } from "./setting.ts";
import { Mirror } from "./mirror.ts";

const account = (id: number, more: object = {}) => ({
  id,
  owner: "ada",
  balance: 100n,
  note: null,
  ...more,
});

/** The changes of one table, by kind and key. */
function toldOf(reading: Reading, table: string): RowChange[] {
  return reading.batches.flatMap(({ changes }) => changes.filter((each) => each.table === table));
}

function ids(changes: readonly RowChange[]): unknown[] {
  return changes.map(({ kind, before, after }) => [kind, Number((after ?? before)?.id)]);
}

/** Cases of what is told. */
export function tellingCases(traits: SourceTraits): SourceCase[] {
  const { images = "rows", outside, truncates = false, keyless: without } = traits;
  return [
    {
      title: "the first step comes at once, without batches, and tells nothing of before",
      async run(setting) {
        await setting.db.repository(Account).create(account(1));
        const source = await setting.source();
        assert.equal(source.images, images);
        await using reading = await Reading.open(source);
        const [first] = reading.steps;
        assert.deepEqual(first?.batches, []);
        assert.equal(first?.reset, undefined);
        await setting.db.repository(Account).create(account(2));
        await caughtUp(setting.db, reading);
        assert.deepEqual(ids(toldOf(reading, "kit_accounts")), [["insert", 2]]);
      },
    },
    {
      title: "inserts, updates and deletes are told in their order",
      async run(setting) {
        const { db } = setting;
        await using reading = await Reading.open(await setting.source());
        const accounts = db.repository(Account);
        await accounts.create(account(1));
        await accounts.update(1, { note: "changed" });
        await accounts.create(account(2));
        await accounts.delete(1);
        await caughtUp(db, reading);
        const changes = toldOf(reading, "kit_accounts");
        assert.deepEqual(ids(changes), [
          ["insert", 1],
          ["update", 1],
          ["insert", 2],
          ["delete", 1],
        ]);
        assert.equal(changes[3]!.after, undefined);
        assert.ok(changes[3]!.before);
      },
    },
    {
      title: "what is rolled back is not told, nor what a savepoint undoes",
      async run(setting) {
        const { db } = setting;
        await using reading = await Reading.open(await setting.source());
        await db.transaction(async (tx) => {
          await tx.repository(Account).create(account(1));
          throw new Error("undo this");
        }).catch(() => {});
        await db.transaction(async (tx) => {
          await tx.repository(Account).create(account(2));
          await tx.transaction(async (inner) => {
            await inner.repository(Account).create(account(3));
            await inner.repository(Account).update(2, { note: "not so" });
            throw new Error("undo this");
          }).catch(() => {});
          await tx.repository(Account).create(account(4));
        });
        await caughtUp(db, reading);
        assert.deepEqual(ids(toldOf(reading, "kit_accounts")), [["insert", 2], ["insert", 4]]);
      },
    },
    {
      title: "a change of the key tells the old one",
      async run(setting) {
        const { db } = setting;
        await db.repository(Seat).create({ hall: 'it\'s "A"', number: 1, guest: "ada" });
        const source = await setting.source();
        const mirror = await Mirror.of(setting, source.form);
        await using reading = await Reading.open(source);
        await db.update(Seat).set({ number: 2 }).where((s) => s.number.eq(1)).execute();
        await db.repository(Seat).updateMany({ where: { number: 2 } }, { guest: null });
        await caughtUp(db, reading);
        if (images === "keys") return;
        const [change] = toldOf(reading, "kit_seats");
        assert.equal(Number(change?.before?.number), 1);
        mirror.apply(reading.batches);
        await mirror.assertSame(db, "after the key changed");
      },
    },
    {
      title: "readers are told the same, each for itself",
      async run(setting) {
        const { db } = setting;
        await using one = await Reading.open(await setting.source());
        await db.repository(Account).create(account(1));
        await using other = await Reading.open(await setting.source());
        await db.repository(Account).create(account(2));
        await caughtUp(db, one, other);
        assert.deepEqual(ids(toldOf(one, "kit_accounts")), [["insert", 1], ["insert", 2]]);
        assert.deepEqual(ids(toldOf(other, "kit_accounts")), [["insert", 2]]);
      },
    },
    {
      title: "the signal ends the reading, also while nothing comes",
      async run(setting) {
        const reading = await Reading.open(await setting.source());
        await reading.close();
        assert.ok(reading.ended);
        const told = reading.batches.length;
        await setting.db.repository(Account).create(account(1));
        await using next = await Reading.open(await setting.source());
        await caughtUp(setting.db, next);
        assert.equal(reading.batches.length, told);
      },
    },
    {
      title: "a writer can wait until its own transaction was told",
      async run(setting) {
        const { db } = setting;
        await using feed = new ChangeFeed(await setting.source());
        await feed.start();
        const told: number[] = [];
        feed.subscribe({
          batch: ({ changes }) => void told.push(...changes.map((each) => Number(each.after?.id))),
          reset: (reason) => assert.fail(reason),
        });
        for (let id = 1; id <= 20; id++) {
          let mark: Awaited<ReturnType<typeof feed.source.markOf>> | undefined;
          await db.transaction(async (tx) => {
            await tx.repository(Account).create(account(id));
            mark = await feed.source.markOf(tx);
          });
          assert.equal(await feed.delivered(mark!(), { timeout: 30_000 }), true);
          assert.ok(told.includes(id), `${id} was told`);
        }
      },
    },
    ...outside
      ? [{
        title: "what is written beside Rex-ORM is told",
        async run(setting: Parameters<SourceCase["run"]>[0]) {
          const { db } = setting;
          const source = await setting.source();
          const mirror = await Mirror.of(setting, source.form);
          await using reading = await Reading.open(source);
          await using other = await setting.outside();
          await other.run([
            "INSERT INTO kit_accounts (id, owner, balance) VALUES (1, 'psql', 7)",
            "INSERT INTO kit_accounts (id, owner, balance) VALUES (2, 'psql', 9007199254740993)",
            "UPDATE kit_accounts SET note = 'it''s' WHERE id = 1",
          ]);
          await other.run(["DELETE FROM kit_accounts WHERE id = 2"]);
          await reading.until(() => ids(toldOf(reading, "kit_accounts")).length === 4);
          assert.deepEqual(ids(toldOf(reading, "kit_accounts")), [
            ["insert", 1],
            ["insert", 2],
            ["update", 1],
            ["delete", 2],
          ]);
          mirror.apply(reading.batches);
          await mirror.assertSame(db, "as the other connection left it");
        },
      }]
      : [],
    ...truncates
      ? [{
        title: "a truncated table is told as such, or as the deletion of its rows",
        async run(setting: Parameters<SourceCase["run"]>[0]) {
          const { db } = setting;
          await db.repository(Account).createMany([account(1), account(2)]);
          const source = await setting.source();
          const mirror = await Mirror.of(setting, source.form);
          await using reading = await Reading.open(source);
          await db.execute("TRUNCATE TABLE kit_accounts");
          await db.repository(Account).create(account(3));
          await caughtUp(db, reading);
          mirror.apply(reading.batches);
          await mirror.assertSame(db, "after TRUNCATE");
        },
      }]
      : [],
    ...without === "none" ? [] : [{
      title: "a table without a key is told by whole rows",
      async run(setting: Parameters<SourceCase["run"]>[0]) {
        const { db } = setting;
        await using reading = await Reading.open(await setting.source());
        await db.execute(`INSERT INTO ${keyless} (body, rank) VALUES ('a', 1), (NULL, 2)`);
        if (without === "all") {
          await db.execute(`UPDATE ${keyless} SET body = 'b' WHERE rank = 2`);
          await db.execute(`DELETE FROM ${keyless} WHERE rank = 1`);
        }
        await caughtUp(db, reading);
        const shown = toldOf(reading, keyless).map(({ kind, before, after }) => [
          kind,
          before && [before.body, Number(before.rank)],
          after && [after.body, Number(after.rank)],
        ]);
        assert.deepEqual(shown, [
          ["insert", undefined, ["a", 1]],
          ["insert", undefined, [null, 2]],
          ...without === "inserts" ? [] : [
            ["update", [null, 2], ["b", 2]],
            ["delete", ["a", 1], undefined],
          ],
        ]);
      },
    }],
  ];
}
