/**
 * Where in the user's code a statement came from.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Logger, type LogRecord } from "../../src/base/logger.ts";
import type { Database } from "../../src/database/database.ts";
import { framesOf } from "../../src/engine/caller.ts";
import type { QueryEvent } from "../../src/engine/query_event.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, Comment, Labelling, Post, Profile, Tag, Topic } from "./repository_models.ts";

const models = [Author, Profile, Post, Comment, Tag, Topic, Labelling];
const open = { captureCallers: true };

/** The line of whoever calls. */
function here(): number {
  return framesOf(new Error().stack!)[1]!.line;
}

/** Keeps the statements that a database runs. */
function recorded(db: Database): QueryEvent[] {
  const events: QueryEvent[] = [];
  db.onQuery((event) => void events.push(event));
  return events;
}

/** Expects that all statements since the last look came from a line of this file. */
function expectLine(events: QueryEvent[], line: number, method?: string): void {
  assert.ok(events.length > 0);
  for (const { caller, sql } of events.splice(0)) {
    assert(caller, sql);
    assert.match(caller.file, /\/tests\/behaviour\/observe_caller_test\.ts$/, sql);
    assert.equal(caller.line, line, sql);
    assert.ok(caller.column > 0);
    if (method !== undefined) assert.equal(caller.method, method, sql);
  }
}

onEveryDatabase("a caller is told for repositories", { models, open }, async ({ db }) => {
  const events = recorded(db);
  const authors = db.repository(Author);
  let line = here() + 1;
  const { id } = await authors.create({ name: "Ada" });
  expectLine(events, line);
  line = here() + 1;
  await authors.findById(id);
  expectLine(events, line, "findById");
  line = here() + 1;
  await authors.find({ include: { posts: true }, strategy: "query" });
  expectLine(events, line);
  line = here() + 1;
  await authors.update(id, { name: "Eve" });
  expectLine(events, line);
  line = here() + 1;
  await authors.createMany([{ name: "Bob" }]);
  expectLine(events, line);
});

onEveryDatabase("a caller is told for builders and SQL text", { models, open }, async ({ db }) => {
  const events = recorded(db);
  let line = here() + 1;
  await db.query(Author).execute();
  expectLine(events, line, "execute");
  line = here() + 1;
  await db.insertInto(Author).values({ name: "Ada" }).execute();
  expectLine(events, line, "execute");
  line = here() + 1;
  await db.execute("SELECT 1");
  expectLine(events, line, "execute");
  line = here() + 1;
  for await (const _ of db.query(Author).stream()) assert.ok(true);
  expectLine(events, line);
});

onEveryDatabase("a caller is told for instances", { models, open }, async ({ db }) => {
  const events = recorded(db);
  const author = Author.from({ name: "Ada" });
  let line = here() + 1;
  await author.save(db);
  expectLine(events, line, "save");
  line = here() + 1;
  await author.delete(db);
  expectLine(events, line, "delete");
});

onEveryDatabase(
  "a caller is told inside transactions, and for their ends",
  { models, open },
  async ({ db }) => {
    const events = recorded(db);
    const begun = here() + 1;
    await db.transaction(async (tx) => {
      expectLine(events, begun, "transaction");
      const inside = here() + 1;
      await tx.repository(Author).create({ name: "Ada" });
      expectLine(events, inside);
    });
    expectLine(events, begun, "transaction");
  },
);

onEveryDatabase(
  "a caller is told where nothing is awaited at once",
  { models, open },
  async ({ db }) => {
    const events = recorded(db);
    const authors = db.repository(Author);
    const line = here() + 1;
    await Promise.all([1, 2].map((id) => authors.findById(id)));
    assert.equal(events.length, 2);
    expectLine(events, line, "findById");
  },
);

onEveryDatabase(
  "a caller is told for what is sent late, where others wait for it",
  { models, open },
  async ({ db }) => {
    const events = recorded(db);
    const authors = db.repository(Author);
    let line = 0;
    function create(): Promise<unknown> {
      line = here() + 1;
      return authors.create({ name: "Ada", posts: { create: [{ title: "First" }] } });
    }
    function read(): Promise<unknown> {
      line = here() + 1;
      return authors.find({
        include: { posts: { include: { comments: true } } },
        strategy: "query",
      });
    }
    function save(): Promise<unknown> {
      const author = Author.from({ name: "Eve" });
      line = here() + 1;
      return author.save(db);
    }
    await create();
    expectLine(events, line, "create");
    await read();
    assert.ok(events.length > 1);
    expectLine(events, line, "find");
    await save();
    expectLine(events, line, "save");
    await new Promise((resolve) => save().then(resolve));
    expectLine(events, line, "save");
  },
);

onEveryDatabase("no caller is told unless asked for", { models }, async ({ db }) => {
  const events = recorded(db);
  await db.repository(Author).find();
  assert.equal(events.length, 1);
  assert.ok(!("caller" in events[0]!));
});

onEveryDatabase(
  "a slow statement is logged with its SQL, duration, rows and caller",
  { models, open: { slowQueryThreshold: 0 }, rewrite: false },
  async ({ db }) => {
    const records: LogRecord[] = [];
    Logger.configure({ level: "warn", sink: (record) => records.push(record) });
    const line = here() + 1;
    await db.repository(Author).find();
    Logger.configure({});
    assert.equal(records.length, 1);
    const [{ level, category, data }] = records as [LogRecord];
    assert.deepEqual([level, category], ["warn", "query"]);
    assert.match(String(data.sql), /^SELECT .* FROM authors/);
    assert.equal(data.rows, 0);
    assert.equal(typeof data.duration, "number");
    assert.equal((data.caller as QueryEvent["caller"])?.line, line);
    assert.ok(!("parameters" in data));
  },
);

onEveryDatabase(
  "a stream that is left early is told of, once, with the rows that it gave",
  { models },
  async ({ db }) => {
    await db.repository(Author).createMany([{ name: "a" }, { name: "b" }]);
    const events = recorded(db);
    for await (const _ of db.query(Author).stream({ chunkSize: 1 })) break;
    assert.equal(events.filter(({ sql }) => sql.startsWith("SELECT")).length, 1);
  },
);

onEveryDatabase(
  "the transaction of the caller's flow stays its own where callers are told",
  { models, open },
  async ({ db }) => {
    const authors = db.repository(Author);
    await db.beginTransaction();
    await authors.create({ name: "Ada" });
    await Author.from({ name: "Eve" }).save(db);
    assert.equal(await authors.count(), 2);
    await db.rollback();
    assert.equal(await authors.count(), 0);
  },
);
