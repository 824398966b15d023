/**
 * What happens to an SQLite database whose disk is full, or whose file is damaged, gone or not to be written to.
 */
import assert from "node:assert/strict";
import { ConnectionError, DatabaseError, QuerySyntaxError } from "../../src/base/errors.ts";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";
import { failure, tells } from "../behaviour/error_support.ts";
import { finishes, note, notes } from "./support.ts";

/** A file with a table, and a database object on it. */
async function onFile(
  test: (db: SQLiteAdapter, path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    const path = `${folder}/file.db`;
    await using db = new SQLiteAdapter({ databasePath: path, acquireTimeout: 500 });
    await db.execute("CREATE TABLE notes (n INTEGER)");
    await note(db, 1);
    await finishes(test(db, path));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const long = "INSERT INTO notes SELECT value FROM json_each($1)";
const numbers = JSON.stringify(Array.from({ length: 50_000 }, (_, n) => n + 100));

Deno.test("a full disk fails the write that does not fit, says so, and loses nothing", async () => {
  await onFile(async (db) => {
    await db.execute("PRAGMA max_page_count = 10");
    tells(await failure(() => db.execute(long, [numbers])), {
      type: ConnectionError,
      code: "REX_CONNECTION",
      message: /database or disk is full/,
      hint: /disk is full/,
      query: /^INSERT/,
    });
    const failed = await failure(() =>
      db.transaction(async (tx) => {
        await note(tx, 2);
        await tx.execute(long, [numbers]).catch(() => {});
        await note(tx, 3);
      })
    );
    assert.match(failed.message, /Cannot (commit|run the statement)/);
    assert.deepEqual(await notes(db), [1]);
    await db.execute("PRAGMA max_page_count = 100000");
    await db.transaction((tx) => note(tx, 4));
    assert.deepEqual(await notes(db), [1, 4]);
  });
});

Deno.test("a file damaged while it is closed is told of with what to do, on reading and on writing", async () => {
  await onFile(async (db, path) => {
    await db.execute(long, [numbers]);
    await db.disconnect();
    const bytes = await Deno.readFile(path);
    for (let i = 4096; i < bytes.length; i++) bytes[i] = 0x5a;
    await Deno.writeFile(path, bytes);
    await db.connect();
    for (
      const work of [() => notes(db), () => note(db, 1), () => db.transaction((tx) => note(tx, 1))]
    ) {
      tells(await failure(work), {
        type: ConnectionError,
        code: "REX_CONNECTION",
        message: /malformed/,
        hint: /restore it from a backup/,
        query: /notes/,
      });
    }
    assert.deepEqual(db.stats().pool.inUse, 0);
  });
});

Deno.test("a file that ends too early is told of", async () => {
  await onFile(async (db, path) => {
    await db.execute(long, [numbers]);
    await db.disconnect();
    await Deno.truncate(path, 5_000);
    const error = await failure(async () => {
      await db.connect();
      await notes(db);
    });
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.match(error.message, /malformed/);
  });
});

Deno.test("a file that is read-only lets itself be read and refuses writes with a reason", async () => {
  await onFile(async (db, path) => {
    await db.execute("PRAGMA query_only = ON");
    const error = await failure(() => note(db, 2));
    assert.ok(error instanceof DatabaseError, `${error}`);
    assert.match(error.message, /Cannot write.*readonly/);
    await db.execute("PRAGMA query_only = OFF");
    await db.disconnect();
    await Deno.chmod(path, 0o400);
    await using again = new SQLiteAdapter({ databasePath: path });
    // A superuser may write to anything: there the file opens.
    const opened = await again.connect().then(() => undefined, (error) => error);
    if (opened === undefined) assert.deepEqual(await notes(again), [1]);
    else assert.ok(opened instanceof DatabaseError, `${opened}`);
  });
});

Deno.test("a file that is deleted or replaced while it is open: what is open goes on, or fails with a reason, and connecting anew sees what is there", async () => {
  await onFile(async (db, path) => {
    await Deno.remove(path);
    const outcome = await note(db, 2).then(() => undefined, (error) => error);
    assert.ok(outcome === undefined || outcome instanceof DatabaseError, `${outcome}`);
    await db.disconnect();
    for (const end of ["", "-wal", "-shm"]) await Deno.remove(path + end).catch(() => {});
    await db.connect();
    tells(await failure(() => notes(db)), {
      type: QuerySyntaxError,
      code: "REX_SYNTAX",
      message: /no such table/,
      hint: /Create the table first/,
    });
    await db.execute("CREATE TABLE notes (n INTEGER)");
    await note(db, 3);
    assert.deepEqual(await notes(db), [3]);
  });
});
