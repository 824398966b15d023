import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import postgres from "postgres";
import { startEmbeddedPostgres } from "./embedded_postgres.ts";
import { freshPostgresDatabase } from "./mod.ts";

type Row = Record<string, unknown>;

/** Runs one statement on a connection of its own. */
async function query(url: string, statement: string): Promise<readonly Row[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe<Row[]>(statement);
  } finally {
    await sql.end();
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function folderOf(dataDirectory: string): string {
  return dataDirectory.replace(/\/data$/, "");
}

/** Runs a script in a process of its own and returns what it printed. */
async function runScript(text: string): Promise<string> {
  const file = await Deno.makeTempFile({ prefix: "rex-orm-owner-", suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, text);
    const { stdout, stderr } = await new Deno.Command("deno", {
      args: [
        "run",
        "--no-prompt",
        "--no-config",
        "--allow-read",
        `--allow-write=${tmpdir()}`,
        "--allow-env",
        "--allow-net=127.0.0.1",
        "--allow-run=sh,deno",
        "--allow-sys=uid",
        file,
      ],
    }).output();
    const printed = new TextDecoder().decode(stdout);
    assert.notEqual(printed, "", new TextDecoder().decode(stderr));
    return printed;
  } finally {
    await Deno.remove(file);
  }
}

async function assertGone(port: number, dataDirectory: string): Promise<void> {
  assert.equal(exists(dataDirectory), false, "the data are still there");
  assert.equal(exists(folderOf(dataDirectory)), false, "the folder is still there");
  await assert.rejects(
    Deno.connect({ hostname: "127.0.0.1", port }),
    Deno.errors.ConnectionRefused,
  );
}

Deno.test("startEmbeddedPostgres() runs a real PostgreSQL 18 with the settings of the tests", async () => {
  await using server = await startEmbeddedPostgres({ settings: { work_mem: "7MB" } });
  const [row] = await query(
    server.url,
    `SELECT version(), current_setting('wal_level') AS wal, current_setting('timezone') AS zone,
       current_setting('work_mem') AS memory, current_setting('server_encoding') AS encoding`,
  );
  assert.match(String(row?.version), /^PostgreSQL 18\./);
  assert.deepEqual({ ...row, version: "" }, {
    version: "",
    wal: "logical",
    zone: "America/New_York",
    memory: "7MB",
    encoding: "UTF8",
  });
});

Deno.test("restart() keeps the port and the data, in order and after kill()", async () => {
  await using server = await startEmbeddedPostgres();
  await query(server.url, "CREATE TABLE kept AS SELECT 1 AS a");
  await server.restart();
  await query(server.url, "INSERT INTO kept VALUES (2)");
  await server.kill();
  await assert.rejects(query(server.url, "SELECT 1"));
  await server.restart();
  assert.deepEqual([...await query(server.url, "SELECT a FROM kept ORDER BY a")], [{ a: 1 }, {
    a: 2,
  }]);
});

Deno.test("stop() ends the server and leaves nothing behind, and may be called twice", async () => {
  const server = await startEmbeddedPostgres();
  assert.ok(exists(server.dataDirectory));
  await server.stop();
  await server.stop();
  await assertGone(server.port, server.dataDirectory);
  await assert.rejects(server.restart(), /it was stopped/);
});

Deno.test("startEmbeddedPostgres() fails with the server's log when it can't start", async () => {
  await assert.rejects(
    startEmbeddedPostgres({ settings: { no_such_setting: "1" } }),
    /unrecognized configuration parameter "no_such_setting"/,
  );
});

Deno.test("a server ends and leaves nothing behind when its owner is killed", async () => {
  const module = new URL("./embedded_postgres.ts", import.meta.url);
  const { port, dataDirectory } = JSON.parse(
    await runScript(`
      import { startEmbeddedPostgres } from ${JSON.stringify(module.href)};
      const { port, dataDirectory } = await startEmbeddedPostgres();
      console.log(JSON.stringify({ port, dataDirectory }));
      Deno.kill(Deno.pid, "SIGKILL");`),
  );
  for (let i = 0; i < 100 && exists(folderOf(dataDirectory)); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await assertGone(port, dataDirectory);
});

Deno.test("freshPostgresDatabase() creates an empty database and drops it", async () => {
  const [one, two] = [await freshPostgresDatabase(), await freshPostgresDatabase()];
  assert.notEqual(one.url, two.url);
  const tables = await query(
    one.url,
    "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace",
  );
  assert.equal(tables.length, 0);
  await one.drop();
  await one.drop();
  await two.drop();
  await assert.rejects(query(one.url, "SELECT 1"), { code: "3D000" });
});
