import assert from "node:assert/strict";
import type { DatabaseConfig } from "../../base/config.ts";
import { ConnectionError } from "../../base/errors.ts";
import type { DriverRequest } from "../../dialect/driver.ts";
import { freshPostgresDatabase } from "../../../tests/targets/mod.ts";
import { postgresDialect, PostgresDriver } from "./mod.ts";

const read = (sql: string, ...params: string[]): DriverRequest => ({ sql, params, kind: "read" });
const text = (sql: string): DriverRequest => ({ sql, params: [], kind: "unknown" });

/** Gives `work` a driver to a database of its own. */
async function onOwn(
  config: Partial<DatabaseConfig>,
  work: (driver: PostgresDriver, url: string) => Promise<void>,
): Promise<void> {
  await using database = await freshPostgresDatabase();
  const driver = new PostgresDriver({ database: "postgres", url: database.url, ...config });
  try {
    await work(driver, database.url);
  } finally {
    await driver.close();
  }
}

Deno.test("close() during connect() leaves nothing open", async () => {
  await onOwn({}, async (driver) => {
    const connecting = driver.connect();
    await driver.close();
    await assert.rejects(connecting, ConnectionError);
  });
});

Deno.test("a transaction that changes a table does not run what was prepared before", async () => {
  await onOwn({ poolSize: 1 }, async (driver) => {
    await driver.execute(text("CREATE TABLE growing (id int)"));
    const held = await driver.acquire({ access: "write" });
    await held.execute(text("BEGIN"));
    const all = read("SELECT * FROM growing WHERE id > $1", "0");
    assert.equal((await held.execute(all)).columns.length, 1);
    await held.execute(text("/* more */ ALTER TABLE growing ADD COLUMN name text"));
    assert.equal((await held.execute(all)).columns.length, 2);
    await held.execute(text("COMMIT"));
    await held.release();
  });
});

Deno.test("a quoted text ends where it should, whatever the server's settings", async () => {
  await onOwn({}, async (driver, url) => {
    const name = new URL(url).pathname.slice(1);
    await driver.execute(text(`ALTER DATABASE "${name}" SET standard_conforming_strings = off`));
    const fresh = new PostgresDriver({ database: "postgres", url });
    try {
      const value = "\\' AS x, version() --";
      const { sql } = postgresDialect.compiler.compile({
        kind: "Select",
        selection: [{ kind: "Literal", value }],
        from: [],
      });
      const { columns, rows } = await fresh.execute(read(sql));
      assert.equal(columns.length, 1);
      assert.equal(rows[0]?.[0], value);
    } finally {
      await fresh.close();
    }
  });
});

Deno.test("times beyond what a timer can run are as good as none", async () => {
  const ages = 1e12;
  const config = { acquireTimeout: ages, connectTimeout: ages, queryTimeout: ages };
  await onOwn({ ...config, idleTimeout: ages, poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "write" });
    const next = driver.acquire({ access: "write" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await held.release();
    await (await next).release();
    assert.equal((await driver.execute(read("SELECT 1"))).rows[0]?.[0], "1");
  });
});
