/**
 * The seam between live queries and whoever shows them: an iterator in this process, or a client's connection.
 *
 * @module
 */
import type { ChangeBatch } from "../../../change/source.ts";
import type { EntitySchema } from "../../../schema/entity.ts";

/** A query in the repository's shape. */
export type LiveShape = Readonly<Record<string, unknown>>;

/** A record as the repository would give it. */
export type LiveRow = Readonly<Record<string, unknown>>;

/** A record of a view. */
export interface LiveEntry {
  /** Tells it from the others: its primary key as text. */
  readonly key: string;
  /** The record; a new object whenever something of it changed. */
  readonly row: LiveRow;
  /** Its place in the result after the whole change; only for ordered queries. */
  readonly at?: number;
}

/** What a transaction changed in a view. One object serves all who subscribe to the same query. */
export interface LiveChange {
  /** Records that are gone; one that the subscriber does not have means nothing. They are taken out first. */
  readonly drop: readonly string[];
  /**
   * Records that are new, changed or moved. With places (ordered queries): all of them are taken out, then put in one
   * after the other, each at its place; they come in the order of places. Without: one that is there is replaced where
   * it is, one that is new comes last.
   */
  readonly put: readonly LiveEntry[];
}

/** The whole result. */
export interface LiveSnapshot {
  /** In order. */
  readonly entries: readonly LiveEntry[];
  /** Up to where changes are in it. */
  readonly position: string;
  /** Why it was read again; absent for the first one. */
  readonly reset?: string;
}

/**
 * Takes what subscriptions see. Called synchronously; must neither wait nor throw. The changes of one batch in all
 * subscriptions of one sink are told first, then `flush` once.
 */
export interface LiveSink<Tag> {
  /** The first result, or a new one after a reset. */
  snapshot(tag: Tag, snapshot: LiveSnapshot): void;
  /** The position that was asked for is known: only changes follow. */
  resumed(tag: Tag, position: string): void;
  /** What a batch changed. */
  change(tag: Tag, change: LiveChange): void;
  /** All subscriptions of this sink that a batch concerns have been told; what was told is at `position`. */
  flush(position: string): void;
  /** The subscription failed (a statement that the database refused) and has ended. */
  failed(tag: Tag, error: unknown): void;
}

/** How a subscription is kept true. */
export interface LiveExplanation {
  /**
   * `index`: a change is matched by looking up values; `scan`: the condition is evaluated for every change of the table;
   * `query`: the query is run again when a table that it reads has changed.
   */
  readonly way: "index" | "scan" | "query";
  /** The columns whose values are looked up, for `index`, and for `query` where they spare it runs. */
  readonly columns: readonly string[];
  /** The tables whose changes concern it. */
  readonly tables: readonly string[];
  /** Why it is not done in a cheaper way, in sentences. */
  readonly reasons: readonly string[];
}

/** One subscription. */
export interface LiveHandle {
  /** How it is kept true. */
  explain(): LiveExplanation;
  /** Ends it; its sink hears nothing more. */
  close(): void;
}

/** What is subscribed to. */
export interface LiveRequest {
  /** The model. */
  readonly entity: EntitySchema;
  /** `where`, `select`, `include`, `orderBy`, `limit`, `offset`, `withDeleted` as a repository takes them. */
  readonly query: LiveShape;
  /** The last position that the subscriber has: told to be resumed where that is possible. */
  readonly since?: string;
}

/** Figures of live queries. */
export interface LiveStats {
  /** Subscriptions that are open. */
  readonly subscriptions: number;
  /** Queries that are kept: subscriptions to equal ones share one. */
  readonly views: number;
  /** Records that are held for them. */
  readonly rows: number;
  /** Batches that were told. */
  readonly batches: number;
  /** Queries that were run again. */
  readonly queries: number;
}

/** Keeps queries true. One for each database. */
export interface LiveQueries {
  /**
   * Subscribes. The sink is told the snapshot (or that it was resumed) later, never before this returns.
   *
   * @throws {QueryError} for a query that the model does not have, or one without a primary key to tell records apart
   */
  open<Tag>(request: LiveRequest, sink: LiveSink<Tag>, tag: Tag): LiveHandle;
  /** Resolves when the batch that `mark` tells was followed and every sink was told all that it changed. */
  settled(mark: Partial<Pick<ChangeBatch, "position" | "transaction">>): Promise<void>;
  /** Figures since it was made. */
  stats(): LiveStats;
  /** Ends all subscriptions. */
  close(): Promise<void>;
}
