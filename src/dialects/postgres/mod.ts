/**
 * PostgreSQL, over `npm:postgres`.
 *
 * Values travel as PostgreSQL's text form both ways, so that every one of them is exact; statements are prepared
 * once on each connection and pipelined; a query that has a timeout or a signal is cancelled on the server.
 *
 * @module
 */
import type { DatabaseConfig } from "../../base/config.ts";
import type { ChangeSupport } from "../../dialect/change_support.ts";
import type { Dialect, TransactionOptions } from "../../dialect/dialect.ts";
import type { Driver } from "../../dialect/driver.ts";
import type { SchemaSupport } from "../../dialect/schema_support.ts";
import { postgresCapabilities } from "./capabilities.ts";
import { postgresCodecs } from "./codecs.ts";
import { postgresCompiler } from "./compiler.ts";
import { PostgresDriver } from "./driver.ts";
import { postgresSemantics, readSemantics } from "./semantics.ts";

export { postgresCapabilities } from "./capabilities.ts";
export { postgresCodecs } from "./codecs.ts";
export { PostgresDriver } from "./driver.ts";

/** The statement that begins a transaction with these options. */
function beginStatements(options: TransactionOptions): readonly string[] {
  const { isolation, readOnly, deferrable } = options;
  const parts = ["BEGIN"];
  if (isolation !== undefined) parts.push(`ISOLATION LEVEL ${isolation.toUpperCase()}`);
  if (readOnly !== undefined) parts.push(readOnly ? "READ ONLY" : "READ WRITE");
  if (deferrable !== undefined) parts.push(deferrable ? "DEFERRABLE" : "NOT DEFERRABLE");
  return [parts.join(" ")];
}

/** Everything particular to PostgreSQL. */
export const postgresDialect: Dialect = Object.freeze({
  name: "postgres",
  systemName: "postgresql",
  capabilities: postgresCapabilities,
  compiler: postgresCompiler,
  codecs: postgresCodecs,
  semantics: postgresSemantics,
  readSemantics,
  createDriver: (config: DatabaseConfig): Driver => new PostgresDriver(config),
  beginStatements,
  async schemaSupport(): Promise<SchemaSupport> {
    const { postgresSchemaSupport } = await import("./schema/mod.ts");
    return postgresSchemaSupport(postgresCompiler);
  },
  async changeSupport(): Promise<ChangeSupport> {
    const { postgresChangeSupport } = await import("./changes/mod.ts");
    return postgresChangeSupport;
  },
});
