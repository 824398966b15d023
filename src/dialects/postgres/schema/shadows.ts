/**
 * Schemas that stand for the real ones while a schema is created only to be read back.
 *
 * @module
 */
import type { DatabaseSchema } from "../../../schema/database_schema.ts";

/** What is text of SQL in schema data. */
const textKeys: ReadonlySet<string> = new Set(["sql", "where", "bound"]);

const word = String.raw`(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)`;
const pathPattern = new RegExp(
  String.raw`'(?:[^']|'')*'(?:::regclass)?|${word}(?:\.${word})?`,
  "gu",
);

/** The names of the schemas that stand for others. */
export class Shadows {
  /** The one that stands for the default schema. */
  readonly main: string;
  /** All of them, each with the name of the schema that it stands for; `undefined`: the default one. */
  readonly schemas: ReadonlyMap<string, string | undefined>;
  readonly #shadowOf: ReadonlyMap<string | undefined, string>;
  readonly #paths = new Map<string, string>();

  /**
   * Chooses names that the schema itself does not use.
   *
   * @param fallback the name of the default schema
   */
  constructor(schema: DatabaseSchema, fallback: string) {
    const text = JSON.stringify(schema, (_, value) => typeof value === "bigint" ? "" : value);
    this.main = "rex_shadow";
    for (let i = 1; text.includes(this.main); i++) this.main = `rex_shadow${i}`;
    this.schemas = new Map([
      [this.main, undefined],
      ...schema.schemas.map((name, i) => [`${this.main}_${i}`, name] as const),
    ]);
    this.#shadowOf = new Map([...this.schemas].map(([shadow, name]) => [name, shadow]));
    const { enums, domains, sequences, tables, views } = schema;
    for (const { name, schema } of [enums, domains, sequences, tables, views].flat()) {
      const shadow = this.#shadowOf.get(schema);
      if (shadow === undefined) continue;
      this.#paths.set(pathKey(schema ?? fallback, name), `${shadow}.${quoted(name)}`);
    }
  }

  /** The schema with shadows in the place of its schemas. */
  hide(schema: DatabaseSchema): DatabaseSchema {
    const enumPaths = new Map(
      schema.enums.flatMap(({ name, schema: its }): [string, string][] =>
        its === undefined ? [] : [[`${its}.${name}`, `${this.#shadowOf.get(its) ?? its}.${name}`]]
      ),
    );
    const hidden = mapped(schema, (key, value) => {
      if (key === "enumName") return enumPaths.get(value) ?? value;
      if (key === "schema") return this.#shadowOf.get(value) ?? value;
      return textKeys.has(key) ? this.#hideIn(value) : value;
    }) as DatabaseSchema;
    return { ...hidden, schemas: [...this.schemas.keys()] };
  }

  #hideIn(sql: string): string {
    return sql.replace(pathPattern, (found) => {
      if (!found.startsWith("'")) return this.#hiddenPath(found) ?? found;
      const [, path] = /^'((?:[^']|'')*)'::regclass$/.exec(found) ?? [];
      const hidden = path && this.#hiddenPath(path.replaceAll("''", "'"));
      return hidden ? `'${hidden.replaceAll("'", "''")}'::regclass` : found;
    });
  }

  #hiddenPath(path: string): string | undefined {
    const words = path.match(new RegExp(word, "gu")) ?? [];
    if (words.length !== 2) return undefined;
    const [schema, name] = words.map((each) =>
      each.startsWith('"') ? each.slice(1, -1).replaceAll('""', '"') : each.toLowerCase()
    );
    return this.#paths.get(pathKey(schema as string, name as string));
  }

  /** What was read, with the real names in the text of expressions. */
  reveal(read: DatabaseSchema): DatabaseSchema {
    return mapped(read, (key, value) => {
      if (!textKeys.has(key)) return value;
      let text = value;
      for (const [shadow, name] of this.schemas) {
        text = text.replaceAll(`${shadow}.`, name === undefined ? "" : `${quoted(name)}.`);
      }
      return text;
    }) as DatabaseSchema;
  }
}

function pathKey(schema: string, name: string): string {
  return `${schema}\0${name}`;
}

/** A name as PostgreSQL spells it. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Data with other strings in it. */
function mapped(data: unknown, change: (key: string, value: string) => string, key = ""): unknown {
  if (typeof data === "string") return change(key, data);
  if (Array.isArray(data)) return data.map((each) => mapped(each, change, key));
  // Only plain data holds names: a default may be a value of any kind.
  if (typeof data !== "object" || data === null || key === "value") return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, mapped(value, change, name)]),
  );
}
