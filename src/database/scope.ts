/**
 * What a database and its transactions have in common: repositories, queries, statements.
 *
 * @module
 */
import type { CompiledQuery, QueryResult, RunOptions, StreamOptions } from "../ast/executor.ts";
import type { RootNode } from "../ast/nodes.ts";
import type { Change, UnseenTables } from "../change/change.ts";
import type { CompiledStatement, Dialect } from "../dialect/dialect.ts";
import type { DriverResult } from "../dialect/driver.ts";
import { called, withCallers } from "../engine/call_site.ts";
import type {
  CopyTarget,
  PerformOptions,
  Session,
  Transaction,
  TransactionRunOptions,
} from "../engine/session.ts";
import { type MigrationOf, scopeOn } from "../migration/migration.ts";
import type { Model, ModelClass } from "../model/keys.ts";
import { type ModelSession, type ModelWriter, modelWriter } from "../model/model_session.ts";
import {
  type DeleteBuilder,
  deleteFrom,
  update,
  type UpdateBuilder,
} from "../query/typed/change_builder.ts";
import { type InsertBuilder, insertInto } from "../query/typed/insert_builder.ts";
import { query, type SelectBuilder } from "../query/typed/select_builder.ts";
import type { Nothing, Target } from "../query/typed/types.ts";
import { Repository } from "../repository/repository.ts";
import { deleteInstance, saveInstance } from "../repository/save.ts";

/**
 * One change of a database, and the way back: the default export of a file in `migrations/`.
 *
 * ```ts ignore
 * export default {
 *   async up(db) {
 *     await db.schema.createTable("tags", { columns: { name: { type: "varchar(40)" } } });
 *   },
 *   async down(db) {
 *     await db.schema.dropTable("tags");
 *   },
 * } satisfies Migration;
 * ```
 */
export type Migration = MigrationOf<TransactionScope>;

/** Runs SQL, and offers repositories and queries over models: a database, or a transaction of it. */
export abstract class Scope implements Session, ModelSession {
  readonly #repositories = new Map<ModelClass, Repository<object>>();

  /** Writes single instances: what `save()` and `delete()` of a model use. */
  readonly [modelWriter]: ModelWriter = {
    save: (model: Model) => called(this.scope, "save", () => saveInstance(this.session, model)),
    delete: (model: Model) =>
      called(this.scope, "delete", () => deleteInstance(this.session, model)),
  };

  /** What migrations see of a session. */
  [scopeOn](session: Session): TransactionScope {
    return new TransactionScope(session);
  }

  /** What statements run on. */
  protected abstract get session(): Session;

  /** The dialect of the database. */
  abstract get dialect(): Dialect;

  /** Whether this is a transaction. */
  get inTransaction(): boolean {
    return this.session.inTransaction;
  }

  /** Stands for the database: what plans are cached by. */
  get scope(): object {
    return this.session.scope;
  }

  /** Whether anybody follows changes. */
  get followed(): boolean {
    return this.session.followed;
  }

  /**
   * The repository of a model; the same object at each call.
   *
   * ```ts ignore
   * const adults = await db.repository(User).find({ where: { age: { gte: 18 } } });
   * ```
   *
   * @throws {ModelError} when the class is not registered
   */
  repository<M extends object>(model: ModelClass<M>): Repository<M> {
    let repository = this.#repositories.get(model);
    if (!repository) {
      repository = withCallers(this.scope, new Repository<object>(this, model));
      this.#repositories.set(model, repository);
    }
    return repository as unknown as Repository<M>;
  }

  /**
   * A typed query: from a model, another query, or a common table expression.
   *
   * ```ts ignore
   * const rows = await db.query(User)
   *   .innerJoin(Post, "p", (t) => t.p.userId.eq(t.id))
   *   .select((t) => ({ name: t.name, title: t.p.title }))
   *   .where((t) => t.p.views.gt(100))
   *   .execute();
   * ```
   *
   * @param alias what it is called in the statement; a query needs one
   */
  query<T extends object>(target: Target<T>, alias?: string): SelectBuilder<T, Nothing, never> {
    return query<T>(this, target, alias);
  }

  /** A typed insert. */
  insertInto<M extends object>(model: ModelClass<M>): InsertBuilder<M> {
    return insertInto(this, model);
  }

  /** A typed update. */
  update<M extends object>(model: ModelClass<M>, alias?: string): UpdateBuilder<M> {
    return update(this, model, alias);
  }

  /** A typed delete. */
  deleteFrom<M extends object>(model: ModelClass<M>, alias?: string): DeleteBuilder<M> {
    return deleteFrom(this, model, alias);
  }

  /** The statement's text and values, without running it. */
  compile(node: RootNode): CompiledQuery {
    return this.session.compile(node);
  }

  /** Compiles a statement that holds slots, for `perform`. */
  prepare(node: RootNode): CompiledStatement {
    return this.session.prepare(node);
  }

  /** Runs a statement and gives its rows as objects. */
  run<Row = Record<string, unknown>>(
    node: RootNode,
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.session.run<Row>(node, options);
  }

  /** Runs a statement and gives its rows as they come. */
  stream<Row = Record<string, unknown>>(
    node: RootNode,
    options?: StreamOptions,
  ): AsyncIterableIterator<Row> {
    return this.session.stream<Row>(node, options);
  }

  /**
   * Runs SQL text with `$1` placeholders (or `?` where the database has those); rows are objects keyed by
   * column.
   *
   * ```ts ignore
   * const { rows } = await db.execute("SELECT name FROM users WHERE id = $1", [1]);
   * ```
   */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.session.execute<Row>(sql, params, options);
  }

  /** Runs a compiled statement; rows stay arrays of wire values. */
  perform(
    statement: CompiledStatement,
    values: readonly unknown[],
    options?: PerformOptions,
  ): Promise<DriverResult> {
    return this.session.perform(statement, values, options);
  }

  /**
   * Loads rows by the database's own bulk format, all or none; gives their number.
   *
   * @throws {UnsupportedError} where the database has no such format
   */
  copy(target: CopyTarget, rows: Iterable<readonly unknown[]>): Promise<number> {
    return this.session.copy(target, rows);
  }

  /**
   * Runs `work` in a transaction (inside a transaction: in a savepoint). Commits when it resolves, rolls back
   * when it rejects, and throws what it threw.
   *
   * ```ts ignore
   * await db.transaction(async (tx) => {
   *   const user = await tx.repository(User).create({ name: "Ada" });
   *   await tx.repository(Post).create({ title: "First", userId: user.id });
   * }, { isolation: "serializable", retries: 3 });
   * ```
   */
  transaction<T>(
    work: (tx: TransactionScope) => Promise<T>,
    options?: TransactionRunOptions,
  ): Promise<T> {
    return this.session.transaction((tx) => work(new TransactionScope(tx)), options);
  }

  /** Tells of changes: at commit when in a transaction, at once when not. */
  record(changes: readonly Change[]): void {
    this.session.record(changes);
  }

  /** Tells that rows of tables changed which nobody tells of one by one. */
  recordUnseen(tables: UnseenTables): void {
    this.session.recordUnseen(tables);
  }

  /** Calls back after the outermost commit; at once when not in a transaction. */
  afterCommit(callback: () => void | Promise<void>): void {
    this.session.afterCommit(callback);
  }

  /** Calls back when what was done so far is rolled back; never when not in a transaction. */
  afterRollback(callback: () => void): void {
    this.session.afterRollback(callback);
  }
}

/** A transaction, for as long as its callback runs. */
export class TransactionScope extends Scope {
  /** What statements run on. */
  protected override readonly session: Session;

  /** Offers repositories and queries on a transaction's session. */
  constructor(session: Session) {
    super();
    this.session = session;
  }

  /** The dialect of the database. */
  override get dialect(): Dialect {
    return this.session.dialect;
  }
}

/** A transaction that is ended by hand; disposing of it without `commit()` rolls it back. */
export class OpenTransaction extends TransactionScope implements Transaction {
  readonly #transaction: Transaction;

  /** Offers repositories and queries on an open transaction. */
  constructor(transaction: Transaction) {
    super(transaction);
    this.#transaction = transaction;
  }

  /** Whether it takes statements. */
  get isOpen(): boolean {
    return this.#transaction.isOpen;
  }

  /** Begins a nested transaction: a savepoint. */
  async beginTransaction(options?: TransactionRunOptions): Promise<OpenTransaction> {
    return new OpenTransaction(await this.#transaction.beginTransaction(options));
  }

  /** Waits for statements under way, then commits. */
  commit(): Promise<void> {
    return this.#transaction.commit();
  }

  /** Waits for statements under way, then rolls back. */
  rollback(): Promise<void> {
    return this.#transaction.rollback();
  }

  /** Rolls back unless it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transaction[Symbol.asyncDispose]();
  }
}
