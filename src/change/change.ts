/**
 * Changes of data, as they are told to those who follow them.
 *
 * @module
 */

/** What happened to a row. */
export type ChangeKind = "insert" | "update" | "delete";

/** One row that changed. Values are those of the model's properties. */
export interface Change {
  /** The table. */
  readonly table: string;
  /** The model's name, where a model wrote it. */
  readonly model?: string;
  /** What happened. */
  readonly kind: ChangeKind;
  /** The primary key, by property. */
  readonly key: Readonly<Record<string, unknown>>;
  /** The row before, as far as known. */
  readonly before?: Readonly<Record<string, unknown>>;
  /** The row after, as far as known. */
  readonly after?: Readonly<Record<string, unknown>>;
}

/** Names of tables of which rows changed that nobody told of; `all` where it could be any. */
export type UnseenTables = readonly string[] | "all";

/** The changes of one transaction, told after its commit and never otherwise. */
export interface CommitBatch {
  /** Grows with every batch of this process; lets a follower skip what it has. */
  readonly position: number;
  /** In the order in which they were made. */
  readonly changes: readonly Change[];
  /** Tables that were written beside, by builders or SQL text. Only for listeners that ask for it. */
  readonly unseen?: UnseenTables;
}

/** Takes what was committed. What it throws is logged and does not reach the writer. */
export type CommitListener = (batch: CommitBatch) => void;
