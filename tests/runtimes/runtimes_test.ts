/**
 * The core runs on Deno, Node and Bun: one suite, on SQLite and PostgreSQL. Deno runs the sources; the others
 * the npm package, as a project of TypeScript's compiler has it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freshPostgresDatabase } from "../targets/mod.ts";
import type { Outcome } from "./main.ts";
import { makeProject, type Project } from "./project.ts";
import { type Runtime, runtimes } from "./runtimes.ts";
import { cases } from "./suite.ts";

const databases = ["sqlite", "postgres"] as const;
type DatabaseName = typeof databases[number];

/** Ends a program that hangs; none of them takes a twentieth of it. */
const PATIENCE = 120_000;

/** The address of an empty database, for as long as `use` runs. */
async function withDatabase<T>(
  database: DatabaseName,
  use: (address: string) => Promise<T>,
): Promise<T> {
  if (database === "postgres") {
    await using fresh = await freshPostgresDatabase();
    return await use(fresh.url);
  }
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-runtime-" });
  try {
    return await use(join(folder, "suite.db"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the suite's program and gives what it told of each case. */
async function outcomes(
  [program = "", ...first]: readonly string[],
  args: readonly string[],
): Promise<Outcome[]> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...first, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(PATIENCE),
  }).output();
  const decoder = new TextDecoder();
  const printed = decoder.decode(stdout);
  assert(success, `${decoder.decode(stderr)}${printed}`);
  return printed.trim().split("\n").map((line): Outcome => JSON.parse(line));
}

function assertAllPassed(found: readonly Outcome[]): void {
  const failures = found.map(({ failure, refused }) => failure ?? refused).filter(Boolean);
  assert.deepEqual(failures, []);
  assert.deepEqual(
    found.map(({ name }) => name),
    [...cases.map(({ name }) => name), "connect() and disconnect() open and close the database"],
  );
}

function assertRefused(found: readonly Outcome[], message: RegExp): void {
  assert.equal(found.length, 1);
  assert.match(found[0]?.refused ?? "", message);
}

for (const database of databases) {
  Deno.test(`the core runs on Deno, with ${database}`, async () => {
    const program = fileURLToPath(new URL("main.ts", import.meta.url));
    await withDatabase(database, async (address) => {
      const folder = database === "sqlite" ? [`--allow-write=${join(address, "..")}`] : [];
      const options = ["--no-prompt", "--allow-read", "--allow-env", "--allow-net", ...folder];
      assertAllPassed(await outcomes(["deno", "run", ...options, program], [database, address]));
    });
  });
}

let project: Promise<Project> | undefined;
Deno.test.afterAll(async () => {
  await (await project?.catch(() => undefined))?.[Symbol.asyncDispose]();
});

async function runOn(runtime: Runtime, database: DatabaseName): Promise<void> {
  const { program: programOf } = await (project ??= makeProject());
  const program = programOf("main", runtime.runsTypeScript ? "typescript" : "javascript");
  const command = await runtime.command();
  const found = await withDatabase(
    database,
    (address) => outcomes(command, [program, database, address]),
  );
  const { refusesSqlite } = runtime;
  if (database === "sqlite" && refusesSqlite) assertRefused(found, refusesSqlite);
  else assertAllPassed(found);
}

for (const runtime of runtimes) {
  for (const database of databases) {
    const refused = database === "sqlite" && runtime.refusesSqlite !== undefined;
    const claim = refused ? "is refused clearly" : "runs";
    const skipped = runtime.missing ? ` (skipped: ${runtime.missing})` : "";
    Deno.test({
      name: `the core ${claim} on ${runtime.name}, with ${database}${skipped}`,
      ignore: runtime.missing !== undefined,
      fn: () => runOn(runtime, database),
    });
  }
}

const served = [
  "rex-sync.v1 over a WebSocket",
  "a stream of events",
  "a write that is posted",
  "RealtimeSync tells plain WebSockets",
];

async function expectServed(command: readonly string[]): Promise<void> {
  const found = await outcomes(command, []);
  assert.deepEqual(found.map(({ failure }) => failure).filter(Boolean), []);
  assert.deepEqual(found.map(({ name }) => name), served);
}

Deno.test("live data is served on Deno", async () => {
  const program = fileURLToPath(new URL("realtime_main.ts", import.meta.url));
  await expectServed([
    "deno",
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-env",
    "--allow-net",
    program,
  ]);
});

for (const runtime of runtimes) {
  const skipped = runtime.missing ? ` (skipped: ${runtime.missing})` : "";
  Deno.test({
    name: `live data is served on ${runtime.name}${skipped}`,
    ignore: runtime.missing !== undefined,
    async fn() {
      const { program } = await (project ??= makeProject());
      const language = runtime.runsTypeScript ? "typescript" : "javascript";
      await expectServed([...await runtime.command(), program("realtime_main", language)]);
    },
  });
}
