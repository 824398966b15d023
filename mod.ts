/**
 * Rex-ORM: one decorated class gives the table, validated writes, typed queries and relations, on SQLite and
 * PostgreSQL.
 *
 * ```ts
 * import { BaseModel, Column, Entity, type Generated, PrimaryKey, SQLiteAdapter } from "@rex/orm";
 *
 * @Entity({ tableName: "users" })
 * class User extends BaseModel {
 *   @PrimaryKey() id!: Generated<number>;
 *   @Column({ type: "varchar", length: 255 }) name!: string;
 * }
 *
 * await using db = new SQLiteAdapter(":memory:");
 * await db.schema.create({ models: [User] });
 * const users = db.repository(User);
 * await users.create({ name: "Ada" });
 * const [ada] = await users.find({ where: { name: { startsWith: "A" } } });
 * console.log(ada?.name);
 * ```
 *
 * @module
 */
export * from "./src/base/errors.ts";
export type { DatabaseConfig } from "./src/base/config.ts";
export { ConfigLoader } from "./src/base/config_loader.ts";
export { parseDatabaseUrl } from "./src/base/database_url.ts";
export {
  type CategoryLogger,
  consoleSink,
  Logger,
  type LoggerOptions,
  type LogLevel,
  type LogRecord,
  type LogSink,
} from "./src/base/logger.ts";
export * from "./src/change/change.ts";
export { PreciseDate } from "./src/schema/precise_date.ts";
export type * from "./src/schema/codec.ts";
export * from "./src/schema/column_type.ts";
export type * from "./src/schema/entity.ts";
export type * from "./src/schema/table.ts";
export type * from "./src/ast/ddl.ts";
export type * from "./src/ast/executor.ts";
export type * from "./src/ast/nodes.ts";
export type * from "./src/dialect/capabilities.ts";
export type * from "./src/dialect/dialect.ts";
export type * from "./src/dialect/driver.ts";
export * from "./src/model/mod.ts";
export * from "./src/query/mod.ts";
export type * from "./src/engine/session.ts";
export type { EngineOptions, NodeTransformer } from "./src/engine/options.ts";
export type { EngineStats } from "./src/engine/engine.ts";
export type { RunnerStats } from "./src/engine/runner.ts";
export type { CallSite } from "./src/engine/call_site.ts";
export type { QueryCaller } from "./src/engine/caller.ts";
export type {
  Instrument,
  Instrumentation,
  InstrumentedDatabase,
  Observation,
  WatchedStatement,
} from "./src/engine/instrumentation.ts";
export type { QueryEvent, QueryListener } from "./src/engine/query_event.ts";
export { formatQuery, type FormatQueryOptions } from "./src/engine/query_format.ts";
export { printQueries, type PrintQueriesOptions } from "./src/engine/print_queries.ts";
export { development, type DevelopmentOptions } from "./src/features/development/mod.ts";
export { Repository } from "./src/repository/repository.ts";
export type { DeleteOptions } from "./src/repository/remove.ts";
export type * from "./src/repository/aggregate_types.ts";
export type * from "./src/repository/input_types.ts";
export type * from "./src/repository/types.ts";
export {
  type CreateOptions,
  type DropOptions,
  SchemaCreator,
} from "./src/migration/schema_creator.ts";
export { Database, type DatabaseAdapter } from "./src/database/database.ts";
export { OpenTransaction, Scope, TransactionScope } from "./src/database/scope.ts";
export { PostgresAdapter, type PostgresConfig } from "./src/database/postgres_adapter.ts";
export { SQLiteAdapter, type SQLiteConfig } from "./src/database/sqlite_adapter.ts";
export { type AdapterMaker, connect, DatabaseFactory } from "./src/database/factory.ts";
