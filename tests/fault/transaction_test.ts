/**
 * Transactions that are used in ways that could hang, or that would end them behind our back.
 */
import assert from "node:assert/strict";
import { PoolExhaustedError, TransactionError } from "../../src/base/errors.ts";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";
import type { OpenTransaction } from "../../src/database/scope.ts";
import { failure } from "../behaviour/error_support.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { finishes, note, notes, pause } from "./support.ts";

const once = { rewrite: false } as const;
const table = "CREATE TABLE notes (n INTEGER)";

onEveryDatabase(
  "statements that would wait for a transaction ended by hand are refused",
  once,
  async (
    { db },
  ) => {
    await db.execute(table);
    await using tx = await db.beginTransaction();
    const nested = tx.transaction((inner) => note(inner, 1));
    const begun = tx.beginTransaction();
    const waiting = [() => note(tx, 2), () => tx.transaction((inner) => note(inner, 3))].map(
      failure,
    );
    await nested;
    const inner: OpenTransaction = await begun;
    for (const error of await finishes(Promise.all(waiting))) {
      assert.ok(error instanceof TransactionError, `${error}`);
      assert.match(error.message, /a nested transaction is open in this one/);
    }
    await note(inner, 4);
    await inner.commit();
    await note(tx, 5);
    await finishes(tx.commit());
    assert.deepEqual(await notes(db), [1, 4, 5]);
  },
);

onEveryDatabase(
  "a transaction can be rolled back though one inside it was never ended",
  once,
  async (
    { db },
  ) => {
    await db.execute(table);
    const tx = await db.beginTransaction();
    const nested = tx.transaction((inner) => note(inner, 1));
    const begun = tx.beginTransaction();
    const waiting = failure(() => note(tx, 2));
    await Promise.all([nested, begun]);
    const early = await finishes(failure(() => tx.commit()));
    assert.match(early.message, /a nested transaction is open in this one/);
    await finishes(tx.rollback());
    await finishes(waiting);
    assert.deepEqual(await notes(db), []);
    assert.deepEqual([db.stats().pool.inUse, db.stats().pool.waiting], [0, 0]);
  },
);

onEveryDatabase(
  "SQL text cannot end, or begin, the transaction around it",
  once,
  async ({ db }) => {
    await db.execute(table);
    for (
      const text of [
        "COMMIT",
        "/* so */ commit",
        "END",
        "ROLLBACK",
        " rollback transaction",
        "-- so\nBEGIN",
      ]
    ) {
      await db.transaction(async (tx) => {
        await note(tx, 1);
        const error = await failure(() => tx.execute(text));
        assert.ok(error instanceof TransactionError, `${text}: ${error}`);
        assert.match(error.message, /Cannot begin or end a transaction with SQL text/);
        await tx.execute("DELETE FROM notes");
      });
    }
    // Savepoints of one's own are.
    await db.transaction(async (tx) => {
      await note(tx, 2);
      await tx.execute("SAVEPOINT mine");
      await note(tx, 3);
      await tx.execute("ROLLBACK TO SAVEPOINT mine");
      await tx.execute("RELEASE SAVEPOINT mine");
    });
    assert.deepEqual(await notes(db), [2]);
  },
);

onEveryDatabase(
  "a script that ends the transaction around it is found out",
  once,
  async ({ db }) => {
    await db.execute(table);
    for (const end of ["COMMIT", "ROLLBACK"]) {
      const error = await failure(() =>
        db.transaction(async (tx) => {
          await tx.execute(`DELETE FROM notes; ${end}`);
        })
      );
      assert.ok(error instanceof TransactionError, `${error}`);
      assert.match(error.message, /SQL text in (it|the transaction) has ended it/);
      assert.match(error.hint ?? "", /use transaction\(\)/);
    }
    await db.transaction((tx) => note(tx, 1));
    assert.deepEqual(await notes(db), [1]);
  },
);

/** SQLite has one connection that writes, in a file, and one at all in memory: both at the same time. */
async function inFileAndMemory(test: (db: SQLiteAdapter) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    await Promise.all([`${folder}/file.db`, ":memory:"].map(async (databasePath) => {
      await using db = new SQLiteAdapter({ databasePath, acquireTimeout: 600_000 });
      await db.execute(table);
      await finishes(test(db));
      assert.deepEqual([db.stats().pool.inUse, db.stats().pool.waiting], [0, 0]);
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a write outside of the transaction around it fails soon and says why", async () => {
  await inFileAndMemory(async (db) => {
    const outside = [
      () => note(db, 2),
      () => db.transaction((other) => note(other, 2)),
      () => db.execute("INSERT INTO notes VALUES (2)", [], { timeout: 500_000 }),
    ];
    await db.transaction(async (tx) => {
      await note(tx, 1);
      const errors = await Promise.all(
        outside.map((work) => failure(work)),
      );
      for (const error of errors) {
        assert.ok(error instanceof PoolExhaustedError, `${error}`);
        assert.match(error.message, /the transaction around this call holds it/);
        assert.match(error.hint ?? "", /use the `tx`/);
      }
    });
    assert.deepEqual(await notes(db), [1]);
  });
});

Deno.test("a write that nobody awaits, and one of another task, wait for the transaction", async () => {
  await inFileAndMemory(async (db) => {
    let beside: Promise<void> | undefined;
    let start = () => {};
    const other = new Promise<void>((resolve) => start = resolve).then(() => note(db, 3));
    await db.transaction(async (tx) => {
      beside = note(db, 2);
      beside.catch(() => {});
      start();
      for (let i = 0; i < 24; i++) {
        await note(tx, 1);
        await pause(50);
      }
    });
    await Promise.all([beside, other]);
    assert.deepEqual((await notes(db)).filter((n) => n > 1), [2, 3]);
  });
});
