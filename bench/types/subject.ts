/**
 * What is measured: models, queries and mistakes that mean the same in every library.
 *
 * Model `n` has ten fields: a key, a name, a unique email, a nullable age, a flag with a default, an exact
 * decimal, a creation time, the key of its parent, the parent (model `n + 1`) and its children (model `n - 1`).
 *
 * @module
 */

/** A file of generated code. */
export interface Generated {
  /** Its name. */
  readonly name: string;
  /** Its text. */
  readonly text: string;
}

/** One library, as the measurement sees it. */
export interface Library {
  /** Its name. */
  readonly name: string;
  /** npm packages that it needs, with exact versions; none for this one. */
  readonly packages: Readonly<Record<string, string>>;
  /** A file that only imports it. */
  imports(): string;
  /** The models. */
  models(count: number): string;
  /** For each model a find two levels deep, a create and an update. */
  queries(count: number): string;
  /** The queries with one mistake in each, by what is wrong. */
  mistakes(count: number): Readonly<Record<string, string>>;
}

/** The number of the parent of model `n`. */
export function parentOf(n: number, count: number): number {
  return (n + 1) % count;
}

/** The number of the children of model `n`. */
export function childOf(n: number, count: number): number {
  return (n + count - 1) % count;
}
