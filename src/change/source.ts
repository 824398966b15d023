/**
 * Where changes come from: the seam between a database and whoever follows it.
 *
 * A source tells whole transactions after their commit, each after all those that it could have seen, at least
 * once. What a source cannot tell any more it says: a `reset`, never a silent gap.
 *
 * @module
 */
import type { ChangeKind, UnseenTables } from "./change.ts";

/**
 * A row's values by column, in the form of the source (see {@linkcode ImageForm}). A column that is absent is
 * unknown, which is never the same as NULL.
 */
export type RowImage = Readonly<Record<string, unknown>>;

/**
 * The form of the values in row images: as the codecs give them to a program (`value`), as text of the database
 * (`text`), or as JSON that the database made for nested reads (`json`).
 */
export type ImageForm = "value" | "text" | "json";

/** One row that changed; a truncated table comes as one change of its own. */
export interface RowChange {
  /** The schema of the table, where it is not the one that names without a schema mean. */
  readonly schema?: string;
  /** The table. */
  readonly table: string;
  /** What happened. */
  readonly kind: ChangeKind | "truncate";
  /**
   * The row before, as far as known: of an update only where the source tells it, at least the columns of the key
   * where the key changed; of a delete at least the columns of the key.
   */
  readonly before?: RowImage;
  /** The row after, as far as known, and at least the columns of the key; absent for deletes. */
  readonly after?: RowImage;
}

/** Whole transactions: one, or several that the source cannot tell apart. */
export interface ChangeBatch {
  /** What a reader that has had this batch is at. Opaque; {@linkcode PositionOrder} compares. */
  readonly position: string;
  /** The database's own number of the transaction, where it has one. */
  readonly transaction?: string;
  /** When it was committed, in milliseconds since 1970, where known. */
  readonly time?: number;
  /** In the order in which they were made. */
  readonly changes: readonly RowChange[];
  /**
   * Tables of which rows changed that the source cannot tell; `all` where it does not even know the tables. Whoever
   * holds a view of such a table reads it anew.
   */
  readonly unseen?: UnseenTables;
}

/** What tells one batch from the others. */
export type BatchMark = Pick<ChangeBatch, "position" | "transaction">;

/** Compares positions, those of batches and those of snapshots. */
export interface PositionOrder {
  /** Whether a reader at `position`, or a snapshot of it, has had this batch. */
  has(position: string, batch: BatchMark): boolean;
  /** Whether a reader at `position` has had all that one at `other` has. */
  reaches(position: string, other: string): boolean;
}

/** What a source tells at once. Asking for the next step acknowledges this one: nothing before it is told again. */
export interface SourceStep {
  /** In order; may be empty where only the position moved on. */
  readonly batches: readonly ChangeBatch[];
  /** Where the reader is afterwards. */
  readonly position: string;
  /**
   * Why changes between the step before and this one are lost (a slot that was removed, a log that was shortened).
   * Whoever holds a view of the data reads it anew.
   */
  readonly reset?: string;
}

/** Runs SQL for a source: a database, or a transaction of it. */
export interface SourceConnection {
  /** Runs SQL; rows are objects keyed by column. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<{ readonly rows: Row[] }>;
}

/** How a source is read. */
export interface SourceReadOptions {
  /** Where to go on; left out: at what is committed from now on. */
  readonly after?: string;
  /** Ends the reading: the iterator is done, and connections are closed. */
  readonly signal: AbortSignal;
}

/** A stream of what is committed. */
export interface ChangeSource {
  /** What it is called in messages: `process`, `log`, `replication`, or a broker's name. */
  readonly name: string;
  /** The form of the values in its row images. */
  readonly form: ImageForm;
  /**
   * `rows`: images after the change hold all columns but those that the database did not send; `keys`: only the key
   * can be relied upon, and the row is read anew.
   */
  readonly images: "rows" | "keys";
  /** Compares its positions. */
  readonly positions: PositionOrder;
  /**
   * Tells what is committed. The iterator throws when the connection fails; the reader then begins again after the last
   * position that it has (see `ChangeFeed`). The first step comes at once, without batches: it tells that
   * everything committed from then on will be told.
   *
   * @throws {UnsupportedError} when the database is not set up for it; says what to do
   */
  read(options: SourceReadOptions): AsyncIterable<SourceStep>;
  /**
   * The position of a snapshot. Called first in a transaction that reads one snapshot (repeatable read): the position has
   * exactly the batches that the snapshot shows.
   */
  positionOf(snapshot: SourceConnection): Promise<string>;
  /**
   * Called last in a transaction that writes; what it gives is called after the commit and tells the batch of the
   * transaction, so that the writer can wait until it was told.
   */
  markOf(transaction: SourceConnection): Promise<() => Partial<BatchMark>>;
  /**
   * The tables whose changes it tells; absent: those of all tables. A schema is given where names without one do not
   * mean it.
   */
  tables?(): Promise<readonly { readonly schema?: string; readonly name: string }[]>;
  /** Figures of its own, such as the bytes that a slot holds back; read without a statement. */
  stats?(): Readonly<Record<string, number | string>>;
}
