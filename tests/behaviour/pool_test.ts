/**
 * The pool as callers of the public façade see it: bounded, fair, and healing by itself.
 */
import assert from "node:assert/strict";
import { ConnectionError, PoolExhaustedError, RexError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { onEveryDatabase, type Target } from "../targets/databases.ts";
import { Member, models } from "./error_models.ts";
import { failure, isSqlite } from "./error_support.ts";

const poolSize = 3;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(1);
}

function onBoth(name: string, test: (db: Database, target: Target) => Promise<void>): void {
  onEveryDatabase(name, { models, rewrite: false, open: { poolSize } }, async ({ db, target }) => {
    await test(db, target);
    assert.equal(db.stats().pool.inUse, 0);
    assert.equal(db.stats().pool.waiting, 0);
    assert.equal(db.stats().pool.max, poolSize);
  });
}

/** What only a server with processes of its own does. */
function onPostgres(name: string, test: (db: Database) => Promise<void>): void {
  onEveryDatabase(name, {
    models,
    rewrite: false,
    open: { poolSize },
    needs: (has) => has.supportsRowLocks,
  }, ({ db }) => test(db));
}

/** How many connections the server has for this database. */
async function backends(db: Database): Promise<number> {
  const { rows } = await db.execute<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()",
  );
  return rows[0]?.n ?? assert.fail();
}

async function pid(db: Pick<Database, "execute">): Promise<number> {
  const { rows } = await db.execute<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? assert.fail();
}

onBoth(
  "100 transactions at once share the pool's connections, and all are done",
  async (db, target) => {
    let running = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 100 }, (_, i) =>
      db.transaction(async (tx) => {
        most = Math.max(most, ++running);
        await tx.repository(Member).create({ email: `m${i}` });
        if (i % 10 === 0) await pause(2);
        const { inUse, max } = db.stats().pool;
        assert.ok(inUse <= max, `${inUse} of ${max}`);
        running--;
      })));
    assert.equal(await db.repository(Member).count(), 100);
    assert.ok(most <= poolSize, `${most} at once`);
    if (isSqlite(target)) return;
    assert.equal(most, poolSize);
    assert.ok(await backends(db) <= poolSize);
  },
);

onBoth(
  "statements, transactions and streams of many callers do not starve each other",
  async (db) => {
    await db.repository(Member).createMany(
      Array.from({ length: 200 }, (_, i) => ({ email: `m${i}`, number: 0 })),
    );
    const members = db.repository(Member);
    const work: Promise<unknown>[] = [];
    for (let i = 0; i < 20; i++) {
      work.push(members.updateMany({ where: { email: `m${i}` } }, { number: 1 }));
      work.push(db.transaction((tx) => tx.repository(Member).update(100 + i, { number: 1 })));
      work.push(members.find({ where: { number: 0 }, limit: 5 }));
      work.push((async () => {
        let seen = 0;
        for await (const _ of db.query(Member).orderBy("id").stream({ chunkSize: 20 })) {
          if (++seen === 50) break;
        }
        assert.equal(seen, 50);
      })());
    }
    await Promise.all(work);
    assert.equal(await members.count({ where: { number: 1 } }), 40);
  },
);

// One connection: of several, the order in which transactions begin is also the server's matter.
onEveryDatabase(
  "waiting callers are served in the order in which they came",
  { rewrite: false, open: { poolSize: 1 } },
  async ({ db }) => {
    const order: number[] = [];
    const gate = Promise.withResolvers<void>();
    const holder = db.transaction(() => gate.promise);
    await until(() => db.stats().pool.inUse === 1);
    const waiting = Array.from({ length: 10 }, (_, i) =>
      db.transaction(() => {
        order.push(i);
        return Promise.resolve();
      }));
    await until(() => db.stats().pool.waiting === 10);
    gate.resolve();
    await Promise.all([holder, ...waiting]);
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  },
);

onBoth("a wait that is aborted leaves the queue, and the others go on", async (db) => {
  const gate = Promise.withResolvers<void>();
  const holders = Array.from({ length: poolSize }, () => db.transaction(() => gate.promise));
  await pause(20);
  const controller = new AbortController();
  const reason = new Error("gone");
  const { signal } = controller;
  const aborted = failure(() => db.transaction(() => assert.fail("it began"), { signal }));
  const patient = db.transaction((tx) => tx.repository(Member).create({ email: "patient" }));
  await pause(10);
  controller.abort(reason);
  assert.equal(await aborted, reason);
  gate.resolve();
  await Promise.all([...holders, patient]);
  assert.equal(await db.repository(Member).count(), 1);
});

onBoth("failures give their connections back", async (db) => {
  await db.repository(Member).create({ email: "taken" });
  const work = Array.from(
    { length: 60 },
    (_, i) =>
      i % 3 === 0
        ? db.repository(Member).create({ email: "taken" })
        : i % 3 === 1
        ? db.transaction(async (tx) => {
          await tx.repository(Member).create({ email: `undone${i}` });
          throw new RexError("Cannot go on");
        })
        : db.repository(Member).create({ email: `kept${i}` }),
  );
  const done = await Promise.allSettled(work);
  assert.equal(done.filter(({ status }) => status === "fulfilled").length, 20);
  assert.equal(await db.repository(Member).count(), 21);
});

onBoth("disconnect() lets what runs finish, and refuses what comes after", async (db) => {
  const running = db.transaction(async (tx) => {
    await tx.repository(Member).create({ email: "a" });
    await pause(50);
    await tx.repository(Member).create({ email: "b" });
  });
  await pause(10);
  const closing = db.disconnect();
  const refused = await failure(() => db.repository(Member).find());
  assert.ok(refused instanceof ConnectionError);
  await running;
  await closing;
  await db.connect();
  assert.equal(await db.repository(Member).count(), 2);
});

onBoth("ping() answers, and the figures add up", async (db) => {
  const before = db.stats();
  assert.ok(await db.ping() >= 0);
  await db.transaction((tx) => tx.execute("SELECT 1"));
  await failure(() => db.execute("SELEC 1"));
  const after = db.stats();
  assert.equal(after.statements - before.statements, 3);
  assert.equal(after.errors - before.errors, 1);
  assert.equal(after.commits - before.commits, 1);
});

onPostgres(
  "a backend that is killed while idle is replaced without anybody noticing",
  async (db) => {
    await db.repository(Member).create({ email: "a" });
    const victims = await Promise.all(
      Array.from({ length: poolSize }, () => db.transaction((tx) => pid(tx))),
    );
    await kill(db, victims);
    await pause(50);
    const counts = await Promise.all(
      Array.from({ length: 20 }, () => db.repository(Member).count()),
    );
    assert.deepEqual(new Set(counts), new Set([1]));
  },
);

onPostgres(
  "a backend that is killed in a transaction fails it alone, and the pool heals",
  async (db) => {
    const error = await failure(() =>
      db.transaction(async (tx) => {
        await tx.repository(Member).create({ email: "lost" });
        await db.execute("SELECT pg_terminate_backend($1)", [await pid(tx)]);
        await pause(50);
        await tx.repository(Member).create({ email: "lost too" });
      })
    );
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.equal(db.stats().pool.inUse, 0);
    assert.equal(db.stats().pool.waiting, 0);
    assert.equal(db.stats().pool.max, poolSize);
    await Promise.all(
      Array.from(
        { length: 30 },
        (_, i) => db.transaction((tx) => tx.repository(Member).create({ email: `m${i}` })),
      ),
    );
    assert.equal(await db.repository(Member).count(), 30);
  },
);

onPostgres(
  "a backend that is killed in a statement fails it with a ConnectionError",
  async (db) => {
    const slow = failure(() => db.execute("SELECT pg_sleep(30) AS killed"));
    await pause(50);
    await db.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE $1 AND pid <> pg_backend_pid()",
      ["SELECT pg_sleep(30) AS kil%"],
    );
    const error = await slow;
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.match(error.query ?? "", /pg_sleep/);
    assert.ok(await db.ping() >= 0);
  },
);

onPostgres("a transaction may be run again after its connection was killed", async (db) => {
  let runs = 0;
  const work = () =>
    db.transaction(async (tx) => {
      runs++;
      await tx.repository(Member).create({ email: "once" });
      if (runs === 1) await db.execute("SELECT pg_terminate_backend($1)", [await pid(tx)]);
      await tx.repository(Member).update(1, { team: "x" }).catch(async () => {
        await tx.execute("SELECT 1");
      });
    });
  assert.ok(await failure(work) instanceof RexError);
  await work();
  assert.equal(await db.repository(Member).count(), 1);
});

onPostgres("the queue is bounded, and says how many wait", async (db) => {
  const gate = Promise.withResolvers<void>();
  const holders = Array.from({ length: poolSize }, () => db.transaction(() => gate.promise));
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = Array.from(
    { length: 1_000 },
    () =>
      db.transaction(() => Promise.resolve(), { signal }).then(() => undefined, (error) => error),
  );
  await pause(20);
  const error = await failure(() => db.transaction(() => Promise.resolve()));
  assert.ok(error instanceof PoolExhaustedError);
  assert.match(error.message, /1000 callers wait already \(3 of 3 in use\)/);
  controller.abort(new Error("stop"));
  gate.resolve();
  await Promise.all([...holders, ...waiting]);
  assert.equal(await db.repository(Member).count(), 0);
});

/** Ends backends, over one of the pool's own connections; those that go with it are replaced. */
async function kill(db: Database, victims: readonly number[]): Promise<void> {
  const list = [...new Set(victims)].join(", ");
  // The connection that asks may be one of them: it goes last.
  await db.execute(
    `SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[${list}]) AS pid ORDER BY pid = pg_backend_pid()`,
  ).catch((error) => assert.ok(error instanceof ConnectionError));
}
