/**
 * The rows on what comes from a commit to a client: how soon, and how many a second.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { summarise } from "../statistics.ts";
import { type Backlog, followBacklog, type Follower, type Pace } from "./backlog.ts";
import { Client } from "./client.ts";
import { type LiveDatabase, livePostgres, liveSqlite } from "./databases.ts";
import { clockOffset, latencies, quantile, single, type Way } from "./latency.ts";
import { followedRoom } from "./model.ts";
import type { Places } from "./places.ts";
import { now, Program } from "./programs.ts";
import type { Row } from "./report.ts";
import type { ServerSettings } from "./server.ts";

/** A way to a client, and who else subscribes. */
interface Setting {
  readonly title: string;
  readonly database: "postgres" | "sqlite";
  readonly source: ServerSettings["source"];
  /** Whether the server's own process writes. */
  readonly inside: boolean;
  /** Milliseconds between commits, where they are to be further apart; fewer are measured then. */
  readonly pause?: number;
}

const settings: readonly Setting[] = [
  { title: "PostgreSQL, replication", database: "postgres", source: "replication", inside: false },
  { title: "PostgreSQL, log", database: "postgres", source: "log", inside: false },
  {
    title: "PostgreSQL, log, a commit every 80 ms",
    database: "postgres",
    source: "log",
    inside: false,
    pause: 80,
  },
  { title: "SQLite, log", database: "sqlite", source: "log", inside: true },
  {
    title: "SQLite, log, another process",
    database: "sqlite",
    source: "log",
    inside: false,
    pause: 20,
  },
  { title: "SQLite, process", database: "sqlite", source: "process", inside: true },
];

const crowds = [1, 100_000];
/** Subscriptions on one socket of the crowd. */
const perSocket = 1_000;

const backlogs: readonly (Backlog & { readonly bar?: number })[] = [
  { count: 10_000, each: 1, matches: true, bar: 6_000 },
  { count: 40_000, each: 100, matches: true, bar: 6_000 },
  { count: 50_000, each: 1, matches: false, bar: 50_000 },
  { count: 200_000, each: 100, matches: false, bar: 50_000 },
];

function titleOf({ title }: Setting, crowd: number): string {
  return `${title}, ${crowd === 1 ? "1 subscription" : `${crowd / 1000},000 subscriptions`}`;
}

function backlogTitle({ each, matches }: Backlog): string {
  return `${matches ? "changes that match" : "changes that don't"}, ${each} a transaction`;
}

/** Measures the rows that are asked for. */
export async function deliveryRows(
  places: Places,
  wanted: (title: string) => boolean,
  rounds: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const setting of settings) {
    for (const crowd of crowds) {
      if (crowd > 1 && (setting.pause !== undefined || setting.source === "process")) continue;
      const title = titleOf(setting, crowd);
      const latencyTitle = `${title}: commit → client`;
      const isReplication = setting.source === "replication";
      const paces = isReplication
        ? backlogs.filter((each) => wanted(`${title}: ${backlogTitle(each)}`))
        : [];
      if (!wanted(latencyTitle) && paces.length === 0) continue;
      console.error(`  ${title}`);
      await using bench = await DeliveryBench.open(places, setting, crowd);
      if (wanted(latencyTitle)) rows.push(...await bench.latency(latencyTitle));
      for (const each of paces) {
        rows.push(await bench.pace(`${title}: ${backlogTitle(each)}`, each, rounds));
      }
    }
  }
  return rows;
}

/** A database, its server, a client and a crowd; and the same by hand. */
class DeliveryBench implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #setting: Setting;
  readonly #database: LiveDatabase;
  readonly #sql: postgres.Sql | undefined;
  readonly #server: Follower;
  readonly #floor: Follower | undefined;
  readonly #rawClient: Client | undefined;

  private constructor(
    stack: AsyncDisposableStack,
    setting: Setting,
    database: LiveDatabase,
    sql: postgres.Sql | undefined,
    server: Follower,
    floor: Follower | undefined,
    rawClient: Client | undefined,
  ) {
    this.#stack = stack;
    this.#setting = setting;
    this.#database = database;
    this.#sql = sql;
    this.#server = server;
    this.#floor = floor;
    this.#rawClient = rawClient;
  }

  static async open(places: Places, setting: Setting, crowd: number): Promise<DeliveryBench> {
    await using stack = new AsyncDisposableStack();
    const { source, inside } = setting;
    const onPostgres = setting.database === "postgres";
    const database = stack.use(
      onPostgres
        ? await livePostgres(places.postgres, source === "log")
        : await liveSqlite(places.sqlite, source === "log"),
    );
    const sql = onPostgres ? stack.use(connect(database.place)) : undefined;
    const served: ServerSettings = { source, place: database.place, queue: 2 ** 28 };
    const [program, { port }] = await Program.start<{ port: number }>("server", served);
    stack.use(program);
    const url = `ws://127.0.0.1:${port}/`;
    const server = { program, client: stack.use(await Client.open(url)) };
    if (crowd > 1) {
      const [people] = await Program.start("crowd");
      stack.use(people);
      const start = performance.now();
      await people.ask({ do: "subscribe", url, count: crowd - 1, each: perSocket });
      console.error(`    opened in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
    let floor: Follower | undefined;
    let rawClient: Client | undefined;
    if (inside) rawClient = stack.use(await Client.open(`${url}raw`));
    else if (onPostgres) {
      const byHand = { url: database.place, room: followedRoom };
      const [program, { port }] = await Program.start<{ port: number }>("raw_replication", byHand);
      stack.use(program);
      floor = { program, client: stack.use(await Client.open(`ws://127.0.0.1:${port}/`)) };
    }
    return new DeliveryBench(stack.move(), setting, database, sql, server, floor, rawClient);
  }

  async latency(title: string): Promise<Row[]> {
    const [ours, byHand] = await latencies(await this.#ways(), this.#setting);
    const row = (name: string, share: number, atMost?: number): Row => {
      const measured = quantile(ours!, share);
      const floor = byHand && quantile(byHand, share);
      return {
        title: `${title}, ${name}`,
        measured: { value: single(measured), unit: "ms" },
        ...floor !== undefined && {
          floor: { value: single(floor), unit: "ms" },
          relation: { value: single(measured - floor), unit: "+ms" },
        },
        ...atMost !== undefined && floor !== undefined && { bar: { atMost } },
      };
    };
    return [row("median", 0.5, 2), row("99 of 100", 0.99)];
  }

  async #ways(): Promise<Way[]> {
    const { program, client } = this.#server;
    if (this.#setting.inside) {
      const offset = await clockOffset(program);
      const write = (command: string) => async (body: string) =>
        await program.ask<number>({ do: command, id: 1, body }) - offset;
      return [
        { write: write("write"), client },
        { write: write("writeRaw"), client: this.#rawClient! },
      ];
    }
    const sql = this.#sql;
    if (!sql) {
      const database = new DatabaseSync(this.#database.place);
      this.#stack.defer(() => database.close());
      const statement = database.prepare("UPDATE items SET body = ? WHERE id = 1");
      const write = (body: string) => {
        statement.run(body);
        return Promise.resolve(now());
      };
      return [{ write, client }];
    }
    const write = async (body: string) => {
      await sql`UPDATE items SET body = ${body} WHERE id = 1`;
      return now();
    };
    return [{ write, client }, { write, client: this.#floor!.client }];
  }

  async pace(
    title: string,
    backlog: Backlog & { readonly bar?: number },
    rounds: number,
  ): Promise<Row> {
    const followers = [this.#server, this.#floor!];
    const found: Pace[][] = [];
    const before = await this.#cpu();
    for (let round = 0; round <= rounds; round++) {
      found.push(await followBacklog(this.#sql!, backlog, followers));
    }
    const cpu = (await this.#cpu() - before) / (backlog.count * (rounds + 1));
    const frames = found[0]![0]!.frames;
    console.error(
      `    ${title}: ${
        (cpu * 1e6).toFixed(1)
      } µs of the server's processor time each, ${frames} frames`,
    );
    const rate = (at: number) => summarise(found.slice(1).map((round) => round[at]!.rate));
    return {
      title,
      floor: { value: rate(1), unit: "/s" },
      measured: { value: rate(0), unit: "/s" },
      ...backlog.bar !== undefined && { bar: { atLeast: backlog.bar } },
    };
  }

  #cpu(): Promise<number> {
    return this.#server.program.ask({ do: "cpu" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function connect(url: string): postgres.Sql & AsyncDisposable {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end() });
}
