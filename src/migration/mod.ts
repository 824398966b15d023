/**
 * Migrations: comparing schemas, changing them, and keeping their history.
 *
 * ```ts ignore
 * const manager = new MigrationManager(db, { folder: "./migrations" });
 * await manager.up();
 * ```
 *
 * @module
 */
export { type DiffOptions, diffSchemas } from "./diff/diff.ts";
export { type RenameCandidates, renameCandidates } from "./diff/candidates.ts";
export {
  type ColumnRename,
  inverseRenames,
  type Renames,
  type TableRename,
} from "./diff/renames.ts";
export {
  type EditorOptions,
  type PlanKeeper,
  SchemaEditor,
  type TableName,
} from "./editor/editor.ts";
export { type ColumnChange, TableEditor } from "./editor/table_editor.ts";
export type {
  ColumnDefinition,
  DefaultDefinition,
  IndexDefinition,
  TableDefinition,
} from "./editor/definition.ts";
export {
  type DownOptions,
  type DryRun,
  MigrationManager,
  type MigrationOptions,
  type MigrationProgress,
  type UpOptions,
} from "./manager.ts";
export { type Migratable, type MigrationOf, type MigrationScope, scopeOn } from "./migration.ts";
export { MigrationRunner, type RunDetails, type RunnerOptions } from "./runner.ts";
export type { SquashOptions } from "./squash.ts";
export type { Allowances, MigrationStatus } from "./status.ts";
export {
  type AppliedMigration,
  type MigrationRecord,
  type MigrationState,
  MigrationTracker,
} from "./tracker.ts";
export type { Way } from "./failure.ts";
