import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ConfigLoader } from "./config_loader.ts";
import { validateConfig } from "./config_rules.ts";
import { parseDatabaseUrl } from "./database_url.ts";
import { ConfigError } from "./errors.ts";
import { findJsonFault } from "./json_fault.ts";

const SECRET = "hunter2-secret";

/** Loads a configuration from a file with this text and these variables set, and restores the environment. */
async function load(
  text: string | undefined,
  variables: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), "rex-config-"));
  const path = join(folder, "config.json");
  const before = Object.keys(process.env)
    .filter((name) => name.startsWith("REX_") || name === "DATABASE_URL")
    .map((name): [string, string | undefined] => [name, process.env[name]]);
  for (const [name] of before) delete process.env[name];
  Object.assign(process.env, variables);
  try {
    if (text !== undefined) await writeFile(path, text);
    return { ...await ConfigLoader.loadConfig(path) };
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
    for (const [name, value] of before) process.env[name] = value;
    await rm(folder, { recursive: true });
  }
}

async function failure(work: Promise<unknown>): Promise<ConfigError> {
  const error = await work.then(() => assert.fail("it did not fail"), (error: unknown) => error);
  assert.ok(error instanceof ConfigError, String(error));
  assert.ok(!`${error.message}${error.cause}`.includes(SECRET), "a secret is in the message");
  return error;
}

Deno.test("loadConfig reads the specification's example", async () => {
  const config = {
    database: "postgres",
    user: "admin",
    password: SECRET,
    host: "localhost",
    port: 5432,
    databaseName: "rex_orm_db",
    poolSize: 10,
    idleTimeout: 30000,
  };
  assert.deepEqual(await load(JSON.stringify(config)), config);
});

Deno.test("loadConfig names a missing file and says how to make one", async () => {
  const error = await failure(load(undefined));
  assert.match(error.message, /Cannot find the configuration file .*config\.json/);
  assert.match(error.hint ?? "", /rex-orm init/);
});

Deno.test("loadConfig gives line and column of what is not JSON, and not its text", async () => {
  const error = await failure(load(`{\n  "password": "${SECRET}"\n  "port": 1\n}`));
  assert.match(error.message, /not JSON at line 3, column 3/);
});

Deno.test("loadConfig lists everything that is wrong at once, without values", async () => {
  const text = JSON.stringify({
    databse: "x",
    port: SECRET,
    pool_sise: 3,
    password: 5,
    poolSize: 0,
    nonsenseKey: SECRET,
  });
  const { message } = await failure(load(text));
  for (
    const part of [
      "database: is missing",
      "databse: is not known; did you mean database?",
      "port: has to be a whole number from 1 to 65535, not a text",
      "pool_sise: is not known; did you mean poolSize?",
      "password: has to be a text without a NUL character, not this number",
      "poolSize: has to be a whole number from 1 up, not this number",
    ]
  ) assert.ok(message.includes(part), `${part}\nis not in\n${message}`);
  assert.ok(message.includes("nonsenseKey: is not known\n") || message.endsWith("is not known"));
});

Deno.test("loadConfig takes single values from the environment", async () => {
  const config = await load(`{"database": "postgres", "host": "db", "password": "old"}`, {
    REX_PASSWORD: SECRET,
    REX_PORT: "6543",
    REX_TLS: "true",
    REX_PREPARE: "off",
    REX_USER: "",
  });
  const { host, password, port, tls, prepare, user } = config;
  assert.deepEqual([host, password, port, tls, prepare, user], [
    "db",
    SECRET,
    6543,
    true,
    false,
    undefined,
  ]);
});

Deno.test("loadConfig refuses a bad value from the environment without showing it", async () => {
  const { message } = await failure(load(`{"database": "postgres"}`, { REX_PORT: SECRET }));
  assert.match(message, /config\.json with the environment/);
  assert.match(message, /port: has to be a whole number/);
});

Deno.test("loadConfig lets a URL in the environment replace the way that the file tells", async () => {
  const config = await load(
    `{"database": "sqlite", "databasePath": "./data/app.db", "poolSize": 3}`,
    { DATABASE_URL: `postgres://ann:${SECRET}@db:5433/shop`, REX_DATABASE_NAME: "other" },
  );
  assert.equal(config.databasePath, undefined);
  assert.deepEqual(
    [config.database, config.host, config.port, config.databaseName, config.poolSize],
    ["postgres", "db", 5433, "other", 3],
  );
});

Deno.test("loadConfig needs no file when the environment names the database", async () => {
  assert.deepEqual(await load(undefined, { DATABASE_URL: "sqlite::memory:" }), {
    database: "sqlite",
    databasePath: ":memory:",
  });
  const { database } = await load(undefined, { REX_DATABASE: "sqlite" });
  assert.equal(database, "sqlite");
});

Deno.test("validateConfig gives a frozen copy and refuses what is no object", () => {
  const config = { database: "sqlite", poolSize: undefined };
  const checked = validateConfig(config);
  assert.deepEqual(checked, { database: "sqlite" });
  assert.ok(Object.isFrozen(checked));
  for (const value of [null, [], "sqlite", 3]) {
    assert.throws(() => validateConfig(value), {
      name: "ConfigError",
      message: /has to be an object/,
    });
  }
  assert.throws(
    () => validateConfig({ database: "x", constructor: 1 }),
    /constructor: is not known/,
  );
});

Deno.test("parseDatabaseUrl reads user, password, host, port, name and TLS", () => {
  const url = "postgres://an%40n:p%2Fw@[::1]:80/my%20shop?sslmode=require&application_name=till";
  assert.deepEqual(parseDatabaseUrl(url), {
    database: "postgres",
    url,
    host: "::1",
    port: 80,
    user: "an@n",
    password: "p/w",
    databaseName: "my shop",
    tls: { rejectUnauthorized: false },
    applicationName: "till",
  });
  assert.equal(parseDatabaseUrl("x://h/n?sslmode=disable").tls, false);
  assert.equal(parseDatabaseUrl("x://h/n").tls, undefined);
});

Deno.test("parseDatabaseUrl reads the paths of files", () => {
  const path = (url: string) => parseDatabaseUrl(url).databasePath;
  assert.equal(path("sqlite:./data/my%20app.db"), "./data/my app.db");
  assert.equal(path("sqlite:///srv/app.db"), "/srv/app.db");
  assert.equal(path("sqlite::memory:"), ":memory:");
});

Deno.test("parseDatabaseUrl refuses what is no URL without showing it", () => {
  for (const url of [SECRET, "", "x:", `x://h:${SECRET}/n`, `x:%zz${SECRET}`]) {
    assert.throws(() => parseDatabaseUrl(url), (error) => {
      assert.ok(error instanceof ConfigError);
      return !error.message.includes(SECRET);
    });
  }
});

Deno.test("findJsonFault finds the first token that cannot stand where it is", () => {
  const cases: [string, string][] = [
    ["{,}", "1:2"],
    ['{"a" 1}', "1:6"],
    ['{"a":1,}', "1:8"],
    ["[1,\n 2,, 3]", "2:4"],
    ["[1 2]", "1:4"],
    ["{} x", "1:4"],
    ['{"a":', "1:6"],
    ["", "1:1"],
    ['{"a": tru}', "1:7"],
    ['{"a": "x\ny"}', "1:7"],
    ["[}", "1:2"],
    ["{'a': 1}", "1:2"],
  ];
  for (const [text, expected] of cases) {
    assert.throws(() => JSON.parse(text));
    const { line, column } = findJsonFault(text);
    assert.equal(`${line}:${column}`, expected, text);
  }
});
