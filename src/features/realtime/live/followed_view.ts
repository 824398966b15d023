/**
 * Views as those who follow the feed for them see them.
 *
 * @module
 */
import type { BatchMark } from "../../../change/source.ts";
import type { Result } from "./result.ts";
import type { RowState } from "./row_state.ts";
import type { ViewQuery } from "./view_query.ts";

/** What both kinds have in common. */
interface AnyFollowedView {
  /** The query. */
  readonly query: ViewQuery;
  /** The records that it holds. */
  readonly result: Result;
  /** A batch may have changed it in a way that only the database knows. */
  dirty(batch: BatchMark): void;
  /** Has it read anew; `reset` says why what its subscribers have is of no use. */
  want(reset?: string): void;
  /** Ends it. */
  fail(error: unknown): void;
}

/** A view that takes over changed rows. */
export interface FollowedRows extends AnyFollowedView {
  /** Tells it from the other kind. */
  readonly inMemory: true;
  /** Whether it is being read: it then takes what happened from the log of its entity. */
  readonly isReading: boolean;
  /** Whether a state has all that it holds of a row. */
  canTake(state: RowState): boolean;
  /** Takes over rows: those that match, and without values those that do not. */
  apply(batch: BatchMark, states: readonly RowState[]): void;
  /** All rows but these are gone. */
  truncate(batch: BatchMark, states: readonly RowState[]): void;
}

/** A view whose query is run again. */
export interface FollowedQuery extends AnyFollowedView {
  /** Tells it from the other kind. */
  readonly inMemory: false;
}

/** A view of either kind. */
export type FollowedView = FollowedRows | FollowedQuery;
