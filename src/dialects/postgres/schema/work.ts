/**
 * What a step takes on PostgreSQL.
 *
 * @module
 */

/** What a step takes. */
export interface Work {
  /** The statements. */
  readonly statements: readonly string[];
  /** Why others wait; left out: they do not. */
  readonly blocking?: string;
  /** Outside of a transaction. */
  readonly alone?: true;
}
