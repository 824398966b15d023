/**
 * A process of the PostgreSQL server is killed at every stage of what it does for us. What is killed while idle,
 * between the statements of a transaction and in a single statement is in tests/behaviour/pool_test.ts.
 */
import assert from "node:assert/strict";
import { ConnectionError, TransactionError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { failure } from "../behaviour/error_support.ts";
import {
  backend,
  expectWhole,
  finishes,
  kill,
  note,
  notes,
  onPostgres,
  running,
  tellsOfUnknownOutcome,
  until,
} from "./support.ts";

onPostgres(
  "a backend killed in a statement of a transaction undoes the transaction",
  {},
  async ({ db, watcher }) => {
    const failed = failure(() =>
      db.transaction(async (tx) => {
        await note(tx, 1);
        await tx.execute("SELECT pg_sleep(60)");
      })
    );
    await kill(watcher, await running(watcher, "SELECT pg_sleep"));
    const error = await failed;
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.match(error.query ?? "", /pg_sleep/);
    assert.deepEqual(await notes(watcher), []);
    await expectWhole(db, watcher);
  },
);

onPostgres(
  "a lost connection that the callback makes nothing of still fails the transaction",
  {},
  async ({ db, watcher }) => {
    const error = await failure(() =>
      db.transaction(async (tx) => {
        await note(tx, 1);
        await kill(watcher, await backend(tx));
        await note(tx, 2).catch(() => {});
        await note(tx, 3).catch(() => {});
      })
    );
    assert.ok(error instanceof TransactionError, `${error}`);
    assert.ok(error.cause instanceof ConnectionError);
    assert.deepEqual(await notes(watcher), []);
    await expectWhole(db, watcher);
  },
);

/** Makes COMMIT wait: a trigger that is deferred to it sleeps. */
async function slowCommit(watcher: Database): Promise<void> {
  await watcher.execute(`
    CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION sleep()`);
}

onPostgres(
  "a backend killed in COMMIT leaves the outcome open, and the error says so",
  {},
  async ({ db, watcher }) => {
    await slowCommit(watcher);
    let called = false;
    const failed = failure(() =>
      db.transaction(async (tx) => {
        tx.afterCommit(() => void (called = true));
        await note(tx, 1);
      })
    );
    await kill(watcher, await running(watcher, "COMMIT"));
    tellsOfUnknownOutcome(await failed);
    assert.deepEqual(await notes(watcher), []);
    assert.equal(called, false);
    await expectWhole(db, watcher);
  },
);

onPostgres(
  "a COMMIT that the server was told to cancel has not committed, and says why",
  {},
  async ({ db, watcher }) => {
    await slowCommit(watcher);
    const failed = failure(() => db.transaction((tx) => note(tx, 1)));
    await watcher.execute("SELECT pg_cancel_backend($1)", [await running(watcher, "COMMIT")]);
    const error = await failed;
    assert.doesNotMatch(error.message, /Cannot tell/);
    assert.match(error.message, /cancelled/);
    assert.deepEqual(await notes(watcher), []);
    await expectWhole(db, watcher);
  },
);

onPostgres("a backend killed in COPY loads nothing", {}, async ({ db, watcher }) => {
  const columns = [{ name: "n", type: { name: "integer" } }] as const;
  let killed: Promise<void> | undefined;
  let done = false;
  function* rows(): Generator<readonly unknown[]> {
    for (let n = 0; !done; n++) {
      yield [n];
      if (n !== 50_000) continue;
      killed = running(watcher, "COPY").then((pid) => kill(watcher, pid));
      killed.finally(() => done = true);
    }
  }
  const error = await failure(() => db.copy({ table: "notes", columns }, rows()));
  assert.ok(error instanceof ConnectionError, `${error}`);
  await killed;
  assert.deepEqual(await notes(watcher), []);
  await expectWhole(db, watcher);
});

onPostgres(
  "a backend killed under a stream fails the loop that reads it, in a transaction or not",
  {},
  async ({ db, watcher }) => {
    await watcher.execute("INSERT INTO notes SELECT generate_series(1, 100000)");
    const all = {
      kind: "Select",
      selection: [{ kind: "Column", name: "n" }],
      from: [{ kind: "Table", name: "notes" }],
    } as const;
    const read = async (scope: Pick<Database, "stream">, victim: () => Promise<number>) => {
      let rows = 0;
      for await (const _ of scope.stream(all, { chunkSize: 100 })) {
        if (++rows === 150) await kill(watcher, await victim());
      }
    };
    const portal = async () => {
      const { rows } = await watcher.execute<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND query LIKE '%notes%'",
      );
      return rows[0]!.pid;
    };
    const outside = await failure(() => read(db, portal));
    assert.ok(outside instanceof ConnectionError, `${outside}`);
    const inside = await failure(() => db.transaction((tx) => read(tx, () => backend(tx))));
    assert.ok(inside instanceof ConnectionError, `${inside}`);
    await expectWhole(db, watcher);
  },
);

onPostgres(
  "a backend killed in a savepoint fails the whole transaction, even when the outer callback goes on",
  {},
  async ({ db, watcher }) => {
    let inner: Error | undefined;
    const outer = await failure(() =>
      db.transaction(async (tx) => {
        await note(tx, 1);
        inner = await failure(() =>
          tx.transaction(async (nested) => {
            await note(nested, 2);
            await kill(watcher, await backend(nested));
            await note(nested, 3);
          })
        );
      })
    );
    assert.ok(inner instanceof ConnectionError, `${inner}`);
    assert.ok(outer instanceof TransactionError, `${outer}`);
    assert.deepEqual(await notes(watcher), []);
    await expectWhole(db, watcher);
  },
);

onPostgres(
  "a backend killed before a hook after the commit takes nothing of the commit back",
  { poolSize: 1 },
  async ({ db, watcher }) => {
    const hook = Promise.withResolvers<number>();
    await db.transaction(async (tx) => {
      const pid = await backend(tx);
      tx.afterCommit(async () => {
        await kill(watcher, pid);
        // The pool may learn of it only by the next statement, which then fails.
        await until(() => note(db, 2).then(() => true, () => false));
        hook.resolve(pid);
      });
      await note(tx, 1);
    });
    await finishes(hook.promise);
    assert.deepEqual(await notes(watcher), [1, 2]);
    await expectWhole(db, watcher);
  },
);

onPostgres(
  "retries run a transaction again after a conflict, not after a lost connection",
  {},
  async ({ db, watcher }) => {
    let runs = 0;
    const error = await failure(() =>
      db.transaction(async (tx) => {
        runs++;
        await note(tx, 1);
        await kill(watcher, await backend(tx));
        await note(tx, 2);
      }, { retries: 3 })
    );
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.equal(runs, 1);
  },
);
