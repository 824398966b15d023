/**
 * What a database can do, as frozen flags. A claimed flag works; an unclaimed one is an
 * `UnsupportedError` before any SQL is sent.
 *
 * @module
 */

/** The flags of one dialect. */
export interface Capabilities {
  /** `RETURNING` on insert, update and delete. */
  readonly supportsReturning: boolean;
  /** `RIGHT` and `FULL` joins. */
  readonly supportsFullJoin: boolean;
  /** `LATERAL` sub-queries. */
  readonly supportsLateral: boolean;
  /** `DISTINCT ON`. */
  readonly supportsDistinctOn: boolean;
  /** `FOR UPDATE` and its kin. */
  readonly supportsRowLocks: boolean;
  /** Array columns. */
  readonly supportsArrays: boolean;
  /** Enum types of the database's own; without it an enum is text with a check. */
  readonly supportsEnumTypes: boolean;
  /** Several schemas in one database. */
  readonly supportsSchemas: boolean;
  /** Whether tables and columns have comments. */
  readonly supportsComments: boolean;
  /** `INTERSECT ALL`, `EXCEPT ALL`. */
  readonly supportsSetOperationAll: boolean;
  /** INSERT, UPDATE and DELETE inside `WITH`. */
  readonly supportsWritableWith: boolean;
  /** Full-text search of plain columns. */
  readonly supportsFullText: boolean;
  /** Isolation levels that a transaction can ask for. */
  readonly isolationLevels: readonly IsolationLevel[];
  /**
   * A statement that fails in a transaction undoes itself alone, and the transaction can go on. Without it the
   * transaction is lost, except for a rollback to a savepoint.
   */
  readonly supportsStatementRollback: boolean;
  /** Read-only transactions. */
  readonly supportsReadOnly: boolean;
  /** `DEFERRABLE` transactions. */
  readonly supportsDeferrable: boolean;
  /** `ALTER TABLE … ADD FOREIGN KEY`. */
  readonly supportsAddForeignKey: boolean;
  /** A list bound as one array parameter, with no limit on its length. */
  readonly supportsListParameter: boolean;
  /** `UPDATE … FROM`. */
  readonly supportsUpdateFrom: boolean;
  /** `DELETE … USING`. */
  readonly supportsDeleteUsing: boolean;
  /** Bulk load by COPY. */
  readonly supportsCopy: boolean;
  /** How many parameters one statement may bind. */
  readonly maxParameters: number;
  /** How a nested read is done unless somebody says otherwise. */
  readonly loadStrategy: "join" | "query";
  /**
   * `join` reads a relation to many for all parents at once, by a WITH query beside that of the parents. Without it
   * a sub-query is run for each parent.
   */
  readonly supportsBatchedJoin: boolean;
  /** How many rows one insert statement carries when many are written: `lists` has no limit. */
  readonly bulkInsert: "lists" | "rows";
}

/** How a transaction is kept apart from others. */
export type IsolationLevel =
  | "read uncommitted"
  | "read committed"
  | "repeatable read"
  | "serializable";
