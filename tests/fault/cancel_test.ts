/**
 * Statements, transactions and streams that are cancelled at every stage, and what comes after them.
 */
import assert from "node:assert/strict";
import { QueryTimeoutError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { RunOptions } from "../../src/ast/executor.ts";
import { failure, isSqlite } from "../behaviour/error_support.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { finishes, note, notes, pause } from "./support.ts";

const poolSize = 2;
const options = { rewrite: false, open: { poolSize } } as const;
const rows = 3_000;
const reason = new Error("not wanted any more");

async function open(db: Database): Promise<void> {
  await db.execute("CREATE TABLE notes (n INTEGER)");
  const values = Array.from({ length: rows }, (_, n) => `(${n})`).join(", ");
  await db.execute(`INSERT INTO notes (n) VALUES ${values}`);
}

/** Every connection answers what it is asked, and none is missing. */
async function clean(db: Database): Promise<void> {
  assert.deepEqual([db.stats().pool.inUse, db.stats().pool.waiting], [0, 0]);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      db.transaction(async (tx) => {
        await pause(2);
        return (await tx.execute<{ n: number }>("SELECT $1 + 0 AS n", [i])).rows;
      })),
  );
  assert.deepEqual(answers, Array.from({ length: 8 }, (_, n) => [{ n }]));
  assert.equal((await notes(db)).length, rows);
}

function abortAfter(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), milliseconds);
  return controller.signal;
}

/** Both ways to stop work, and how each ends it. */
const ways: readonly { limit(): RunOptions; ends(error: Error): void }[] = [
  {
    limit: () => ({ signal: abortAfter(30) }),
    ends: (error) => assert.equal(error, reason),
  },
  {
    limit: () => ({ timeout: 30 }),
    ends: (error) => assert.ok(error instanceof QueryTimeoutError, `${error}`),
  },
];

const all = {
  kind: "Select",
  selection: [{ kind: "Column", name: "n" }],
  from: [{ kind: "Table", name: "notes" }],
} as const;

onEveryDatabase("what is cancelled while it waits for a connection leaves nothing", options, async (
  { db },
) => {
  await open(db);
  const gate = Promise.withResolvers<void>();
  const holders = Array.from({ length: poolSize }, () => db.transaction(() => gate.promise));
  await pause(20);
  for (const { limit, ends } of ways) {
    ends(await finishes(failure(() => db.execute("DELETE FROM notes", [], limit()))));
    ends(
      await finishes(
        failure(() => db.transaction((tx) => tx.execute("DELETE FROM notes"), limit())),
      ),
    );
  }
  gate.resolve();
  await Promise.all(holders);
  await clean(db);
});

onEveryDatabase(
  "a transaction that is cancelled stores nothing, whatever it is doing",
  options,
  async (
    { db, target },
  ) => {
    await open(db);
    const doing:
      ((tx: Parameters<Parameters<Database["transaction"]>[0]>[0]) => Promise<unknown>)[] = [
        () => pause(60_000),
        async (tx) => {
          for (;;) await note(tx, -2).then(() => pause(0));
        },
        (tx) => tx.transaction((inner) => note(inner, -3).then(() => pause(60_000))),
        async (tx) => {
          for await (const _ of tx.stream(all, { chunkSize: 10 })) await pause(5);
        },
      ];
    if (!isSqlite(target)) doing.push((tx) => tx.execute("SELECT pg_sleep(60)"));
    for (const { limit, ends } of ways) {
      for (const work of doing) {
        ends(
          await finishes(failure(() =>
            db.transaction(async (tx) => {
              await note(tx, -1);
              await work(tx);
            }, limit())
          )),
        );
        await clean(db);
      }
    }
  },
);

onEveryDatabase(
  "a nested transaction that is cancelled is undone alone",
  options,
  async ({ db }) => {
    await open(db);
    for (const { limit, ends } of ways) {
      await db.transaction(async (tx) => {
        ends(
          await finishes(failure(() =>
            tx.transaction(async (inner) => {
              await inner.execute("DELETE FROM notes");
              await pause(60_000);
            }, limit())
          )),
        );
        assert.equal((await notes(tx)).length, rows);
      });
      await clean(db);
    }
  },
);

onEveryDatabase(
  "a stream that is cancelled ends, and its connection is clean",
  options,
  async ({ db }) => {
    await open(db);
    for (const { limit, ends } of ways) {
      ends(
        await finishes(failure(async () => {
          for await (const _ of db.stream(all, { chunkSize: 10, ...limit() })) await pause(5);
        })),
      );
      await clean(db);
    }
  },
);

onEveryDatabase("a statement that is cancelled on the server leaves its neighbours alone", {
  ...options,
  needs: (has) => has.supportsRowLocks,
}, async ({ db }) => {
  await open(db);
  for (const { limit, ends } of ways) {
    const slow = failure(() => db.execute("SELECT pg_sleep(60)", [], limit()));
    const others = Array.from({ length: 20 }, (_, i) => db.execute("SELECT $1::int AS n", [i]));
    ends(await finishes(slow));
    (await Promise.all(others)).forEach(({ rows }, n) => assert.deepEqual(rows, [{ n }]));
    await clean(db);
  }
});

onEveryDatabase(
  "a hail of cancelled statements mixes up no answers and loses no connection",
  options,
  async (
    { db },
  ) => {
    await open(db);
    let answered = 0;
    await finishes(Promise.all(Array.from({ length: 200 }, async (_, i) => {
      const signal = i % 3 === 0 ? undefined : abortAfter(i % 23);
      try {
        const { rows } = await db.execute<{ n: number }>(`SELECT $1 + ${i % 7} AS n`, [i], {
          ...(signal && { signal }),
        });
        assert.deepEqual(rows, [{ n: i + i % 7 }]);
        answered++;
      } catch (error) {
        if (error !== reason) throw error;
      }
    })));
    assert.ok(answered >= 67);
    await clean(db);
  },
);
