/**
 * What callbacks refer to: columns by property, joined sources by alias.
 *
 * @module
 */
import { Expr } from "./expression.ts";
import type { Columns, Refs } from "./types.ts";
import { columnOf, type Source } from "./source.ts";

/** The columns of one source, made when asked for. */
export function columnsOf<M>(source: Source, qualified = true): Columns<M> {
  return lazily((name) => columnOf(source, name, qualified));
}

/** The columns of the first source, and the others by alias. */
export function references<Root, Joined>(
  root: Source,
  named: ReadonlyMap<string, Source>,
): Refs<Root, Joined> {
  return lazily((name) => {
    const source = named.get(name);
    return source ? columnsOf(source) : columnOf(root, name);
  });
}

/** The columns of the row that could not be inserted, in an upsert. */
export function excludedOf<M>(source: Source): Columns<M> {
  return lazily((name) => {
    const { info } = columnOf(source, name);
    const column = source.columns.get(name)?.column ?? name;
    return new Expr(Object.freeze({ kind: "Excluded", name: column }), info);
  });
}

/** An object whose properties are made once, when they are first read. */
function lazily<T extends object>(make: (name: string) => unknown): T {
  const made = new Map<string, unknown>();
  return new Proxy(Object.create(null), {
    get(_target, name) {
      // A promise asks every object whether it is one; symbols are never columns.
      if (typeof name === "symbol") return undefined;
      if (!made.has(name)) made.set(name, make(name));
      return made.get(name);
    },
  });
}
