/**
 * Hostile text where no statement is built: configuration, transactions, rules, names, logs and messages.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, RexError, UnsupportedError, ValidationError } from "../../src/base/errors.ts";
import { ConfigLoader } from "../../src/base/config_loader.ts";
import { parseDatabaseUrl } from "../../src/base/database_url.ts";
import { consoleSink, Logger } from "../../src/base/logger.ts";
import { DatabaseFactory } from "../../src/database/factory.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";
import { printQueries } from "../../src/engine/print_queries.ts";
import { formatQuery } from "../../src/engine/query_format.ts";
import type { QueryEvent } from "../../src/engine/query_event.ts";
import {
  asIs,
  BaseModel,
  Column,
  Entity,
  entityOf,
  isEmail,
  isUrl,
  ModelRegistry,
  oneOf,
  PrimaryKey,
  snakeCase,
  Validate,
  validateRecord,
} from "../../src/model/mod.ts";
import { PreciseDate } from "../../src/schema/precise_date.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { postgresUrl } from "../targets/mod.ts";
import { checkMessage, isUnseen } from "./arena.ts";
import { payloads, soaking } from "./payloads.ts";

/** What a call throws, which must be an error of ours that is fit to be shown; or nothing. */
function refusal(text: string, call: () => unknown): RexError | undefined {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof RexError, `${JSON.stringify(text)}: ${error}`);
    checkMessage(error.message, text);
    return error;
  }
}

/** Whether a text is told in a message, and so long that this is no accident. */
function tells(message: string, text: string): boolean {
  return text.length > 8 && message.includes(text);
}

Deno.test("the parts of a database URL come out as they were escaped into it", () => {
  for (const text of payloads) {
    if (text === "" || !text.isWellFormed()) continue;
    const part = encodeURIComponent(text);
    const read = () => parseDatabaseUrl(`postgres://${part}:${part}@host:5432/${part}`);
    const { user, password, host, port } = read();
    assert.deepEqual([user, password, host, port], [text, text, "host", 5432]);
    assert.equal(parseDatabaseUrl(`sqlite:${part}`).databasePath, text);
  }
});

Deno.test("a database URL that is none is refused without being shown", () => {
  for (const text of payloads) {
    for (const url of [text, `postgres://${text}`, `postgres://user:${text}@host/db`]) {
      const error = refusal(text, () => parseDatabaseUrl(url));
      if (!error) continue;
      assert.ok(error instanceof ConfigError);
      assert.ok(!tells(error.message, text), error.message);
    }
  }
});

Deno.test("a configuration takes texts as they are, but for NUL, and shows none", () => {
  for (const text of payloads) {
    for (const key of ["user", "password", "databaseName", "host", "applicationName"] as const) {
      const error = refusal(text, () => new PostgresAdapter({ [key]: text }));
      assert.equal(error !== undefined, text.includes("\0") || (text === "" && key !== "password"));
      assert.ok(!error || !tells(error.message, text));
    }
    assert.ok(refusal(text, () => DatabaseFactory.createAdapter({ database: text })));
    const unknown = Object.fromEntries([[`${text}!`, 1]]);
    assert.ok(refusal(text, () => new PostgresAdapter(unknown as never)) instanceof ConfigError);
    const port = { port: text } as never;
    assert.ok(refusal(text, () => new PostgresAdapter(port)) instanceof ConfigError);
  }
});

Deno.test("a NUL in a PostgreSQL URL, which would begin another setting, is refused", async () => {
  const url = new URL(await postgresUrl());
  for (const part of ["username", "pathname"] as const) {
    const hostile = new URL(url);
    hostile[part] = `${url[part]}%00options%00-csearch_path%3Dpg_catalog`;
    await using db = new PostgresAdapter({ url: hostile.href });
    await assert.rejects(() => db.connect(), ConfigError);
  }
  const hostile = new URL(url);
  hostile.searchParams.set("application_name", "a\0options\0-cwork_mem=1MB");
  await using db = new PostgresAdapter({ url: hostile.href });
  await assert.rejects(() => db.connect(), ConfigError);
});

Deno.test("an application's name arrives as it is, whatever is in it", async () => {
  const url = await postgresUrl();
  for (const text of ["'; DROP TABLE x; --", "a b=c", "options=-c work_mem=1MB", "\\'", "$user"]) {
    await using db = new PostgresAdapter({ url, applicationName: text });
    const { rows } = await db.execute("SHOW application_name");
    assert.equal(Object.values(rows[0] ?? {})[0], text);
  }
});

Deno.test("the file of an SQLite database has the name that was given", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-hostile-" });
  const names = payloads.filter((text) =>
    /^[^/\0]{1,40}$/u.test(text) && text.isWellFormed() && !/^\.{1,2}$/.test(text)
  );
  assert.ok(names.length > 40);
  try {
    for (const name of ["x?mode=ro", "x#y", "x%20y", ...names.slice(0, soaking ? Infinity : 30)]) {
      await using db = new SQLiteAdapter(join(folder, name));
      await db.execute("CREATE TABLE t (a)");
      assert.ok((await Deno.stat(join(folder, name))).isFile, JSON.stringify(name));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a configuration file of hostile keys, values and text is refused without being shown", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-hostile-" });
  const path = join(folder, "config.json");
  try {
    for (const text of soaking ? payloads : payloads.slice(0, 100)) {
      for (const content of [text, JSON.stringify({ [text]: text }), JSON.stringify(text)]) {
        await Deno.writeTextFile(path, content);
        await assert.rejects(() => ConfigLoader.loadConfig(path), (error) => {
          assert.ok(error instanceof ConfigError);
          checkMessage(error.message, text);
          return true;
        });
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

onEveryDatabase("an isolation level is one of those that are known", { rewrite: false }, async ({
  db,
}) => {
  const sent: string[] = [];
  db.onQuery(({ sql }) => sent.push(sql));
  for (const text of payloads) {
    const options = { isolation: text } as never;
    await assert.rejects(() => db.transaction(async () => {}, options), (error) => {
      assert.ok(error instanceof UnsupportedError);
      checkMessage(error.message, text);
      return true;
    });
    await assert.rejects(() => db.beginTransaction(options), UnsupportedError);
  }
  assert.deepEqual(sent, []);
  await db.transaction(async () => {}, { isolation: "serializable" });
});

Deno.test("names are derived from any text", () => {
  for (const text of payloads) {
    for (const naming of [snakeCase, asIs]) {
      assert.equal(typeof naming.table(text), "string");
      assert.equal(typeof naming.column(text), "string");
      assert.equal(naming.joinTable(text, "b"), naming.joinTable("b", text));
      assert.equal(typeof naming.foreignKey(text, text), "string");
    }
    assert.ok(refusal(text, () => ModelRegistry.getModelMetadata(text as never)));
  }
});

Deno.test("rules judge any text, however long", () => {
  const long = [
    "a".repeat(1_000_000),
    "a@".repeat(500_000),
    `a@${"a.".repeat(500_000)}`,
    `http://${"a.".repeat(500_000)}`,
    " ".repeat(1_000_000),
    `${"a".repeat(1_000_000)}@`,
  ];
  for (const text of [...payloads, ...long]) {
    for (const rule of [isEmail, isUrl, oneOf("a", "b")]) {
      assert.equal(typeof rule(text as "a"), "boolean");
    }
    assert.equal(isEmail(`${text}\n@x.org`), false);
  }
});

Deno.test("a text that is no moment is refused", () => {
  for (const text of payloads) {
    if (Number.isNaN(new Date(text).getTime())) {
      assert.throws(() => PreciseDate.from(text as never));
    }
  }
});

/** A model whose rule tells this message. */
function ruled(message: string) {
  @Entity({ tableName: "hostile_rules" })
  class Ruled extends BaseModel {
    @PrimaryKey({ type: "text" })
    name!: string;
    @Column({ type: "text" })
    @Validate(() => false, message)
    mark!: string;
  }
  return Ruled;
}

Deno.test("the message of a rule is told as it is, and shown without control characters", async () => {
  for (const text of payloads) {
    const record = { name: text, mark: "x" };
    const judge = async () => await validateRecord(entityOf(ruled(text)), record);
    await assert.rejects(judge, (error: unknown) => {
      assert.ok(error instanceof ValidationError);
      assert.deepEqual(error.issues.map(({ message }) => message), [text]);
      checkMessage(error.message, text);
      return true;
    });
  }
});

/** A statement that ran. */
function event(sql: string, parameters: readonly unknown[] = []): QueryEvent {
  return { sql, parameters, kind: "read", duration: 1, rows: 1 };
}

Deno.test("formatQuery() shows no character that a terminal obeys, but its own colours", () => {
  for (const text of payloads) {
    for (const color of [true, false]) {
      const shown = formatQuery(
        event(`SELECT "${text}" FROM t -- ${text}\nWHERE a = '${text}'`, [text, [text], {
          a: text,
        }]),
        { color, parameters: true },
      );
      // deno-lint-ignore no-control-regex -- its own colours
      const plain = shown.replaceAll(/\x1b\[\d+m/g, "");
      assert.ok(!isUnseen(plain), JSON.stringify(plain));
    }
  }
  const begun = formatQuery(event("SELECT '\x1b[31m\x1b[0m'"), { color: false });
  assert.match(begun, /\\u001b\[31m/);
});

Deno.test("printQueries() shows no character that a terminal obeys, but its own colours", () => {
  const shown: string[] = [];
  for (const text of payloads) {
    for (const compact of [true, false]) {
      const write = (line: string) => void shown.push(line);
      const print = printQueries({ write, compact, color: false, parameters: true });
      print(event(`SELECT "${text}" FROM t WHERE a = '${text}'`, [text]));
    }
  }
  assert.equal(shown.length, payloads.length * 2);
  for (const line of shown) assert.ok(!isUnseen(line), JSON.stringify(line));
});

Deno.test("what is logged is shown without characters that a terminal obeys", () => {
  const lines: unknown[][] = [];
  const log = console.info;
  console.info = (...args: unknown[]) => void lines.push(args);
  try {
    Logger.configure({ level: "debug", sink: consoleSink() });
    for (const text of payloads) Logger.child(text).info(text, { text });
    for (const text of payloads) Logger.info(text);
  } finally {
    console.info = log;
    Logger.configure({});
  }
  assert.equal(lines.length, payloads.length * 2);
  for (const [line, data] of lines) {
    assert.ok(!isUnseen(String(line)), JSON.stringify(line));
    assert.ok(data === undefined || typeof data === "object");
  }
});
