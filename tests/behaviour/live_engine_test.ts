/** What live queries promise those who show them to others: resuming, resets, order, bounds. */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { openLive } from "../../src/database/live.ts";
import { ChangeFeed } from "../../src/change/feed.ts";
import type {
  ChangeBatch,
  ChangeSource,
  RowChange,
  SourceReadOptions,
  SourceStep,
} from "../../src/change/source.ts";
import { Engine } from "../../src/engine/engine.ts";
import type {
  LiveChange,
  LiveHandle,
  LiveQueries,
  LiveSink,
  LiveSnapshot,
} from "../../src/features/realtime/live/live.ts";
import type { LiveOptions } from "../../src/features/realtime/live/engine.ts";
import { entityOf } from "../../src/model/registry.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { onEveryDatabase, type Target } from "../targets/databases.ts";
import { Author, blog, Comment, fillBlog, Post } from "./repository_models.ts";

/** A source whose batches the test writes; a transaction's position is a number. */
class ToldSource implements ChangeSource {
  readonly name = "told";
  readonly form = "value";
  readonly images: ChangeSource["images"];
  /** The position that snapshots have. */
  at = 0;
  #steps: SourceStep[] = [];
  #wake = () => {};
  readonly positions = {
    has: (position: string, batch: { readonly position: string }) =>
      Number(position) >= Number(batch.position),
    reaches: (position: string, other: string) => Number(position) >= Number(other),
  };

  constructor(images: ChangeSource["images"] = "rows") {
    this.images = images;
  }

  async *read({ signal }: SourceReadOptions): AsyncGenerator<SourceStep, void, undefined> {
    yield { batches: [], position: String(this.at) };
    signal.addEventListener("abort", () => this.#wake());
    while (!signal.aborted) {
      const step = this.#steps.shift();
      if (step) yield step;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  positionOf(): Promise<string> {
    return Promise.resolve(String(this.at));
  }

  markOf(): Promise<() => { position: string }> {
    return Promise.resolve(() => ({ position: String(this.at) }));
  }

  /** Tells of a transaction that is committed. */
  tell(changes: readonly RowChange[], extra: Partial<ChangeBatch> = {}): void {
    const position = String(++this.at);
    this.#push({ batches: [{ position, changes, ...extra }], position });
  }

  /** Tells that changes were lost. */
  lose(reason: string): void {
    this.#push({ batches: [], position: String(++this.at), reset: reason });
  }

  #push(step: SourceStep): void {
    this.#steps.push(step);
    this.#wake();
  }
}

/** Notes what it is told. */
class Notes implements LiveSink<string> {
  readonly told: unknown[][] = [];
  readonly snapshots: LiveSnapshot[] = [];
  readonly changes: LiveChange[] = [];
  #waiting: (() => void)[] = [];

  snapshot(tag: string, snapshot: LiveSnapshot): void {
    this.snapshots.push(snapshot);
    this.#note("snapshot", tag, snapshot.entries.map(({ key }) => key), snapshot.reset);
  }

  resumed(tag: string, position: string): void {
    this.#note("resumed", tag, position);
  }

  change(tag: string, change: LiveChange): void {
    this.changes.push(change);
    this.#note("change", tag, change.drop, change.put.map(({ key }) => key));
  }

  flush(position: string): void {
    this.#note("flush", position);
  }

  failed(tag: string, error: unknown): void {
    this.#note("failed", tag, (error as Error).message.split("\n")[0]);
  }

  /** Resolves when it has been told something since it was last looked at. */
  async next(count = 1): Promise<unknown[][]> {
    while (this.told.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.told.splice(0);
  }

  #note(...what: unknown[]): void {
    this.told.push(what);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

interface Setting extends AsyncDisposable {
  readonly source: ToldSource;
  readonly feed: ChangeFeed;
  readonly queries: LiveQueries;
  readonly notes: Notes;
  open(model: ModelClass, query: object, tag?: string, since?: string): LiveHandle;
  settled(): Promise<void>;
}

/** Live queries on a feed of their own. */
async function set(
  db: Database,
  source = new ToldSource(),
  options: LiveOptions = {},
  retention = {},
): Promise<Setting> {
  const feed = new ChangeFeed(source, { retention });
  await feed.start();
  const engine = db.scope;
  assert(engine instanceof Engine);
  const queries = await openLive(engine, feed, options);
  const notes = new Notes();
  return {
    source,
    feed,
    queries,
    notes,
    open: (model, query, tag = "a", since) =>
      queries.open(
        { entity: entityOf(model), query: query as never, ...since !== undefined && { since } },
        notes,
        tag,
      ),
    settled: () => queries.settled({ position: String(source.at) }),
    async [Symbol.asyncDispose]() {
      await queries.close();
      await feed.close();
    },
  };
}

/** A row of the table of authors as a source tells it. */
function author(id: number, name: string, age: number | null = null) {
  return { id, name, email: null, age, active: true, mentor_id: null };
}

function insert(id: number, name: string, age?: number): RowChange {
  return { table: "authors", kind: "insert", after: author(id, name, age) };
}

function update(id: number, name: string, age?: number): RowChange {
  return { table: "authors", kind: "update", after: author(id, name, age) };
}

function remove(id: number): RowChange {
  return { table: "authors", kind: "delete", before: { id } };
}

const once = { models: blog, rewrite: false } as const;

/** Slow statements are PostgreSQL's: SQLite runs in our own thread. */
const isSlow = ({ name }: Target) => name === "PostgreSQL";

onEveryDatabase(
  "rows are taken over from their images, without a statement",
  once,
  async ({ db }) => {
    await db.repository(Author).create({ name: "ada", age: 1 });
    await using setting = await set(db);
    const { source, notes, open, settled } = setting;
    open(Author, { where: { age: 1 } });
    assert.deepEqual(await notes.next(), [["snapshot", "a", ["1"], undefined]]);
    let statements = 0;
    const end = db.onQuery(() => statements++);
    source.tell([insert(2, "bob", 1), insert(3, "cyd", 2)]);
    source.tell([update(1, "ADA", 1)]);
    source.tell([update(3, "cyd", 1), update(2, "bob", 7)]);
    source.tell([insert(4, "dan", 1), remove(4), update(1, "ADA", 1)]);
    source.tell([{
      table: "authors",
      kind: "update",
      before: { id: 3 },
      after: author(9, "cyd", 1),
    }]);
    source.tell([{ table: "authors", kind: "truncate" }, insert(5, "eve", 1)]);
    await settled();
    assert.deepEqual(await notes.next(), [
      ["change", "a", [], ["2"]],
      ["flush", "1"],
      ["change", "a", [], ["1"]],
      ["flush", "2"],
      ["change", "a", ["2"], ["3"]],
      ["flush", "3"],
      ["change", "a", ["3"], ["9"]],
      ["flush", "5"],
      ["change", "a", ["1", "9"], ["5"]],
      ["flush", "6"],
    ]);
    assert.equal(statements, 0);
    end();
  },
);

onEveryDatabase(
  "a snapshot and the changes after it neither overlap nor leave a gap",
  once,
  async ({ db }) => {
    await db.repository(Author).create({ name: "ada" });
    await using setting = await set(db);
    const { source, notes, open, settled } = setting;
    // The snapshot has what is told only afterwards.
    source.at = 2;
    open(Author, {});
    assert.deepEqual(await notes.next(), [["snapshot", "a", ["1"], undefined]]);
    assert.equal(notes.snapshots[0]?.position, "2");
    source.at = 0;
    source.tell([insert(2, "bob")]);
    source.tell([remove(2)]);
    source.tell([insert(3, "cyd")]);
    await settled();
    assert.deepEqual(await notes.next(), [["change", "a", [], ["3"]], ["flush", "3"]]);
    // What is told while the snapshot is read is not in it, and is kept.
    open(Author, { orderBy: { id: "asc" } }, "b");
    source.at = 4;
    source.tell([insert(4, "dan")]);
    await settled();
    const told = await notes.next();
    assert.deepEqual(told.filter(([what]) => what === "snapshot").length, 1);
    assert(told.some(([what, tag]) => what === "change" && tag === "a"));
  },
);

onEveryDatabase(
  "columns that a source leaves out are read, never taken for NULL",
  once,
  async ({ db }) => {
    const authors = db.repository(Author);
    const { id } = await authors.create({ name: "ada", age: 1, email: "x" });
    await using setting = await set(db);
    const { source, notes, open, settled } = setting;
    open(Author, { where: { name: { startsWith: "a" } } });
    await notes.next();
    await authors.update(id, { age: 2 });
    const { email: _, ...part } = author(id, "ada", 2);
    source.tell([{ table: "authors", kind: "update", after: part }]);
    await settled();
    assert.deepEqual(await notes.next(), [["change", "a", [], ["1"]], ["flush", "1"]]);
    assert.deepEqual([notes.changes[0]?.put[0]?.row.email, notes.changes[0]?.put[0]?.row.age], [
      "x",
      2,
    ]);
    // Its condition cannot be told either.
    await authors.update(id, { name: "bob" });
    const { name: _name, ...other } = author(id, "", 3);
    source.tell([{ table: "authors", kind: "update", after: other }]);
    await settled();
    assert.deepEqual(await notes.next(), [["change", "a", ["1"], []], ["flush", "2"]]);
  },
);

onEveryDatabase(
  "a row that was read is not put back by what the reading has seen",
  once,
  async ({ db }) => {
    const authors = db.repository(Author);
    await authors.createMany([{ name: "ada", age: 3 }]);
    await using setting = await set(db, new ToldSource("keys"));
    const { source, notes, open, settled } = setting;
    open(Author, {});
    await notes.next();
    // Three transactions of which the first reading sees all.
    const told = () => source.tell([{ table: "authors", kind: "update", after: { id: 1 } }]);
    told();
    source.tell([{ table: "authors", kind: "delete", before: { id: 7 } }]);
    told();
    await authors.updateMany({}, { age: 5 });
    await settled();
    await notes.next();
    assert.deepEqual(notes.changes.map(({ put }) => put.map(({ row }) => row.age)), [[5]]);
  },
);

onEveryDatabase(
  "a position that is known is resumed; what left is told only to those who had it",
  once,
  async ({ db }) => {
    await db.repository(Author).createMany([{ name: "ada", age: 1 }, { name: "bob", age: 1 }]);
    await using setting = await set(db);
    const { source, notes, open, settled } = setting;
    const query = { where: { age: 1 }, orderBy: { name: "asc" } };
    const handle = open(Author, query);
    await notes.next();
    source.tell([insert(3, "cyd", 1), insert(8, "zoe", 2)]);
    await settled();
    handle.close();
    source.tell([update(1, "ada", 2), insert(4, "abe", 1), insert(9, "yan", 2)]);
    source.tell([remove(9), update(8, "zoe", 3)]);
    source.tell([update(3, "cyd", 4)]);
    source.tell([update(3, "cid", 1)]);
    await settled();
    await notes.next();
    notes.changes.length = 0;
    open(Author, query, "b", "1");
    assert.deepEqual(await notes.next(3), [
      ["resumed", "b", "5"],
      ["change", "b", ["1"], ["4", "3"]],
      ["flush", "5"],
    ]);
    assert.deepEqual(notes.changes[0]?.put.map(({ at }) => at), [0, 2]);
    open(Author, query, "c", "5");
    assert.deepEqual(await notes.next(), [["resumed", "c", "5"]]);
    // One that nobody kept is not known well enough: the whole is told, and nothing was lost.
    open(Author, { where: { age: 4 } }, "d", "1");
    assert.deepEqual(await notes.next(), [["snapshot", "d", [], undefined]]);
  },
);

onEveryDatabase("a position past retention is answered by a reset", once, async ({ db }) => {
  await using setting = await set(db, new ToldSource(), {}, { changes: 1 });
  const { source, notes, open, settled } = setting;
  const handle = open(Author, {});
  await notes.next();
  for (let i = 1; i < 5; i++) source.tell([insert(i, "a")]);
  await settled();
  handle.close();
  await notes.next();
  open(Author, {}, "b", "0");
  const [[what, , , reset]] = await notes.next() as [unknown[]];
  assert.deepEqual([what, typeof reset], ["snapshot", "string"]);
});

onEveryDatabase(
  "lost changes are answered by a new result with the reason",
  once,
  async ({ db }) => {
    await using setting = await set(db);
    const { source, notes, open, settled } = setting;
    open(Author, {});
    open(Author, { limit: 1 }, "b");
    await notes.next(2);
    await db.repository(Author).create({ name: "ada" });
    source.lose("the slot is gone");
    await settled();
    const told = await notes.next(2);
    assert.deepEqual(
      told.filter(([what]) => what === "snapshot").map(([, , keys, reset]) => [keys, reset]),
      [[["1"], "the slot is gone"], [["1"], "the slot is gone"]],
    );
  },
);

onEveryDatabase(
  "a table of which rows changed unseen is read again, and only the difference told",
  once,
  async ({ db }) => {
    const authors = db.repository(Author);
    await authors.createMany([{ name: "ada" }, { name: "bob" }]);
    await using setting = await set(db);
    const { source, notes, open, settled } = setting;
    open(Author, {});
    await notes.next();
    await authors.updateMany({ where: { name: "bob" } }, { name: "rob" });
    source.tell([], { unseen: ["posts"] });
    source.tell([], { unseen: ["authors"] });
    await settled();
    assert.deepEqual(await notes.next(), [["change", "a", [], ["2"]], ["flush", "2"]]);
    source.tell([], { unseen: "all" });
    await settled();
    assert.deepEqual(notes.told, []);
  },
);

onEveryDatabase(
  "a sink is told no position that one of its results lags behind",
  once,
  async ({ db }) => {
    const authors = db.repository(Author);
    await authors.create({ name: "ada" });
    await using setting = await set(db);
    const { source, notes, open, settled } = setting;
    open(Author, {});
    open(Comment, {}, "c");
    await notes.next(2);
    source.tell([insert(2, "bob")]);
    await settled();
    assert.deepEqual((await notes.next()).at(-1), ["flush", "1"]);
    await authors.updateMany({}, { name: "all" });
    const comment = { id: 1, body: "x", post_id: 1, writer_id: null, deleted_at: null };
    source.tell([], { unseen: ["authors"] });
    source.tell([{ table: "comments", kind: "insert", after: comment }]);
    await settled();
    const told = await notes.next();
    const place = told.findIndex(([what, tag]) => what === "change" && tag === "c");
    assert.deepEqual(told[place + 1], ["flush", "1"]);
    assert.deepEqual(told.at(-1), ["flush", "3"]);
  },
);

onEveryDatabase("a query that fails ends its subscription alone", once, async ({ db }) => {
  await using setting = await set(db);
  const { notes, open, queries } = setting;
  open(Author, {}, "good");
  open(Author, { where: { age: "old" }, limit: 1 }, "bad");
  const told = await notes.next(2);
  assert.deepEqual(told.map(([what, tag]) => [what, tag]).sort(), [["failed", "bad"], [
    "snapshot",
    "good",
  ]]);
  assert.equal(queries.stats().views, 1);
});

onEveryDatabase(
  "a result that is too large is refused, also when it grows",
  once,
  async ({ db }) => {
    await db.repository(Author).createMany([{ name: "ada" }, { name: "bob" }]);
    await using setting = await set(db, new ToldSource(), { maxRows: 2 });
    const { source, notes, open, settled } = setting;
    open(Author, {});
    open(Author, { orderBy: { name: "asc" }, limit: 2 }, "b");
    await notes.next(2);
    source.tell([insert(3, "cyd")]);
    await settled();
    const told = await notes.next();
    assert.match(String(told[0]?.[2]), /more than 2 records/);
    open(Post, { limit: 3 }, "c");
    assert.deepEqual(await notes.next(), [["snapshot", "c", [], undefined]]);
  },
);

onEveryDatabase("nothing is left when the last subscriber has gone", once, async ({ db }) => {
  await fillBlog(db);
  await using setting = await set(db, new ToldSource(), { linger: 0 });
  const { notes, open, queries, source, settled } = setting;
  const handles = [
    open(Author, { where: { age: 36 } }),
    open(Author, { orderBy: { name: "asc" } }),
    open(Post, { include: { comments: true }, orderBy: { id: "asc" }, limit: 2 }),
    open(Post, { offset: 1 }),
  ];
  await notes.next(4);
  handles.push(open(Comment, {}, "never told"));
  for (const handle of handles) handle.close();
  assert.deepEqual(queries.stats(), {
    subscriptions: 0,
    views: 0,
    rows: 0,
    batches: 0,
    queries: 0,
  });
  await db.repository(Author).create({ name: "zed" });
  source.tell([insert(4, "zed", 36)]);
  await settled();
  assert.deepEqual(notes.told, []);
});

onEveryDatabase(
  "a slow query delays no other result",
  { ...once, open: { poolSize: 6 } },
  async ({ db, target }) => {
    if (!isSlow(target)) return;
    await db.repository(Author).create({ name: "ada" });
    await using setting = await set(db);
    const { source, notes, open, settled } = setting;
    open(Author, {});
    open(Author, { limit: 5 }, "slow");
    await notes.next(2);
    // Its next run waits for a lock until the transaction ends.
    const locked = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const locking = db.transaction(async (tx) => {
      await tx.execute("LOCK TABLE authors IN ACCESS EXCLUSIVE MODE");
      locked.resolve();
      await done.promise;
    });
    await locked.promise;
    for (let i = 2; i < 5; i++) source.tell([insert(i, "x")]);
    assert.deepEqual(await notes.next(6), [
      ["change", "a", [], ["2"]],
      ["flush", "1"],
      ["change", "a", [], ["3"]],
      ["flush", "2"],
      ["change", "a", [], ["4"]],
      ["flush", "3"],
    ]);
    done.resolve();
    await locking;
    await settled();
  },
);

onEveryDatabase(
  "of queries that are read together, only those fail that are wrong",
  once,
  async ({ db }) => {
    await db.repository(Author).create({ name: "ada" });
    await using setting = await set(db, new ToldSource(), { parallel: 1 });
    const { notes, open } = setting;
    for (let age = 0; age < 12; age++) open(Author, { where: { age } }, `good ${age}`);
    open(Author, { where: { age: "old" } }, "bad");
    const told = await notes.next(13);
    assert.deepEqual(told.filter(([what]) => what !== "snapshot").map(([, tag]) => tag), ["bad"]);
  },
);

onEveryDatabase(
  "a connection that breaks is answered by another attempt",
  once,
  async ({ db, target }) => {
    if (!isSlow(target)) return;
    await db.repository(Author).create({ name: "ada" });
    await using setting = await set(db);
    const { notes, open } = setting;
    const locked = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const locking = db.transaction(async (tx) => {
      await tx.execute("LOCK TABLE authors IN ACCESS EXCLUSIVE MODE");
      locked.resolve();
      await done.promise;
    });
    await locked.promise;
    open(Author, {});
    open(Author, { limit: 1 }, "b");
    const waiting =
      "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    const pids = new Set<number>();
    while (pids.size < 2) {
      const { rows } = await db.execute<{ pid: number }>(`SELECT pid ${waiting}`);
      for (const { pid } of rows) {
        pids.add(pid);
        await db.execute("SELECT pg_terminate_backend($1)", [pid]);
      }
    }
    done.resolve();
    await locking;
    const told = await notes.next(2);
    assert.deepEqual(told.map(([what, tag]) => [what, tag]).sort(), [["snapshot", "a"], [
      "snapshot",
      "b",
    ]]);
  },
);
