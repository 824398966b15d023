/**
 * SQLite, on the `node:sqlite` that Deno and Node have built in.
 *
 * @module
 */
import type { DatabaseConfig } from "../../base/config.ts";
import { UnsupportedError } from "../../base/errors.ts";
import type { ChangeSupport } from "../../dialect/change_support.ts";
import type { Dialect, TransactionOptions } from "../../dialect/dialect.ts";
import type { SchemaSupport } from "../../dialect/schema_support.ts";
import { sqliteCapabilities } from "./capabilities.ts";
import { sqliteCodecs } from "./codecs.ts";
import { SqliteCompiler } from "./compiler.ts";
import { SqliteDriver } from "./driver.ts";
import { sqliteSemantics } from "./semantics.ts";

export { sqliteCapabilities } from "./capabilities.ts";
export { sqliteCodecs } from "./codecs.ts";
export { SqliteCompiler } from "./compiler.ts";
export { SqliteDriver } from "./driver.ts";
export { mapError } from "./errors.ts";

const name = "sqlite";

/**
 * The statements that begin a transaction. One that may write takes the database's lock at once, so that it
 * cannot fail for it later; a read-only one sees the state of its first read, on a connection for reading.
 */
function beginStatements(options: TransactionOptions): readonly string[] {
  const { isolation = "serializable", readOnly, deferrable, schemaChange } = options;
  if (isolation !== "serializable") {
    throw new UnsupportedError(
      `Cannot begin a transaction: ${name} has no isolation level ${isolation}`,
      { hint: "Every transaction is serializable here; leave the level out" },
    );
  }
  if (deferrable) {
    throw new UnsupportedError(`Cannot begin a transaction: ${name} has no deferrable ones`);
  }
  if (readOnly) return ["BEGIN DEFERRED"];
  return schemaChange ? ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"] : ["BEGIN IMMEDIATE"];
}

/** The pragma has no effect inside a transaction. */
function endStatements(options: TransactionOptions): readonly string[] {
  return options.schemaChange
    ? ["PRAGMA legacy_alter_table = OFF", "PRAGMA foreign_keys = ON"]
    : [];
}

const compiler = new SqliteCompiler({
  name,
  codecs: sqliteCodecs,
  capabilities: sqliteCapabilities,
});

/** Everything particular to SQLite. */
export const sqliteDialect: Dialect = Object.freeze({
  name,
  capabilities: sqliteCapabilities,
  compiler,
  codecs: sqliteCodecs,
  semantics: sqliteSemantics,
  createDriver: (config: DatabaseConfig): SqliteDriver => new SqliteDriver(config),
  beginStatements,
  endStatements,
  async schemaSupport(): Promise<SchemaSupport> {
    const { sqliteSchemaSupport } = await import("./schema/mod.ts");
    return sqliteSchemaSupport(compiler);
  },
  async changeSupport(): Promise<ChangeSupport> {
    const { sqliteChangeSupport } = await import("./changes/mod.ts");
    return sqliteChangeSupport;
  },
});
