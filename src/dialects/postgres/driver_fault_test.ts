import assert from "node:assert/strict";
import { DatabaseError } from "../../base/errors.ts";
import type { DriverRequest } from "../../dialect/driver.ts";
import { freshPostgresDatabase } from "../../../tests/targets/mod.ts";
import { PostgresDriver } from "./mod.ts";

const aborted = new Error("aborted");

function read(sql: string, ...params: string[]): DriverRequest {
  return { sql, params, kind: "read" };
}

/** One of several kinds of use, by `kind`; each checks that what it reads is its own answer. */
async function use(driver: PostgresDriver, kind: number, id: string): Promise<void> {
  switch (kind) {
    case 0: {
      const signal = abortSoon(Number(id) % 15);
      const { rows } = await driver.execute({
        ...read("SELECT $1::int, pg_sleep(0.005)", id),
        signal,
      });
      return assert.equal(rows[0]?.[0], id);
    }
    case 1: {
      const timeout = 1 + Number(id) % 20;
      await driver.execute({ ...read("SELECT pg_sleep(0.01)"), timeout });
      return;
    }
    case 2:
      return await transact(driver, id);
    case 3: {
      const { rows } = await driver.execute({
        sql: `SELECT 1; SELECT ${id}`,
        params: [],
        kind: "unknown",
      });
      return assert.equal(rows[0]?.[0], id);
    }
    case 4:
      await driver.execute(read("SELECT 10 / (5 - g) FROM generate_series(1, 9) g"));
      return assert.fail("a division by zero was not noticed");
    default: {
      const { rows } = await driver.execute(read(`SELECT $1::int, ${Number(id) % 40}`, id));
      return assert.equal(rows[0]?.[0], id);
    }
  }
}

function abortSoon(after: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(aborted), after);
  return controller.signal;
}

async function transact(driver: PostgresDriver, id: string): Promise<void> {
  const held = await driver.acquire({ access: "write" });
  try {
    await held.execute({ sql: "BEGIN", params: [], kind: "unknown" });
    const request = read("SELECT $1::int FROM generate_series(1, 100)", id);
    for await (const { rows } of held.stream(request, 30)) {
      assert.equal(rows[0]?.[0], id);
      if (Number(id) % 3 === 0) break;
    }
    await held.execute({ sql: "COMMIT", params: [], kind: "unknown" });
  } finally {
    await held.release();
  }
}

Deno.test("while connections are killed, every statement gets its own answer or an error, and none hangs", async () => {
  await using database = await freshPostgresDatabase();
  const killer = new PostgresDriver({ database: "postgres", url: database.url, poolSize: 1 });
  const driver = new PostgresDriver({
    database: "postgres",
    url: database.url,
    poolSize: 5,
    statementCacheSize: 20,
    idleTimeout: 50,
    applicationName: "victim",
  });
  const kill = read(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity " +
      "WHERE application_name = 'victim' AND random() < 0.5",
  );
  let next = 0;
  let answered = 0;
  const caller = async () => {
    while (next < 3000) {
      const id = next++;
      if (id % 150 === 149) await killer.execute(kill);
      try {
        await use(driver, id % 10, String(id));
        answered++;
      } catch (error) {
        if (error !== aborted && !(error instanceof DatabaseError)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: 40 }, caller));
  assert.ok(answered > 1500, `${answered} of 3000 were answered`);
  assert.equal(driver.stats().inUse, 0);
  assert.equal(driver.stats().waiting, 0);
  assert.equal(driver.stats().max, 5);
  await driver.close();
  const left = read("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'victim'");
  const deadline = performance.now() + 2000;
  while ((await killer.execute(left)).rows[0]?.[0] !== "0") {
    assert.ok(performance.now() < deadline, "connections were left open");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await killer.close();
});
