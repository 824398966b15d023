/**
 * Several processes use one SQLite file.
 */
import assert from "node:assert/strict";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";
import { finishes } from "./support.ts";

const writers = 4;
const rowsEach = 80;

/** A file with the tables, and its folder to remove. */
async function withFile(test: (path: string, db: SQLiteAdapter) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    await using db = new SQLiteAdapter({ databasePath: `${folder}/shared.db` });
    await db.execute("CREATE TABLE ledger (n INTEGER)");
    await db.execute("CREATE TABLE counter (n INTEGER)");
    await db.execute("INSERT INTO counter VALUES (0)");
    await finishes(test(`${folder}/shared.db`, db));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Worker extends AsyncDisposable {
  /** Settles when it has told of this many things, or has ended. */
  told(count: number): Promise<void>;
  /** What it has told, when it has ended by itself. */
  done(): Promise<readonly Record<string, unknown>[]>;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
}

function start(path: string, role: string, first: number, count: number): Worker {
  const child = new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      `--allow-write=${path.replace(/\/[^/]*$/, "")}`,
      new URL("./sqlite_worker.ts", import.meta.url).pathname,
      path,
      role,
      String(first),
      String(count),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  const reading = (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts.map((part) => JSON.parse(part)));
      for (const look of waiting) look();
    }
  })();
  const errors = new Response(child.stderr).text();
  const end = async () => {
    await reading;
    return { ...await child.status, errors: await errors };
  };
  const kill = async () => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await end();
  };
  return {
    async told(count) {
      const enough = new Promise<void>((resolve) => {
        const look = () => lines.length >= count && resolve();
        waiting.add(look);
        look();
      });
      await Promise.race([enough, reading]);
    },
    async done() {
      const { code, errors } = await end();
      assert.equal(code, 0, errors);
      return lines;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

async function expectIntact(db: SQLiteAdapter): Promise<void> {
  const { rows } = await db.execute("PRAGMA integrity_check");
  assert.deepEqual(rows, [{ integrity_check: "ok" }]);
}

async function ledger(db: SQLiteAdapter): Promise<number[]> {
  const { rows } = await db.execute<{ n: number }>("SELECT n FROM ledger ORDER BY n");
  return rows.map(({ n }) => n);
}

Deno.test("four processes that write to one file lose nothing, double nothing and wait for each other", async () => {
  await withFile(async (path, db) => {
    await using stack = new AsyncDisposableStack();
    const all = Array.from(
      { length: writers },
      (_, i) => stack.use(start(path, "write", i * rowsEach, rowsEach)),
    );
    const readers = [0, 1].map(() => stack.use(start(path, "read", 0, 60)));
    // This process writes along.
    for (let n = 0; n < 20; n++) {
      await db.transaction(async (tx) => {
        await tx.execute("INSERT INTO ledger (n) VALUES ($1)", [10_000 + n * 2]);
        await tx.execute("INSERT INTO ledger (n) VALUES ($1)", [10_001 + n * 2]);
      });
    }
    const told = (await Promise.all(all.map((each) => each.done()))).flat();
    await Promise.all(readers.map((each) => each.done()));
    assert.equal(told.length, writers * rowsEach / 2);
    const expected = [
      ...Array.from({ length: writers * rowsEach }, (_, n) => n),
      ...Array.from({ length: 40 }, (_, n) => 10_000 + n),
    ];
    assert.deepEqual(await ledger(db), expected);
    const counted = told.filter(({ pair }) => Number(pair) % 3 !== 0).length;
    assert.deepEqual((await db.execute("SELECT n FROM counter")).rows, [{ n: counted }]);
    await expectIntact(db);
  });
});

Deno.test("a process killed in its transaction leaves nothing of it, and the others go on", async () => {
  await withFile(async (path, db) => {
    await using stack = new AsyncDisposableStack();
    const victim = stack.use(start(path, "die", 50_000, 2_000));
    await victim.told(1);
    const others = [0, 1].map((i) => stack.use(start(path, "write", i * rowsEach, rowsEach)));
    const mine = db.execute("INSERT INTO ledger (n) VALUES (10000), (10001)");
    assert.deepEqual(await ledger(db), []);
    await victim.kill();
    await mine;
    await Promise.all(others.map((each) => each.done()));
    assert.deepEqual(await ledger(db), [
      ...Array.from({ length: 2 * rowsEach }, (_, n) => n),
      10_000,
      10_001,
    ]);
    await expectIntact(db);
  });
});

Deno.test("processes killed while they write leave what they told of, whole transactions only, and an intact file", async () => {
  await withFile(async (path, db) => {
    await using stack = new AsyncDisposableStack();
    const victims = [0, 1].map((i) => stack.use(start(path, "write", i * 100_000, 100_000)));
    await Promise.all(victims.map((each) => each.told(15)));
    await db.disconnect(); // so that nobody but the killed has the WAL open
    await Promise.all(victims.map((each) => each.kill()));
    await db.connect();
    const found = await ledger(db);
    assert.equal(found.length, new Set(found).size);
    for (const n of found) assert.ok(found.includes(n % 2 === 0 ? n + 1 : n - 1), `half of ${n}`);
    for (const i of [0, 1]) {
      const told = 15;
      for (let n = 0; n < told * 2; n++) assert.ok(found.includes(i * 100_000 + n), `lost ${n}`);
    }
    await expectIntact(db);
    await db.execute("INSERT INTO ledger (n) VALUES (-1)");
  });
});
