/**
 * Runs single migrations: all or nothing, or statement by statement where a transaction cannot hold them.
 *
 * @module
 */
import { pause } from "../base/abort.ts";
import {
  DatabaseError,
  LockTimeoutError,
  MigrationError,
  UniqueViolationError,
} from "../base/errors.ts";
import type { SchemaConnection, SchemaSupport } from "../dialect/schema_support.ts";
import type { Session } from "../engine/session.ts";
import { SchemaEditor } from "./editor/editor.ts";
import { failedStatement } from "./failed_statement.ts";
import { type Migratable, type MigrationOf, type MigrationScope, scopeOn } from "./migration.ts";
import type { MigrationState, MigrationTracker } from "./tracker.ts";
import { WatchedSession, type Watcher } from "./watched_session.ts";

/** How migrations are run. */
export interface RunnerOptions {
  /** Milliseconds that a statement waits for the lock of a table before the migration is tried again. Default: 5,000. */
  readonly lockTimeout?: number;
  /** How often it is tried again then. Default: 5. */
  readonly lockRetries?: number;
  /** Told of each statement that a migration sends, before it is sent. */
  readonly onStatement?: (sql: string, migrationName: string) => void;
}

/** What is known of a migration beside what it does. */
export interface RunDetails {
  /** The checksum of its text. */
  readonly checksum?: string | undefined;
}

type Way = "up" | "down";

/** Runs single migrations and writes them into the history. */
export class MigrationRunner<S extends Session = Session> {
  readonly #adapter: Migratable<S>;
  readonly #tracker: MigrationTracker;
  readonly #options: RunnerOptions;

  /** Runs migrations on `adapter`, whose history `tracker` keeps. */
  constructor(adapter: Migratable<S>, tracker: MigrationTracker, options: RunnerOptions = {}) {
    this.#adapter = adapter;
    this.#tracker = tracker;
    this.#options = options;
  }

  /**
   * Applies a migration.
   *
   * @throws {MigrationError} when it was applied already, or a statement fails; it is undone then, unless it is one without a
   * transaction
   */
  run(migration: MigrationOf<S>, name: string, details: RunDetails = {}): Promise<void> {
    return this.#migrate("up", migration, name, details);
  }

  /**
   * Reverts a migration.
   *
   * @throws {MigrationError} when it was not applied, has no `down`, or a statement fails
   */
  rollback(migration: MigrationOf<S>, name: string): Promise<void> {
    return this.#migrate("down", migration, name, {});
  }

  /**
   * Runs migrations and undoes them at once: what they would send. It ends before the first that stands on one without a
   * transaction, whose own statements are told but not sent.
   */
  async dryRunAll(
    migrations: readonly { readonly name: string; readonly migration: MigrationOf<S> }[],
    way: Way,
  ): Promise<{ readonly name: string; readonly statements: readonly string[] }[]> {
    const { stepwise } = await this.#adapter.dialect.schemaSupport();
    const told: { readonly name: string; readonly statements: string[] }[] = [];
    const undo = Symbol("undo");
    const run = async (tx: S): Promise<never> => {
      for (const { name, migration } of migrations) {
        const statements: string[] = [];
        told.push({ name, statements });
        const sent = migration.transaction !== false || !stepwise;
        const watch: Watcher = (sql, send, nothing) => {
          statements.push(sql);
          return sent ? send() : Promise.resolve(nothing);
        };
        try {
          await workOf(migration, name, way)(this.#scope(tx, watch));
        } catch (error) {
          throw this.#failure(error, name, way);
        }
        if (!sent) break;
      }
      throw undo;
    };
    try {
      return await this.#adapter.transaction(run, { schemaChange: true });
    } catch (error) {
      if (error !== undo) throw error;
      return told;
    }
  }

  async #migrate(
    way: Way,
    migration: MigrationOf<S>,
    name: string,
    details: RunDetails,
  ): Promise<void> {
    const work = workOf(migration, name, way);
    const { lockRetries = 5 } = this.#options;
    for (let attempt = 0;; attempt++) {
      try {
        const { stepwise } = await this.#adapter.dialect.schemaSupport();
        return migration.transaction === false && stepwise
          ? await this.#stepwise(way, work, name, details)
          : await this.#whole(way, work, name, details);
      } catch (error) {
        const locked = error instanceof LockTimeoutError || error instanceof MigrationError &&
            error.cause instanceof LockTimeoutError;
        if (!locked || attempt >= lockRetries) throw this.#failure(error, name, way);
        await pause(100 * 2 ** attempt);
      }
    }
  }

  /** In one transaction with its place in the history. */
  async #whole(
    way: Way,
    work: (scope: MigrationScope<S>) => Promise<void> | void,
    name: string,
    details: RunDetails,
  ): Promise<void> {
    const support = await this.#adapter.dialect.schemaSupport();
    const before = new Set(await support.violations(this.#adapter));
    await this.#adapter.transaction(async (tx) => {
      const tracker = this.#tracker.on(tx);
      await refuseWrongState(tracker, name, way);
      for (const sql of support.guard(this.#lockTimeout)) await tx.execute(sql);
      await work(this.#scope(tx, (sql, send) => {
        this.#options.onStatement?.(sql, name);
        return send();
      }));
      await refuseViolations(support, tx, before);
      if (way === "up") await tracker.recordMigration(name, details);
      else await tracker.removeMigration(name);
    }, { schemaChange: true });
  }

  /** Statement by statement; the history counts those that are done. */
  async #stepwise(
    way: Way,
    work: (scope: MigrationScope<S>) => Promise<void> | void,
    name: string,
    details: RunDetails,
  ): Promise<void> {
    const support = await this.#adapter.dialect.schemaSupport();
    const during: MigrationState = way === "up" ? "running" : "reverting";
    const known = await this.#tracker.find(name);
    const resumed = known?.state === during;
    if (!resumed) {
      await refuseWrongState(this.#tracker, name, way);
      if (way === "up") await this.#tracker.recordMigration(name, { ...details, state: during });
      else await this.#tracker.advance(name, during, 0);
    }
    const done = resumed ? known.statements : 0;
    let at = 0;
    await work(this.#scope(this.#adapter, async (sql, send, nothing) => {
      const number = ++at;
      if (number <= done) return nothing;
      this.#options.onStatement?.(sql, name);
      if (!support.runsAlone(sql)) {
        // With its count in one transaction: it is done and counted, or neither.
        return await this.#adapter.transaction(async (tx) => {
          for (const guard of support.guard(this.#lockTimeout)) await tx.execute(guard);
          const result = await send(tx);
          await this.#tracker.on(tx).advance(name, during, number);
          return result;
        });
      }
      const cutOff = resumed && number === done + 1;
      const result = cutOff && await support.isDone(this.#adapter, sql) ? nothing : await send();
      await this.#tracker.advance(name, during, number);
      return result;
    }));
    if (way === "up") await this.#tracker.advance(name, "applied", 0);
    else await this.#tracker.removeMigration(name);
  }

  get #lockTimeout(): number {
    return this.#options.lockTimeout ?? 5_000;
  }

  #scope(session: Session, watch: Watcher): MigrationScope<S> {
    const watched = new WatchedSession(session, watch);
    // The editor reads the schema behind the watcher's back: reading is no part of the migration.
    const editor = new SchemaEditor(session, (sql) => watched.execute(sql));
    return Object.defineProperty(this.#adapter[scopeOn](watched), "schema", {
      value: editor,
    }) as MigrationScope<S>;
  }

  #failure(error: unknown, name: string, way: Way): unknown {
    if (error instanceof MigrationError && error.message.includes(name)) return error;
    const what = way === "up" ? "apply" : "revert";
    // Another process was faster: its place in the history is taken.
    if (error instanceof UniqueViolationError && error.query?.includes("migration_history")) {
      return new MigrationError(`Migration ${name} has already been applied`, { cause: error });
    }
    if (error instanceof DatabaseError) {
      const shown = failedStatement(error);
      return new MigrationError(`Cannot ${what} ${name}: ${error.message}${shown}`, {
        cause: error,
      });
    }
    return error instanceof Error && !(error instanceof MigrationError)
      ? new MigrationError(`Cannot ${what} ${name}: ${error.message}`, { cause: error })
      : error;
  }
}

function workOf<S extends Session>(
  migration: MigrationOf<S>,
  name: string,
  way: Way,
): (scope: MigrationScope<S>) => Promise<void> | void {
  if (way === "up") return (scope) => migration.up(scope);
  const { down } = migration;
  if (down) return (scope) => down.call(migration, scope);
  throw new MigrationError(`Cannot revert ${name}: it has no way down`, {
    hint: "Give it a `down`, or restore a backup",
  });
}

async function refuseWrongState(tracker: MigrationTracker, name: string, way: Way): Promise<void> {
  const known = await tracker.find(name);
  if (way === "up" && known?.state === "applied") {
    throw new MigrationError(`Migration ${name} has already been applied`);
  }
  if (way === "down" && known === undefined) {
    throw new MigrationError(`Migration ${name} has not been applied`);
  }
  if (known !== undefined && known.state !== "applied") {
    const [was, hint] = known.state === "running" ? ["applied", "up"] : ["reverted", "down"];
    throw new MigrationError(
      `Cannot migrate ${name}: it was cut off while it was being ${was}, after ${known.statements} statements`,
      { hint: `Finish that first: run it ${hint} again` },
    );
  }
}

async function refuseViolations(
  support: SchemaSupport,
  connection: SchemaConnection,
  before: ReadonlySet<string>,
): Promise<void> {
  const found = (await support.violations(connection)).filter((each) => !before.has(each));
  if (found.length === 0) return;
  const shown = found.slice(0, 5).map((each) => `\n  ${each}`).join("");
  throw new MigrationError(
    `Cannot commit: ${found.length} rows would break their foreign keys${shown}`,
    { hint: "Move or delete those rows in the migration first; nothing was changed" },
  );
}
