/**
 * A browser client with its subscriptions.
 *
 * @module
 */
import { ConnectionError } from "../../../src/base/errors.ts";
import { createClient, SyncError } from "../../../src/features/realtime/client/mod.ts";
import type { Client, LiveQuery } from "../../../src/features/realtime/client/mod.ts";
import type { Database } from "../../../src/database/database.ts";
import type { ModelClass } from "../../../src/model/keys.ts";
import { entityOf } from "../../../src/model/registry.ts";
import { restrict } from "../../../src/repository/policy/mod.ts";
import type { Random } from "../../fuzz/random.ts";
import { type Asked, Author, policies, Post, subscriptions } from "./models.ts";

/** After so many milliseconds the query is run again. */
const oneLook = 2_000;

/** The models' classes by name. */
export const classes: Readonly<Record<Asked["model"], ModelClass>> = { Author, Post };

/** A subscription and what it comes from. */
interface Followed {
  readonly asked: Asked;
  live: LiveQuery<Readonly<Record<string, unknown>>>;
}

interface AnyClient {
  live(model: string, query: object): LiveQuery<Readonly<Record<string, unknown>>>;
  create(model: string, values: object): Promise<unknown>;
  update(model: string, key: unknown, values: object): Promise<unknown>;
  delete(model: string, key: unknown): Promise<unknown>;
}

/** Somebody who looks, and writes now and then. */
export class Viewer implements Disposable {
  /** What it subscribes to. */
  readonly followed: readonly Followed[];
  /** Whose client it is. */
  readonly tenant: number;
  /** How often its results were read again. */
  resets = 0;
  readonly #client: Client<never>;
  readonly #any: AnyClient;
  readonly #name: string;
  readonly #writes: Promise<unknown>[] = [];

  constructor(url: string, tenant: number, transport: "websocket" | "sse") {
    this.tenant = tenant;
    this.#name = `${transport} of tenant ${tenant}`;
    this.#client = createClient<never>(`${url}live?by=${transport}&tenant=${tenant}`, {
      ...{ transport, token: String(tenant), timeout: 5_000, linger: 0 },
      reconnect: { min: 5, max: 100 },
    });
    this.#any = this.#client as unknown as AnyClient;
    this.#client.on("reset", () => this.resets++);
    this.followed = subscriptions.map((asked) => ({ asked, live: this.#open(asked) }));
  }

  #open({ model, query }: Asked): LiveQuery<Readonly<Record<string, unknown>>> {
    return this.#any.live(model, query);
  }

  /** Resolves when all results are there. */
  async ready(): Promise<void> {
    await Promise.all(this.followed.map(({ live }) => live.ready));
  }

  /** Ends some subscriptions and begins them anew. */
  churn(random: Random): void {
    for (const each of random.some(this.followed, random.int(1, 4))) {
      each.live.close();
      each.live = this.#open(each.asked);
    }
  }

  /** Writes; what comes of it shows in the end. */
  write(random: Random): void {
    const { tenant } = this;
    const open = random.chance(0.5);
    const title = `T${tenant}${open ? "o" : "c"} mine`;
    const id = random.int(1, 60);
    const writing = random.chance(0.3)
      ? this.#any.create("Post", { id, title, open, rank: random.int(0, 9) })
      : random.chance(0.8)
      ? this.#any.update("Post", id, random.pick([{ title, open }, { rank: random.int(0, 9) }]))
      : this.#any.delete("Post", id);
    this.#writes.push(writing.catch((error) => {
      if (!(error instanceof SyncError)) throw error;
    }));
  }

  /** Resolves when all of its writes have an answer. */
  async answered(): Promise<void> {
    await Promise.all(this.#writes.splice(0));
  }

  /** What it shows that is not what the database has, when the time is up. */
  async faults(db: Database, patience: number): Promise<string[]> {
    const end = performance.now() + patience;
    while (true) {
      // A write whose writer was killed, or whose answer was lost, may still be made after the query was run.
      const found = await this.#look(db, Math.min(end, performance.now() + oneLook));
      if (found.length === 0 || performance.now() >= end) return found;
    }
  }

  async #look(db: Database, end: number): Promise<string[]> {
    const wanted = await Promise.all(this.followed.map(({ asked }) => this.#afresh(db, asked)));
    const looked = this.followed.map(async ({ asked, live }, i) => {
      const shown = () => formOf(asked, live.value);
      const right = () =>
        live.state === "live" && shown() === wanted[i] &&
        !live.value.some((row) => this.#client.isPending(row));
      if (await becomes(live, right, end)) return [];
      const way = `${this.#name}, ${asked.model} ${JSON.stringify(asked.query)}: ${live.state}`;
      return [`${way}\n${difference(shown(), wanted[i]!)}`];
    });
    return (await Promise.all(looked)).flat();
  }

  async #afresh(db: Database, asked: Asked): Promise<string> {
    const model = classes[asked.model];
    const query = restrict(policies, { tenant: this.tenant }, entityOf(model), asked.query);
    while (true) {
      try {
        return formOf(asked, await db.repository(model).find(query as never) as never);
      } catch (error) {
        // The connection may be one of those that were just cut.
        if (!(error instanceof ConnectionError)) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/** Resolves with whether something came to hold before the time was up. */
function becomes(
  live: LiveQuery<Readonly<Record<string, unknown>>>,
  holds: () => boolean,
  end: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (holds()) return resolve(true);
    const settle = (came: boolean) => {
      clearTimeout(timer);
      off();
      resolve(came);
    };
    const timer = setTimeout(() => settle(holds()), Math.max(0, end - performance.now()));
    const off = live.subscribe(() => holds() && queueMicrotask(() => settle(true)));
  });
}

/** Records as text, one a line; those without an order by their keys. */
function formOf({ query }: Asked, rows: readonly object[]): string {
  const lines = rows.map((row) => JSON.stringify(sorted(row)));
  if (query.orderBy === undefined) lines.sort();
  return lines.join("\n");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value === "string" && value.length > 200) {
    return `${value.length} ${value.slice(0, 12)}`;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

function difference(shown: string, there: string): string {
  const [is, should] = [shown.split("\n"), there.split("\n")];
  const extra = is.filter((line) => !should.includes(line)).map((line) => `  shown: ${line}`);
  const missing = should.filter((line) => !is.includes(line)).map((line) => `  there: ${line}`);
  return [...extra, ...missing].slice(0, 12).join("\n") ||
    "  the order differs, or a write is pending";
}
