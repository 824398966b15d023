/**
 * One level of a transaction: the outermost one or a savepoint in it.
 *
 * All levels share one connection. A statement goes to the level it was asked of; while a nested level
 * is open, its statements would fall into the savepoint, so the outer level
 * - waits, when the statement comes from beside the nested level (`Promise.all` of two pieces of work);
 * - refuses, when it comes from inside the nested callback, where waiting would never end, or when the
 *   nested level was begun by hand, where nobody can tell.
 *
 * A level ends only when its statements have settled, awaited or not. A swallowed failure that has ended
 * the transaction in the database makes its commit an error: the database would roll back silently.
 *
 * @module
 */
import { abortable, alreadyAborted, anySignal, deadline, settled } from "../base/abort.ts";
import { ConnectionError, TransactionError } from "../base/errors.ts";
import { Logger } from "../base/logger.ts";
import { Semaphore } from "../base/semaphore.ts";
import type { Change, UnseenTables } from "../change/change.ts";
import { holding } from "../dialect/holding.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { DriverConnection, DriverRequest, DriverResult } from "../dialect/driver.ts";
import { FlowValue } from "../base/flow_value.ts";
import { PendingWork } from "./pending.ts";
import type { StatementRunner, StatementTarget, StreamSource } from "./runner.ts";
import type { TransactionRunOptions } from "./session.ts";
import { bothOf, writes } from "./written_tables.ts";
import {
  cannotCommitError,
  checkNestedOptions,
  commitError,
  described,
  endedError,
  endsTransaction,
  innerOpenError,
  timeUpError,
} from "./transaction_rules.ts";

/** What whoever begins transactions does for them. */
export interface TransactionHost {
  /** Stands for the database. */
  readonly scope: object;
  /** Whether anybody follows changes. */
  readonly followed: boolean;
  /** The dialect of the database. */
  readonly dialect: Dialect;
  /** Runs their statements. */
  readonly runner: StatementRunner;
  /** Tells of changes, in the order of commits. */
  publish(changes: readonly Change[], unseen: UnseenTables): void;
  /** Calls what waited for the commit. */
  callBack(callback: () => void | Promise<void>): void;
  /** Counts an end, and hears whether anything may have been written. */
  ended(committed: boolean, wrote: boolean): void;
}

/** How a level is set up. */
export interface TransactionSetup {
  /** What all levels share. */
  readonly host: TransactionHost;
  /** The one connection. */
  readonly connection: DriverConnection;
  /** Ends the transaction with a rollback. */
  readonly signal: AbortSignal | undefined;
  /** The level around this one. */
  readonly parent?: TransactionLevel;
  /** Ended by hand, not by a callback's end. */
  readonly explicit: boolean;
  /** Statements for the connection after the end of the outermost level. */
  readonly atEnd?: readonly string[];
}

const log = Logger.child("transaction");

/** Milliseconds that the end of a transaction may take when nobody waits for it any more. */
const patience = 5_000;

/** The nested level whose callback is running, so that its outer levels know where a statement comes from. */
const nestedCallback = new FlowValue<TransactionLevel>();

/** One level of a transaction: its statements, its end, and the levels inside it. */
export class TransactionLevel {
  /** What was given to make it. */
  readonly setup: TransactionSetup;
  /** Where its statements go. */
  readonly target: StatementTarget;
  /** Where its streams come from. */
  readonly source: StreamSource;
  readonly #root: TransactionLevel;
  readonly #savepoint: string;
  readonly #turns = new Semaphore({ permits: 1, subject: "the end of a nested transaction" });
  readonly #pending: PendingWork;
  readonly #onAbort = (): void => void this.#rollBack();
  #state: "open" | "ending" | "committed" | "rolled back" = "open";
  #ending: Promise<void> | undefined;
  #child: TransactionLevel | undefined;
  #failure: unknown;
  #broken = false;
  #changes: Change[] = [];
  #unseen: UnseenTables = [];
  #wrote = false;
  #callbacks: (() => void | Promise<void>)[] = [];
  #undoings: (() => void)[] = [];

  /** Wraps a connection on which the transaction has begun; the savepoint of a nested level begins after. */
  constructor(setup: TransactionSetup) {
    const { parent, connection, signal } = setup;
    this.setup = setup;
    this.#root = parent === undefined ? this : parent.#root;
    // One name per depth: levels beside each other take turns, and equal text is prepared once.
    this.#savepoint = parent === undefined ? "rex" : `${parent.#savepoint}_1`;
    this.target = {
      execute: (request) => this.#execute(connection, request),
      wrote: (tables) => this.#unseen = bothOf(this.#unseen, tables),
    };
    this.source = { stream: (request, size) => this.#chunks(connection, request, size) };
    this.#pending = new PendingWork((error) => this.#noteUnawaited(error));
    if (setup.explicit) signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Whether it takes statements. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Sends a statement when it is its turn. */
  statement<T>(send: () => Promise<T>): Promise<T> {
    return this.#pending.track(async () => {
      this.#refuse("run a statement");
      if (this.#turns.held === 0) return await send();
      await this.#turns.acquire(this.setup.signal);
      let sent: Promise<T>;
      try {
        sent = send();
      } finally {
        this.#turns.release();
      }
      return await sent;
    });
  }

  /** Gives a stream's rows on; one that is still open when the level ends is closed. */
  async *streamed<Row>(
    open: () => AsyncGenerator<Row, void, undefined>,
  ): AsyncGenerator<Row, void, undefined> {
    const rows = await this.statement(() => Promise.resolve(open()));
    this.#pending.open(rows);
    try {
      yield* rows;
    } finally {
      this.#pending.done(rows);
    }
    if (this.#state !== "open") throw endedError("read on");
  }

  /** Runs `work` in a level inside this one. */
  nested<T>(
    work: (level: TransactionLevel) => Promise<T>,
    options: TransactionRunOptions,
  ): Promise<T> {
    // Not async: the promise that is tracked has to be the one that the caller gets.
    return this.#pending.track(async () => {
      checkNestedOptions(options);
      const { timeout } = options;
      const outer = anySignal(options.signal, this.setup.signal);
      const limit = deadline(outer, timeout, () => timeUpError(timeout));
      try {
        const child = await this.#nest(limit.signal, false);
        return await child.complete(work);
      } finally {
        limit[Symbol.dispose]();
      }
    });
  }

  /** Begins a level inside this one that is ended by hand. */
  async begin(options: TransactionRunOptions): Promise<TransactionLevel> {
    checkNestedOptions(options);
    const signal = anySignal(options.signal, this.setup.signal);
    return await this.#pending.track(() => this.#nest(signal, true));
  }

  /** Keeps changes until the outermost commit. */
  record(changes: readonly Change[]): void {
    this.#refuseAfterEnd("record changes");
    for (const change of changes) this.#changes.push(change);
  }

  /** Keeps a callback until the outermost commit. */
  afterCommit(callback: () => void | Promise<void>): void {
    this.#refuseAfterEnd("keep a callback");
    this.#callbacks.push(callback);
  }

  /** Keeps a callback until a rollback of this level or one around it. */
  afterRollback(callback: () => void): void {
    this.#refuseAfterEnd("keep a callback");
    this.#undoings.push(callback);
  }

  /** Runs the callback of this level and ends the level as the callback does. */
  async complete<T>(work: (level: TransactionLevel) => Promise<T>): Promise<T> {
    const { signal, parent, connection } = this.setup;
    const running = async () => await work(this);
    let result: T;
    try {
      const promise = parent === undefined
        ? holding.run(connection, running)
        : nestedCallback.run(this, running);
      result = await abortable(promise, signal);
    } catch (error) {
      await this.#rollBack();
      throw error;
    }
    await this.#commit();
    return result;
  }

  /** Waits for statements under way, then commits. */
  async commit(): Promise<void> {
    this.#refuse("commit");
    await this.#commit();
  }

  /** Waits for statements under way, then rolls back. */
  async rollback(): Promise<void> {
    if (this.#state === "committed") throw endedError("roll back");
    if (this.#encloses(nestedCallback.get())) throw innerOpenError("roll back");
    await this.#rollBack();
  }

  /** What fails before it is sent has not touched the transaction. */
  async #execute(connection: DriverConnection, request: DriverRequest): Promise<DriverResult> {
    request.signal?.throwIfAborted();
    if (!this.#root.#wrote && writes(request)) this.#root.#wrote = true;
    return await this.noted(connection.execute(request));
  }

  async *#chunks(
    connection: DriverConnection,
    request: DriverRequest,
    chunkSize: number,
  ): AsyncGenerator<DriverResult, void, undefined> {
    request.signal?.throwIfAborted();
    try {
      yield* connection.stream(request, chunkSize);
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  /** Notes what a failure means for the transaction. */
  async noted<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  async #nest(signal: AbortSignal | undefined, explicit: boolean): Promise<TransactionLevel> {
    this.#refuse("begin a nested transaction");
    if (!this.#turns.tryAcquire()) await this.#turns.acquire(signal);
    const child = new TransactionLevel({ ...this.setup, signal, parent: this, explicit });
    this.#child = child;
    // Nobody knows when a level ends that is ended by hand, nor whether its owner awaits those who wait for that.
    if (explicit) this.#turns.refuse(innerOpenError("run a statement"));
    try {
      await this.#control(`SAVEPOINT ${child.#savepoint}`);
    } catch (error) {
      this.#note(error);
      await child.#close("rolled back");
      throw error;
    }
    return child;
  }

  /** Where the server does not answer, and nobody waits for it any more, the connection is closed. */
  #control(sql: string, signal = this.setup.signal): Promise<void> {
    const { connection, host: { runner } } = this.setup;
    const giveUp = () => void connection.release(true).catch(() => {});
    return settled(runner.control(connection, sql), signal, patience, giveUp);
  }

  #note(error: unknown): void {
    if (error instanceof ConnectionError) this.#root.#broken = true;
    if (endsTransaction(error, this.setup.host.dialect)) this.#failure ??= error;
  }

  /** A statement that fails while the level ends has nobody else who minds. */
  #noteUnawaited(error: unknown): void {
    if (this.#state === "ending") this.#failure ??= error;
  }

  #refuse(action: string): void {
    this.setup.signal?.throwIfAborted();
    if (this.#state !== "open") throw endedError(action);
    const child = this.#child;
    if (child === undefined) return;
    if (child.setup.explicit || this.#encloses(nestedCallback.get())) {
      throw innerOpenError(action);
    }
  }

  #refuseAfterEnd(action: string): void {
    if (this.#state !== "open" && this.#state !== "ending") throw endedError(action);
  }

  /** Whether the code that runs is inside the callback of the nested level that is open now. */
  #encloses(running: TransactionLevel | undefined): boolean {
    for (let level = running; level !== undefined; level = level.setup.parent) {
      if (level === this.#child) return true;
    }
    return false;
  }

  #commit(): Promise<void> {
    if (this.#state !== "open") return Promise.reject(endedError("commit"));
    this.#state = "ending";
    return this.#ending = this.#commitNow();
  }

  async #commitNow(): Promise<void> {
    await this.#settle();
    if (this.#failure !== undefined) {
      await this.#undo();
      throw cannotCommitError(this.#failure);
    }
    const { parent } = this.setup;
    try {
      await this.#control(parent === undefined ? "COMMIT" : `RELEASE SAVEPOINT ${this.#savepoint}`);
    } catch (error) {
      this.#note(error);
      await this.#undo();
      throw parent === undefined ? commitError(error) : error;
    }
    await this.#close("committed");
  }

  /** Never rejects: a connection whose rollback fails is closed, and the database rolls back. */
  async #rollBack(): Promise<void> {
    if (this.#state === "open") {
      this.#state = "ending";
      this.#ending = this.#settle().then(() => this.#undo());
    }
    await this.#ending?.catch(() => {}); // a commit under way tells its own caller
  }

  async #settle(): Promise<void> {
    await this.#pending.settle();
    const child = this.#child;
    if (child === undefined) return;
    await child.#rollBack();
    this.#failure ??= new TransactionError("Cannot commit: a nested transaction is still open", {
      hint: "Commit or roll back the nested transaction first.",
    });
  }

  async #undo(): Promise<void> {
    const { parent } = this.setup;
    const name = this.#savepoint;
    try {
      if (!this.#root.#broken && parent === undefined) {
        await this.#control("ROLLBACK", alreadyAborted);
      }
      if (!this.#root.#broken && parent !== undefined) {
        await this.#control(`ROLLBACK TO SAVEPOINT ${name}`, alreadyAborted);
        await this.#control(`RELEASE SAVEPOINT ${name}`, alreadyAborted);
      }
    } catch (error) {
      this.#root.#broken = true;
      this.#failure ??= error;
      log.warn("A rollback failed: its connection is closed", { error: described(error) });
    }
    if (parent !== undefined && this.#root.#broken) parent.#failure ??= this.#failure;
    await this.#close("rolled back");
  }

  async #close(state: "committed" | "rolled back"): Promise<void> {
    const { host, parent, connection, signal } = this.setup;
    this.#state = state;
    signal?.removeEventListener("abort", this.#onAbort);
    if (state === "rolled back") this.#tellOfRollback();
    if (parent !== undefined) {
      if (state === "committed") parent.#absorb(this);
      parent.#child = undefined;
      parent.#turns.release();
      return;
    }
    // Before the connection goes back: the next writer's commit must be told after this one.
    if (state === "committed") host.publish(this.#changes, this.#unseen);
    host.ended(state === "committed", this.#wrote);
    await this.#restore();
    try {
      await connection.release(this.#broken);
    } catch (error) {
      log.warn("A connection could not be given back", { error: described(error) });
    }
    if (state === "committed") this.#callbacks.forEach((callback) => host.callBack(callback));
  }

  /** A connection that cannot be brought back to its usual state is closed. */
  async #restore(): Promise<void> {
    try {
      for (const sql of this.setup.atEnd ?? []) if (!this.#broken) await this.#control(sql);
    } catch (error) {
      this.#broken = true;
      log.warn("A connection could not be restored: it is closed", { error: described(error) });
    }
  }

  #tellOfRollback(): void {
    for (const callback of this.#undoings.reverse()) {
      try {
        callback();
      } catch (error) {
        log.error("A callback after a rollback failed", { error });
      }
    }
  }

  #absorb(inner: TransactionLevel): void {
    for (const change of inner.#changes) this.#changes.push(change);
    this.#unseen = bothOf(this.#unseen, inner.#unseen);
    for (const callback of inner.#callbacks) this.#callbacks.push(callback);
    for (const callback of inner.#undoings) this.#undoings.push(callback);
  }
}
