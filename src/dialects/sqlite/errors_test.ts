import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CheckViolationError,
  ConnectionError,
  DatabaseError,
  DataError,
  ForeignKeyViolationError,
  NotNullViolationError,
  QuerySyntaxError,
  UniqueViolationError,
} from "../../base/errors.ts";
import { SqliteDriver } from "./driver.ts";
import { mapError } from "./errors.ts";

async function failure(
  driver: SqliteDriver,
  sql: string,
  params: readonly unknown[] = [],
): Promise<DatabaseError> {
  try {
    await driver.execute({ sql, params, kind: "write" });
  } catch (error) {
    assert.ok(error instanceof DatabaseError, String(error));
    return error;
  }
  assert.fail(`${sql} did not fail`);
}

Deno.test("a violated constraint names its table and columns, and shows no values", async () => {
  const driver = new SqliteDriver({ database: "sqlite" });
  await driver.execute({
    sql: `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, age INTEGER
      CONSTRAINT adult CHECK (age >= 18), boss INTEGER REFERENCES users(id), UNIQUE (email, age)) STRICT;
      CREATE UNIQUE INDEX lower_email ON users (lower(email))`,
    params: [],
    kind: "ddl",
  });
  const insert = "INSERT INTO users VALUES ($1, $2, $3, $4)";
  await driver.execute({ sql: insert, params: [1n, "secret", 20n, null], kind: "write" });
  const key = await failure(driver, insert, [1n, "x", 20n, null]) as UniqueViolationError;
  assert.ok(key instanceof UniqueViolationError);
  assert.deepEqual([key.table, key.columns], ["users", ["id"]]);
  assert.deepEqual([key.databaseCode, key.query], ["1555", insert]);
  assert.deepEqual(key.params, [1n, "x", 20n, null]);
  assert.ok(key.cause instanceof Error);

  const index = await failure(driver, insert, [2n, "SECRET", 21n, null]) as UniqueViolationError;
  assert.equal(index.constraint, "lower_email");
  await driver.execute({ sql: "DROP INDEX lower_email", params: [], kind: "ddl" });
  const unique = await failure(driver, insert, [2n, "secret", 20n, null]) as UniqueViolationError;
  assert.deepEqual([unique.table, unique.columns], ["users", ["email", "age"]]);
  assert.doesNotMatch(unique.message, /secret/);

  const missing = await failure(driver, insert, [2n, null, 20n, null]) as NotNullViolationError;
  assert.ok(missing instanceof NotNullViolationError);
  assert.deepEqual([missing.table, missing.columns], ["users", ["email"]]);
  const check = await failure(driver, insert, [2n, "x", 5n, null]) as CheckViolationError;
  assert.ok(check instanceof CheckViolationError);
  assert.equal(check.constraint, "adult");
  assert.ok(await failure(driver, insert, [2n, "x", 20n, 9n]) instanceof ForeignKeyViolationError);
  assert.ok(await failure(driver, insert, [2n, "x", "old", null]) instanceof DataError);
  assert.ok(await failure(driver, insert, [2n, true, 20n, null]) instanceof DataError);
  const script = "DELETE FROM users WHERE 1 = 0; INSERT INTO users VALUES (1, 'y', 20, NULL)";
  const codeless = await failure(driver, script) as UniqueViolationError;
  assert.ok(codeless instanceof UniqueViolationError);
  assert.deepEqual(codeless.columns, ["id"]);
  await driver.close();
});

Deno.test("wrong SQL is a QuerySyntaxError, with a hint where one helps", async () => {
  const driver = new SqliteDriver({ database: "sqlite" });
  const cases: [string, RegExp | undefined][] = [
    ["SELEC 1", /quoted word/],
    ["SELECT * FROM nowhere", /Create the table/],
    ["SELECT missing", /column's name/],
    ["SELECT nofunction(1)", /does not have this function/],
    ["SELECT 'open", undefined],
    ["SELECT 1 UNION SELECT 1, 2", undefined],
  ];
  for (const [sql, hint] of cases) {
    const error = await failure(driver, sql);
    assert.ok(error instanceof QuerySyntaxError, sql);
    if (hint) assert.match(error.hint ?? "", hint);
  }
  assert.ok(await failure(driver, "SELECT json('{')") instanceof DataError);
  assert.ok(await failure(driver, "SELECT rex_numeric_add('1', 'x')") instanceof DataError);
  assert.ok(await failure(driver, "SELECT abs(-9223372036854775807 - 1)") instanceof DataError);
  await driver.close();
});

Deno.test("a file that is no database is a ConnectionError", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rex-sqlite-"));
  const path = join(folder, "text.db");
  await writeFile(path, "no database ".repeat(100));
  const driver = new SqliteDriver({ database: "sqlite", databasePath: path });
  await assert.rejects(driver.connect(), ConnectionError);
  await driver.close();
  await rm(folder, { recursive: true });
});

Deno.test("an error of ours is given back as it is, and anything else becomes a DatabaseError", () => {
  const own = new DataError("Cannot");
  assert.equal(mapError(own), own);
  assert.ok(mapError("thrown text") instanceof DatabaseError);
});
