/**
 * Measures the throughput of all candidates of one database. A process of its own, because peers want
 * permissions that nobody else needs; says what it found as one line of JSON.
 *
 * @module
 */
import { cases } from "./cases.ts";
import type { Candidate, DatabaseName, DriverName } from "./candidate.ts";
import { postgresDatabase } from "./databases/postgres.ts";
import { sqliteDatabase } from "./databases/sqlite.ts";
import { actionOf, type Contender, measure, type Sample } from "./measure.ts";
import { summarise, type Summary } from "./statistics.ts";
import { verify } from "./verify.ts";

/** What to measure. */
export interface ThroughputRequest {
  readonly database: DatabaseName;
  /** The titles of the cases. */
  readonly titles: readonly string[];
  readonly rounds: number;
  /** The names of the modules in `peers/`. */
  readonly peers: readonly string[];
  /** The folder for SQLite files, or the URL of the PostgreSQL server. */
  readonly place: string;
}

/** What one candidate did in one case. */
export interface Throughput {
  readonly title: string;
  readonly candidate: string;
  readonly driver: DriverName;
  /** Operations a second. */
  readonly rate: Summary;
  /** Seconds of the client's processor time for one operation. */
  readonly cpu: Summary;
  /** The rate over that of the raw driver in the same round. */
  readonly ratio: Summary;
  /** The processor time over that of the raw driver in the same round. */
  readonly cpuRatio: Summary;
}

/** What a module in `peers/` exports. */
export interface PeerModule {
  readonly sqlite?: readonly Candidate[];
  readonly postgres?: readonly Candidate[];
}

async function candidatesOf(request: ThroughputRequest): Promise<[Candidate[], Candidate[]]> {
  const { database, peers } = request;
  const rex = await import("./rex_orm/rex_orm.ts");
  const candidates: Candidate[] = [database === "sqlite" ? rex.rexOnSqlite : rex.rexOnPostgres];
  for (const peer of peers) {
    const module: PeerModule = await import(new URL(`peers/${peer}.ts`, import.meta.url).href);
    candidates.push(...module[database] ?? []);
  }
  const raw: Candidate[] = [];
  for (const driver of new Set(candidates.map((each) => each.driver))) {
    const name = driver.replace(/\W+/g, "_");
    raw.push((await import(new URL(`raw/${name}.ts`, import.meta.url).href)).raw);
  }
  return [raw, candidates];
}

async function measureAll(request: ThroughputRequest): Promise<Throughput[]> {
  const [raw, candidates] = await candidatesOf(request);
  await using stack = new AsyncDisposableStack();
  const contenders: Contender[] = [];
  for (const candidate of [...raw, ...candidates]) {
    const database = stack.use(
      request.database === "sqlite"
        ? sqliteDatabase(request.place, candidate)
        : await postgresDatabase(request.place),
    );
    const operations = await candidate.open(database.place);
    stack.defer(async () => void await operations.close());
    contenders.push({ candidate, database, operations, raw: raw.includes(candidate) });
  }
  const found: Throughput[] = [];
  for (const one of cases.filter(({ title }) => request.titles.includes(title))) {
    console.error(`  ${one.title}`);
    const able = contenders.filter((each) => each.operations[actionOf(one, each)] !== undefined);
    for (const contender of able) await verify(one, contender);
    const samples = await measure(one, able, request.rounds);
    found.push(...compare(one.title, able, samples));
  }
  return found;
}

function compare(
  title: string,
  contenders: readonly Contender[],
  samples: readonly Sample[][],
): Throughput[] {
  return contenders.map(({ candidate }, at) => {
    const floor = contenders.findIndex((each) =>
      each.raw && each.candidate.driver === candidate.driver
    );
    const own = samples[at]!;
    const overRaw = (key: keyof Sample) =>
      summarise(own.map((sample, round) => sample[key] / samples[floor]![round]![key]));
    return {
      title,
      candidate: candidate.name,
      driver: candidate.driver,
      rate: summarise(own.map((sample) => sample.rate)),
      cpu: summarise(own.map((sample) => sample.cpu)),
      ratio: overRaw("rate"),
      cpuRatio: overRaw("cpu"),
    };
  });
}

if (import.meta.main) {
  console.log(JSON.stringify(await measureAll(JSON.parse(Deno.args[0]!))));
}
