/**
 * What the package offers whichever database is used: all of its public interface but adapters.
 *
 * @module
 */
export * from "../base/errors.ts";
export type { DatabaseConfig } from "../base/config.ts";
export { ConfigLoader } from "../base/config_loader.ts";
export { parseDatabaseUrl } from "../base/database_url.ts";
export {
  type CategoryLogger,
  consoleSink,
  Logger,
  type LoggerOptions,
  type LogLevel,
  type LogRecord,
  type LogSink,
} from "../base/logger.ts";
export * from "../change/change.ts";
export {
  type ModelEvent,
  type ModelListener,
  RealTimeEmitter,
  realTimeEmitter,
} from "../change/model_events.ts";
export type {
  ChangeFeed,
  FeedListener,
  FeedOptions,
  FeedRetention,
  FeedStats,
} from "../change/feed.ts";
export type * from "../change/source.ts";
export { PreciseDate } from "../schema/precise_date.ts";
export type * from "../schema/codec.ts";
export { type ColumnType, columnType, type ColumnTypeName } from "../schema/column_type.ts";
export type * from "../schema/database_schema.ts";
export type * from "../schema/entity.ts";
export type * from "../schema/step.ts";
export type * from "../schema/table.ts";
export type * from "../ast/ddl.ts";
export type * from "../ast/executor.ts";
export type * from "../ast/nodes.ts";
export type * from "../dialect/capabilities.ts";
export type * from "../dialect/change_support.ts";
export type * from "../dialect/dialect.ts";
export type * from "../dialect/driver.ts";
export type * from "../dialect/schema_support.ts";
export * from "../model/mod.ts";
export * from "../query/mod.ts";
export type * from "../engine/session.ts";
export type { EngineOptions, NodeTransformer } from "../engine/options.ts";
export type { EngineStats } from "../engine/engine.ts";
export type { RunnerStats } from "../engine/runner.ts";
export type { CallSite } from "../engine/call_site.ts";
export type { QueryCaller } from "../engine/caller.ts";
export type {
  Instrument,
  Instrumentation,
  InstrumentedDatabase,
  Observation,
  WatchedStatement,
} from "../engine/instrumentation.ts";
export type { QueryEvent, QueryListener } from "../engine/query_event.ts";
export { formatQuery, type FormatQueryOptions } from "../engine/query_format.ts";
export { printQueries, type PrintQueriesOptions } from "../engine/print_queries.ts";
export { development, type DevelopmentOptions } from "../features/development/mod.ts";
export type {
  BrokerEntry,
  BrokerReadOptions,
  ChangeBroker,
} from "../features/realtime/broker/broker.ts";
export type { LiveOptions, LiveQueryEngine } from "../features/realtime/live/engine.ts";
export type * from "../features/realtime/live/live.ts";
export type {
  LiveChangesOptions,
  LiveEvent,
  LiveQuery,
  LiveQueryOptions,
  LiveRecord,
} from "../features/realtime/live/live_query.ts";
export type { ChangeRelay, RelayStats } from "../features/realtime/broker/relay.ts";
export {
  RealtimeWebSocketServer,
  type RealtimeWebSocketServerOptions,
} from "../features/realtime/server/plain_server.ts";
export {
  RealtimeSync,
  type RealtimeSyncOptions,
  type SyncDatabase,
} from "../features/realtime/server/realtime_sync.ts";
export type {
  PlainAddress,
  PlainFilter,
  PlainMessage,
} from "../features/realtime/server/plain_filter.ts";
export { Repository } from "../repository/repository.ts";
export type { DeleteOptions } from "../repository/remove.ts";
export * from "../repository/policy/mod.ts";
export type * from "../repository/aggregate_types.ts";
export type * from "../repository/input_types.ts";
export type * from "../repository/types.ts";
export {
  type CreateOptions,
  type DropOptions,
  SchemaCreator,
} from "../migration/schema_creator.ts";
export type { FollowedTable } from "../migration/follow.ts";
export { Database, type DatabaseAdapter } from "./database.ts";
export type { FeedSettings } from "./feed.ts";
export { type Migration, OpenTransaction, Scope, TransactionScope } from "./scope.ts";
