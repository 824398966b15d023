/**
 * The rows on what following costs writers: the same writes to a table with the log's triggers and to one without, and
 * with a replication stream that is read and without.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import postgres from "postgres";
import { summarise } from "../statistics.ts";
import { livePostgres, liveSqlite } from "./databases.ts";
import { quantile } from "./latency.ts";
import type { Places } from "./places.ts";
import { Program } from "./programs.ts";
import type { Row } from "./report.ts";

const writers = 8;
const sliceTime = 250;
/** The share of what can be written at most, at which writes come at a steady pace. */
const paceShare = 0.4;

type Table = "items" | "unfollowed";

/** A kind of write. */
interface Kind {
  readonly title: string;
  /** Rows of one write. */
  readonly rows: number;
  readonly sql: (table: Table) => string;
}

const kinds: readonly Kind[] = [
  {
    title: "inserts of one row",
    rows: 1,
    sql: (table) => `INSERT INTO ${table} (id, room, body) VALUES ($1, 7, 'a short text of a row')`,
  },
  {
    title: "updates of one row",
    rows: 1,
    sql: (table) => `UPDATE ${table} SET body = 'text ' || $1 WHERE id = 1 + $1 % 2000`,
  },
  {
    title: "inserts of 1,000 rows",
    rows: 1_000,
    sql: (table) =>
      `INSERT INTO ${table} (id, room, body)
       SELECT $1 * 1000 + n, 7, 'a short text of a row' FROM generate_series(0, 999) n`,
  },
];

let nextId = 10_000_000;
/** Ids of bulk inserts are thousands of these. */
let nextBlock = 100_000;

/** What one slice did. */
interface Slice {
  /** Rows a second. */
  readonly rate: number;
  /** How long a write took, in milliseconds. */
  readonly time: number;
}

/** Measures the rows that are asked for. */
export async function writeRows(
  places: Places,
  wanted: (title: string) => boolean,
  rounds: number,
): Promise<Row[]> {
  return [
    ...await triggerRows(places, wanted, rounds),
    ...await replicationRows(places, wanted, rounds),
    ...await sqliteRows(places, wanted, rounds),
  ];
}

/** How slices without and with compare: a rate, or the time of a write, in percent more. */
function overheadRow(
  title: string,
  pairs: readonly (readonly [without: Slice, with_: Slice])[],
  what: keyof Slice,
  atMost?: number,
): Row {
  const unit = what === "rate" ? "/s" : "ms";
  const cost = ([without, with_]: readonly [Slice, Slice]) =>
    what === "rate" ? 1 - with_.rate / without.rate : with_.time / without.time - 1;
  return {
    title,
    floor: { value: summarise(pairs.map(([without]) => without[what])), unit },
    measured: { value: summarise(pairs.map(([, with_]) => with_[what])), unit },
    relation: { value: summarise(pairs.map((pair) => 100 * cost(pair))), unit: "%" },
    ...atMost !== undefined && { bar: { atMost } },
  };
}

/** Runs both in turn, the second one first in every other round; the first round warms up. */
async function inPairs<T>(
  rounds: number,
  without: () => Promise<T>,
  with_: () => Promise<T>,
): Promise<[T, T][]> {
  const pairs: [T, T][] = [];
  for (let round = -1; round < rounds; round++) {
    let pair: [T, T];
    if (round % 2 === 0) pair = [await without(), await with_()];
    else {
      const second = await with_();
      pair = [await without(), second];
    }
    if (round >= 0) pairs.push(pair);
  }
  return pairs;
}

/** All writers write; at so many writes a second in all, or as fast as they can. */
async function slice(
  sql: postgres.Sql,
  { sql: sqlOf, rows }: Kind,
  table: Table,
  perSecond = Infinity,
): Promise<Slice> {
  const statement = sqlOf(table);
  const times: number[] = [];
  const start = performance.now();
  const time = perSecond === Infinity ? sliceTime : 2 * sliceTime;
  let planned = 0;
  const write = async () => {
    while (performance.now() - start < time) {
      const due = start + planned++ * 1000 / perSecond;
      if (due > start + time) return;
      const wait = due - performance.now();
      if (wait > 0) await pause(wait);
      const before = performance.now();
      await sql.unsafe(statement, [rows === 1 ? nextId++ : nextBlock++], { prepare: true });
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  const spent = performance.now() - start;
  return { rate: times.length * rows / spent * 1000, time: quantile(times, 0.5) };
}

const reset = `TRUNCATE items, unfollowed;
  INSERT INTO items SELECT n, 1, 'seed' FROM generate_series(1, 2000) n;
  INSERT INTO unfollowed TABLE items`;

async function triggerRows(
  places: Places,
  wanted: (title: string) => boolean,
  rounds: number,
): Promise<Row[]> {
  const titleOf = (kind: Kind) => `PostgreSQL, log's triggers: ${kind.title}`;
  const chosen = kinds.filter((kind) => wanted(titleOf(kind)));
  if (chosen.length === 0) return [];
  console.error("  the log's triggers on PostgreSQL");
  await using database = await livePostgres(places.postgres, true);
  const sql = postgres(database.place, { max: writers, onnotice: () => {} });
  const rows: Row[] = [];
  for (const kind of chosen) {
    const run = (table: Table, perSecond?: number) => async () => {
      const found = await slice(sql, kind, table, perSecond);
      await sql.unsafe(reset);
      await emptyLog(sql);
      return found;
    };
    const pairs = await inPairs(rounds, run("unfollowed"), run("items"));
    rows.push(overheadRow(titleOf(kind), pairs, "rate", 30));
    if (kind.rows > 1) continue;
    const pace = paceShare * summarise(pairs.map(([without]) => without.rate)).median;
    const paced = await inPairs(rounds, run("unfollowed", pace), run("items", pace));
    rows.push(overheadRow(`${titleOf(kind)}, time of one at a steady pace`, paced, "time"));
  }
  await sql.end();
  return rows;
}

async function emptyLog(sql: postgres.Sql): Promise<void> {
  const tables = await sql`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE tablename = '_rex_changes'`;
  for (const { name } of tables) await sql.unsafe(`DELETE FROM ${name}`);
}

async function replicationRows(
  places: Places,
  wanted: (title: string) => boolean,
  rounds: number,
): Promise<Row[]> {
  const titleOf = (kind: Kind) => `PostgreSQL, replication: ${kind.title}`;
  const chosen = kinds.filter((kind) => wanted(titleOf(kind)));
  if (chosen.length === 0) return [];
  console.error("  replication");
  await using database = await livePostgres(places.postgres, false);
  const sql = postgres(database.place, { max: writers, onnotice: () => {} });
  const [reader] = await Program.start("reader", { place: database.place });
  const rows: Row[] = [];
  try {
    for (const kind of chosen) {
      const run = (read: boolean, perSecond?: number) => async () => {
        if (read) await reader.ask({ do: "begin" });
        const found = await slice(sql, kind, "items", perSecond);
        await reader.ask({ do: "end" });
        await sql.unsafe(reset);
        return found;
      };
      const pairs = await inPairs(rounds, run(false), run(true));
      rows.push(overheadRow(`${titleOf(kind)}, as fast as they can`, pairs, "rate"));
      const pace = paceShare * summarise(pairs.map(([without]) => without.rate)).median / kind.rows;
      const paced = await inPairs(rounds, run(false, pace), run(true, pace));
      rows.push(overheadRow(`${titleOf(kind)}, at a steady pace`, paced, "rate", 5));
      rows.push(overheadRow(`${titleOf(kind)}, time of one at a steady pace`, paced, "time"));
    }
  } finally {
    await reader[Symbol.asyncDispose]();
    await sql.end();
  }
  return rows;
}

async function sqliteRows(
  places: Places,
  wanted: (title: string) => boolean,
  rounds: number,
): Promise<Row[]> {
  const titleOf = (title: string) => `SQLite, log's triggers: ${title}`;
  const chosen = kinds.filter((kind) => wanted(titleOf(kind.title)));
  if (chosen.length === 0) return [];
  console.error("  the log's triggers on SQLite");
  const { place } = await liveSqlite(places.sqlite, true);
  const database = new DatabaseSync(place);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  const rows: Row[] = [];
  for (const kind of chosen) {
    const run = (table: Table) => () => Promise.resolve(sqliteSlice(database, kind, table));
    rows.push(
      overheadRow(
        titleOf(kind.title),
        await inPairs(rounds, run("unfollowed"), run("items")),
        "rate",
      ),
    );
  }
  database.close();
  return rows;
}

function sqliteSlice(database: DatabaseSync, kind: Kind, table: Table): Slice {
  const single = kinds.find(({ rows, title }) =>
    rows === 1 && (kind.rows > 1 || title === kind.title)
  )!;
  const statement = database.prepare(single.sql(table).replaceAll("$1", "?1"));
  const start = performance.now();
  let written = 0;
  while (performance.now() - start < sliceTime) {
    if (kind.rows > 1) database.exec("BEGIN");
    for (let i = 0; i < kind.rows; i++) statement.run(nextId++);
    if (kind.rows > 1) database.exec("COMMIT");
    written += kind.rows;
  }
  const time = performance.now() - start;
  database.exec(`DELETE FROM items WHERE id > 2000; DELETE FROM unfollowed WHERE id > 2000;
    DELETE FROM _rex_changes`);
  return { rate: written / time * 1000, time: time / written * kind.rows };
}
