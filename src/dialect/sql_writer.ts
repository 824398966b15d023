/**
 * Where a compiler writes one statement: text and bindings, in order.
 *
 * @module
 */
import type { Binding } from "./dialect.ts";

/** The SQL text and the bindings of one statement while it is being compiled. */
export class SqlWriter {
  #sql = "";
  readonly #bindings: Binding[] = [];

  /** The text so far. */
  get sql(): string {
    return this.#sql;
  }

  /** The bindings so far. */
  get bindings(): readonly Binding[] {
    return this.#bindings;
  }

  /** Appends text. */
  write(text: string): this {
    this.#sql += text;
    return this;
  }

  /** Adds a binding and gives its number, counted from 1; the caller writes the placeholder. */
  bind(binding: Binding): number {
    return this.#bindings.push(binding);
  }

  /** Writes every item, with `separator` between them. */
  list<T>(items: readonly T[], each: (item: T, index: number) => void, separator = ", "): this {
    items.forEach((item, index) => {
      if (index > 0) this.#sql += separator;
      each(item, index);
    });
    return this;
  }
}
