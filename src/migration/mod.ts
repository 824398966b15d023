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
  type EnumRename,
  inverseRenames,
  type Renames,
  type TableRename,
} from "./diff/renames.ts";
export {
  type CompareOptions,
  compareSchemas,
  type Comparison,
  type ComparisonPart,
} from "./compare.ts";
export type { FollowedTable } from "./follow.ts";
export {
  type EditorOptions,
  type PlanKeeper,
  SchemaEditor,
  type ViewDefinition,
} from "./editor/editor.ts";
export { type DomainDefinition, ObjectEditor, type TableName } from "./editor/object_editor.ts";
export { type ColumnChange, type ConstraintName, TableEditor } from "./editor/table_editor.ts";
export {
  type GeneratorOptions,
  type GeneratorPlace,
  MigrationGenerator,
  type SqlGeneratorOptions,
} from "./generator.ts";
export { renamesOfModels, schemaOfModels } from "./models.ts";
export { SchemaReader } from "./reader.ts";
export { readSnapshot, snapshotText } from "./snapshot.ts";
export { writeMigrations, type WriteOptions, writeSql } from "./write/mod.ts";
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
export { type PulledFile, type PulledModels, pullModels, type PullOptions } from "./pull/mod.ts";
export type { Way } from "./failure.ts";
