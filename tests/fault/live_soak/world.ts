/**
 * A database, a server of its own process, writers, and clients; and what breaks them.
 *
 * @module
 */
import { PostgresAdapter } from "../../../src/database/postgres_adapter.ts";
import type { Database } from "../../../src/database/database.ts";
import type { Random } from "../../fuzz/random.ts";
import type { EmbeddedPostgres } from "../../targets/embedded_postgres.ts";
import { type Proxy, startProxy } from "../proxy.ts";
import { pause } from "../support.ts";
import { Child } from "./child.ts";
import { models } from "./models.ts";
import type { Role } from "./process.ts";
import { Recorder } from "./recorder.ts";
import { Viewer } from "./viewer.ts";
import { fill, open, type Place, rexWriter, type Writer } from "./writers.ts";

/** What a world is made of. */
export interface WorldOptions {
  readonly place: Place;
  readonly source: "process" | "log" | "replication";
  readonly slot?: string;
  /** A server of its own, that may be restarted. */
  readonly cluster?: EmbeddedPostgres;
}

/** How long a view may take to become true after everything is whole again, in milliseconds. */
const patience = 45_000;

/** Everything that takes part. */
export class World implements AsyncDisposable {
  /** What happened in this cycle. */
  readonly events: string[] = [];
  /** How often each fault was made. */
  readonly made: Record<string, number> = {};
  readonly recorder: Recorder;
  readonly #options: WorldOptions;
  readonly #db: Database;
  readonly #own: Writer;
  readonly #server: Child;
  readonly #writers: readonly Child[];
  readonly #proxy: Proxy;
  readonly #viewers: readonly Viewer[];

  private constructor(
    options: WorldOptions,
    parts: { db: Database; server: Child; writers: readonly Child[]; recorder: Recorder },
  ) {
    this.#options = options;
    this.#db = parts.db;
    this.#server = parts.server;
    this.#writers = parts.writers;
    this.recorder = parts.recorder;
    this.#own = rexWriter(parts.db, options.place.url !== undefined);
    this.#proxy = startProxy(`http://127.0.0.1:${parts.server.port}/`);
    this.#viewers = [
      new Viewer(this.#proxy.url, 1, "websocket"),
      new Viewer(this.#proxy.url, 2, "websocket"),
      new Viewer(this.#proxy.url, 1, "sse"),
    ];
  }

  /** Makes the tables and starts everything. */
  static async start(options: WorldOptions): Promise<World> {
    const { place, source } = options;
    const db = open(place);
    await db.schema.create({ models });
    if (source === "log") await db.schema.followChanges(models);
    await fill(db);
    const role = (role: Role["role"]) => new Child({ ...options, role });
    const server = role("server");
    const writers = source === "process" ? [] : [role("rex"), role("outside")];
    await Promise.all([server, ...writers].map((child) => child.start()));
    const world = new World(options, { db, server, writers, recorder: new Recorder() });
    await Promise.all(world.#viewers.map((viewer) => viewer.ready()));
    return world;
  }

  /** How often results were read again. */
  get resets(): number {
    return this.#viewers.reduce((sum, { resets }) => sum + resets, 0);
  }

  /** Writes and breaks at random, then gives what clients show that is not so. */
  async cycle(random: Random, writes: number): Promise<string[]> {
    this.events.length = 0;
    const seed = () => random.int(1, 1e9);
    const children = this.#writers.length === 0 ? [this.#server] : this.#writers;
    const writing = children.map((child) => child.write(seed(), random.int(1, writes)));
    if (this.#options.source !== "process") {
      writing.push(this.#own.write(seed(), random.int(1, writes)));
    }
    const written = Promise.all(writing);
    // What fails is waited for below.
    written.catch(() => {});
    for (let i = random.int(0, 3); i > 0; i--) {
      await pause(random.int(0, 60));
      for (const viewer of this.#viewers) {
        if (random.chance(0.3)) viewer.churn(random);
        if (random.chance(0.4)) viewer.write(random);
      }
      await this.#break(random);
    }
    await this.#mend(random);
    await written;
    await Promise.all(this.#viewers.map((viewer) => viewer.answered()));
    const faults = await Promise.all(this.#viewers.map((each) => each.faults(this.#db, patience)));
    return [...faults.flat(), ...this.recorder.faults];
  }

  async #break(random: Random): Promise<void> {
    const { url } = this.#options.place;
    const kinds: Record<string, number> = {
      ...{
        killServer: 3,
        pauseServer: 3,
        cut: 5,
        freeze: 2,
        offline: 3,
        killWriter: 1,
        pauseWriter: 2,
      },
      ...url !== undefined && { endAll: 2, endReaders: 4 },
      ...this.#options.cluster && { crash: 0.5, restart: 0.5 },
    };
    const kind = random.weighted(kinds);
    this.events.push(kind);
    this.made[kind] = (this.made[kind] ?? 0) + 1;
    await this.#faults[kind]!(random);
  }

  readonly #faults: Readonly<Record<string, (random: Random) => unknown>> = {
    killServer: async (random) => {
      await this.#server.kill();
      await pause(random.int(0, 100));
      await this.#server.start();
    },
    pauseServer: (random) =>
      random.chance(0.3) ? this.#server.pause() : this.#paused(this.#server, random),
    cut: () => this.#proxy.cut(),
    freeze: async (random) => {
      this.#proxy.freeze();
      await pause(random.int(10, 200));
      this.#proxy.thaw();
    },
    offline: async (random) => {
      globalThis.dispatchEvent(new Event("offline"));
      await pause(random.int(0, 50));
      globalThis.dispatchEvent(new Event("online"));
    },
    killWriter: (random) => this.#writers.length > 0 && random.pick(this.#writers).kill(),
    pauseWriter: (random) =>
      this.#writers.length > 0 && this.#paused(random.pick(this.#writers), random),
    endAll: () => this.#end("true"),
    endReaders: () => this.#end("backend_type = 'walsender' OR query LIKE '%_rex_changes%'"),
    crash: async () => {
      await this.#options.cluster!.kill();
      await this.#options.cluster!.restart();
    },
    restart: () => this.#options.cluster!.restart(),
  };

  async #paused(child: Child, random: Random): Promise<void> {
    child.pause();
    await pause(random.int(10, 200));
    child.resume();
  }

  /** Ends processes of the database's server. */
  async #end(which: string): Promise<void> {
    await using admin = new PostgresAdapter({ url: this.#options.place.url!, poolSize: 1 });
    await admin.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
        `WHERE datname = current_database() AND pid <> pg_backend_pid() AND (${which})`,
    );
  }

  /** Everything runs again. */
  async #mend(random: Random): Promise<void> {
    for (const child of [this.#server, ...this.#writers]) child.resume();
    await Promise.all([this.#server, ...this.#writers].map((child) => child.start()));
    if (random.chance(0.1)) this.#proxy.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const viewer of this.#viewers) viewer[Symbol.dispose]();
    this.recorder[Symbol.dispose]();
    await this.#proxy[Symbol.asyncDispose]();
    await Promise.all([this.#server, ...this.#writers].map((child) => child.kill()));
    const { slot } = this.#options;
    if (slot !== undefined) await dropSlot(this.#db, slot);
    await this.#own[Symbol.asyncDispose]();
  }
}

async function dropSlot(db: Database, slot: string): Promise<void> {
  const { dropSlot } = await import("../../support/replication.ts");
  await dropSlot(
    { execute: (sql: string, params?: readonly unknown[]) => db.execute(sql, params) } as never,
    slot,
  );
}
