/**
 * Migrations as a whole: which are applied, which are pending, one process at a time.
 *
 * @module
 */
import type { Session } from "../engine/session.ts";
import type { DatabaseSchema } from "../schema/database_schema.ts";
import { type MigrationFile, readMigrations } from "./folder.ts";
import type { Migratable, MigrationOf } from "./migration.ts";
import type { DownOptions, DryRun, MigrationOptions, UpOptions } from "./options.ts";
import { pendingFiles, revertibleFiles, unknownError } from "./selection.ts";
import { MigrationRunner } from "./runner.ts";
import { type MigrationStatus, refuseContradictions, statusOf } from "./status.ts";
import { SchemaReader } from "./reader.ts";
import {
  adoptSquashed,
  refuseUnapplied,
  replaceFiles,
  type SquashOptions,
  withSquashed,
} from "./squash.ts";
import { MigrationTracker } from "./tracker.ts";

export type {
  DownOptions,
  DryRun,
  MigrationOptions,
  MigrationProgress,
  UpOptions,
} from "./options.ts";

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
    const files = await this.#files();
    return statusOf(withSquashed(await this.#tracker.getHistory(), files), files);
  }

  /**
   * Applies what is pending. Several processes may call it at once: one applies, the others wait and find nothing to do.
   *
   * @returns the names of those that were applied
   * @throws {MigrationError} when files and history contradict each other, or a migration fails; those before it stay applied
   */
  up(options: UpOptions = {}): Promise<string[]> {
    return this.#locked(options.signal, async () => {
      await this.#adopt(await this.#files());
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
      await this.#adopt(await this.#files());
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

  /**
   * Puts one migration in the place of all that are applied. Other databases that have them all take it for applied, new ones
   * run it instead. What migrations did to rows (seeds, corrections) is not in it.
   *
   * @param name what it is called, behind the time of the last one
   * @param write the text of a module that creates a schema from nothing
   * @returns its whole name
   * @throws {MigrationError} when not every migration is applied
   */
  async squash(
    name: string,
    write: (schema: DatabaseSchema) => string | Promise<string>,
    options: SquashOptions = {},
  ): Promise<string> {
    return await this.#locked(undefined, async () => {
      const files = await this.#files();
      const status = await this.status();
      refuseUnapplied(status);
      const time = /^[\d-]*\d/.exec(status.at(-1)?.name ?? "")?.[0];
      const whole = time === undefined ? name : `${time}_${name}`;
      const text = await write(await new SchemaReader(this.#adapter).read());
      const undo = await replaceFiles(this.#folder, whole, text, files, options);
      try {
        await this.#adopt(await this.#files());
      } catch (error) {
        await undo();
        throw error;
      }
      return whole;
    });
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

  async #adopt(files: readonly MigrationFile<S>[]): Promise<void> {
    await this.#adapter.transaction(async (tx) => {
      const tracker = this.#tracker.on(tx);
      await adoptSquashed(tracker, await tracker.getHistory(), files);
    });
  }

  get #folder(): string {
    return this.#options.folder ?? "./migrations";
  }

  async #files(): Promise<MigrationFile<S>[]> {
    const support = await this.#adapter.dialect.schemaSupport();
    return await readMigrations<S>(this.#folder, support);
  }

  async #pending({ to, outOfOrder = false }: UpOptions): Promise<MigrationFile<S>[]> {
    const files = await this.#files();
    const status = statusOf(withSquashed(await this.#tracker.getHistory(), files), files);
    refuseContradictions(status, { outOfOrder });
    return pendingFiles(files, status, to);
  }

  async #revertible(options: DownOptions): Promise<MigrationFile<S>[]> {
    return revertibleFiles(await this.#files(), await this.#tracker.getHistory(), options);
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
