/**
 * The network to PostgreSQL breaks: it loses the answer to a COMMIT, or goes silent without closing anything.
 */
import assert from "node:assert/strict";
import type { DatabaseConfig } from "../../src/base/config.ts";
import { ConnectionError, QueryTimeoutError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { failure } from "../behaviour/error_support.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import {
  expectWhole,
  finishes,
  note,
  notes,
  onPostgres,
  pause,
  tellsOfUnknownOutcome,
  until,
} from "./support.ts";

/** A database object that reaches its server by way of a proxy. */
async function behindProxy(
  url: string,
  config: Partial<DatabaseConfig>,
  work: (db: Database, proxy: Proxy) => Promise<void>,
): Promise<void> {
  await using proxy = startProxy(url);
  await using db = new PostgresAdapter({
    url: proxy.url,
    poolSize: 1,
    applicationName: "victim",
    ...config,
  });
  await db.connect();
  await work(db, proxy);
}

onPostgres(
  "a COMMIT whose answer is lost is told as unknown, and it is done",
  {},
  async ({ url, watcher }) => {
    await behindProxy(url, { poolSize: 2 }, async (db, proxy) => {
      const lost = proxy.loseAnswerTo("COMMIT");
      let called = false;
      let told = false;
      db.onCommit(() => void (told = true));
      const error = await failure(() =>
        db.transaction(async (tx) => {
          tx.afterCommit(() => void (called = true));
          await note(tx, 1);
        }, { retries: 3 })
      );
      await lost;
      tellsOfUnknownOutcome(error);
      assert.deepEqual(await notes(watcher), [1]);
      assert.deepEqual([called, told], [false, false]);
      await expectWhole(db, watcher);
    });
  },
);

onPostgres(
  "a single write whose answer is lost fails, is not sent again, and the hint says what to do",
  {},
  async ({ url, watcher }) => {
    await behindProxy(url, {}, async (db, proxy) => {
      const lost = proxy.loseAnswerTo("INSERT INTO notes");
      const error = await failure(() => db.execute("INSERT INTO notes (n) VALUES (1)"));
      await lost;
      assert.ok(error instanceof ConnectionError, `${error}`);
      assert.match(error.hint ?? "", /not known/);
      await until(async () => (await notes(watcher)).length > 0);
      await expectWhole(db, watcher);
      assert.deepEqual(await notes(watcher), [1]);
    });
  },
);

onPostgres(
  "connections that are cut fail what runs on them, and new ones take their place",
  {},
  async (
    { url, watcher },
  ) => {
    await behindProxy(url, { poolSize: 3 }, async (db, proxy) => {
      const slow = Array.from(
        { length: 3 },
        () => failure(() => db.execute("SELECT pg_sleep(1)")),
      );
      await pause(100);
      proxy.cut();
      for (const error of await Promise.all(slow)) {
        assert.ok(error instanceof ConnectionError, `${error}`);
      }
      await expectWhole(db, watcher);
    });
  },
);

const numbers = { name: "n", type: { name: "integer" } } as const;

const select = {
  kind: "Select",
  selection: [{ kind: "Literal", value: 1 }],
  from: [],
} as const;

/** What is done to a server that does not answer any more, and how it has to end. */
const silences: readonly {
  readonly name: string;
  readonly config?: Partial<DatabaseConfig>;
  work(db: Database, freeze: () => void): Promise<unknown>;
  ends(error: Error): void;
}[] = [
  {
    name: "a statement with a timeout",
    work: (db, freeze) => (freeze(), db.execute("SELECT 1", [], { timeout: 50 })),
    ends: (error) => assert.ok(error instanceof QueryTimeoutError, `${error}`),
  },
  {
    name: "a statement with a signal",
    work: (db, freeze) => (
      freeze(), db.execute("SELECT 1", [], { signal: AbortSignal.timeout(50) })
    ),
    ends: (error) => assert.equal(error.name, "TimeoutError"),
  },
  {
    name: "a statement under queryTimeout",
    config: { queryTimeout: 50 },
    work: (db, freeze) => (freeze(), db.execute("SELECT 1")),
    ends: (error) => assert.ok(error instanceof ConnectionError, `${error}`),
  },
  {
    name: "a bulk load under queryTimeout",
    config: { queryTimeout: 50 },
    work: (db, freeze) => (freeze(), db.copy({ table: "notes", columns: [numbers] }, [[1], [2]])),
    ends: (error) => assert.ok(error instanceof ConnectionError, `${error}`),
  },
  {
    name: "a stream with a timeout",
    work: async (db, freeze) => {
      freeze();
      for await (const _ of db.stream(select, { timeout: 50 })) { /* nothing comes */ }
    },
    ends: (error) => assert.ok(error instanceof QueryTimeoutError, `${error}`),
  },
  {
    name: "the begin of a transaction with a timeout",
    work: (db, freeze) => (freeze(), db.transaction((tx) => note(tx, 1), { timeout: 50 })),
    ends: (error) => assert.ok(error instanceof QueryTimeoutError, `${error}`),
  },
  {
    name: "the commit of a transaction with a timeout",
    work: (db, freeze) =>
      db.transaction(async (tx) => {
        await note(tx, 1);
        freeze();
      }, { timeout: 300 }),
    ends: tellsOfUnknownOutcome,
  },
  {
    name: "a rollback",
    work: (db, freeze) =>
      db.transaction(async (tx) => {
        await note(tx, 1);
        freeze();
        throw new RangeError("no");
      }),
    ends: (error) => assert.ok(error instanceof RangeError, `${error}`),
  },
  {
    name: "the rollback of a savepoint",
    work: (db, freeze) =>
      db.transaction(async (tx) => {
        await tx.transaction(async (inner) => {
          await note(inner, 1);
          freeze();
          throw new RangeError("no");
        });
      }),
    ends: (error) => assert.ok(error instanceof RangeError, `${error}`),
  },
  {
    name: "a transaction ended by hand whose signal is aborted",
    work: async (db, freeze) => {
      const tx = await db.beginTransaction({ signal: AbortSignal.timeout(50) });
      await note(tx, 1);
      freeze();
      await pause(100);
      await tx.commit();
    },
    ends: (error) => assert.equal(error.name, "TimeoutError"),
  },
];

async function ends(
  { name, config = {}, work, ends }: typeof silences[number],
  url: string,
): Promise<void> {
  await behindProxy(url, config, async (db, proxy) => {
    const error = await finishes(failure(() => work(db, () => proxy.freeze())));
    try {
      ends(error);
      await until(() => db.stats().pool.inUse === 0);
    } catch (cause) {
      throw new Error(name, { cause });
    }
    proxy.thaw();
    await until(() => db.ping().then(() => true, () => false));
    const { inUse, waiting } = db.stats().pool;
    assert.deepEqual({ inUse, waiting }, { inUse: 0, waiting: 0 });
  });
}

async function closes(url: string): Promise<void> {
  await using proxy = startProxy(url);
  const db = new PostgresAdapter({ url: proxy.url, poolSize: 2 });
  await Promise.all([db.ping(), db.ping()]);
  proxy.freeze();
  const statement = failure(() => db.execute("SELECT 1"));
  await finishes(db.disconnect());
  assert.ok(await statement instanceof ConnectionError);
}

// Each waits for some seconds before it gives a connection up: so all of them at the same time.
onPostgres(
  "where the server goes silent, time limits hold, connections come back to the pool, and close() ends",
  {},
  async ({ url, watcher }) => {
    await Promise.all([closes(url), ...silences.map((silence) => ends(silence, url))]);
    assert.deepEqual(await notes(watcher), []);
  },
);
