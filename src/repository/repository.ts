/**
 * The repository: finds and writes the records of one model.
 *
 * @module
 */
import type { RunOptions } from "../ast/executor.ts";
import { ModelError, QueryError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import type { ColumnKeys, ModelClass } from "../model/keys.ts";
import { entityOf, entityOfTable } from "../model/registry.ts";
import type { EntitySchema } from "../schema/entity.ts";
import { aggregateRecords, groupRecords } from "./aggregate.ts";
import { countRecords, findByKey, findRecords, keyValues, refuseUndefined } from "./find.ts";
import { limited } from "./limited_session.ts";
import { loadRelations } from "./load.ts";
import { notFound, prepareUpdate } from "./record.ts";
import { noValues, takeApart, valuesOf } from "./values.ts";
import { type DeleteOptions, removeMany, removeRecord } from "./remove.ts";
import type { Dictionary, Row } from "./shape.ts";
import type {
  Aggregated,
  Aggregates,
  Grouping,
  OrderedKeys,
  SummableKeys,
} from "./aggregate_types.ts";
import type { ColumnChanges, CreateInput, Increments, UpdateInput } from "./input_types.ts";
import type {
  CheckInclude,
  Filter,
  Found,
  Id,
  Include,
  Loaded,
  LoadedRelations,
  NoInclude,
  Query,
  Where,
} from "./types.ts";
import { incrementMany, updateMany } from "./update.ts";
import { createRecord, createRecords, keyObject, updateRecord, upsertRecord } from "./write.ts";

/**
 * Finds and writes the records of one model. Extend it for queries of your own:
 *
 * ```ts ignore
 * class UserRepository extends Repository<User> {
 *   constructor(session: Session) {
 *     super(session, User);
 *   }
 *   adults() {
 *     return this.find({ where: { age: { gte: 18 } }, orderBy: { name: "asc" } });
 *   }
 * }
 * ```
 */
export class Repository<M extends object> {
  /** What runs the SQL: a database or a transaction. */
  protected readonly session: Session;
  /** How the model maps to its table. */
  readonly entity: EntitySchema;

  /**
   * Makes a repository.
   *
   * @param session a database, an adapter or a transaction
   * @param model the model's class, or the table's name where a class for it is registered
   * @throws {ModelError} when the class is not registered
   */
  constructor(session: Session, model: ModelClass<M> | string, _primaryKey?: string) {
    if (!session || typeof session.perform !== "function") {
      throw new ModelError("Cannot make a repository: the first argument must be a database");
    }
    this.session = session;
    this.entity = typeof model === "string" ? entityOfTable(model) : entityOf(model);
  }

  /** The same repository on another session: a transaction. */
  on(session: Session): this {
    const copy = Object.create(Object.getPrototypeOf(this)) as this;
    return Object.assign(copy, this, { session });
  }

  /** All records, ordered by primary key. */
  findAll(limit?: number, offset?: number): Promise<Loaded<M>[]> {
    const orderBy = this.entity.primaryKey.map((each) => ({ [each.name]: "asc" }));
    const query = { limit, offset, ...orderBy.length > 0 && { orderBy } };
    return findRecords(this.session, this.entity, query) as Promise<unknown> as Promise<
      Loaded<M>[]
    >;
  }

  /**
   * The records of a query.
   *
   * ```ts ignore
   * const page = await users.find({
   *   where: { posts: { some: { title: { contains: "SQL" } } } },
   *   include: { posts: { orderBy: { createdAt: "desc" }, limit: 3 } },
   *   orderBy: { name: "asc" },
   *   limit: 20,
   * });
   * ```
   *
   * @throws {QueryError} when the query names what the model does not have
   */
  find<const I extends Include<M> = NoInclude, const S extends ColumnKeys<M> = never>(
    query?: Query<M, I, S>,
    options?: RunOptions,
  ): Promise<Found<M, NoInfer<I>, NoInfer<S>>[]> {
    return findRecords(
      this.session,
      this.entity,
      (query ?? {}) as Dictionary,
      options,
    ) as Promise<unknown> as Promise<Found<M, I, S>[]>;
  }

  /** The first record of a query, or null. */
  async findOne<const I extends Include<M> = NoInclude, const S extends ColumnKeys<M> = never>(
    query: Query<M, I, S>,
    options?: RunOptions,
  ): Promise<Found<M, NoInfer<I>, NoInfer<S>> | null> {
    const one = { ...query, limit: 1 } as Dictionary;
    const [record] = await findRecords(this.session, this.entity, one, options);
    return (record ?? null) as Found<M, I, S> | null;
  }

  /**
   * The first record of a query.
   *
   * @throws {NotFoundError} when there is none
   */
  async findOneOrThrow<
    const I extends Include<M> = NoInclude,
    const S extends ColumnKeys<M> = never,
  >(query: Query<M, I, S>, options?: RunOptions): Promise<Found<M, NoInfer<I>, NoInfer<S>>> {
    const record = await this.findOne<I, S>(query, options);
    if (record === null) throw notFound(this.entity, "find");
    return record;
  }

  /** The record with a primary key, with relations or only some columns where asked for, or null. */
  async findById<const I extends Include<M> = NoInclude, const S extends ColumnKeys<M> = never>(
    id: Id<M>,
    query: Pick<Query<M, I, S>, "include" | "select" | "strategy" | "withDeleted"> & RunOptions =
      {},
    options?: RunOptions,
  ): Promise<Found<M, NoInfer<I>, NoInfer<S>> | null> {
    const { signal, timeout, ...parts } = query;
    const run = options ?? { signal, timeout };
    const record = Object.keys(parts).length === 0
      ? await findByKey(this.session, this.entity, id, run)
      : (await findRecords(
        this.session,
        this.entity,
        { ...parts, where: keyObject(this.entity, keyValues(this.entity, id)) },
        run,
      ))[0];
    return (record ?? null) as Found<M, I, S> | null;
  }

  /** How many records there are. */
  count(filter: Filter<M> = {}, options?: RunOptions): Promise<number> {
    return countRecords(this.session, this.entity, filter as Dictionary, options);
  }

  /** Whether there is such a record. */
  async exists(filter: Filter<M> = {}, options?: RunOptions): Promise<boolean> {
    const select = this.entity.properties.slice(0, 1).map((each) => each.name);
    const query = { ...filter, select, limit: 1 } as Dictionary;
    return (await findRecords(this.session, this.entity, query, options)).length > 0;
  }

  /**
   * Counts, sums, averages, least and greatest values.
   *
   * ```ts ignore
   * const { count, avg } = await posts.aggregate({ count: true, avg: ["views"], where: { published: true } });
   * ```
   */
  aggregate<
    const C extends true = never,
    const S extends SummableKeys<M> = never,
    const A extends SummableKeys<M> = never,
    const Min extends OrderedKeys<M> = never,
    const Max extends OrderedKeys<M> = never,
  >(
    query: Aggregates<M, C, S, A, Min, Max>,
    options?: RunOptions,
  ): Promise<Aggregated<M, C, S, A, Min, Max>> {
    return aggregateRecords(
      this.session,
      this.entity,
      query as unknown as Dictionary,
      options,
    ) as Promise<unknown> as Promise<Aggregated<M, C, S, A, Min, Max>>;
  }

  /** The same for each combination of the columns in `by`. */
  groupBy<
    const G extends ColumnKeys<M>,
    const C extends true = never,
    const S extends SummableKeys<M> = never,
    const A extends SummableKeys<M> = never,
    const Min extends OrderedKeys<M> = never,
    const Max extends OrderedKeys<M> = never,
  >(
    query: Aggregates<M, C, S, A, Min, Max> & Grouping<M, G>,
    options?: RunOptions,
  ): Promise<(Pick<M, G> & Aggregated<M, C, S, A, Min, Max>)[]> {
    return groupRecords(
      this.session,
      this.entity,
      query as unknown as Dictionary,
      options,
    ) as Promise<unknown> as Promise<(Pick<M, G> & Aggregated<M, C, S, A, Min, Max>)[]>;
  }

  /**
   * Makes a record, with all that is nested in it in one transaction, and gives the stored one.
   *
   * @throws {ValidationError} when values do not meet the model's rules, all of them together
   * @throws {UniqueViolationError} when a unique value is taken
   */
  create(values: CreateInput<M>, options?: RunOptions): Promise<Loaded<M>> {
    const session = limited(this.session, options);
    return createRecord(session, this.entity, values) as Promise<unknown> as Promise<Loaded<M>>;
  }

  /**
   * Makes many records by the fastest form that the database has, all or none; gives their number.
   *
   * @throws {ValidationError} of all records together; the paths of its issues begin with the record's place
   */
  async createMany(values: readonly CreateInput<M>[], options?: RunOptions): Promise<number> {
    const count = values.length;
    await createRecords(limited(this.session, options), this.entity, values, false);
    return count;
  }

  /** Makes many records, all or none, and gives the stored ones in order. */
  createManyReturning(
    values: readonly CreateInput<M>[],
    options?: RunOptions,
  ): Promise<Loaded<M>[]> {
    const session = limited(this.session, options);
    return createRecords(session, this.entity, values, true) as Promise<unknown> as Promise<
      Loaded<M>[]
    >;
  }

  /**
   * Changes a record, with all that is nested in it in one transaction, and gives the stored one. With a
   * version column, giving the version that was read makes it a check.
   *
   * @throws {NotFoundError} when there is no such record
   * @throws {StaleObjectError} when it no longer has the given version
   */
  update(id: Id<M>, changes: UpdateInput<M>, options?: RunOptions): Promise<Loaded<M>> {
    const session = limited(this.session, options);
    return updateRecord(session, this.entity, id, changes) as Promise<unknown> as Promise<
      Loaded<M>
    >;
  }

  /** Changes all records of a filter and gives their number. Hooks run once, on the values. */
  async updateMany(
    filter: Filter<M>,
    values: ColumnChanges<M>,
    options?: RunOptions,
  ): Promise<number> {
    const { values: given } = takeApart(this.entity, values, "update");
    const ready = await prepareUpdate(this.entity, given, new Date());
    const session = limited(this.session, options);
    return await updateMany(session, this.entity, filter as Dictionary, ready);
  }

  /**
   * Changes the record with a unique key, or makes it: one statement, safe against others at the same time. A
   * softly deleted record is brought back.
   *
   * @param query `where` names all columns of one unique key
   */
  upsert(query: {
    readonly where: Where<M>;
    readonly create: CreateInput<M>;
    readonly update: ColumnChanges<M>;
  }, options?: RunOptions): Promise<Loaded<M>> {
    return upsertRecord(
      limited(this.session, options),
      this.entity,
      query as unknown as Parameters<typeof upsertRecord>[2],
    ) as Promise<unknown> as Promise<Loaded<M>>;
  }

  /**
   * Adds to numeric columns of a record in the database, so that concurrent callers lose nothing.
   *
   * @throws {NotFoundError} when there is no such record
   */
  async increment(id: Id<M>, by: Increments<M>, options?: RunOptions): Promise<Loaded<M>> {
    const where = keyObject(this.entity, keyValues(this.entity, id)) as Where<M>;
    const grow = async (session: Session): Promise<Row | null> => {
      const repository = this.on(session);
      if (await repository.incrementMany({ where }, by) === 0) {
        throw notFound(this.entity, "increment");
      }
      return await findByKey(session, this.entity, id);
    };
    const session = limited(this.session, options);
    const record = session.inTransaction ? await grow(session) : await session.transaction(grow);
    return record as unknown as Loaded<M>;
  }

  /** Adds to numeric columns of all records of a filter; gives their number. */
  incrementMany(filter: Filter<M>, by: Increments<M>, options?: RunOptions): Promise<number> {
    const { values } = takeApart(this.entity, by, "increment");
    const { updatedAt } = this.entity.roles;
    const also = updatedAt
      ? valuesOf(this.entity, { [updatedAt.name]: new Date() })
      : noValues(this.entity);
    const session = limited(this.session, options);
    return incrementMany(session, this.entity, filter as Dictionary, values, also);
  }

  /** Deletes a record (softly where the model has a `deletedAt`); gives whether it was there. */
  delete(id: Id<M>, options?: DeleteOptions & RunOptions): Promise<boolean> {
    return removeRecord(limited(this.session, options), this.entity, id, options);
  }

  /**
   * Brings back softly deleted records of a filter; gives their number.
   *
   * @throws {QueryError} when the model has no `deletedAt`
   */
  async restore(filter: Pick<Filter<M>, "where">, options?: RunOptions): Promise<number> {
    const { deletedAt } = this.entity.roles;
    if (!deletedAt) {
      throw new QueryError(`Cannot restore ${this.entity.name}: it has no column of @DeletedAt()`);
    }
    refuseUndefined(this.entity, filter as Dictionary, "restore");
    const where = { AND: [filter.where ?? {}, { [deletedAt.name]: { isNull: false } }] };
    const given = valuesOf(this.entity, { [deletedAt.name]: null });
    const values = await prepareUpdate(this.entity, given, new Date());
    const session = limited(this.session, options);
    return await updateMany(session, this.entity, { where, withDeleted: true }, values);
  }

  /** Deletes all records of a filter, without hooks; gives their number. `{}` means all. */
  deleteMany(filter: Filter<M>, options?: DeleteOptions & RunOptions): Promise<number> {
    const session = limited(this.session, options);
    return removeMany(session, this.entity, filter as Dictionary, options);
  }

  /**
   * Reads relations of records that are there already: one statement for each relation, for all records.
   *
   * ```ts ignore
   * const loaded = await users.load(rows, { posts: { limit: 3 } });
   * loaded[0].posts;
   * ```
   *
   * @returns the same records, now with those relations
   */
  async load<T extends object, const I extends Include<M>>(
    records: readonly T[],
    include: I & CheckInclude<M, I>,
    options?: RunOptions,
  ): Promise<(T & LoadedRelations<M, I>)[]> {
    await loadRelations(
      this.session,
      this.entity,
      records as readonly object[] as readonly Row[],
      include as Dictionary,
      options,
    );
    return records as (T & LoadedRelations<M, I>)[];
  }
}
