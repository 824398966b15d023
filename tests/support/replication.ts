/**
 * Reading a source of changes in tests.
 *
 * @module
 */
import type {
  ChangeBatch,
  ChangeSource,
  SourceConnection,
  SourceStep,
} from "../../src/change/source.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import type { ReplicationSourceOptions, SourceHost } from "../../src/dialect/change_support.ts";
import { replicationSource } from "../../src/dialects/postgres/changes/replication.ts";

/** A database whose changes are followed. */
export interface Followed extends AsyncDisposable {
  /** The database. */
  readonly db: PostgresAdapter;
  /** What a source of it is given. */
  readonly host: SourceHost;
  /** Makes a source; its durable slot is removed at the end. */
  source(options?: ReplicationSourceOptions): ChangeSource;
  /** Runs SQL. */
  run<Row = Record<string, unknown>>(sql: string): Promise<Row[]>;
}

/** What a source is given of a database. */
export function sourceHost(db: PostgresAdapter, url: string): SourceHost {
  return {
    config: { database: "postgres", url },
    execute: (sql, params) => db.execute(sql, params),
    snapshot: (work) => db.transaction(work, { readOnly: true, isolation: "repeatable read" }),
    transaction: (work) => db.transaction(work),
    onWrite: () => () => {},
  };
}

/** Connects to a database. */
export async function followed(url: string): Promise<Followed> {
  const db = new PostgresAdapter({ url, poolSize: 6 });
  await db.connect();
  const slots = new Set<string>();
  const host = sourceHost(db, url);
  return {
    db,
    host,
    source(options = {}) {
      if (options.slot) slots.add(options.slot);
      return replicationSource(host, options);
    },
    run: async <Row>(sql: string) => (await db.execute<Row>(sql)).rows,
    async [Symbol.asyncDispose]() {
      for (const slot of slots) await dropSlot(host, slot);
      await db.disconnect();
    },
  };
}

/** Removes a slot, once nobody reads it. */
export async function dropSlot(connection: SourceConnection, slot: string): Promise<void> {
  await until(async () => {
    const { rows } = await connection.execute<{ busy: boolean }>(
      "SELECT active AS busy FROM pg_replication_slots WHERE slot_name = $1",
      [slot],
    );
    return rows.length === 0 || !rows[0]!.busy;
  });
  await connection.execute(
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1",
    [slot],
  );
}

/** Waits for something that only asking again tells. */
export async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  while (!await met()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Reads a source as fast as it is asked to. */
export class StepReader implements AsyncDisposable {
  /** All batches so far. */
  readonly batches: ChangeBatch[] = [];
  /** All resets so far. */
  readonly resets: string[] = [];
  /** Where it is. */
  position = "";
  readonly #end = new AbortController();
  readonly #steps: AsyncIterator<SourceStep>;

  /** Begins; nothing is opened before the first step is asked for. */
  constructor(source: ChangeSource, after?: string) {
    const options = { signal: this.#end.signal, ...(after !== undefined && { after }) };
    this.#steps = source.read(options)[Symbol.asyncIterator]();
  }

  /** The next step. */
  async step(): Promise<SourceStep> {
    const { value, done } = await this.#steps.next();
    if (done) throw new Error("the source has ended");
    const step = value as SourceStep;
    this.batches.push(...step.batches);
    if (step.reset !== undefined) this.resets.push(step.reset);
    this.position = step.position;
    return step;
  }

  /** Reads until as many changes have come, and gives all since the beginning. */
  async changes(count: number): Promise<ChangeBatch["changes"]> {
    while (this.batches.reduce((sum, { changes }) => sum + changes.length, 0) < count) {
      await this.step();
    }
    return this.batches.flatMap(({ changes }) => changes);
  }

  /** Ends the reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    while (!(await this.#steps.next().catch(() => ({ done: true }))).done);
  }
}
