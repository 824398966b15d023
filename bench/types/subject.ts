/**
 * What is measured: models, queries and mistakes that mean the same in every library.
 *
 * Model `n` has ten fields: a key, a name, a unique email, a nullable age, a flag with a default, an exact
 * decimal, the time of its creation, the key of its parent, the parent (model `n + 1`) and its children
 * (model `n - 1`). For each model there is a find with conditions, order, columns and relations two levels
 * deep whose result is used, a create and an update; nested writes where the library has them.
 *
 * @module
 */

/** A piece of right code, and the wrong code to put in its place. */
export interface Mistake {
  /** What is wrong. */
  readonly name: string;
  /** The right code. */
  readonly right: string;
  /** The wrong code. */
  readonly wrong: string;
}

/** The code of one library. */
export interface Library {
  /** Its name. */
  readonly name: string;
  /** The npm packages that it needs, in exact versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** Code that imports it and does nothing. */
  readonly imports: string;
  /** Code of the models, to be `models.ts`. */
  models(count: number): string;
  /** What the queries import, from `models.ts` among others. */
  header(count: number): string;
  /** The find on model `n` of so many. */
  find(n: number, count: number): string;
  /** The create and the update on model `n`. */
  write(n: number): string;
  /** The mistakes, which are made in the code of one model. */
  readonly mistakes: readonly Mistake[];
  /** Other files that are needed beside `models.ts`, by path, and the command that makes more of them. */
  prepare?(count: number): Preparation;
}

/** What a library needs before its code compiles. */
export interface Preparation {
  /** Files to write, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Arguments of `deno`, to be run in the folder. */
  readonly command: readonly string[];
  /** Variables of its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The number of the parent of model `n`. */
export function parentOf(n: number, count: number): number {
  return (n + 1) % count;
}

/** The number of the children of model `n`. */
export function childOf(n: number, count: number): number {
  return (n + count - 1) % count;
}

/** The code of all models, one after the other. */
export function each(count: number, code: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => code(n)).join("\n");
}
