/**
 * Comparisons as text: migrations in TypeScript, or SQL.
 *
 * ```ts ignore
 * const comparison = await compareSchemas(db, found, wanted, { models: true });
 * const [text] = writeMigrations(comparison, { declared: wanted });
 * await MigrationGenerator.createMigration("add_email", { text });
 * ```
 *
 * @module
 */
export { writeMigrations, type WriteOptions } from "./module.ts";
export { writeSql } from "./sql.ts";
