/**
 * Tables. They are STRICT, so that SQLite refuses values of a wrong type; what its five types cannot say is
 * said by a named check (`CONSTRAINT "name varchar(255)" CHECK …`) or, where there is nothing to check,
 * by a comment that names the type, which SQLite keeps with the table.
 *
 * @module
 */
import type { DropTableNode } from "../../ast/ddl.ts";
import { QueryError } from "../../base/errors.ts";
import { BaseCompiler } from "../../dialect/base_compiler.ts";
import type { SqlWriter } from "../../dialect/sql_writer.ts";
import type { CreateTableNode } from "../../ast/ddl.ts";
import { checkedType, type ColumnType, type ColumnTypeName } from "../../schema/column_type.ts";
import type { ColumnDefault, ColumnSchema, TableSchema } from "../../schema/table.ts";
import type { TypeStep } from "../../schema/step.ts";
import { numericScale } from "./numeric_scale.ts";

/** The storage of each type. */
const storage: Readonly<Record<ColumnTypeName, "INTEGER" | "REAL" | "TEXT" | "BLOB">> = Object
  .freeze({
    smallint: "INTEGER",
    integer: "INTEGER",
    bigint: "INTEGER",
    numeric: "TEXT",
    real: "REAL",
    double: "REAL",
    boolean: "INTEGER",
    text: "TEXT",
    varchar: "TEXT",
    char: "TEXT",
    uuid: "TEXT",
    date: "TEXT",
    time: "TEXT",
    timestamp: "TEXT",
    timestamptz: "TEXT",
    json: "TEXT",
    jsonb: "TEXT",
    bytes: "BLOB",
    enum: "TEXT",
    other: "TEXT",
  });

/** The types that their storage tells already. */
const plain: ReadonlySet<ColumnTypeName> = new Set(["integer", "double", "text", "bytes"]);

/** A random UUID of version 4. */
const randomUuid = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || " +
  "substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || " +
  "substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

/** How the codecs store a point in time, as `strftime` says it, in quotes. */
export const timestampFormat = "'%Y-%m-%d %H:%M:%f'";

/** The present time in the form that the codecs store. */
function nowSql(type: ColumnTypeName): string {
  switch (type) {
    case "date":
      return "date('now')";
    case "time":
      return "time('now')";
    default:
      return `strftime(${timestampFormat}, 'now')`;
  }
}

/** Writes DDL for SQLite. */
export abstract class SqliteDdlCompiler extends BaseCompiler {
  /** The storage class of a type. */
  protected override scalarTypeSql(type: ColumnType): string {
    return storage[checkedType(type).name];
  }

  /** The storage class of a type; lists are refused. */
  protected override columnTypeSql(type: ColumnType): string {
    if (type.array) throw this.unsupported(`lists of ${type.name}`, "Use a column of type json");
    return this.scalarTypeSql(type);
  }

  /** There are none of these. */
  protected override typeChange({ kind }: TypeStep): string {
    throw this.unsupported(`${kind.replace(/^[a-z]+/, "").toLowerCase()}s`);
  }

  /** Tables are strict, but those that others made otherwise. */
  protected override tableOptions(table: TableSchema): string {
    const options = [
      ...table.loose ? [] : ["STRICT"],
      ...table.options === undefined ? [] : [table.options],
    ];
    return options.length > 0 ? ` ${options.join(", ")}` : "";
  }

  /** A column with the check or comment that tells its type. */
  protected override columnDefinition(column: ColumnSchema, table: TableSchema): string {
    const type = checkedType(column.type);
    const declared = table.loose ? column.declared : undefined;
    const check = declared === undefined ? this.#check(column) : undefined;
    return [
      this.identifier(column.name),
      declared ?? this.columnTypeSql(type),
      declared === undefined && check === undefined && !plain.has(type.name) &&
      `/* ${typeText(type).replaceAll("*/", "* /")} */`,
      this.collation(column.collation),
      this.identityClause(column, table),
      column.generated && this.generatedClause(column.generated),
      column.default && `DEFAULT ${this.columnDefaultSql(column.default, type)}`,
      column.nullable || column.identity ? "" : "NOT NULL",
      check && `CONSTRAINT ${this.quoted(`${column.name} ${typeText(type)}`)} CHECK (${check})`,
    ].filter(Boolean).join(" ");
  }

  /** Only the single integer key of a table is numbered by SQLite. */
  protected override identityClause(column: ColumnSchema, table: TableSchema): string {
    if (!column.identity) return "";
    if (isIntegerKey(column, table)) {
      return `${this.constraintName(table.primaryKey?.name)}PRIMARY KEY${
        column.serial ? "" : " AUTOINCREMENT"
      }`;
    }
    throw this.unsupported(
      `numbering of ${column.name}, which is not the table's single integer primary key`,
      "Make the column the primary key, or set its value yourself",
    );
  }

  /** How a computed column says so: behind a comment, SQLite takes the long form for a part of the type. */
  protected override generatedClause(
    { sql, stored }: NonNullable<ColumnSchema["generated"]>,
  ): string {
    return `AS (${sql}) ${stored ? "STORED" : "VIRTUAL"}`;
  }

  /** The constraints that do not stand with their column. */
  protected override tableConstraints(node: CreateTableNode): string[] {
    const { primaryKey, ...rest } = node.table;
    const inline = node.table.columns.some((column) =>
      column.identity && isIntegerKey(column, node.table)
    );
    return super.tableConstraints(
      inline || !primaryKey ? { ...node, table: rest } : node,
    );
  }

  /** What the database fills in, in the form that the codecs store. */
  protected override columnDefaultSql(value: ColumnDefault, type: ColumnType): string {
    if (value.kind === "now") return `(${nowSql(type.name)})`;
    if (value.kind === "uuid") return `(${randomUuid})`;
    return super.columnDefaultSql(value, type);
  }

  /** The access method of an index: there is only one. */
  protected override indexMethod(method: string | undefined): string {
    if (method === undefined || method === "btree") return "";
    throw this.unsupported(`index method ${JSON.stringify(method)}`, "Leave the method out");
  }

  /** SQLite has no CASCADE here: it drops the table, and a foreign key may point to one that is gone. */
  protected override visitDropTable(node: DropTableNode, out: SqlWriter): void {
    super.visitDropTable({ ...node, cascade: false }, out);
  }

  #check({ name, type }: ColumnSchema): string | undefined {
    const column = this.identifier(name);
    switch (type.name) {
      case "boolean":
        return `${column} IN (0, 1)`;
      case "varchar":
      case "char":
        return type.length === undefined ? undefined : `length(${column}) <= ${type.length}`;
      case "enum":
        if (!type.values?.length) {
          throw new QueryError(`Cannot create the table: ${name} has no values`);
        }
        return `${column} IN (${type.values.map((value) => this.stringLiteral(value)).join(", ")})`;
      case "numeric":
        return numericCheck(column, type);
      default:
        return undefined;
    }
  }
}

/** Exactly as many digits after the point as the scale says, and no more before it than fit. */
function numericCheck(column: string, type: ColumnType): string | undefined {
  const scale = numericScale(type);
  if (type.precision === undefined || scale === undefined) return undefined;
  const places = scale === 0
    ? `instr(${column}, '.') = 0`
    : `length(${column}) - instr(${column}, '.') = ${scale} AND instr(${column}, '.') > 0`;
  const longest = Math.max(type.precision - scale, 1) + (scale === 0 ? 0 : scale + 1);
  return `${places} AND length(ltrim(${column}, '-')) <= ${longest}`;
}

function isIntegerKey(column: ColumnSchema, table: TableSchema): boolean {
  const { primaryKey } = table;
  return primaryKey?.columns.length === 1 && primaryKey.columns[0] === column.name &&
    storage[column.type.name] === "INTEGER";
}

/** A type as people write it: `varchar(255)`, `numeric(10,2)`. */
function typeText(type: ColumnType): string {
  const digits = [type.length, type.precision, type.scale].filter((digit) => digit !== undefined);
  const name = type.name === "other" ? type.sql ?? type.name : type.name;
  return digits.length > 0 ? `${name}(${digits.join(",")})` : name;
}
