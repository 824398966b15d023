/**
 * Databases with names that nobody should give and somebody has.
 *
 * @module
 */
import { columnType, type ColumnTypeName } from "../../src/schema/column_type.ts";
import { type DatabaseSchema, emptySchema } from "../../src/schema/database_schema.ts";
import type { ColumnSchema, ForeignKeySchema, TableSchema } from "../../src/schema/table.ts";
import { Random } from "../fuzz/random.ts";

/** Names of tables and columns, each odd in its own way. */
export const oddNames: readonly string[] = [
  "order",
  "class",
  "default",
  "constructor",
  "__proto__",
  "prototype",
  "toString",
  "then",
  "delete",
  "save",
  "validate",
  "static",
  "get",
  "set",
  "async",
  "declare",
  "readonly",
  "accessor",
  "Date",
  "String",
  "Object",
  "Column",
  "Entity",
  "BaseModel",
  "Generated",
  "Json",
  "Function",
  "Symbol",
  "Model",
  "Record",
  "mod",
  "enums",
  "con",
  "user",
  "User",
  "USER",
  "users",
  "Users",
  "user_name",
  "userName",
  "user name",
  "user-name",
  "user__name",
  "_user_name_",
  "2fa",
  "1",
  "3d models",
  'say "hi"',
  "it's",
  "back`tick",
  "${template}",
  "*/ comment",
  "// line",
  "new\nline",
  "tab\there",
  "back\\slash",
  "ünïcödé",
  "naïve café",
  "имя пользователя",
  "用户",
  "ユーザー名",
  "اسم",
  "😀",
  "👨‍👩‍👧",
  "e\u0301te",
  "été",
  "-",
  "...",
  " ",
  "$",
  "$money",
  "a$b",
  "İstanbul",
  "ſtraße",
  "HTTPServerURL",
  "x".repeat(60),
  "a_very_long_name_that_goes_on_and_on_until_postgres_cuts_it_off",
  "status",
  "news",
  "series",
  "addresses",
  "analysis",
  "people",
  "children",
  "data",
];

const types: readonly ColumnTypeName[] = [
  "integer",
  "bigint",
  "text",
  "varchar",
  "numeric",
  "boolean",
  "double",
  "timestamptz",
  "date",
  "json",
  "bytes",
  "uuid",
];

/** How large a schema is. */
export interface OddSize {
  /** How many tables. */
  readonly tables: number;
  /** How many foreign keys. */
  readonly foreignKeys: number;
}

/** Makes a schema of odd names: every table has an integer key, and tables point to each other in circles too. */
export function oddSchema(seed: number, { tables, foreignKeys }: OddSize): DatabaseSchema {
  const random = new Random(seed);
  // Names that differ only in case are one on SQLite.
  const free = new Set<string>();
  const named = (stem: string): string => {
    for (let number = 1;; number++) {
      const name = number === 1 ? stem : `${cut(stem)}${random.pick(["_", " ", "", "-"])}${number}`;
      if (free.has(name.toLowerCase())) continue;
      free.add(name.toLowerCase());
      return name;
    }
  };
  const made = Array.from({ length: tables }, (_, i): TableSchema => {
    const columns = new Map<string, ColumnSchema>();
    const key = random.pick(["id", "Id", "ID", `${cut(oddNames[i % oddNames.length]!)}_id`]);
    columns.set(key.toLowerCase(), {
      name: key,
      type: columnType("integer"),
      nullable: false,
      identity: "by default",
    });
    for (let count = random.int(1, 6); count > 0; count--) {
      const name = random.pick(oddNames);
      if (columns.has(name.toLowerCase())) continue;
      columns.set(name.toLowerCase(), {
        name,
        type: columnType(random.pick(types)),
        nullable: random.chance(0.4),
      });
    }
    return {
      name: named(oddNames[i % oddNames.length]!),
      columns: [...columns.values()],
      primaryKey: { columns: [key] },
      uniques: [],
      indexes: [],
      checks: [],
      foreignKeys: [],
    };
  });
  const all = made.map((table) => ({ ...table, columns: [...table.columns] }));
  const keys = all.map((): ForeignKeySchema[] => []);
  for (let count = 0; count < foreignKeys; count++) {
    const from = count < tables ? count : random.int(0, tables - 1);
    const to = random.chance(0.1) ? from : random.int(0, tables - 1);
    const { name, primaryKey } = all[to]!;
    const reference = primaryKey!.columns[0]!;
    const taken = new Set(all[from]!.columns.map((each) => each.name.toLowerCase()));
    const stem = random.pick([`${cut(name)}_id`, `${cut(name)}Id`, cut(name), "parent_id", "by"]);
    let column = stem;
    for (let number = 2; taken.has(column.toLowerCase()); number++) column = `${stem}_${number}`;
    const nullable = random.chance(0.5);
    all[from]!.columns.push({ name: column, type: columnType("integer"), nullable });
    keys[from]!.push({
      name: `fk_${count}`,
      columns: [column],
      table: name,
      references: [reference],
      ...random.chance(0.3) && { onDelete: "cascade" as const },
    });
    if (random.chance(0.1)) {
      const named = { name: `uq_${count}`, columns: [column] };
      all[from] = { ...all[from]!, uniques: [...all[from]!.uniques, named] };
    }
  }
  return {
    ...emptySchema,
    tables: all.map((table, i) => ({ ...table, foreignKeys: keys[i]! })),
  };
}

/** A name with room for an end within PostgreSQL's 63 bytes. */
function cut(name: string): string {
  return [...name].slice(0, 12).join("");
}
