/**
 * What PostgreSQL can do.
 *
 * @module
 */
import type { Capabilities } from "../../dialect/capabilities.ts";

/** PostgreSQL's protocol counts parameters in 16 bits; the driver keeps two for itself. */
export const maxParameters = 65_533;

/** The flags of PostgreSQL. */
export const postgresCapabilities: Capabilities = Object.freeze({
  supportsReturning: true,
  supportsFullJoin: true,
  supportsLateral: true,
  supportsDistinctOn: true,
  supportsRowLocks: true,
  supportsArrays: true,
  supportsEnumTypes: true,
  supportsSchemas: true,
  supportsComments: true,
  supportsSetOperationAll: true,
  supportsWritableWith: true,
  supportsFullText: true,
  supportsStatementRollback: false,
  isolationLevels: Object.freeze(
    ["read uncommitted", "read committed", "repeatable read", "serializable"] as const,
  ),
  supportsReadOnly: true,
  supportsDeferrable: true,
  supportsAddForeignKey: true,
  supportsListParameter: true,
  supportsUpdateFrom: true,
  supportsDeleteUsing: true,
  supportsCopy: true,
  maxParameters,
  loadStrategy: "join",
  supportsBatchedJoin: true,
  bulkInsert: "lists",
});
