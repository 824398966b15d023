/**
 * Random schemas, random changes of them, and random rows that fit.
 *
 * @module
 */
import { type ColumnType, columnType } from "../../src/schema/column_type.ts";
import { type DatabaseSchema, emptySchema } from "../../src/schema/database_schema.ts";
import type { ColumnSchema, ForeignKeySchema, TableSchema } from "../../src/schema/table.ts";
import type { Renames } from "../../src/migration/diff/mod.ts";
import type { Random } from "./random.ts";

const types: readonly ColumnType[] = [
  columnType("smallint"),
  columnType("integer"),
  columnType("bigint"),
  columnType("numeric", { precision: 8, scale: 2 }),
  columnType("numeric", { precision: 12, scale: 4 }),
  columnType("double"),
  columnType("boolean"),
  columnType("text"),
  columnType("varchar", { length: 20 }),
  columnType("varchar", { length: 60 }),
  columnType("uuid"),
  columnType("date"),
  columnType("timestamp"),
  columnType("json"),
  columnType("bytes"),
];
const words = ["name", "title", "size", "state", "note", "level", "order", "Group", "käse", "a b"];
const actions = [undefined, "cascade", "set null", "restrict"] as const;

/** What a random change made of a schema, and what it renamed. */
export interface Mutation {
  /** The schema. */
  readonly schema: DatabaseSchema;
  /** What has another name now. */
  readonly renames: Renames;
}

/** Makes schemas. */
export class SchemaMaker {
  readonly #random: Random;
  #names = 0;

  /** Takes its choices from `random`. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** A schema of one to five tables. */
  schema(): DatabaseSchema {
    const tables: TableSchema[] = [];
    for (let i = this.#random.int(1, 5); i > 0; i--) tables.push(this.#table(tables));
    return { ...emptySchema, tables };
  }

  /** Some changes. */
  mutate(schema: DatabaseSchema): Mutation {
    const random = this.#random;
    const renamedTables: { from: { name: string }; to: { name: string } }[] = [];
    const renamedColumns: { table: { name: string }; from: string; to: string }[] = [];
    let tables = [...schema.tables];
    if (tables.length > 1 && random.chance(0.25)) {
      const gone = random.pick(tables).name;
      tables = tables.filter(({ name }) => name !== gone).map((table) => ({
        ...table,
        foreignKeys: table.foreignKeys.filter((key) => key.table !== gone),
      }));
    }
    if (random.chance(0.3)) {
      const from = random.pick(tables).name;
      const to = this.#name("t");
      renamedTables.push({ from: { name: from }, to: { name: to } });
      tables = tables.map((table) => ({
        ...table,
        name: table.name === from ? to : table.name,
        foreignKeys: table.foreignKeys.map((key) =>
          key.table === from ? { ...key, table: to } : key
        ),
      }));
    }
    tables = tables.map((table) => {
      let changed = table;
      for (let i = random.int(0, 3); i > 0; i--) changed = this.#change(changed, tables);
      if (random.chance(0.25)) {
        const plain = changed.columns.filter(({ name }) =>
          table.columns.some((old) => old.name === name) && this.#isFree(name, changed)
        );
        if (plain.length > 0) {
          const from = random.pick(plain).name;
          const to = this.#name(random.pick(words));
          renamedColumns.push({ table: { name: table.name }, from, to });
          changed = {
            ...changed,
            columns: changed.columns.map((each) =>
              each.name === from ? { ...each, name: to } : each
            ),
          };
        }
      }
      return changed;
    });
    if (random.chance(0.3)) tables.push(this.#table(tables));
    return {
      schema: { ...emptySchema, tables },
      renames: { tables: renamedTables, columns: renamedColumns },
    };
  }

  /** A value that fits a column, as SQL. */
  value(column: ColumnSchema, row: number): string {
    const random = this.#random;
    if (column.nullable && random.chance(0.25)) return "NULL";
    switch (column.type.name) {
      case "smallint":
      case "integer":
        return String(random.int(0, 300));
      case "bigint":
        return random.chance(0.2) ? "9007199254740993" : String(random.int(0, 1_000_000));
      case "numeric":
        return `'${random.int(0, 9999)}.${"0123456789".slice(0, column.type.scale ?? 0)}'`;
      case "double":
        return random.pick(["0.5", "12.25", "100.0"]);
      case "boolean":
        return "BOOLEAN";
      case "uuid":
        return `'00000000-0000-4000-8000-${String(row).padStart(12, "0")}'`;
      case "date":
        return `'2026-0${random.int(1, 9)}-1${random.int(0, 9)}'`;
      case "timestamp":
        return `'2026-0${random.int(1, 9)}-1${random.int(0, 9)} 10:00:00.000'`;
      case "json":
        return `'{"a":${row}}'`;
      case "bytes":
        return "BYTES";
      default:
        return `'${random.pick(["x", "it''s", "käse", ""])}${row}'`;
    }
  }

  #name(word: string): string {
    return `${word}${++this.#names}`;
  }

  #table(others: readonly TableSchema[]): TableSchema {
    const random = this.#random;
    const columns: ColumnSchema[] = [];
    const uuid = random.chance(0.2);
    columns.push({
      name: "id",
      type: columnType(uuid ? "uuid" : random.pick(["integer", "bigint"])),
      nullable: false,
      ...!uuid && random.chance(0.7) && { identity: "by default" as const },
    });
    let table: TableSchema = {
      name: this.#name("t"),
      columns,
      primaryKey: { columns: ["id"] },
      uniques: [],
      indexes: [],
      checks: [],
      foreignKeys: [],
    };
    for (let i = random.int(1, 5); i > 0; i--) table = this.#addColumn(table);
    for (let i = random.int(0, 2); i > 0; i--) table = this.#addConstraint(table, others);
    return table;
  }

  #addColumn(table: TableSchema): TableSchema {
    const random = this.#random;
    const type = random.pick(types);
    const nullable = random.chance(0.5);
    const defaults = this.#default(type);
    return {
      ...table,
      columns: [...table.columns, {
        name: this.#name(random.pick(words)),
        type,
        nullable,
        ...defaults !== undefined && (!nullable || random.chance(0.4)) && {
          default: { kind: "value" as const, value: defaults },
        },
      }],
    };
  }

  #default(type: ColumnType): unknown {
    switch (type.name) {
      case "smallint":
      case "integer":
        return 7;
      case "bigint":
        return 7n;
      case "numeric":
        return "7.00";
      case "double":
        return 1.5;
      case "boolean":
        return true;
      case "text":
      case "varchar":
        return "it's";
      case "date":
        return "2026-01-01";
      default:
        return undefined;
    }
  }

  #addConstraint(table: TableSchema, others: readonly TableSchema[]): TableSchema {
    const random = this.#random;
    // JSON has no order; the key is in every unique constraint already.
    const columns = table.columns.filter(({ name, type }) => name !== "id" && type.name !== "json");
    if (columns.length === 0) return table;
    const column = random.pick(columns).name;
    const quoted = `"${column}"`;
    switch (random.pick(["index", "index", "partial", "check", "reference", "unique"])) {
      case "index":
        return {
          ...table,
          indexes: [...table.indexes, {
            name: this.#name("ix"),
            parts: [{ column, ...random.chance(0.3) && { direction: "desc" as const } }],
            unique: false,
          }],
        };
      case "partial":
        return {
          ...table,
          indexes: [...table.indexes, {
            name: this.#name("ix"),
            parts: [{ column: "id" }],
            unique: true,
            where: `${quoted} IS NOT NULL`,
          }],
        };
      case "check":
        return {
          ...table,
          checks: [...table.checks, {
            name: this.#name("ck"),
            sql: `${quoted} IS NOT NULL OR ${quoted} IS NULL`,
          }],
        };
      case "unique":
        return {
          ...table,
          uniques: [...table.uniques, { name: this.#name("uq"), columns: ["id", column] }],
        };
      default:
        return this.#addReference(table, [...others.filter(({ name }) => name !== table.name)]);
    }
  }

  #addReference(table: TableSchema, others: readonly TableSchema[]): TableSchema {
    const random = this.#random;
    if (others.length === 0) return table;
    const target = random.pick(others);
    const name = this.#name("ref");
    const onDelete = random.pick(actions);
    const key: ForeignKeySchema = {
      name: this.#name("fk"),
      columns: [name],
      table: target.name,
      references: ["id"],
      ...onDelete && { onDelete },
    };
    const type = target.columns[0]?.type as ColumnType;
    return {
      ...table,
      columns: [...table.columns, { name, type, nullable: true }],
      foreignKeys: [...table.foreignKeys, key],
    };
  }

  #change(table: TableSchema, all: readonly TableSchema[]): TableSchema {
    const random = this.#random;
    switch (random.pick(["add", "add", "drop", "alter", "alter", "constraint", "release"])) {
      case "add":
        return this.#addColumn(table);
      case "drop": {
        const free = table.columns.filter(({ name }) => this.#isFree(name, table));
        if (free.length === 0) return table;
        const gone = random.pick(free).name;
        return { ...table, columns: table.columns.filter(({ name }) => name !== gone) };
      }
      case "alter": {
        const free = table.columns.filter(({ name }) => this.#isFree(name, table));
        if (free.length === 0) return table;
        const column = random.pick(free);
        return {
          ...table,
          columns: table.columns.map((each) => each === column ? this.#alter(each) : each),
        };
      }
      case "constraint":
        return this.#addConstraint(table, all);
      default:
        return random.chance(0.5)
          ? { ...table, indexes: table.indexes.slice(1) }
          : { ...table, checks: [], uniques: table.uniques.slice(1) };
    }
  }

  /** Another type, or NULL where there was none, or the other way round. */
  #alter(column: ColumnSchema): ColumnSchema {
    const random = this.#random;
    if (random.chance(0.4)) return { ...column, nullable: !column.nullable };
    const { default: _, ...rest } = column;
    return { ...rest, type: random.pick(types) };
  }

  #isFree(name: string, table: TableSchema): boolean {
    const quoted = `"${name}"`;
    return name !== "id" &&
      !table.uniques.some(({ columns }) => columns.includes(name)) &&
      !table.foreignKeys.some(({ columns }) => columns.includes(name)) &&
      !table.indexes.some(({ parts, where }) =>
        parts.some(({ column }) => column === name) || where?.includes(quoted)
      ) &&
      !table.checks.some(({ sql }) => sql.includes(quoted));
  }
}
