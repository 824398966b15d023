/**
 * Rows R2, R8, R15 and U1 to U3 of the specification. R2 is proven in full by `tests/types`.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  ConfigError,
  ConfigLoader,
  Database,
  DatabaseError,
  DatabaseFactory,
  Logger,
  type LogRecord,
  RexError,
  SQLiteAdapter,
} from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";
import { models, User } from "./blog_models.ts";

onEveryDatabase("R2: results have exactly what was asked for", { models }, async ({ db }) => {
  await db.repository(User).create({ name: "Ada", email: "ada@x.org" });
  const [row] = await db.repository(User).find({ select: ["name"] });
  const name: string = row!.name;
  assert.deepEqual(row, { name });
  // @ts-expect-error the email was not selected
  assert.equal(row.email, undefined);
});

Deno.test("R8: a further database is registered from outside and made by the factory", async () => {
  const { dialect } = new SQLiteAdapter(":memory:");
  DatabaseFactory.register(
    "embedded",
    (config, options) => new Database(dialect, { ...config, databasePath: ":memory:" }, options),
  );
  await using db = DatabaseFactory.createAdapter({ database: "embedded" });
  assert.deepEqual((await db.execute("SELECT 1 AS one")).rows, [{ one: 1 }]);
  assert.throws(() => DatabaseFactory.register("embedded", () => db), ConfigError);
});

onEveryDatabase(
  "R15: every query is told with its duration and rows",
  { models },
  async ({ db }) => {
    const events: { sql: string; duration: number; rows: number | undefined }[] = [];
    const stop = db.onQuery((event) =>
      events.push({ sql: event.sql, duration: event.duration, rows: event.rows })
    );
    await db.execute("SELECT 1 AS one");
    stop();
    await db.execute("SELECT 2 AS two");
    assert.equal(events.length, 1);
    assert.equal(events[0]?.sql, "SELECT 1 AS one");
    assert.equal(events[0]?.rows, 1);
    assert(events[0]!.duration >= 0);
  },
);

Deno.test("U1: DatabaseError(message, query, params) is a RexError that hides the values", () => {
  const cause = new Error("driver");
  const error = new DatabaseError("Cannot run", "SELECT $1", ["secret"], { cause });
  assert(error instanceof RexError);
  assert.equal(error.query, "SELECT $1");
  assert.deepEqual(error.params, ["secret"]);
  assert.equal(error.cause, cause);
  assert(!Deno.inspect(error).includes("secret"));
});

Deno.test("U2: Logger is silent until somebody listens, and has levels", () => {
  const records: LogRecord[] = [];
  Logger.info("nobody hears this");
  Logger.configure({ level: "info", sink: (record) => records.push(record) });
  try {
    Logger.debug("too fine");
    Logger.info("one");
    Logger.error("two");
  } finally {
    Logger.configure({});
  }
  Logger.error("nobody hears this either");
  assert.deepEqual(records.map((record) => [record.level, record.message]), [
    ["info", "one"],
    ["error", "two"],
  ]);
});

Deno.test("U3: ConfigLoader reads a file, refuses bad values and lets the environment override", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(
    ConfigLoader.loadConfig(`${folder}/none.json`),
    (error) => error instanceof ConfigError && /none\.json/.test(error.message),
  );
  const path = `${folder}/config.json`;
  await Deno.writeTextFile(path, JSON.stringify({ database: "postgres", port: "many" }));
  await assert.rejects(
    ConfigLoader.loadConfig(path),
    (error) => error instanceof ConfigError && /port/.test(error.message),
  );
  await Deno.writeTextFile(path, JSON.stringify({ database: "postgres", password: "file" }));
  Deno.env.set("REX_PASSWORD", "environment");
  try {
    assert.equal((await ConfigLoader.loadConfig(path)).password, "environment");
  } finally {
    Deno.env.delete("REX_PASSWORD");
  }
});
