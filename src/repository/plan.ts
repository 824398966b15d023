/**
 * What a read plan is.
 *
 * @module
 */
import type { CompiledStatement } from "../dialect/dialect.ts";
import type { RelationSchema } from "../schema/entity.ts";
import type { Level } from "./level.ts";

/** A relation that is read for all its parents at once. */
export interface Follower {
  /** The relation. */
  readonly relation: RelationSchema;
  /** Where in a parent's row its keys are. */
  readonly parentKeys: readonly number[];
  /** The level of the parents, which tells where they are gathered. */
  readonly parents: Level;
  /**
   * Its statement, whose last slots take the keys, one list each; or where in the first row of the statement
   * that reads its parents its rows are, as JSON.
   */
  readonly source: CompiledStatement | number;
  /** How its rows become records. */
  readonly level: Level;
  /** Where in a row the keys of its parent are, and how they are loaded. */
  readonly childKeys: readonly number[];
  /** Loads the child's keys. */
  readonly loadKey: readonly (((wire: unknown) => unknown) | null)[];
  /** The relations that are read after this one, from its records. */
  readonly followers: readonly Follower[];
}

/** How a query shape is run. */
export interface ReadPlan {
  /** The statement of the root. */
  readonly statement: CompiledStatement;
  /** How its rows become records. */
  readonly level: Level;
  /** The relations that are read after it, from its records. */
  readonly followers: readonly Follower[];
  /** How many lists are gathered. */
  readonly gathers: number;
}
