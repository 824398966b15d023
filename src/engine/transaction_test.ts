import assert from "node:assert/strict";
import { select, table, value } from "../ast/build.ts";
import { pause } from "../base/abort.ts";
import {
  ConnectionError,
  DataError,
  QueryTimeoutError,
  SerializationError,
  TransactionError,
  UniqueViolationError,
  UnsupportedError,
} from "../base/errors.ts";
import type { Change, CommitBatch } from "../change/change.ts";
import { columnType } from "../schema/column_type.ts";
import { raw, selectNames } from "./testdata/nodes.ts";
import { onBoth, onPostgres, onSqlite } from "./testdata/targets.ts";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

const INSERT = "INSERT INTO t (name) VALUES ($1)";

async function names(session: Session): Promise<string[]> {
  const { rows } = await session.execute<{ name: string }>("SELECT name FROM t ORDER BY id");
  return rows.map(({ name }) => name);
}

function change(id: number): Change {
  return { table: "t", kind: "insert", key: { id } };
}

function follow(engine: Engine): { batches: CommitBatch[]; ids: () => unknown[][] } {
  const batches: CommitBatch[] = [];
  engine.changes.subscribe((batch) => void batches.push(batch));
  return { batches, ids: () => batches.map(({ changes }) => changes.map(({ key }) => key.id)) };
}

function statements(engine: Engine): string[] {
  const seen: string[] = [];
  engine.onQuery(({ sql }) => void seen.push(sql));
  return seen;
}

async function rejection(work: Promise<unknown>): Promise<unknown> {
  return await work.then(() => assert.fail("it did not reject"), (error: unknown) => error);
}

onBoth("transaction() commits what its callback did and gives its result", async (engine) => {
  const result = await engine.transaction(async (tx) => {
    assert.equal(tx.inTransaction, true);
    await tx.execute(INSERT, ["a"]);
    return 7;
  });
  assert.equal(result, 7);
  assert.deepEqual(await names(engine), ["a"]);
  assert.equal(engine.stats().commits, 1);
  assert.equal(engine.stats().pool.inUse, 0);
});

onBoth("transaction() rolls back and throws the very error of its callback", async (engine) => {
  const mine = new Error("mine");
  const thrown = await rejection(engine.transaction(async (tx) => {
    await tx.execute(INSERT, ["a"]);
    throw mine;
  }));
  assert.equal(thrown, mine);
  assert.deepEqual(await names(engine), []);
  assert.equal(engine.stats().rollbacks, 1);
});

onBoth("a transaction is not seen by others before its commit", async (engine) => {
  await engine.transaction(async (tx) => {
    await tx.execute(INSERT, ["a"]);
    assert.deepEqual(await names(engine), []);
    assert.deepEqual(await names(tx), ["a"]);
  });
  assert.deepEqual(await names(engine), ["a"]);
});

onBoth("a nested transaction that fails rolls back to its savepoint alone", async (engine) => {
  await engine.transaction(async (tx) => {
    await tx.execute(INSERT, ["outer"]);
    await assert.rejects(
      tx.transaction(async (inner) => {
        await inner.execute(INSERT, ["inner"]);
        await inner.transaction((deep) => deep.execute(INSERT, ["deep"]));
        throw new Error("inner failed");
      }),
      /inner failed/,
    );
    await tx.transaction((inner) => inner.execute(INSERT, ["second"]));
  });
  assert.deepEqual(await names(engine), ["outer", "second"]);
});

onBoth("nested transactions beside each other take turns", async (engine) => {
  const seen = statements(engine);
  await engine.transaction(async (tx) => {
    const nested = async (name: string, fails: boolean) => {
      await tx.transaction(async (inner) => {
        await inner.execute(INSERT, [`${name}1`]);
        await pause(5);
        await inner.execute(INSERT, [`${name}2`]);
        if (fails) throw new Error(name);
      });
    };
    const done = await Promise.allSettled([
      nested("a", false),
      nested("b", true),
      tx.execute(INSERT, ["beside"]),
      nested("c", false),
    ]);
    assert.deepEqual(done.map(({ status }) => status), [
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
  });
  assert.deepEqual(await names(engine), ["a1", "a2", "beside", "c1", "c2"]);
  assert.equal(seen.filter((sql) => sql.startsWith("SAVEPOINT")).length, 3);
});

onBoth(
  "the outer transaction refuses statements from inside a nested one's callback",
  async (engine) => {
    await engine.transaction(async (tx) => {
      await tx.transaction(async (inner) => {
        for (
          const wrong of [
            () => tx.execute(INSERT, ["x"]),
            () => tx.transaction(() => Promise.resolve()),
          ]
        ) {
          await assert.rejects(wrong(), {
            name: "TransactionError",
            message: /nested transaction is open/,
          });
        }
        await inner.transaction(async (deep) => {
          await assert.rejects(tx.execute(INSERT, ["x"]), TransactionError);
          await assert.rejects(inner.execute(INSERT, ["x"]), TransactionError);
          await deep.execute(INSERT, ["right"]);
        });
      });
    });
    assert.deepEqual(await names(engine), ["right"]);
  },
);

onBoth("a nested transaction refuses what only an outermost one can have", async (engine) => {
  const seen = statements(engine);
  await engine.transaction(async (tx) => {
    for (
      const options of [{ readOnly: true }, { isolation: "serializable" }, {
        deferrable: true,
      }] as const
    ) {
      await assert.rejects(tx.transaction(() => Promise.resolve(), options), TransactionError);
    }
  });
  assert.ok(!seen.some((sql) => sql.startsWith("SAVEPOINT")));
});

onSqlite(
  "an isolation level or mode that the database lacks is refused before any SQL",
  async (engine) => {
    const seen = statements(engine);
    const never = () => assert.fail("it began");
    await assert.rejects(
      engine.transaction(never, { isolation: "read committed" }),
      (error: unknown) =>
        error instanceof UnsupportedError && /It has: serializable/.test(error.message),
    );
    await assert.rejects(engine.beginTransaction({ deferrable: true }), UnsupportedError);
    assert.deepEqual(seen, []);
  },
);

onBoth("a read-only transaction refuses to write", async (engine) => {
  const readOnly = { readOnly: true };
  assert.deepEqual(await engine.transaction(names, readOnly), []);
  await assert.rejects(engine.transaction((tx) => tx.execute(INSERT, ["a"]), readOnly));
  assert.deepEqual(await names(engine), []);
});

onBoth(
  "a transaction that is used after its end is an error and never an autocommit",
  async (engine) => {
    let kept: Session | undefined;
    let keptInner: Session | undefined;
    await engine.transaction(async (tx) => {
      kept = tx;
      await tx.transaction((inner) => {
        keptInner = inner;
        return Promise.resolve();
      });
      await assert.rejects(keptInner!.execute(INSERT, ["x"]), TransactionError);
    });
    for (const session of [kept!, keptInner!]) {
      const ended = { name: "TransactionError", message: /the transaction has ended/ };
      await assert.rejects(session.execute(INSERT, ["x"]), ended);
      await assert.rejects(session.transaction(() => Promise.resolve()), ended);
      await assert.rejects(async () => {
        for await (const _ of session.stream(raw("SELECT 1"))) assert.fail("it gave a row");
      }, ended);
      assert.throws(() => session.record([change(1)]), ended);
      assert.throws(() => session.afterCommit(() => {}), ended);
    }
    assert.deepEqual(await names(engine), []);
  },
);

onBoth(
  "the commit waits for statements and nested transactions that nobody awaited",
  async (engine) => {
    await engine.transaction((tx) => {
      void tx.execute(INSERT, ["a"]);
      void tx.transaction(async (inner) => {
        await pause(5);
        await inner.execute(INSERT, ["b"]);
      });
      return Promise.resolve();
    });
    assert.deepEqual(await names(engine), ["a", "b"]);
  },
);

onBoth(
  "a nested transaction that nobody awaited and that fails makes the commit fail",
  async (engine) => {
    const error = await rejection(engine.transaction(async (tx) => {
      await tx.execute(INSERT, ["a"]);
      void tx.transaction(async (inner) => {
        await pause(5);
        await inner.execute(INSERT, ["a"]);
      });
    }));
    assert.ok(error instanceof TransactionError);
    assert.ok(error.cause instanceof UniqueViolationError);
    assert.deepEqual(await names(engine), []);
  },
);

onBoth(
  "work that goes on after the callback has returned makes the commit fail",
  async (engine) => {
    let late: Promise<unknown> | undefined;
    const error = await rejection(engine.transaction(async (tx) => {
      await tx.execute(INSERT, ["a"]);
      late = tx.transaction(() => pause(5)).then(() => tx.execute(INSERT, ["b"]));
      late.catch(() => {});
    }));
    assert.ok(error instanceof TransactionError);
    await assert.rejects(late!, TransactionError);
    assert.deepEqual(await names(engine), []);
  },
);

onSqlite(
  "a swallowed failure leaves a database that undoes one statement free to commit",
  async (engine) => {
    await engine.transaction(async (tx) => {
      await tx.execute(INSERT, ["a"]);
      await assert.rejects(tx.execute(INSERT, ["a"]), UniqueViolationError);
      await tx.execute(INSERT, ["b"]);
    });
    assert.deepEqual(await names(engine), ["a", "b"]);
  },
);

onBoth(
  "changes are told once, after the outermost commit, without those rolled back",
  async (engine) => {
    const { batches, ids } = follow(engine);
    const order: string[] = [];
    engine.changes.subscribe(() => void order.push("changes"));
    assert.equal(engine.followed, true);
    await engine.transaction(async (tx) => {
      tx.record([change(1)]);
      tx.afterCommit(() => void order.push("outer"));
      await tx.transaction((inner) => {
        inner.record([change(2)]);
        inner.afterCommit(() => void order.push("inner"));
        return Promise.resolve();
      });
      await rejection(tx.transaction((inner) => {
        inner.record([change(3)]);
        inner.afterCommit(() => assert.fail("rolled back"));
        return Promise.reject(new Error("no"));
      }));
      tx.record([change(4)]);
      assert.deepEqual(batches, []);
    });
    assert.deepEqual(ids(), [[1, 2, 4]]);
    assert.deepEqual(order, ["changes", "outer", "inner"]);
    await rejection(engine.transaction((tx) => {
      tx.record([change(5)]);
      return Promise.reject(new Error("no"));
    }));
    engine.record([change(6)]);
    engine.afterCommit(() => void order.push("at once"));
    assert.deepEqual(ids(), [[1, 2, 4], [6]]);
    assert.deepEqual(batches.map(({ position }) => position), [1, 2]);
    assert.equal(order.at(-1), "at once");
  },
);

onBoth(
  "transaction() runs again after serialization failures, and only as often as asked",
  async (engine) => {
    let runs = 0;
    const failing = (times: number) => async (tx: Session) => {
      await tx.execute(INSERT, [`run${++runs}`]);
      if (runs <= times) throw new SerializationError("Cannot serialise");
      return runs;
    };
    assert.equal(await engine.transaction(failing(2), { retries: 2, retryDelay: 1 }), 3);
    assert.deepEqual(await names(engine), ["run3"]);
    assert.equal(engine.stats().retries, 2);
    runs = 0;
    await assert.rejects(
      engine.transaction(failing(9), { retries: 1, retryDelay: 1 }),
      SerializationError,
    );
    assert.equal(runs, 2);
    runs = 0;
    await assert.rejects(engine.transaction(failing(9)), SerializationError);
    assert.equal(runs, 1);
  },
);

onBoth("transaction() does not run other failures again", async (engine) => {
  let runs = 0;
  const work = () => Promise.reject(new Error(`run ${++runs}`));
  await assert.rejects(engine.transaction(work, { retries: 5 }), /run 1/);
  assert.equal(runs, 1);
});

onBoth(
  "a swallowed serialization failure makes the commit fail, and the transaction run again",
  async (engine) => {
    let runs = 0;
    const cause = new SerializationError("Cannot serialise");
    const wrapped = async () => {
      await Promise.resolve();
      if (++runs === 1) throw new Error("mine", { cause });
    };
    await engine.transaction(wrapped, { retries: 1, retryDelay: 1 });
    assert.equal(runs, 2);
  },
);

onBoth("an abort rolls the transaction back though its callback never returns", async (engine) => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let kept: Session | undefined;
  const running = engine.transaction(async (tx) => {
    kept = tx;
    await tx.execute(INSERT, ["a"]);
    setTimeout(() => controller.abort(reason), 5);
    await new Promise(() => {});
  }, { signal: controller.signal, retries: 3 });
  assert.equal(await rejection(running), reason);
  assert.equal(await rejection(kept!.execute(INSERT, ["b"])), reason);
  assert.deepEqual(await names(engine), []);
  assert.equal(engine.stats().pool.inUse, 0);
});

onBoth("a transaction that takes longer than its timeout is rolled back", async (engine) => {
  const work = async (tx: Session) => {
    await tx.execute(INSERT, ["a"]);
    await tx.transaction(() => new Promise(() => {}));
  };
  await assert.rejects(engine.transaction(work, { timeout: 10 }), QueryTimeoutError);
  assert.deepEqual(await names(engine), []);
  await engine.transaction(async (tx) => {
    await tx.execute(INSERT, ["b"]);
    const never = tx.transaction(() => new Promise(() => {}), { timeout: 10 });
    await assert.rejects(never, QueryTimeoutError);
  });
  assert.deepEqual(await names(engine), ["b"]);
});

onBoth("beginTransaction() gives a transaction that is ended by hand", async (engine) => {
  const tx = await engine.beginTransaction();
  await tx.execute(INSERT, ["a"]);
  assert.equal(tx.isOpen, true);
  await tx.commit();
  assert.equal(tx.isOpen, false);
  await assert.rejects(tx.commit(), TransactionError);
  await assert.rejects(tx.rollback(), TransactionError);
  const other = await engine.beginTransaction();
  await other.execute(INSERT, ["b"]);
  await other.rollback();
  await other.rollback();
  assert.deepEqual(await names(engine), ["a"]);
});

onBoth("a transaction that goes out of scope without a commit is rolled back", async (engine) => {
  {
    await using tx = await engine.beginTransaction();
    await tx.execute(INSERT, ["a"]);
  }
  {
    await using tx = await engine.beginTransaction();
    await tx.execute(INSERT, ["b"]);
    await tx.commit();
  }
  assert.deepEqual(await names(engine), ["b"]);
});

onBoth(
  "a savepoint begun by hand keeps statements off the outer transaction until it ends",
  async (engine) => {
    await using tx = await engine.beginTransaction();
    const inner = await tx.beginTransaction();
    await inner.execute(INSERT, ["a"]);
    await assert.rejects(tx.execute(INSERT, ["x"]), /nested transaction is open/);
    await assert.rejects(tx.commit(), /nested transaction is open/);
    await assert.rejects(tx.beginTransaction(), /nested transaction is open/);
    await inner.rollback();
    await tx.execute(INSERT, ["b"]);
    await tx.commit();
    assert.deepEqual(await names(engine), ["b"]);
  },
);

onBoth("a callback that leaves a savepoint open cannot commit", async (engine) => {
  const work = async (tx: Session) => {
    await tx.execute(INSERT, ["a"]);
    await (tx as unknown as { beginTransaction(): Promise<unknown> }).beginTransaction();
  };
  await assert.rejects(engine.transaction(work), /nested transaction is still open/);
  assert.deepEqual(await names(engine), []);
  await engine.execute(INSERT, ["free"]);
});

onBoth("an abort rolls a transaction back that is ended by hand", async (engine) => {
  const controller = new AbortController();
  const tx = await engine.beginTransaction({ signal: controller.signal });
  await tx.execute(INSERT, ["a"]);
  controller.abort(new Error("enough"));
  await assert.rejects(tx.execute(INSERT, ["b"]), /enough/);
  await tx.rollback();
  assert.deepEqual(await names(engine), []);
});

onBoth(
  "a stream that is open when the transaction ends is closed, and reading on is an error",
  async (engine) => {
    await engine.execute(INSERT, ["a"]);
    await engine.execute(INSERT, ["b"]);
    let rows: AsyncIterableIterator<Record<string, unknown>> | undefined;
    await engine.transaction(async (tx) => {
      rows = tx.stream(selectNames(), { chunkSize: 1 });
      assert.deepEqual((await rows.next()).value, { name: "a" });
      await tx.execute(INSERT, ["c"]);
    });
    await assert.rejects(rows!.next(), TransactionError);
    assert.deepEqual(await names(engine), ["a", "b", "c"]);
  },
);

onBoth(
  "a commit that the database refuses is an error and leaves nothing behind",
  async (engine) => {
    await engine.execute(
      "CREATE TABLE child (t_id INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)",
    );
    const { batches } = follow(engine);
    const work = async (tx: Session) => {
      await tx.execute("INSERT INTO child (t_id) VALUES (99)");
      tx.record([change(1)]);
    };
    await assert.rejects(engine.transaction(work), { name: "ForeignKeyViolationError" });
    assert.deepEqual((await engine.execute("SELECT * FROM child")).rows, []);
    assert.deepEqual(batches, []);
    await engine.execute(INSERT, ["free"]);
  },
);

onPostgres(
  "a swallowed failure that has ended the transaction makes the commit fail",
  async (engine) => {
    const work = async (tx: Session) => {
      await tx.execute(INSERT, ["a"]);
      tx.record([change(1)]);
      await assert.rejects(tx.execute(INSERT, ["a"]), UniqueViolationError);
    };
    const { batches } = follow(engine);
    const error = await rejection(engine.transaction(work));
    assert.ok(error instanceof TransactionError);
    assert.match(error.message, /Cannot commit: a statement of the transaction failed/);
    assert.ok(error.cause instanceof UniqueViolationError);
    await using byHand = await engine.beginTransaction();
    await work(byHand);
    await assert.rejects(byHand.commit(), TransactionError);
    await byHand.rollback();
    assert.deepEqual(await names(engine), []);
    assert.deepEqual(batches, []);
  },
);

onPostgres(
  "a failure inside a nested transaction leaves the outer one free to commit",
  async (engine) => {
    await engine.transaction(async (tx) => {
      await tx.execute(INSERT, ["a"]);
      await assert.rejects(
        tx.transaction((inner) => inner.execute(INSERT, ["a"])),
        UniqueViolationError,
      );
      const swallowing = tx.transaction(async (inner) => {
        await assert.rejects(inner.execute(INSERT, ["a"]), UniqueViolationError);
      });
      await assert.rejects(swallowing, TransactionError);
      await tx.execute(INSERT, ["b"]);
    });
    assert.deepEqual(await names(engine), ["a", "b"]);
  },
);

onPostgres(
  "serializable transactions that conflict are run again until both succeed",
  async (engine) => {
    await engine.execute(INSERT, ["0"]);
    const add = (tx: Session) =>
      tx.execute<{ count: number }>("SELECT count(*)::int AS count FROM t").then(
        async ({ rows }) => {
          await pause(20);
          await tx.execute(INSERT, [String(rows[0]!.count)]);
        },
      );
    const run = () =>
      engine.transaction(add, { isolation: "serializable", retries: 10, retryDelay: 5 });
    await Promise.all([run(), run(), run()]);
    assert.deepEqual((await names(engine)).sort(), ["0", "1", "2", "3"]);
    assert.ok(engine.stats().retries > 0);
  },
);

onPostgres("a deadlock is broken and its victim run again", async (engine) => {
  await engine.execute("INSERT INTO t (id, name) VALUES (101, 'x'), (102, 'y')");
  const both = Promise.withResolvers<void>();
  let locked = 0;
  const lock = (first: number, second: number) => async (tx: Session) => {
    const sql = "UPDATE t SET name = name || '.' WHERE id = $1";
    await tx.execute(sql, [first]);
    if (++locked === 2) both.resolve();
    await both.promise;
    await tx.execute(sql, [second]);
  };
  const options = { retries: 5, retryDelay: 5 };
  await Promise.all([
    engine.transaction(lock(101, 102), options),
    engine.transaction(lock(102, 101), options),
  ]);
  assert.deepEqual((await names(engine)).sort(), ["x..", "y.."]);
  assert.equal(engine.stats().retries, 1);
});

onPostgres(
  "a connection that breaks during the transaction is an error and is not used again",
  async (engine) => {
    const work = async (tx: Session) => {
      await tx.execute(INSERT, ["a"]);
      const { rows } = await tx.execute<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      await engine.execute("SELECT pg_terminate_backend($1::int)", [rows[0]!.pid]);
      await pause(50);
    };
    const lost = await rejection(engine.transaction(work));
    assert.ok(lost instanceof ConnectionError, String(lost));
    assert.match(lost.message, /Cannot tell whether the transaction was committed/);
    const swallowed = await rejection(engine.transaction(async (tx) => {
      await work(tx);
      await assert.rejects(tx.execute(INSERT, ["b"]), ConnectionError);
    }));
    assert.ok(swallowed instanceof TransactionError);
    assert.deepEqual(await names(engine), []);
    assert.equal(engine.stats().pool.inUse, 0);
  },
);

onPostgres("an abort cancels the statement under way on the server", async (engine) => {
  const controller = new AbortController();
  const start = performance.now();
  const sleeping = engine.transaction(
    (tx) => tx.execute("SELECT pg_sleep(20)"),
    { signal: controller.signal },
  );
  setTimeout(() => controller.abort(new Error("enough")), 50);
  await assert.rejects(sleeping, /enough/);
  assert.ok(performance.now() - start < 5_000);
});

onPostgres("isolation, read-only and deferrable reach the server", async (engine) => {
  await engine.transaction(async (tx) => {
    const { rows } = await tx.execute(
      "SELECT current_setting('transaction_isolation') AS i, current_setting('transaction_read_only') AS r, " +
        "current_setting('transaction_deferrable') AS d",
    );
    assert.deepEqual(rows, [{ i: "serializable", r: "on", d: "on" }]);
  }, { isolation: "serializable", readOnly: true, deferrable: true });
});

onSqlite(
  "nothing is stored after SQLite has rolled the transaction back by itself",
  async (engine) => {
    await assert.rejects(
      engine.transaction(async (tx) => {
        await tx.execute("INSERT INTO t (id) VALUES (1)");
        await tx.execute("INSERT OR ROLLBACK INTO t (id) VALUES (1)").catch(() => {});
        await tx.execute("INSERT INTO t (id) VALUES (2)").catch(() => {});
      }),
      TransactionError,
    );
    await assert.rejects(engine.transaction(async (tx) => {
      await tx.transaction(async (inner) => {
        await inner.execute("INSERT INTO t (id) VALUES (1), (2)");
        await inner.execute("INSERT OR ROLLBACK INTO t (id) VALUES (1)");
      }).catch(() => {});
      await tx.execute("INSERT INTO t (id) VALUES (3)").catch(() => {});
    }));
    assert.equal((await engine.execute("SELECT id FROM t")).rowCount, 0);
    await engine.transaction((tx) => tx.execute(INSERT, ["after"]));
    assert.deepEqual(await names(engine), ["after"]);
  },
);

onBoth("a stream that fails before it is sent leaves the transaction whole", async (engine) => {
  const far = columnType("integer");
  const unsendable = select({ selection: [value(1e20, far)], from: [table("t")] });
  await engine.transaction(async (tx) => {
    await assert.rejects(async () => {
      for await (const _ of tx.stream(unsendable));
    }, DataError);
    await tx.execute(INSERT, ["kept"]);
  });
  assert.deepEqual(await names(engine), ["kept"]);
});
