/**
 * What SQLite can do.
 *
 * @module
 */
import type { Capabilities } from "../../dialect/capabilities.ts";

/** How many values one statement takes. */
export const maxParameters = 32_766;

/** The flags of SQLite. */
export const sqliteCapabilities: Capabilities = Object.freeze({
  supportsReturning: true,
  supportsFullJoin: true,
  supportsLateral: false,
  supportsDistinctOn: false,
  supportsRowLocks: false,
  supportsArrays: false,
  supportsEnumTypes: false,
  supportsSchemas: false,
  supportsComments: false,
  supportsSetOperationAll: false,
  supportsWritableWith: false,
  supportsFullText: false,
  supportsStatementRollback: true,
  isolationLevels: Object.freeze(["serializable"] as const),
  supportsReadOnly: true,
  supportsDeferrable: false,
  supportsAddForeignKey: false,
  supportsListParameter: true,
  supportsUpdateFrom: true,
  supportsDeleteUsing: false,
  supportsCopy: false,
  maxParameters,
  loadStrategy: "query",
  supportsBatchedJoin: false,
  bulkInsert: "rows",
});
