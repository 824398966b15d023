/**
 * Random indexes, keys, checks and exclusions of a table.
 *
 * @module
 */
import { columnType } from "../../src/schema/column_type.ts";
import type { CheckSchema, IndexSchema, KeySchema, TableSchema } from "../../src/schema/table.ts";
import type { Flavour } from "./schema_columns.ts";
import type { SchemaMaker } from "./schema_maker.ts";
import { quoted } from "./schema_world.ts";

/** The names of columns by what they are good for. */
export interface Usable {
  /** All. */
  readonly any: readonly string[];
  /** Those that a tree index takes. */
  readonly ordered: readonly string[];
  /** Those with a value of their own in each row. */
  readonly keyable: readonly string[];
  /** Those that functions of text take. */
  readonly texts: readonly string[];
  /** Those that arithmetic takes. */
  readonly numbers: readonly string[];
}

type Make = (maker: SchemaMaker, table: TableSchema, usable: Usable) => TableSchema;

/** Conditions that name a value of an enum. */
function enumConditions({ columns }: TableSchema): string[] {
  return columns.filter(({ type }) => type.enumName !== undefined && !type.array).map((
    { name, type },
  ) =>
    `${quoted(name)} <> '${(type.values ?? []).at(-1)?.replaceAll("'", "''")}' OR ${
      quoted(name)
    } IS NOT NULL`
  );
}

/** What can be added to a table. */
export function constraintMakers(flavour: Flavour): readonly Make[] {
  const common = [
    plainIndex,
    plainIndex,
    expressionIndex,
    partialIndex,
    check,
    check,
    unique,
    unique,
  ];
  return flavour === "SQLite"
    ? common
    : [...common, richIndex, invertedIndex, exclusion, rangeExclusion];
}

function withIndex(table: TableSchema, index: IndexSchema): TableSchema {
  return { ...table, indexes: [...table.indexes, index] };
}

function plainIndex(maker: SchemaMaker, table: TableSchema, { ordered }: Usable): TableSchema {
  const { random } = maker;
  if (ordered.length === 0) return table;
  return withIndex(table, {
    name: maker.name("ix"),
    parts: random.some(ordered, random.int(1, 2)).map((column) => ({
      column,
      ...random.chance(0.3) && { direction: "desc" as const },
    })),
    unique: false,
  });
}

function expressionIndex(
  maker: SchemaMaker,
  table: TableSchema,
  { texts, numbers }: Usable,
): TableSchema {
  const { random } = maker;
  const expressions = [
    ...texts.map((name) => `upper(${quoted(name)})`),
    ...numbers.map((name) => `${quoted(name)} * 2`),
  ];
  if (expressions.length === 0) return table;
  const sql = random.pick(expressions);
  const parts = [{ sql, ...random.chance(0.3) && { direction: "desc" as const } }];
  return withIndex(table, { name: maker.name("ix"), parts, unique: false });
}

function partialIndex(
  maker: SchemaMaker,
  table: TableSchema,
  { any, keyable }: Usable,
): TableSchema {
  const plain = any.filter((name) => !table.columns.find((each) => each.name === name)?.generated);
  if (keyable.length === 0) return table;
  return withIndex(table, {
    name: maker.name("ix"),
    parts: maker.random.some(keyable, 1).map((column) => ({ column })),
    unique: true,
    where: maker.random.pick([
      `${quoted(maker.random.pick(plain))} IS NOT NULL`,
      ...enumConditions(table),
    ]),
  });
}

function richIndex(
  maker: SchemaMaker,
  table: TableSchema,
  { any, texts, keyable }: Usable,
): TableSchema {
  const { random } = maker;
  const [column] = random.some(texts.length > 0 ? texts : keyable, 1);
  if (column === undefined) return table;
  const isText = texts.includes(column);
  const direction = random.chance(0.5) ? { direction: "desc" as const } : {};
  const nulls = random.chance(0.5)
    ? { nulls: "direction" in direction ? "last" as const : "first" as const }
    : {};
  return withIndex(table, {
    name: maker.name("ix"),
    parts: [{
      column,
      ...direction,
      ...nulls,
      ...isText && random.chance(0.3) && { operatorClass: "text_pattern_ops" },
      ...isText && random.chance(0.3) && { collation: "POSIX" },
    }],
    unique: false,
    ...random.chance(0.4) && { include: [random.pick(any)] },
    ...random.chance(0.2) && { options: "fillfactor=70" },
    ...random.chance(0.2) && { comment: "it's fast" },
  });
}

function invertedIndex(maker: SchemaMaker, table: TableSchema): TableSchema {
  const column = { name: maker.name("tags"), type: columnType("jsonb"), nullable: true };
  return withIndex({ ...table, columns: [...table.columns, column] }, {
    name: maker.name("ix"),
    parts: [{
      column: column.name,
      ...maker.random.chance(0.5) && { operatorClass: "jsonb_path_ops" },
    }],
    unique: false,
    method: "gin",
  });
}

function check(maker: SchemaMaker, table: TableSchema, usable: Usable): TableSchema {
  const plain = usable.any.filter((name) =>
    !table.columns.find((each) => each.name === name)?.generated
  );
  const nullCheck = plain.map((name) => `${quoted(name)} IS NOT NULL OR ${quoted(name)} IS NULL`);
  const sql = maker.random.pick([
    ...nullCheck,
    ...enumConditions(table),
    ...enumConditions(table),
    ...usable.texts.map((name) => `length(${quoted(name)}) < 99`),
    ...usable.numbers.map((name) => `${quoted(name)} > -100`),
  ]);
  const unnamed = maker.flavour === "SQLite" && maker.random.chance(0.3);
  const made: CheckSchema = { ...!unnamed && { name: maker.name("ck") }, sql };
  return { ...table, checks: [...table.checks, made] };
}

function unique(maker: SchemaMaker, table: TableSchema, { keyable, any }: Usable): TableSchema {
  const { random } = maker;
  const columns = random.some(keyable, random.int(1, 2));
  if (columns.length === 0) return table;
  const postgres = maker.flavour === "PostgreSQL";
  const key: KeySchema = {
    ...(postgres || random.chance(0.7)) && { name: maker.name("uq") },
    columns,
    ...postgres && random.chance(0.2) && { nullsNotDistinct: true as const },
    ...postgres && random.chance(0.2) && { include: [random.pick(any)] },
    ...postgres && random.chance(0.2) && {
      deferrable: random.pick(["initially deferred", "initially immediate"] as const),
    },
  };
  const same = ({ columns: its }: KeySchema) => String(its) === String(columns);
  if (table.uniques.some(same) || table.primaryKey && same(table.primaryKey)) return table;
  return { ...table, uniques: [...table.uniques, key] };
}

function exclusion(maker: SchemaMaker, table: TableSchema, { keyable }: Usable): TableSchema {
  const { random } = maker;
  if (keyable.length === 0) return table;
  return {
    ...table,
    exclusions: [...table.exclusions ?? [], {
      name: maker.name("ex"),
      method: "btree",
      parts: random.some(keyable, 1).map((column) => ({ column, operator: "=" })),
      ...random.chance(0.3) && { deferrable: "initially deferred" as const },
    }],
  };
}

function rangeExclusion(maker: SchemaMaker, table: TableSchema): TableSchema {
  const type = columnType("other", { sql: "int4range" });
  const column = { name: maker.name("during"), type, nullable: true };
  return {
    ...table,
    columns: [...table.columns, column],
    exclusions: [...table.exclusions ?? [], {
      name: maker.name("ex"),
      method: "gist",
      parts: [{ column: column.name, operator: "&&" }],
    }],
  };
}
