/**
 * A database that one candidate has for itself, as the measurement sees it: from outside, over a connection
 * that the candidate knows nothing of.
 *
 * @module
 */
import type { NewItem } from "../model.ts";

/** The database of one candidate, with the rows of `model.ts`. */
export interface TestDatabase extends AsyncDisposable {
  /** The file, or the URL. */
  readonly place: string;
  /** Removes the items that were written since the start. */
  reset(): Promise<void>;
  /** How many items are there. */
  countItems(): Promise<number>;
  /** The items that were written since the start, in the order of their keys. */
  writtenItems(): Promise<NewItem[]>;
}
