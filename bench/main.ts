/**
 * `deno task bench`: measures Rex-ORM beside the raw drivers and its peers, and prints a table.
 *
 * @module
 */
import { arch, cpus, platform, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { startEmbeddedPostgres } from "../tests/targets/embedded_postgres.ts";
import type { DatabaseName } from "./candidate.ts";
import { cases } from "./cases.ts";
import { postgresDatabase } from "./databases/postgres.ts";
import { sqliteDatabase } from "./databases/sqlite.ts";
import type { Report, Row } from "./figures.ts";
import { type BenchOptions, readOptions } from "./options.ts";
import { generatePrisma } from "./prisma.ts";
import { configOf, runDeno } from "./processes.ts";
import { measureBundles, measureStarts, programsFor } from "./programs.ts";
import { raw as rawSqlite } from "./raw/node_sqlite.ts";
import { databasesOf, programCases, programRow, throughputRows } from "./rows.ts";
import { formatMarkdown, formatReport } from "./table.ts";
import type { ThroughputRequest } from "./throughput.ts";
import { versions } from "./versions.ts";

/** Where databases are made: a folder for SQLite files, the URL of a PostgreSQL server. */
type Places = Readonly<Record<DatabaseName, string>>;

async function main(): Promise<void> {
  const options = readOptions(Deno.args);
  const date = new Date().toISOString();
  await using stack = new AsyncDisposableStack();
  if (options.peers.includes("prisma")) await generatePrisma();
  const places = await preparePlaces(options, stack);
  // The short part first: what is wrong shows soon.
  const ofPrograms = await measurePrograms(options, places);
  const rows = [...await measureThroughput(options, places), ...ofPrograms];
  const report: Report = {
    rows,
    rounds: options.rounds,
    date,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${platform()} ${arch()}`,
    versions: await versions(options.peers, places.postgres),
  };
  console.log(formats[options.format](report));
}

const formats: Readonly<Record<BenchOptions["format"], (report: Report) => string>> = {
  terminal: formatReport,
  markdown: formatMarkdown,
  json: (report) => JSON.stringify(report, null, 2),
};

async function preparePlaces(options: BenchOptions, stack: AsyncDisposableStack): Promise<Places> {
  const sqlite = await Deno.makeTempDir({ prefix: "rex-orm-bench-", dir: tmpdir() });
  stack.defer(() => Deno.remove(sqlite, { recursive: true }));
  if (
    !databasesOf([...chosen(options, cases), ...chosen(options, programCases)]).includes("postgres")
  ) {
    return { sqlite, postgres: "" };
  }
  const given = Deno.env.get("REX_TEST_POSTGRES_URL");
  return { sqlite, postgres: given || stack.use(await startEmbeddedPostgres()).url };
}

function chosen<T extends { readonly title: string }>(
  { words }: BenchOptions,
  all: readonly T[],
): readonly T[] {
  return all.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
}

/** Each database in a process of its own: there, candidates take turns. */
async function measureThroughput(options: BenchOptions, places: Places): Promise<Row[]> {
  const rows: Row[] = [];
  const some = chosen(options, cases);
  for (const database of databasesOf(some)) {
    const request: ThroughputRequest = {
      database,
      titles: some.filter((one) => one.database === database).map(({ title }) => title),
      rounds: options.rounds,
      peers: options.peers,
      place: places[database],
    };
    const output = await runDeno({
      args: [...throughputCommand(options.peers.length > 0), JSON.stringify(request)],
      showProgress: true,
    });
    rows.push(...throughputRows(JSON.parse(output)));
  }
  return rows;
}

function throughputCommand(peers: boolean): string[] {
  return [
    "run",
    "--no-prompt",
    `--config=${configOf(peers)}`,
    "--allow-read",
    `--allow-write=${tmpdir()}`,
    "--allow-env",
    "--allow-net=127.0.0.1,localhost",
    // better-sqlite3 is a native add-on, and looks at the whole system's report for which one it needs.
    ...(peers ? ["--allow-ffi", "--allow-sys"] : []),
    fileURLToPath(new URL("throughput.ts", import.meta.url)),
  ];
}

async function measurePrograms(options: BenchOptions, places: Places): Promise<Row[]> {
  const some = chosen(options, programCases);
  const how = { config: configOf(options.peers.length > 0), rounds: options.rounds };
  const rows: Row[] = [];
  for (const one of some) {
    console.error(`  ${one.title}`);
    const programs = programsFor(one.database, options.peers);
    if (one.measure === "bundle") {
      rows.push(programRow(one, await measureBundles(programs, how)));
      continue;
    }
    await using database = one.database === "sqlite"
      ? sqliteDatabase(places.sqlite, { ...rawSqlite, name: "start" })
      : await postgresDatabase(places.postgres);
    rows.push(programRow(one, await measureStarts(programs, database.place, how)));
  }
  return rows;
}

await main();
