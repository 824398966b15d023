/**
 * Runs single migrations: all or nothing, or statement by statement where a transaction cannot hold them.
 *
 * @module
 */
import { pause } from "../base/abort.ts";
import { MigrationError } from "../base/errors.ts";
import type { SchemaSupport } from "../dialect/schema_support.ts";
import type { Session } from "../engine/session.ts";
import { isLocked, migrationFailure, type Way } from "./failure.ts";
import { logGuard } from "./follow.ts";
import type { Migratable, MigrationOf, MigrationScope } from "./migration.ts";
import { migrationScope } from "./scope.ts";
import { refuseViolations } from "./violations.ts";
import { guard, runStepwise } from "./stepwise.ts";
import type { AppliedMigration, MigrationState, MigrationTracker } from "./tracker.ts";
import type { Watcher } from "./watched_session.ts";

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

/** A migration on its way. */
interface Run<S extends Session> extends RunDetails {
  readonly way: Way;
  readonly name: string;
  readonly work: (scope: MigrationScope<S>) => Promise<void> | void;
}

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
    const support = await this.#adapter.dialect.schemaSupport();
    const told: { readonly name: string; readonly statements: string[] }[] = [];
    const undo = Symbol("undo");
    const log = await logGuard(this.#adapter.dialect);
    const run = async (tx: S): Promise<never> => {
      await guard(tx, support, this.#lockTimeout);
      for (const { name, migration } of migrations) {
        const statements: string[] = [];
        told.push({ name, statements });
        const sent = migration.transaction !== false || !support.stepwise;
        const watch: Watcher = async (statement) => {
          statements.push(statement.sql);
          if (!sent && !statement.reads) return statement.nothing;
          await log?.before(statement.session, statement.sql);
          return await statement.send();
        };
        try {
          const work = workOf(migration, name, way);
          await work(migrationScope(tx, { adapter: this.#adapter, watch, online: !sent }));
          await log?.end(tx);
        } catch (error) {
          throw migrationFailure(error, name, way);
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
    const run: Run<S> = { ...details, way, name, work: workOf(migration, name, way) };
    const support = await this.#adapter.dialect.schemaSupport();
    const stepwise = migration.transaction === false && support.stepwise;
    const { lockRetries = 5 } = this.#options;
    for (let attempt = 0;; attempt++) {
      try {
        return await (stepwise ? this.#stepwise(run) : this.#whole(run, support));
      } catch (error) {
        if (!isLocked(error) || attempt >= lockRetries) throw migrationFailure(error, name, way);
        await pause(100 * 2 ** attempt);
      }
    }
  }

  /** In one transaction with its place in the history. */
  async #whole({ way, name, work, checksum }: Run<S>, support: SchemaSupport): Promise<void> {
    const adapter = this.#adapter;
    const before = await support.violations(adapter);
    await adapter.transaction(async (tx) => {
      const tracker = this.#tracker.on(tx);
      refuseWrongState(await tracker.find(name), name, way);
      // First of all: another process that runs it too waits here for the end of this one, and then finds it done.
      if (way === "up") await tracker.recordMigration(name, { checksum });
      else await tracker.removeMigration(name);
      await guard(tx, support, this.#lockTimeout);
      const log = await logGuard(adapter.dialect);
      const watch: Watcher = async (statement) => {
        this.#options.onStatement?.(statement.sql, name);
        await log?.before(statement.session, statement.sql);
        return await statement.send();
      };
      await work(migrationScope(tx, { adapter, watch }));
      await log?.end(tx);
      await refuseViolations(support, tx, before);
      for (const sql of support.settle) await tx.execute(sql);
    }, { schemaChange: true });
  }

  /** Statement by statement; the history counts those that are done. */
  async #stepwise({ way, name, work, checksum }: Run<S>): Promise<void> {
    const tracker = this.#tracker;
    const during: MigrationState = way === "up" ? "running" : "reverting";
    const before = await tracker.find(name);
    const resumed = before?.state === during;
    if (!resumed) {
      refuseWrongState(before, name, way);
      if (way === "up") await tracker.recordMigration(name, { checksum, state: during });
      else await tracker.advance(name, during, 0);
    }
    const known = resumed ? before : { ...await tracker.find(name), statements: 0, plans: [] };
    await runStepwise(
      {
        adapter: this.#adapter,
        name,
        tracker,
        work,
        during,
        lockTimeout: this.#lockTimeout,
        onStatement: (sql) => this.#options.onStatement?.(sql, name),
      },
      known as AppliedMigration,
      resumed,
    );
    if (way === "up") await tracker.finish(name, checksum);
    else await tracker.removeMigration(name);
  }

  get #lockTimeout(): number {
    return this.#options.lockTimeout ?? 5_000;
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

function refuseWrongState(known: AppliedMigration | undefined, name: string, way: Way): void {
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
      {
        hint:
          `Finish that first: run it ${hint} again; or undo by hand what it did, and take it out of the history with \`migrate forget ${name}\``,
      },
    );
  }
}
