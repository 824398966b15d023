/**
 * Random changes of random schemas.
 *
 * @module
 */
import type { Renames } from "../../src/migration/diff/mod.ts";
import { type ColumnType, columnType } from "../../src/schema/column_type.ts";
import type { EnumSchema, QualifiedName } from "../../src/schema/database_schema.ts";
import type { ColumnSchema, TableSchema } from "../../src/schema/table.ts";
import type { Random } from "./random.ts";
import { isInteger, randomDeclared, randomDefault, randomType } from "./schema_columns.ts";
import type { SchemaMaker } from "./schema_maker.ts";
import { withColumnNames, withTableNames } from "./schema_renamer.ts";
import { isSame, settled, type World } from "./schema_world.ts";

/** Two worlds, and what has another name in the second. */
export interface Pair {
  /** What is. */
  readonly from: World;
  /** What shall be. */
  readonly to: World;
  /** What was renamed. */
  readonly renames: Renames;
}

/** A random world and a random change of it. */
export function randomPair(maker: SchemaMaker): Pair {
  const { random } = maker;
  const from = maker.world();
  const tables = random.chance(0.35) ? tableRenames(from, maker) : [];
  let to = withTableNames(from, tables);
  const columns: Renames["columns"][number][] = [];
  for (const table of random.some(to.tables, random.int(0, 2))) {
    const on = nameOf(table);
    const names = columnRenames(table, maker);
    to = withColumnNames(to, on, names);
    for (const [old, name] of names) columns.push({ table: on, from: old, to: name });
  }
  const kept = new Set(to.tables.map(({ name }) => name));
  if (to.tables.length > 1 && random.chance(0.25)) {
    const gone = random.pick(to.tables);
    kept.delete(gone.name);
    to = { ...to, tables: to.tables.filter((each) => each !== gone) };
  }
  to = { ...to, enums: to.enums.flatMap((each) => changedEnum(each, random)) };
  if (to.enums.length > 0 && random.chance(0.2)) to = { ...to, enums: to.enums.slice(1) };
  if (maker.flavour === "PostgreSQL" && random.chance(0.2)) {
    to = { ...to, enums: [...to.enums, maker.enum(to.schemas)] };
  }
  to = settled(to);
  for (let i = random.int(0, 5); i > 0 && to.tables.length > 0; i--) {
    const table = random.pick(to.tables);
    const changed = change(table, to, maker);
    to = settled({ ...to, tables: to.tables.map((each) => each === table ? changed : each) });
  }
  to = settled(random.chance(0.15) ? widened(to, random) : to);
  if (random.chance(0.3)) to = { ...to, tables: [...to.tables, maker.table(to)] };
  if (random.chance(0.2)) to = { ...to, views: to.views.slice(1) };
  if (random.chance(0.2)) to = { ...to, triggers: [] };
  if (random.chance(0.2)) to = maker.addView(to);
  if (random.chance(0.2)) to = maker.addTrigger(to);
  if (random.chance(0.2)) to = { ...to, rest: maker.world().rest };
  return fitting({ from, to: settled(to), renames: { tables, columns } });
}

/** Renames of what is on neither side any more are none. */
export function fitting({ from, to, renames }: Pair): Pair {
  const has = (world: World, table: QualifiedName, column?: string) =>
    world.tables.some((each) =>
      isSame(each, table) &&
      (column === undefined || each.columns.some(({ name }) => name === column))
    );
  const tables = renames.tables.filter((each) => has(from, each.from) && has(to, each.to));
  const oldName = (table: QualifiedName) =>
    tables.find((each) => isSame(each.to, table))?.from ?? table;
  const columns = renames.columns.filter((each) =>
    has(from, oldName(each.table), each.from) && has(to, each.table, each.to)
  );
  return { from, to, renames: { tables, columns } };
}

function nameOf({ name, schema }: QualifiedName): QualifiedName {
  return { name, ...schema !== undefined && { schema } };
}

/** A new name, a change of places, or a move to another schema. */
function tableRenames({ tables, schemas }: World, maker: SchemaMaker): Renames["tables"] {
  const { random } = maker;
  const [a, b] = random.some(tables, 2);
  if (a === undefined) return [];
  const from = nameOf(a);
  if (b !== undefined && random.chance(0.25)) {
    const other = nameOf(b);
    return random.chance(0.5)
      ? [{ from, to: other }, { from: other, to: from }]
      : [{ from, to: other }, { from: other, to: { ...other, name: maker.name("t") } }];
  }
  if (schemas.length > 0 && random.chance(0.4)) {
    const schema = random.pick([undefined, ...schemas].filter((each) => each !== a.schema));
    const name = random.chance(0.5) ? a.name : maker.name("t");
    return [{ from, to: nameOf({ name, ...schema !== undefined && { schema } }) }];
  }
  return [{ from, to: { ...from, name: maker.name("t") } }];
}

function columnRenames(table: TableSchema, maker: SchemaMaker): Map<string, string> {
  const { random } = maker;
  const [a, b] = random.some(table.columns, 2);
  if (a === undefined) return new Map();
  if (b !== undefined && random.chance(0.25)) return new Map([[a.name, b.name], [b.name, a.name]]);
  return new Map([[a.name, maker.name(random.pick(["name", "Size", "a b"]))]]);
}

function changedEnum(each: EnumSchema, random: Random): EnumSchema[] {
  const { values } = each;
  if (random.chance(0.6)) return [each];
  const at = random.int(0, values.length);
  switch (random.pick(["add", "drop", "swap"])) {
    case "add":
      return [{ ...each, values: [...values.slice(0, at), "new one", ...values.slice(at)] }];
    case "drop":
      return [{ ...each, values: values.filter((_, i) => i !== Math.min(at, values.length - 1)) }];
    default:
      return [{ ...each, values: [...values].reverse() }];
  }
}

/** All integer keys and what points to them become wider or narrower together. */
function widened(world: World, random: Random): World {
  const type = columnType(random.pick(["integer", "bigint", "smallint", "text"]));
  const keys = (table: TableSchema) =>
    new Set([
      ...table.primaryKey?.columns ?? [],
      ...table.foreignKeys.flatMap(({ columns }) => columns),
      ...table.uniques.flatMap(({ columns }) => columns),
    ]);
  return {
    ...world,
    tables: world.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) =>
        keys(table).has(column.name) && isInteger(column.type) && !table.loose &&
          (column.identity === undefined || isInteger(type))
          ? { ...without(column, "default"), type }
          : column
      ),
    })),
  };
}

function change(table: TableSchema, world: World, maker: SchemaMaker): TableSchema {
  const { random } = maker;
  switch (
    random.weighted({ add: 4, drop: 3, alter: 6, constraint: 4, release: 3, key: 1, describe: 1 })
  ) {
    case "add":
      return maker.addColumn(table, world.enums);
    case "drop": {
      if (table.columns.length < 2) return table;
      const gone = random.pick(table.columns);
      return { ...table, columns: table.columns.filter((each) => each !== gone) };
    }
    case "alter": {
      const column = random.pick(table.columns);
      const changed = alter(column, table, world, maker);
      return {
        ...table,
        columns: table.columns.map((each) => each === column ? changed : each),
      };
    }
    case "constraint":
      return maker.addConstraint(table, world.tables);
    case "release":
      return release(table, random);
    case "key":
      return otherKey(table, random);
    case "describe":
      return maker.flavour === "SQLite" ? table : {
        ...without(table, "comment", "options"),
        ...random.chance(0.5) && { comment: "now it's so" },
        ...random.chance(0.5) && { options: "WITH (fillfactor=60)" },
      };
  }
}

function release(table: TableSchema, random: Random): TableSchema {
  switch (random.pick(["index", "check", "unique", "reference", "exclusion"])) {
    case "index":
      return { ...table, indexes: table.indexes.slice(1) };
    case "check":
      return { ...table, checks: table.checks.slice(1) };
    case "unique":
      return { ...table, uniques: table.uniques.slice(1) };
    case "reference":
      return { ...table, foreignKeys: table.foreignKeys.slice(1) };
    default:
      return { ...without(table, "exclusions") };
  }
}

/** Another primary key, or none. */
function otherKey(table: TableSchema, random: Random): TableSchema {
  if (table.options === "WITHOUT ROWID") return table;
  const free = table.columns.filter(({ nullable, generated }) => !nullable && !generated);
  const { primaryKey: _, ...rest } = table;
  if (random.chance(0.4) || free.length === 0) return rest;
  return { ...rest, primaryKey: { columns: random.some(free, 2).map(({ name }) => name) } };
}

/** Another type, default, collation or numbering, or NULL where there was none, or the other way round. */
function alter(
  column: ColumnSchema,
  table: TableSchema,
  { enums }: World,
  maker: SchemaMaker,
): ColumnSchema {
  const { random, flavour } = maker;
  const isKey = table.primaryKey?.columns.includes(column.name);
  if (column.generated !== undefined) {
    return random.chance(0.5)
      ? { ...column, generated: { ...column.generated, stored: !column.generated.stored } }
      : without(column, "generated");
  }
  switch (random.weighted({ nullable: 3, type: 4, default: 2, identity: 1, comment: 1 })) {
    case "nullable":
      return isKey || column.identity ? column : { ...column, nullable: !column.nullable };
    case "default": {
      const value = randomDefault(random, flavour, column.type);
      if (column.identity) return column;
      return { ...without(column, "default"), ...value && { default: value } };
    }
    case "identity":
      return flavour === "PostgreSQL" && isInteger(column.type) && !column.nullable
        ? identity(column, random)
        : column;
    case "comment":
      return flavour === "PostgreSQL" ? { ...column, comment: "now it's so" } : column;
    case "type": {
      if (isKey) return column;
      const typed: { type: ColumnType; declared?: string } = table.loose
        ? randomDeclared(random)
        : { type: randomType(random, flavour, enums) };
      const value = random.chance(0.5) ? randomDefault(random, flavour, typed.type) : undefined;
      return {
        ...without(column, "default", "collation", "identity"),
        ...typed,
        ...value && { default: value },
      };
    }
  }
}

function identity(column: ColumnSchema, random: Random): ColumnSchema {
  const kind = random.pick([undefined, "always", "by default"] as const);
  return { ...without(column, "identity", "default"), ...kind && { identity: kind } };
}

function without<T extends object, K extends keyof T>(each: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(
    Object.entries(each).filter(([key]) => !(keys as readonly string[]).includes(key)),
  ) as Omit<T, K>;
}
