import assert from "node:assert/strict";
import { pause } from "../base/abort.ts";
import { TransactionError, UniqueViolationError, UnsupportedError } from "../base/errors.ts";
import type { QueryResult } from "../ast/executor.ts";
import { AmbientTransactions } from "./ambient.ts";
import type { Engine } from "./engine.ts";
import type { Transaction, TransactionRunOptions } from "./session.ts";
import { onBoth } from "./testdata/targets.ts";

const INSERT = "INSERT INTO t (name) VALUES ($1)";

/** The specification's adapter, as the façade makes it. */
class Adapter {
  readonly #ambient = new AmbientTransactions();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  beginTransaction(options?: TransactionRunOptions): Promise<Transaction> {
    return this.#ambient.begin(this.#engine, options, (transaction) => transaction);
  }

  commit(): Promise<void> {
    return this.#ambient.commit();
  }

  rollback(): Promise<void> {
    return this.#ambient.rollback();
  }

  execute(sql: string, params?: unknown[]): Promise<QueryResult> {
    return (this.#ambient.current() ?? this.#engine).execute(sql, params);
  }

  async names(): Promise<unknown[]> {
    const { rows } = await this.execute("SELECT name FROM t ORDER BY id");
    return rows.map(({ name }) => name);
  }
}

onBoth(
  "statements after beginTransaction() are in the transaction until commit() or rollback()",
  async (engine) => {
    const adapter = new Adapter(engine);
    await adapter.beginTransaction();
    await adapter.execute(INSERT, ["a"]);
    assert.deepEqual(await adapter.names(), ["a"]);
    assert.deepEqual((await engine.execute("SELECT name FROM t")).rows, []);
    await adapter.commit();
    await adapter.beginTransaction();
    await adapter.execute(INSERT, ["b"]);
    await adapter.rollback();
    await adapter.execute(INSERT, ["c"]);
    assert.deepEqual(await adapter.names(), ["a", "c"]);
  },
);

onBoth("concurrent flows on one adapter each have a transaction of their own", async (engine) => {
  const adapter = new Adapter(engine);
  const flow = async (name: string, commits: boolean) => {
    await adapter.beginTransaction();
    await adapter.execute(INSERT, [`${name}1`]);
    await pause(5);
    await adapter.execute(INSERT, [`${name}2`]);
    assert.deepEqual((await adapter.names()).filter((seen) => String(seen).startsWith(name)), [
      `${name}1`,
      `${name}2`,
    ]);
    if (commits) await adapter.commit();
    else await adapter.rollback();
  };
  await Promise.all([flow("a", true), flow("b", false), flow("c", true)]);
  assert.deepEqual((await adapter.names()).sort(), ["a1", "a2", "c1", "c2"]);
  assert.equal(engine.stats().pool.inUse, 0);
});

onBoth("whoever started a flow that begins a transaction stays outside of it", async (engine) => {
  const adapter = new Adapter(engine);
  const flow = (async () => {
    await adapter.beginTransaction();
    await adapter.execute(INSERT, ["inside"]);
    await pause(60);
    await adapter.rollback();
  })();
  const beside = adapter.names();
  await pause(20);
  assert.deepEqual(await beside, []);
  assert.deepEqual(await adapter.names(), []);
  await assert.rejects(adapter.commit(), /no transaction is open in this asynchronous context/);
  await flow;
  assert.deepEqual(await adapter.names(), []);
});

onBoth("functions that the flow calls are in its transaction", async (engine) => {
  const adapter = new Adapter(engine);
  const begin = async () => {
    await adapter.beginTransaction();
  };
  const write = async (name: string) => {
    await pause(1);
    await adapter.execute(INSERT, [name]);
  };
  await begin();
  await write("a");
  await Promise.all([write("b"), write("c")]);
  await adapter.rollback();
  assert.deepEqual(await adapter.names(), []);
});

onBoth("beginTransaction() inside a transaction is a savepoint", async (engine) => {
  const adapter = new Adapter(engine);
  await adapter.beginTransaction();
  await adapter.execute(INSERT, ["outer"]);
  await adapter.beginTransaction();
  await adapter.execute(INSERT, ["inner"]);
  await adapter.rollback();
  await adapter.beginTransaction();
  await adapter.execute(INSERT, ["second"]);
  await adapter.commit();
  await adapter.commit();
  assert.deepEqual(await adapter.names(), ["outer", "second"]);
  await assert.rejects(adapter.commit(), TransactionError);
  await assert.rejects(adapter.rollback(), TransactionError);
});

onBoth(
  "using the transaction by name takes the adapter's other calls out of it",
  async (engine) => {
    const adapter = new Adapter(engine);
    await using tx = await adapter.beginTransaction();
    await tx.execute(INSERT, ["a"]);
    assert.deepEqual(await adapter.names(), []);
    await assert.rejects(adapter.commit(), TransactionError);
    await tx.commit();
    assert.deepEqual(await adapter.names(), ["a"]);
  },
);

onBoth(
  "rollback() in the handler of a failed begin or commit does not hide the failure",
  async (engine) => {
    const adapter = new Adapter(engine);
    const attempt = async (options: TransactionRunOptions) => {
      try {
        await adapter.beginTransaction(options);
        await adapter.execute(INSERT, ["a"]);
        await adapter.execute(INSERT, ["a"]);
        await adapter.commit();
      } catch (error) {
        await adapter.rollback();
        throw error;
      }
    };
    await assert.rejects(attempt({ isolation: "nonsense" as never }), UnsupportedError);
    await assert.rejects(attempt({}), UniqueViolationError);
    assert.deepEqual(await adapter.names(), []);
  },
);
