/**
 * Random workloads under random faults. Whatever happens, what was acknowledged is there, nothing is there twice,
 * nothing is there that was refused, and the pool is whole afterwards.
 */
import assert from "node:assert/strict";
import { ConnectionError, PoolExhaustedError, RexError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";
import type { Session } from "../../src/engine/session.ts";
import { Random } from "../fuzz/random.ts";
import { mostFaults, seeds } from "../support/soak.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";
import { Ledger } from "./ledger.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import { expectWhole, finishes, pause, until } from "./support.ts";

const shortSeeds = 2;
const workers = 10;
const stepsEach = 25;

class Changed extends Error {}

/** Every way of writing one number. */
const ways: Readonly<
  Record<string, (db: Database, n: number, random: Random) => Promise<unknown>>
> = {
  alone: (db, n) => insert(db, n),
  limited: (db, n, random) => insert(db, n, { timeout: random.int(1, 40) }),
  aborted: (db, n, random) => insert(db, n, { signal: AbortSignal.timeout(random.int(1, 40)) }),
  transaction: (db, n, random) =>
    db.transaction(async (tx) => {
      await insert(tx, n);
      await pause(random.int(0, 5));
      await tx.execute("SELECT count(*) FROM ledger WHERE n = $1", [n]);
    }),
  nested: (db, n, random) =>
    db.transaction(async (tx) => {
      await tx.transaction(async (inner) => {
        await insert(inner, -n - 1);
        throw new Changed();
      }).catch(ignoreChange);
      await tx.transaction((inner) => insert(inner, n));
      await pause(random.int(0, 3));
    }, { retries: 2 }),
  undone: (db, n) =>
    db.transaction(async (tx) => {
      await insert(tx, n);
      throw new Changed();
    }),
  hurried: (db, n, random) =>
    db.transaction(async (tx) => {
      await insert(tx, n);
      await pause(random.int(0, 30));
    }, { timeout: random.int(1, 40) }),
  byHand: async (db, n) => {
    await using tx = await db.beginTransaction();
    await insert(tx, n);
    await tx.commit();
  },
  read: async (db, n) => {
    for await (const _ of db.stream(everything, { chunkSize: 7 })) { /* as it comes */ }
    await insert(db, n);
  },
};

const everything = {
  kind: "Select",
  selection: [{ kind: "Column", name: "n" }],
  from: [{ kind: "Table", name: "ledger" }],
} as const;

function insert(db: Session, n: number, options = {}): Promise<unknown> {
  return db.execute("INSERT INTO ledger (n) VALUES ($1)", [n], options);
}

function ignoreChange(error: unknown): void {
  if (!(error instanceof Changed)) throw error;
}

/** Whether an error says that nothing was stored. */
function saysNothingStored(error: unknown): boolean {
  return error instanceof Changed || error instanceof PoolExhaustedError;
}

async function work(db: Database, ledger: Ledger, random: Random): Promise<void> {
  for (let step = 0; step < stepsEach; step++) {
    const way = ways[random.pick(Object.keys(ways))]!;
    const error = await ledger.attempt((n) => way(db, n, random), saysNothingStored);
    const expected = error === undefined || error instanceof Changed || error instanceof RexError ||
      (error instanceof DOMException && error.name === "TimeoutError");
    assert.ok(expected, `${error}`);
    if (error instanceof ConnectionError) await pause(random.int(1, 10));
  }
}

/** A database with the faults that befall it. */
interface Arena extends AsyncDisposable {
  readonly db: Database;
  readonly watcher: Database;
  readonly faults: readonly (() => Promise<unknown> | void)[];
  expectWhole(): Promise<void>;
}

function postgresFaults(watcher: Database, proxy: Proxy): Arena["faults"] {
  const victims = "FROM pg_stat_activity WHERE application_name = 'victim' AND random() < 0.4 " +
    "AND datname = current_database()";
  return [
    () => watcher.execute(`SELECT pg_terminate_backend(pid) ${victims}`),
    () => watcher.execute(`SELECT pg_cancel_backend(pid) ${victims}`),
    () => proxy.cut(),
    () => void proxy.loseAnswerTo("COMMIT"),
    () => void proxy.loseAnswerTo("INSERT"),
    () =>
      watcher.transaction(async (tx) => {
        await tx.execute("LOCK TABLE ledger IN EXCLUSIVE MODE");
        await pause(20);
      }),
  ];
}

async function onPostgres(): Promise<Arena> {
  const stack = new AsyncDisposableStack();
  const { url } = stack.use(await freshPostgresDatabase());
  const proxy = stack.use(startProxy(url));
  const watcher = stack.use(new PostgresAdapter({ url, poolSize: 2 }));
  const db = stack.use(
    new PostgresAdapter({ url: proxy.url, poolSize: 4, applicationName: "victim" }),
  );
  return {
    db,
    watcher,
    faults: postgresFaults(watcher, proxy),
    async expectWhole() {
      proxy.calm();
      // What the last fault broke may be noticed only when it is used.
      const pings = () => Promise.all(Array.from({ length: 20 }, () => db.ping()));
      await until(() => pings().then(() => true, () => false));
      await expectWhole(db, watcher);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function onSqlite(): Promise<Arena> {
  const stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const config = { databasePath: `${folder}/file.db`, poolSize: 4 };
  const watcher = stack.use(new SQLiteAdapter(config));
  const db = stack.use(new SQLiteAdapter(config));
  return {
    db,
    watcher,
    faults: [
      () => watcher.transaction(() => pause(30)),
      () => watcher.execute("PRAGMA wal_checkpoint(TRUNCATE)"),
      () => db.disconnect().then(() => db.connect()),
      () => db.execute("CREATE INDEX IF NOT EXISTS by_n ON ledger (n)"),
    ],
    async expectWhole() {
      const { inUse, waiting } = db.stats().pool;
      assert.deepEqual({ inUse, waiting }, { inUse: 0, waiting: 0 });
      const { rows } = await db.execute("PRAGMA integrity_check");
      assert.deepEqual(rows, [{ integrity_check: "ok" }]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Gives the writes that were acknowledged. */
async function play(open: () => Promise<Arena>, seed: number): Promise<number> {
  await using arena = await open();
  const { db, watcher, faults } = arena;
  await watcher.execute("CREATE TABLE ledger (n INTEGER)");
  const ledger = new Ledger();
  const random = new Random(seed);
  const all = Array.from(
    { length: workers },
    (_, i) => work(db, ledger, new Random(seed * 100 + i)),
  );
  let over = false;
  const working = Promise.all(all).finally(() => over = true);
  const breaking = (async () => {
    while (!over) {
      await pause(random.int(1, 40));
      await Promise.resolve(random.pick(faults)()).catch((error) =>
        assert.ok(error instanceof RexError, `${error}`)
      );
    }
  })();
  await finishes(Promise.all([working, breaking]));
  await ledger.check(watcher);
  await arena.expectWhole();
  return ledger.acknowledged.size;
}

for (const [name, open] of Object.entries({ SQLite: onSqlite, PostgreSQL: onPostgres })) {
  Deno.test(`random work under random faults loses and doubles nothing (${name})`, async () => {
    const faults: string[] = [];
    let acknowledged = 0;
    let played = 0;
    for (const seed of seeds(shortSeeds)) {
      try {
        acknowledged += await play(open, seed);
      } catch (error) {
        faults.push(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
        if (faults.length >= mostFaults) break;
      }
      played++;
    }
    assert.equal(faults.length, 0, `${faults.length} of ${played}:\n${faults.join("\n\n")}`);
    assert.ok(acknowledged > played * workers);
  });
}
