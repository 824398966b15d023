/**
 * Names and constants in SQL.
 *
 * @module
 */
import type { Compiler } from "../../../dialect/dialect.ts";
import type { QualifiedName } from "../../../schema/database_schema.ts";
import type { OnTable } from "../../../schema/step.ts";

/** Bytes. */
const longestName = 63;

/** Quotes names as a compiler does. */
export class SqlNames {
  readonly #compiler: Compiler;

  /** Quotes as `compiler` does. */
  constructor(compiler: Compiler) {
    this.#compiler = compiler;
  }

  /** One name. */
  name(name: string): string {
    return this.#compiler.identifier(name);
  }

  /** A name with its schema. */
  table({ name, schema }: QualifiedName): string {
    return schema === undefined ? this.name(name) : `${this.name(schema)}.${this.name(name)}`;
  }

  /** The table of a step. */
  onTable({ table, schema }: OnTable): string {
    return this.table({ name: table, ...schema !== undefined && { schema } });
  }
}

/** A text as a constant. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** As much of a name as PostgreSQL keeps. */
export function shortened(name: string): string {
  let text = name;
  while (new TextEncoder().encode(text).length > longestName) text = text.slice(0, -1);
  return text;
}
