import assert from "node:assert/strict";
import {
  CheckViolationError,
  ConnectionError,
  type ConstraintError,
  DatabaseError,
  DataError,
  DeadlockError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  QuerySyntaxError,
  SerializationError,
  UniqueViolationError,
} from "../../base/errors.ts";
import type { DriverConnection } from "../../dialect/driver.ts";
import { type FreshPostgresDatabase, freshPostgresDatabase } from "../../../tests/targets/mod.ts";
import { mapError } from "./errors.ts";
import { PostgresDriver } from "./mod.ts";

let database: FreshPostgresDatabase;
let driver: PostgresDriver;

Deno.test.beforeAll(async () => {
  database = await freshPostgresDatabase();
  driver = new PostgresDriver({ database: "postgres", url: database.url });
  await driver.execute({
    sql: `
      CREATE TABLE parents (id int PRIMARY KEY);
      CREATE TABLE things (
        id int PRIMARY KEY,
        "E mail" text,
        part int,
        size int CONSTRAINT small CHECK (size < 10),
        name varchar(5) NOT NULL DEFAULT 'x',
        parent int CONSTRAINT has_parent REFERENCES parents,
        span int4range,
        CONSTRAINT one_mail UNIQUE ("E mail", part),
        CONSTRAINT apart EXCLUDE USING gist (span WITH &&)
      );
      INSERT INTO parents VALUES (1);
      INSERT INTO things (id, "E mail", part, parent, span) VALUES (1, 'secret', 2, 1, '[1,5)');`,
    params: [],
    kind: "ddl",
  });
});

Deno.test.afterAll(async () => {
  await driver.close();
  await database.drop();
});

async function failure(
  sql: string,
  params: readonly (string | null)[] = [],
): Promise<DatabaseError & Partial<ConstraintError>> {
  try {
    await driver.execute({ sql, params, kind: "write" });
  } catch (error) {
    assert.ok(error instanceof DatabaseError);
    assert.equal(error.query, sql);
    assert.ok(error.cause instanceof Error);
    assert.ok(!error.message.includes("secret"), error.message);
    return error;
  }
  return assert.fail("the statement did not fail");
}

type ErrorClass = new (...args: never[]) => DatabaseError;

const violations: readonly (readonly [
  string,
  ErrorClass,
  string | undefined,
  readonly string[],
  string,
])[] = [
  [`id, "E mail", part) VALUES (2, 'secret', 2)`, UniqueViolationError, "one_mail", [
    "E mail",
    "part",
  ], "23505"],
  ["id) VALUES (1)", UniqueViolationError, "things_pkey", ["id"], "23505"],
  ["id, parent) VALUES (2, 77)", ForeignKeyViolationError, "has_parent", ["parent"], "23503"],
  ["id, name) VALUES (2, NULL)", NotNullViolationError, undefined, ["name"], "23502"],
  ["id, size) VALUES (2, 50)", CheckViolationError, "small", [], "23514"],
  ["id, span) VALUES (2, '[2,3)')", CheckViolationError, "apart", ["span"], "23P01"],
];

for (const [insert, Class, constraint, columns, code] of violations) {
  Deno.test(`SQLSTATE ${code} on ${columns.join(", ") || constraint} is a ${Class.name} that names what it covers`, async () => {
    const error = await failure(`INSERT INTO things (${insert}`);
    assert.ok(error instanceof Class);
    assert.equal(error.constraint, constraint);
    assert.equal(error.table, "things");
    assert.deepEqual(error.columns, columns);
    assert.equal(error.databaseCode, code);
  });
}

Deno.test("deleting a row that others refer to is a ForeignKeyViolationError", async () => {
  const error = await failure("DELETE FROM parents");
  assert.ok(error instanceof ForeignKeyViolationError);
  assert.match(error.message, /still refer/);
  assert.equal(error.constraint, "has_parent");
});

Deno.test("a wrong value is a DataError whose message has no value in it", async () => {
  const values: readonly (readonly [string, string, string])[] = [
    ["SELECT $1::int", 'secret"s: "secret', "22P02"],
    ["SELECT $1::date", "secret", "22007"],
    ["SELECT $1::date", "2023-02-31", "22008"],
    ["SELECT $1::smallint", "99999", "22003"],
    ["SELECT $1::jsonb", '{"secret": secret}', "22P02"],
    ["SELECT $1::uuid", "secret", "22P02"],
    ["SELECT $1::int[]", "{secret", "22P02"],
    ["UPDATE things SET name = $1", "secret text", "22001"],
    ["SELECT 1 / ($1::int)", "0", "22012"],
  ];
  for (const [sql, value, code] of values) {
    const error = await failure(sql, [value]);
    assert.ok(error instanceof DataError, sql);
    assert.equal(error.databaseCode, code, sql);
    assert.ok(!error.message.includes(value), error.message);
  }
});

Deno.test("wrong SQL is a QuerySyntaxError with its position and the server's hint", async () => {
  const typo = await failure("SELECT * FRM things");
  assert.ok(typo instanceof QuerySyntaxError);
  assert.equal(typo.position, 10);
  assert.equal(typo.databaseCode, "42601");
  const column = await failure("SELECT things.sizes FROM things");
  assert.ok(column instanceof QuerySyntaxError);
  assert.match(column.hint ?? "", /things\.size/);
  assert.ok(await failure("SELECT * FROM missing") instanceof QuerySyntaxError);
  assert.ok(await failure("SELECT missing()") instanceof QuerySyntaxError);
});

Deno.test("a write in a read-only transaction says what to do", async () => {
  const held = await driver.acquire({ access: "read" });
  const run = (sql: string) => held.execute({ sql, params: [], kind: "unknown" });
  await run("BEGIN READ ONLY");
  await assert.rejects(run("DELETE FROM things"), { databaseCode: "25006", hint: /not read-only/ });
  await assert.rejects(run("SELECT 1"), { databaseCode: "25P02" });
  await run("ROLLBACK");
  await held.release();
});

Deno.test("serialization failures, deadlocks and lock timeouts are errors of their own", async () => {
  const [one, two] = [
    await driver.acquire({ access: "write" }),
    await driver.acquire({ access: "write" }),
  ];
  const run = (on: DriverConnection, sql: string) =>
    on.execute({ sql, params: [], kind: "unknown" });
  const both = async (work: (on: DriverConnection) => Promise<unknown>) => {
    await work(one);
    await work(two);
  };
  await run(one, "CREATE TABLE accounts (id int PRIMARY KEY, n int)");
  await run(one, "INSERT INTO accounts VALUES (1, 0), (2, 0)");
  await both((on) => run(on, "BEGIN ISOLATION LEVEL SERIALIZABLE"));
  await both((on) => run(on, "SELECT sum(n) FROM accounts"));
  await run(one, "UPDATE accounts SET n = 1 WHERE id = 1");
  await run(two, "UPDATE accounts SET n = 1 WHERE id = 2");
  await run(one, "COMMIT");
  await assert.rejects(run(two, "COMMIT"), SerializationError);

  await both((on) => run(on, "BEGIN"));
  await run(one, "UPDATE accounts SET n = 2 WHERE id = 1");
  await run(two, "UPDATE accounts SET n = 2 WHERE id = 2");
  const crossing = await Promise.allSettled([
    run(one, "UPDATE accounts SET n = 3 WHERE id = 2"),
    run(two, "UPDATE accounts SET n = 3 WHERE id = 1"),
  ]);
  const [loser] = crossing.filter((outcome) => outcome.status === "rejected");
  assert.ok(loser?.reason instanceof DeadlockError);
  await both((on) => run(on, "ROLLBACK"));

  await both((on) => run(on, "BEGIN"));
  await run(one, "LOCK TABLE accounts");
  await assert.rejects(run(two, "LOCK TABLE accounts NOWAIT"), LockTimeoutError);
  await both((on) => run(on, "ROLLBACK"));
  await one.release();
  await two.release();
});

Deno.test("printing an error shows no values, and its cause still has them", async () => {
  for (
    const [sql, param] of [
      ['INSERT INTO things (id, "E mail", part) VALUES (9, $1, 2)', "secret"],
      ["SELECT $1::int", "secret"],
      ["SELECT $1::timestamptz", "secret:12"],
    ] as const
  ) {
    const error = await failure(sql, [param]);
    const cause = error.cause as Error & { readonly detail?: string };
    assert.match(`${cause.message} ${cause.detail}`, /secret/);
    const shown = `${Deno.inspect(error)} ${JSON.stringify(cause)} ${cause.stack}`;
    assert.ok(!shown.includes("secret"), shown);
    assert.match(shown, /errors_test|connection/);
  }
});

Deno.test("a wrong number of values is a fault of the statement, not of the connection", async () => {
  const error = await failure("SELECT $1::int + $2::int", ["1"]);
  assert.ok(error instanceof QuerySyntaxError);
  assert.equal(error.message, "Cannot run the statement: it takes 2 values and got 1");
});

Deno.test("codes of connecting are ConnectionErrors with hints", () => {
  for (const code of ["28P01", "28000", "3D000", "53300", "57P03"]) {
    const error = mapError(Object.assign(new Error("x"), { code }));
    assert.ok(error instanceof ConnectionError, code);
    assert.ok(error.hint, code);
  }
  for (
    const code of ["57P01", "08006", "ECONNRESET", "EPIPE", "CONNECTION_CLOSED", "CONNECT_TIMEOUT"]
  ) {
    assert.ok(mapError(Object.assign(new Error("x"), { code })) instanceof ConnectionError, code);
  }
});

Deno.test("an error of ours is given back as it is, and an unknown one is wrapped", () => {
  const ours = new DataError("x");
  assert.equal(mapError(ours), ours);
  const unknown = mapError("thrown text", "SELECT 1");
  assert.ok(unknown instanceof DatabaseError);
  assert.equal(unknown.cause, "thrown text");
});
