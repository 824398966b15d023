/**
 * Migrations as a whole: which are applied, which are pending, one process at a time.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import { type MigrationFile, readMigrations } from "./folder.ts";
import type { Migratable, MigrationOf } from "./migration.ts";
import { compareNames } from "./order.ts";
import { MigrationRunner, type RunnerOptions } from "./runner.ts";
import { type Allowances, type MigrationStatus, refuseContradictions, statusOf } from "./status.ts";
import { MigrationTracker } from "./tracker.ts";

/** How migrations are managed. */
export interface MigrationOptions extends RunnerOptions {
  /** Where the files are. Default: `./migrations`. */
  readonly folder?: string;
  /** Milliseconds to wait for another process that migrates. Default: 60,000. */
  readonly lockWait?: number;
  /** Told before and after each migration. */
  readonly onProgress?: (progress: MigrationProgress) => void;
}

/** A migration that begins or has ended. */
export interface MigrationProgress {
  /** Its name. */
  readonly name: string;
  /** Which way. */
  readonly way: "up" | "down";
  /** How many milliseconds it took; none when it begins. */
  readonly duration?: number;
}

/** How far up. */
export interface UpOptions extends Allowances {
  /** Up to this one, itself included. Default: all. */
  readonly to?: string;
  /** Stops the wait for another process. */
  readonly signal?: AbortSignal;
}

/** How far down. */
export interface DownOptions {
  /** How many. Default: 1. */
  readonly count?: number;
  /** Down to this one, which stays; the empty text: all. */
  readonly to?: string;
  /** Stops the wait for another process. */
  readonly signal?: AbortSignal;
}

/** What a dry run found. */
export interface DryRun {
  /** The migration. */
  readonly name: string;
  /** What it sends. */
  readonly statements: readonly string[];
}

/**
 * Applies and reverts migrations.
 *
 * ```ts ignore
 * const manager = new MigrationManager(db, { folder: "./migrations" });
 * const applied = await manager.up();
 * ```
 */
export class MigrationManager<S extends Session = Session> {
  readonly #adapter: Migratable<S>;
  readonly #options: MigrationOptions;
  readonly #tracker: MigrationTracker;
  readonly #runner: MigrationRunner<S>;

  /** Manages the migrations of a database. */
  constructor(adapter: Migratable<S>, options: MigrationOptions = {}) {
    this.#adapter = adapter;
    this.#options = options;
    this.#tracker = new MigrationTracker(adapter);
    this.#runner = new MigrationRunner<S>(adapter, this.#tracker, options);
  }

  /** Creates the history's table, if it is not there. */
  async initialize(): Promise<void> {
    await this.#tracker.initialize();
  }

  /**
   * Applies a migration and writes it into the history, both or neither.
   *
   * @throws {MigrationError} when it has been applied, or fails
   */
  async applyMigration(migrationName: string, migration: MigrationOf<S>): Promise<void> {
    await this.initialize();
    await this.#runner.run(migration, migrationName);
  }

  /**
   * Reverts a migration and takes it out of the history, both or neither.
   *
   * @throws {MigrationError} when it has not been applied, or fails
   */
  async rollbackMigration(migrationName: string, migration: MigrationOf<S>): Promise<void> {
    await this.initialize();
    await this.#runner.rollback(migration, migrationName);
  }

  /** The names of the applied migrations, in the order in which they were applied. */
  async getAppliedMigrations(): Promise<string[]> {
    await this.initialize();
    const history = await this.#tracker.getHistory();
    return history.filter(({ state }) => state === "applied").map(({ name }) => name);
  }

  /** All migrations, applied or in the folder, in the order of their names. */
  async status(): Promise<MigrationStatus[]> {
    await this.initialize();
    return statusOf(await this.#tracker.getHistory(), await this.#files());
  }

  /**
   * Applies what is pending. Several processes may call it at once: one applies, the others wait and find nothing to do.
   *
   * @returns the names of those that were applied
   * @throws {MigrationError} when files and history contradict each other, or a migration fails; those before it stay applied
   */
  up(options: UpOptions = {}): Promise<string[]> {
    return this.#locked(options.signal, async () => {
      await this.#finishReverting();
      const applied: string[] = [];
      for (const file of await this.#pending(options)) {
        if (await this.#apply(file)) applied.push(file.name);
      }
      return applied;
    });
  }

  /**
   * Reverts the latest migrations, the last one first.
   *
   * @returns the names of those that were reverted
   * @throws {MigrationError} when one has no file or no `down`, or fails; those before it stay reverted
   */
  down(options: DownOptions = {}): Promise<string[]> {
    return this.#locked(options.signal, async () => {
      const reverted: string[] = [];
      for (const file of await this.#revertible(options)) {
        await this.#revert(file);
        reverted.push(file.name);
      }
      return reverted;
    });
  }

  /** Goes up or down until the named migration is the last that is applied. */
  async to(name: string, options: UpOptions = {}): Promise<string[]> {
    const applied = await this.getAppliedMigrations();
    return applied.includes(name)
      ? await this.down({ ...options, to: name })
      : await this.up({ ...options, to: name });
  }

  /** Reverts the last migration and applies it again. */
  async redo(): Promise<string[]> {
    const [last] = await this.down();
    return last === undefined ? [] : await this.up({ to: last });
  }

  /** What `up` or `down` would send: each is run and undone. It stops at the first that stands on one without a transaction. */
  async dryRun(way: "up" | "down", options: UpOptions & DownOptions = {}): Promise<DryRun[]> {
    await this.initialize();
    const files = way === "up" ? await this.#pending(options) : await this.#revertible(options);
    const [first] = files;
    if (first === undefined) return [];
    return await this.#runner.dryRunAll(
      await Promise.all(files.map(async (file) => ({
        name: file.name,
        migration: await file.load(),
      }))),
      way,
    );
  }

  /**
   * Writes migrations into the history without running them: for a database that has what they do already.
   *
   * @param name up to this one, itself included
   */
  async baseline(name: string): Promise<string[]> {
    return await this.#locked(undefined, async () => {
      const files = await this.#pending({ to: name, outOfOrder: true });
      await this.#adapter.transaction(async (tx) => {
        const tracker = this.#tracker.on(tx);
        for (const { name, checksum } of files) await tracker.recordMigration(name, { checksum });
      });
      return files.map((file) => file.name);
    });
  }

  /** Accepts the text that an applied migration has now. */
  async accept(name: string): Promise<void> {
    await this.initialize();
    const file = (await this.#files()).find((each) => each.name === name);
    if (!file) throw unknownError(name);
    await this.#tracker.setChecksum(name, file.checksum);
  }

  /** Takes a migration out of the history without reverting it. */
  async forget(name: string): Promise<void> {
    await this.initialize();
    if (!await this.#tracker.find(name)) throw unknownError(name);
    await this.#tracker.removeMigration(name);
  }

  /** Applies a migration; `false`: another process has done so meanwhile, to whom the lock had passed. */
  async #apply(file: MigrationFile<S>): Promise<boolean> {
    try {
      const migration = await file.load();
      await this.#timed(file.name, "up", () => this.#runner.run(migration, file.name, file));
      return true;
    } catch (error) {
      const known = await this.#tracker.find(file.name).catch(() => undefined);
      if (known?.state === "applied" && known.checksum === file.checksum) return false;
      throw error;
    }
  }

  async #revert(file: MigrationFile<S>): Promise<void> {
    const migration = await file.load();
    await this.#timed(file.name, "down", () => this.#runner.rollback(migration, file.name));
  }

  /** Goes on with what was cut off on its way down, so that it can go up again. */
  async #finishReverting(): Promise<void> {
    const cutOff = (await this.#tracker.getHistory()).filter(({ state }) => state === "reverting");
    if (cutOff.length === 0) return;
    const files = await this.#files();
    for (const { name } of cutOff.reverse()) {
      const file = files.find((each) => each.name === name);
      if (file) await this.#revert(file);
    }
  }

  async #files(): Promise<MigrationFile<S>[]> {
    const support = await this.#adapter.dialect.schemaSupport();
    return await readMigrations<S>(this.#options.folder ?? "./migrations", support);
  }

  async #pending({ to, outOfOrder = false }: UpOptions): Promise<MigrationFile<S>[]> {
    const files = await this.#files();
    const status = statusOf(await this.#tracker.getHistory(), files);
    refuseContradictions(status, { outOfOrder });
    if (to !== undefined && !files.some(({ name }) => name === to)) throw unknownError(to);
    const open = new Set(
      status.filter(({ state }) => state === "pending" || state === "late" || state === "running")
        .map(({ name }) => name),
    );
    return files.filter(({ name }) =>
      open.has(name) && (to === undefined || compareNames(name, to) <= 0)
    );
  }

  async #revertible({ count = 1, to }: DownOptions): Promise<MigrationFile<S>[]> {
    const history = (await this.#tracker.getHistory()).reverse();
    const end = to === undefined || to === ""
      ? history.length
      : history.findIndex(({ name }) => name === to);
    if (end < 0) throw unknownError(to ?? "");
    const chosen = to === undefined ? history.slice(0, count) : history.slice(0, end);
    const files = new Map((await this.#files()).map((file) => [file.name, file]));
    return chosen.map(({ name }) => {
      const file = files.get(name);
      if (file) return file;
      throw new MigrationError(`Cannot revert ${name}: its file is gone`, {
        hint: "bring it back, or take it out of the history with `migrate forget NAME`",
      });
    });
  }

  async #locked<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const { lock } = await this.#adapter.dialect.schemaSupport();
    const { lockWait = 60_000 } = this.#options;
    return await lock.hold(this.#adapter, { wait: lockWait, ...signal && { signal } }, async () => {
      await this.initialize();
      return await work();
    });
  }

  async #timed(name: string, way: "up" | "down", work: () => Promise<void>): Promise<void> {
    const { onProgress } = this.#options;
    onProgress?.({ name, way });
    const start = performance.now();
    await work();
    onProgress?.({ name, way, duration: performance.now() - start });
  }
}

function unknownError(name: string): MigrationError {
  return new MigrationError(`Cannot find the migration ${name}`, {
    hint: "`rex-orm migrate status` lists them",
  });
}
