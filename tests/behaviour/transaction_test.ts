/**
 * Transactions of the public façade: isolated from others, ended once, and never an autocommit.
 */
import assert from "node:assert/strict";
import {
  DatabaseError,
  DataError,
  NotFoundError,
  RexError,
  SerializationError,
  TransactionError,
  UniqueViolationError,
} from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { TransactionScope } from "../../src/database/scope.ts";
import type { CommitBatch } from "../../src/change/change.ts";
import { onEveryDatabase, type Target } from "../targets/databases.ts";
import { Member, Message, models } from "./error_models.ts";
import { failure, isSqlite } from "./error_support.ts";

function onBoth(
  name: string,
  test: (db: Database, target: Target) => Promise<void>,
  poolSize = 8,
): void {
  onEveryDatabase(name, { models, rewrite: false, open: { poolSize } }, async ({ db, target }) => {
    await test(db, target);
    assert.equal(db.stats().pool.inUse, 0, "every connection was given back");
    assert.equal(db.stats().pool.waiting, 0);
  });
}

/** What only a database with several writers does. */
function onPostgres(name: string, test: (db: Database) => Promise<void>): void {
  onEveryDatabase(name, {
    models,
    rewrite: false,
    open: { poolSize: 8 },
    needs: (has) => has.supportsRowLocks,
  }, async ({ db }) => {
    await test(db);
    assert.equal(db.stats().pool.inUse, 0, "every connection was given back");
  });
}

async function emails(db: Pick<Database, "repository">): Promise<string[]> {
  const found = await db.repository(Member).find({ orderBy: { id: "asc" }, select: ["email"] });
  return found.map(({ email }) => email);
}

function add(db: Pick<Database, "repository">, email: string): Promise<unknown> {
  return db.repository(Member).create({ email });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

onBoth(
  "ambient transactions of concurrent callers do not mix, with one another or with others",
  async (db) => {
    const transfer = async (name: string, fails: boolean): Promise<void> => {
      await db.beginTransaction();
      try {
        await add(db, `${name}1`);
        await pause(5);
        assert.ok((await emails(db)).includes(`${name}1`), "it sees its own");
        await db.repository(Member).updateMany({ where: { email: `${name}1` } }, { team: name });
        if (fails) throw new Error(name);
        await add(db, `${name}2`);
        await db.commit();
      } catch (error) {
        await db.rollback();
        throw error;
      }
    };
    const outsider = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        assert.ok(!db.inTransaction);
        const seen = await emails(db);
        assert.ok(!seen.some((email) => email.startsWith("bad")), "it saw what was rolled back");
        for (const name of ["a", "b", "c"]) {
          assert.equal(seen.includes(`${name}1`), seen.includes(`${name}2`), "it saw a half");
        }
        await pause(2);
      }
    };
    const done = await Promise.allSettled([
      transfer("a", false),
      transfer("bad", true),
      transfer("b", false),
      outsider(),
      transfer("c", false),
    ]);
    assert.deepEqual(
      done.map((each) => each.status === "rejected" ? String(each.reason) : "done"),
      ["done", "Error: bad", "done", "done", "done"],
    );
    assert.deepEqual((await emails(db)).sort(), ["a1", "a2", "b1", "b2", "c1", "c2"]);
  },
);

onBoth("commit() and rollback() without a transaction are errors", async (db) => {
  for (const work of [() => db.commit(), () => db.rollback()]) {
    assert.ok(await failure(work) instanceof TransactionError);
  }
  await db.beginTransaction();
  await add(db, "a");
  await db.commit();
  assert.ok(await failure(() => db.commit()) instanceof TransactionError);
  assert.deepEqual(await emails(db), ["a"]);
});

onBoth(
  "repositories, builders and raw SQL all run in the transaction that they are given",
  async (db) => {
    const error = new Error("undo");
    const thrown = await failure(() =>
      db.transaction(async (tx) => {
        assert.ok(tx.inTransaction && !db.inTransaction);
        await add(tx, "repository");
        await tx.insertInto(Member).values({ email: "builder" }).execute();
        await tx.execute("INSERT INTO error_users (email, version) VALUES ($1, 1)", ["raw"]);
        assert.equal((await tx.query(Member).execute()).length, 3);
        const member = new Member();
        member.email = "instance";
        await member.save(tx);
        assert.deepEqual(await emails(tx), ["repository", "builder", "raw", "instance"]);
        assert.deepEqual(await emails(db), [], "nobody else sees it");
        throw error;
      })
    );
    assert.equal(thrown, error);
    assert.deepEqual(await emails(db), []);
  },
);

onBoth("a nested transaction that fails is undone alone, and the outer one goes on", async (db) => {
  await db.transaction(async (tx) => {
    await add(tx, "outer");
    await assert.rejects(
      tx.transaction(async (inner) => {
        await add(inner, "inner");
        await inner.transaction((deep) => add(deep, "deep"));
        await add(inner, "outer");
      }),
      UniqueViolationError,
    );
    assert.deepEqual(await emails(tx), ["outer"]);
    await tx.transaction((inner) => add(inner, "second"));
  });
  assert.deepEqual(await emails(db), ["outer", "second"]);
});

onBoth(
  "nested writes of a repository are undone whole, inside and outside a transaction",
  async (db) => {
    const broken = {
      email: "parent",
      messages: { create: [{ body: "fine" }, { body: 1 as never }] },
    };
    const work = (on: Pick<Database, "repository">) => on.repository(Member).create(broken);
    assert.ok(await failure(() => work(db)) instanceof RexError);
    await db.transaction(async (tx) => {
      await add(tx, "before");
      await failure(() => tx.transaction((inner) => work(inner)));
      await add(tx, "after");
    });
    assert.deepEqual(await emails(db), ["before", "after"]);
    assert.equal(await db.repository(Message).count(), 0);
  },
);

onPostgres(
  "read committed sees what others commit, repeatable read keeps its snapshot",
  async (db) => {
    await add(db, "a");
    await db.transaction(async (tx) => {
      assert.deepEqual(await emails(tx), ["a"]);
      await add(db, "b");
      assert.deepEqual(await emails(tx), ["a", "b"]);
    }, { isolation: "read committed" });
    for (const isolation of ["repeatable read", "serializable"] as const) {
      const before = await emails(db);
      await db.transaction(async (tx) => {
        assert.deepEqual(await emails(tx), before);
        await add(db, isolation);
        assert.deepEqual(await emails(tx), before, isolation);
      }, { isolation });
      assert.deepEqual(await emails(db), [...before, isolation]);
    }
  },
);

onPostgres(
  "serializable refuses what repeatable read lets through: a skew of two writes",
  async (db) => {
    await db.repository(Member).createMany([{ email: "a", age: 1 }, { email: "b", age: 1 }]);
    const goOffDuty =
      (email: string, barrier: () => Promise<void>) => async (tx: TransactionScope) => {
        const onDuty = await tx.repository(Member).count({ where: { age: 1 } });
        await barrier();
        if (onDuty > 1) {
          await tx.repository(Member).updateMany({ where: { email } }, { age: 0 });
        }
      };
    const together = () => {
      let arrived = 0;
      const open = Promise.withResolvers<void>();
      return () => {
        if (++arrived === 2) open.resolve();
        return Promise.race([open.promise, pause(500).then(() => {})]);
      };
    };
    const run = async (isolation: "repeatable read" | "serializable") => {
      await db.repository(Member).updateMany({}, { age: 1 });
      const barrier = together();
      const done = await Promise.allSettled(
        ["a", "b"].map((email) => db.transaction(goOffDuty(email, barrier), { isolation })),
      );
      return {
        errors: done.flatMap((each) => each.status === "rejected" ? [each.reason] : []),
        onDuty: await db.repository(Member).count({ where: { age: 1 } }),
      };
    };
    const loose = await run("repeatable read");
    assert.deepEqual([loose.errors.length, loose.onDuty], [0, 0]);
    const strict = await run("serializable");
    assert.deepEqual([strict.errors.length, strict.onDuty], [1, 1]);
    assert.ok(strict.errors[0] instanceof SerializationError);

    await db.repository(Member).updateMany({}, { age: 1 });
    const before = db.stats().retries;
    let runs = 0;
    const barrier = together();
    await Promise.all(["a", "b"].map((email) =>
      db.transaction((tx) => {
        runs++;
        return goOffDuty(email, barrier)(tx);
      }, { isolation: "serializable", retries: 5 })
    ));
    assert.equal(await db.repository(Member).count({ where: { age: 1 } }), 1);
    assert.equal(runs, 2 + db.stats().retries - before);
    assert.ok(db.stats().retries > before, "one of them ran again");
  },
);

onBoth(
  "a counter that many increase in transactions with retries loses nothing",
  async (db, target) => {
    await db.repository(Member).create({ email: "counter", number: 0 });
    const isolation = isSqlite(target) ? "serializable" : "repeatable read";
    let runs = 0;
    await Promise.all(Array.from({ length: 12 }, () =>
      db.transaction(async (tx) => {
        runs++;
        const members = tx.repository(Member);
        const { id, number } = await members.findOneOrThrow({ where: { email: "counter" } });
        await members.update(id, { number: (number ?? 0) + 1 });
      }, { isolation, retries: 50, retryDelay: 1 })));
    const { number } = await db.repository(Member).findOneOrThrow({ where: { email: "counter" } });
    assert.equal(number, 12);
    assert.equal(runs, 12 + db.stats().retries);
  },
);

onBoth("retries are counted, and end with the last failure", async (db) => {
  let runs = 0;
  const failing = () => {
    runs++;
    return Promise.reject(new SerializationError("Cannot serialise"));
  };
  const error = await failure(() => db.transaction(failing, { retries: 3, retryDelay: 1 }));
  assert.ok(error instanceof SerializationError);
  assert.deepEqual([runs, db.stats().retries, db.stats().rollbacks], [4, 3, 4]);
  runs = 0;
  await failure(() =>
    db.transaction(() => (runs++, Promise.reject(new Error("mine"))), { retries: 3 })
  );
  assert.equal(runs, 1);
});

onBoth(
  "a read-only transaction reads one snapshot and refuses to write, with a clear error",
  async (db) => {
    await add(db, "a");
    await db.transaction(async (tx) => {
      assert.deepEqual(await emails(tx), ["a"]);
      for (
        const write of [
          () => tx.transaction((inner) => add(inner, "b")),
          () => tx.transaction((inner) => inner.repository(Member).deleteMany({})),
          () => tx.transaction((inner) => inner.execute("UPDATE error_users SET team = 'x'")),
        ]
      ) {
        const error = await failure(write);
        assert.ok(error instanceof DatabaseError);
        assert.match(error.message, /^Cannot write/);
        assert.match(error.hint ?? "", /read-only/);
      }
      assert.deepEqual(await emails(tx), ["a"]);
    }, { readOnly: true });
    await add(db, "b");
    assert.deepEqual(await emails(db), ["a", "b"]);
  },
);

onPostgres("a deferrable transaction reads without ever being refused", async (db) => {
  await add(db, "a");
  const settings = await db.transaction(async (tx) => {
    const { rows } = await tx.execute(
      `SELECT current_setting('transaction_isolation') AS isolation,
        current_setting('transaction_read_only') AS read_only,
        current_setting('transaction_deferrable') AS deferrable`,
    );
    await emails(tx);
    return rows[0];
  }, { isolation: "serializable", readOnly: true, deferrable: true });
  assert.deepEqual(settings, { isolation: "serializable", read_only: "on", deferrable: "on" });
  const { rows } = await db.execute("SHOW transaction_isolation");
  assert.deepEqual(rows, [{ transaction_isolation: "read committed" }], "the next one has its own");
});

onBoth("everything of a transaction refuses to work after its end", async (db) => {
  let kept: TransactionScope | undefined;
  await db.transaction((tx) => Promise.resolve(kept = tx));
  const tx = kept ?? assert.fail();
  const members = tx.repository(Member);
  const uses: (() => unknown)[] = [
    () => tx.execute("SELECT 1"),
    () => members.find(),
    () => members.create({ email: "late" }),
    () => members.createMany([{ email: "late" }, { email: "later" }]),
    () => members.updateMany({}, { team: "late" }),
    () => members.deleteMany({}),
    () => tx.query(Member).execute(),
    () => tx.insertInto(Member).values({ email: "late" }).execute(),
    () => tx.transaction((inner) => add(inner, "late")),
    async () => {
      for await (const _ of tx.query(Member).stream()) assert.fail("it gave a row");
    },
    () => tx.afterCommit(() => assert.fail("it was called")),
  ];
  for (const use of uses) {
    const error = await failure(use);
    assert.ok(error instanceof TransactionError, `${error}`);
    assert.match(error.message, /the transaction has ended/);
  }
  assert.deepEqual(await emails(db), []);
});

onBoth(
  "statements that nobody awaited belong to the transaction, and their failure undoes it",
  async (db) => {
    const insert = "INSERT INTO error_users (email, version) VALUES ($1, 1)";
    await db.transaction((tx) => {
      void tx.execute(insert, ["unawaited"]);
      void add(tx, "unawaited too");
      return Promise.resolve();
    });
    assert.deepEqual(await emails(db), ["unawaited", "unawaited too"]);
    // This statement comes when the commit has begun, which it makes fail.
    let refused: Promise<Error> | undefined;
    const tooLate = await failure(() =>
      db.transaction((tx) => {
        refused = failure(async () => {
          for (let tick = 0; tick < 3; tick++) await undefined;
          await add(tx, "too late");
        });
        return Promise.resolve();
      })
    );
    assert.ok(tooLate instanceof TransactionError);
    assert.equal(await refused, tooLate);
    assert.deepEqual(await emails(db), ["unawaited", "unawaited too"]);
    const late: Promise<unknown>[] = [];
    const error = await failure(() =>
      db.transaction(async (tx) => {
        await add(tx, "first");
        late.push(tx.execute("INSERT INTO nowhere (a) VALUES (1)").catch((error) => error));
        late.push(pause(30).then(() => add(tx, "late")).catch((error) => error));
        await tx.transaction((inner) => inner.execute("INSERT INTO nowhere (a) VALUES (1)"));
      })
    );
    assert.ok(error instanceof RexError);
    for (const each of late) assert.ok(await each instanceof RexError);
    assert.deepEqual(await emails(db), ["unawaited", "unawaited too"]);
  },
);

onBoth(
  "a stream inside a transaction sees its rows, and statements run between them",
  async (db) => {
    await db.repository(Member).createMany(
      Array.from({ length: 300 }, (_, i) => ({ email: `m${i}`, number: i })),
    );
    await db.transaction(async (tx) => {
      await add(tx, "last");
      const seen: string[] = [];
      for await (const { id, email } of tx.query(Member).orderBy("id").stream({ chunkSize: 50 })) {
        if (seen.length % 100 === 0) {
          await tx.repository(Member).update(id, { team: `seen ${seen.length}` });
        }
        seen.push(email);
      }
      assert.equal(seen.length, 301);
      assert.equal(seen.at(-1), "last");
      for await (const _ of tx.query(Member).stream({ chunkSize: 10 })) break;
      assert.equal(
        await tx.repository(Member).count({ where: { team: { startsWith: "seen" } } }),
        4,
      );
    });
    assert.equal(await db.repository(Member).count(), 301);
  },
);

onBoth(
  "afterCommit() and changes come once, after the outermost commit, and only then",
  async (db) => {
    const batches: CommitBatch[] = [];
    db.onCommit((batch) => void batches.push(batch));
    const called: string[] = [];
    await db.transaction(async (tx) => {
      await add(tx, "a");
      tx.afterCommit(() => void called.push("outer"));
      await failure(() =>
        tx.transaction(async (inner) => {
          await add(inner, "b");
          inner.afterCommit(() => void called.push("undone"));
          throw new Error("no");
        })
      );
      await tx.transaction(async (inner) => {
        await add(inner, "c");
        inner.afterCommit(() => void called.push("inner"));
      });
      assert.deepEqual([batches.length, called], [0, []]);
    });
    assert.deepEqual(called, ["outer", "inner"]);
    assert.deepEqual(batches.map(({ changes }) => changes.map((each) => each.after?.email)), [
      ["a", "c"],
    ]);
    await failure(() =>
      db.transaction(async (tx) => {
        await add(tx, "d");
        throw new Error("no");
      })
    );
    assert.equal(batches.length, 1);
  },
);

onBoth("an open transaction rolls back when it is disposed of, and nests", async (db) => {
  {
    await using tx = await db.beginTransaction();
    await add(tx, "lost");
  }
  {
    await using tx = await db.beginTransaction();
    await add(tx, "kept");
    {
      await using inner = await tx.beginTransaction();
      await add(inner, "lost too");
    }
    const inner = await tx.beginTransaction();
    await add(inner, "kept too");
    await inner.commit();
    await tx.commit();
    assert.equal(tx.isOpen, false);
    assert.ok(await failure(() => add(tx, "late")) instanceof TransactionError);
  }
  assert.deepEqual(await emails(db), ["kept", "kept too"]);
});

onBoth("a refusal before any SQL leaves the transaction free to go on", async (db) => {
  await db.transaction(async (tx) => {
    await add(tx, "a");
    const members = tx.repository(Member);
    assert.ok(await failure(() => members.create({ email: "b", age: 0.5 })) instanceof DataError);
    await failure(() => members.create({ email: 1 } as never));
    await failure(() => members.find({ where: { nope: 1 } as never }));
    assert.ok(await failure(() => members.update(4711, { team: "x" })) instanceof NotFoundError);
    await add(tx, "c");
  });
  assert.deepEqual(await emails(db), ["a", "c"]);
});

onBoth(
  "a swallowed failure either leaves the transaction whole or makes its commit fail",
  async (db, target) => {
    await add(db, "a");
    const work = () =>
      db.transaction(async (tx) => {
        await add(tx, "b");
        await failure(() => add(tx, "a"));
      });
    if (target.capabilities.supportsStatementRollback) {
      await work();
      assert.deepEqual(await emails(db), ["a", "b"]);
      return;
    }
    const error = await failure(work);
    assert.ok(error instanceof TransactionError);
    assert.match(error.message, /Cannot commit: a statement of the transaction failed/);
    assert.ok(error.cause instanceof UniqueViolationError);
    assert.deepEqual(await emails(db), ["a"]);
  },
);
