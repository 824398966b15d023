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
export type { QueryEvent, QueryListener } from "./src/engine/query_event.ts";
export { formatQuery, type FormatQueryOptions } from "./src/engine/query_log.ts";
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
export { type Migration, OpenTransaction, Scope, TransactionScope } from "./src/database/scope.ts";
export {
  type DownOptions,
  type DryRun,
  MigrationManager,
  type MigrationOptions,
  type MigrationProgress,
  type UpOptions,
} from "./src/migration/manager.ts";
export type { Migratable, MigrationOf, MigrationScope } from "./src/migration/migration.ts";
export { MigrationRunner, type RunDetails, type RunnerOptions } from "./src/migration/runner.ts";
export type { Allowances, MigrationStatus } from "./src/migration/status.ts";
export {
  type AppliedMigration,
  type MigrationRecord,
  type MigrationState,
  MigrationTracker,
} from "./src/migration/tracker.ts";
export { type NameInput, SchemaEditor } from "./src/migration/editor/editor.ts";
export { type ColumnChange, TableEditor } from "./src/migration/editor/table_editor.ts";
export type {
  ColumnInput,
  DefaultInput,
  IndexInput,
  TableInput,
} from "./src/migration/editor/table_input.ts";
export { PostgresAdapter, type PostgresConfig } from "./src/database/postgres_adapter.ts";
export { SQLiteAdapter, type SQLiteConfig } from "./src/database/sqlite_adapter.ts";
export { type AdapterMaker, connect, DatabaseFactory } from "./src/database/factory.ts";
