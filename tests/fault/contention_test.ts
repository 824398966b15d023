/**
 * Many write to the same few rows: conflicts and deadlocks are run again, and no money is made or lost.
 */
import assert from "node:assert/strict";
import { DeadlockError, SerializationError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { IsolationLevel } from "../../src/dialect/capabilities.ts";
import type { Session } from "../../src/engine/session.ts";
import { Random } from "../fuzz/random.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { finishes } from "./support.ts";

const holders = 5;
const each = 100;
const callers = 6;
const transfers = 8;

async function openBank(db: Database): Promise<void> {
  await db.execute("CREATE TABLE bank (id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK (n >= 0))");
  for (let id = 0; id < holders; id++) {
    await db.execute("INSERT INTO bank (id, n) VALUES ($1, $2)", [id, each]);
  }
}

/** Moves money by reading, thinking and writing, which only the database's isolation keeps honest. */
async function transfer(db: Database, random: Random, isolation: IsolationLevel): Promise<void> {
  const [from, to] = random.some([0, 1, 2, 3, 4], 2) as [number, number];
  await db.transaction(async (tx) => {
    const balance = async (id: number) =>
      (await tx.execute<{ n: number }>("SELECT n FROM bank WHERE id = $1", [id])).rows[0]!.n;
    const amount = Math.min(await balance(from), random.int(1, 30));
    const changes: [id: number, n: number][] = [
      [from, await balance(from) - amount],
      [to, await balance(to) + amount],
    ];
    // In one order everywhere: a deadlock takes the server a second to find.
    changes.sort(([a], [b]) => a - b);
    const set = (scope: Session, [id, n]: [number, number]) =>
      scope.execute("UPDATE bank SET n = $1 WHERE id = $2", [n, id]);
    await set(tx, changes[0]!);
    await tx.transaction((inner) => set(inner, changes[1]!));
  }, { isolation, retries: 200, retryDelay: 2 });
}

for (const isolation of ["serializable", "repeatable read"] as const) {
  onEveryDatabase(`transfers with retries keep the sum, under ${isolation}`, {
    rewrite: false,
    needs: (has) => has.isolationLevels.includes(isolation),
    open: { poolSize: 6 },
  }, async ({ db, target }) => {
    await openBank(db);
    await finishes(Promise.all(Array.from({ length: callers }, async (_, seed) => {
      const random = new Random(seed);
      for (let i = 0; i < transfers; i++) await transfer(db, random, isolation);
    })));
    const { rows } = await db.execute<{ n: number }>("SELECT n FROM bank");
    assert.equal(rows.reduce((sum, { n }) => sum + n, 0), holders * each);
    const { commits, retries, pool } = db.stats();
    assert.equal(commits, callers * transfers);
    assert.deepEqual([pool.inUse, pool.waiting], [0, 0]);
    // On SQLite writers queue, so none has to run again.
    if (target.capabilities.isolationLevels.length > 1) assert.ok(retries > 0);
    else assert.equal(retries, 0);
  });
}

onEveryDatabase("deadlocks are found, told as such, and run again", {
  rewrite: false,
  needs: (has) => has.supportsRowLocks,
  open: { poolSize: 6 },
}, async ({ db }) => {
  await openBank(db);
  const failures: unknown[] = [];
  const swap = (from: number, to: number, retries: number) =>
    db.transaction(async (tx) => {
      await tx.execute("SET LOCAL deadlock_timeout = '20ms'");
      await tx.execute("UPDATE bank SET n = n - 1 WHERE id = $1", [from]);
      await tx.execute("SELECT pg_sleep(0.005)");
      await tx.execute("UPDATE bank SET n = n + 1 WHERE id = $1", [to]);
    }, { retries });
  const all = (retries: number) =>
    finishes(
      Promise.all(Array.from({ length: 24 }, (_, i) =>
        swap(i % 2, (i + 1) % 2, retries).catch((error) =>
          failures.push(error)
        ))),
    );
  await all(0);
  assert.ok(failures.length > 0);
  for (const error of failures) {
    assert.ok(error instanceof DeadlockError || error instanceof SerializationError, `${error}`);
  }
  failures.length = 0;
  await all(100);
  assert.deepEqual(failures, []);
  const { rows } = await db.execute<{ n: number }>("SELECT n FROM bank");
  assert.equal(rows.reduce((sum, { n }) => sum + n, 0), holders * each);
});
