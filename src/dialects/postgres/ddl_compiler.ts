/**
 * DDL as PostgreSQL has it.
 *
 * @module
 */
import type { CreateEnumNode } from "../../ast/ddl.ts";
import { QueryError } from "../../base/errors.ts";
import { BaseCompiler } from "../../dialect/base_compiler.ts";
import { SqlWriter } from "../../dialect/sql_writer.ts";
import type { ColumnType } from "../../schema/column_type.ts";
import type { ColumnDefault } from "../../schema/table.ts";

const numbers: ReadonlySet<ColumnType["name"]> = new Set([
  "smallint",
  "integer",
  "bigint",
  "numeric",
]);
const numeral = /^-?\d/;

/** How many bytes of a name PostgreSQL keeps. */
const longestName = 63;
const encoder = new TextEncoder();

/** Writes DDL for PostgreSQL. */
export abstract class PostgresDdlCompiler extends BaseCompiler {
  /** An identifier; PostgreSQL would cut a longer one, so that it could name something else. */
  override identifier(name: string): string {
    // A UTF-16 unit takes three bytes at the most.
    if (name.length * 3 > longestName && encoder.encode(name).length > longestName) {
      throw new QueryError(
        `Cannot write an identifier: it is longer than the ${longestName} bytes that PostgreSQL keeps`,
      );
    }
    return super.identifier(name);
  }

  /** The spelling of a type, leaving aside whether it is an array. */
  protected override scalarTypeSql(type: ColumnType): string {
    switch (type.name) {
      case "bytes":
        return "BYTEA";
      case "jsonb":
        return "JSONB";
      default:
        return super.scalarTypeSql(type);
    }
  }

  /** What the database fills in; `timestamp` is UTC whatever the session's zone. */
  protected override columnDefaultSql(default_: ColumnDefault, type: ColumnType): string {
    if (default_.kind === "uuid") return "gen_random_uuid()";
    if (default_.kind !== "now") return super.columnDefaultSql(default_, type);
    switch (type.name) {
      case "timestamp":
      case "date":
      case "time":
        return `((now() AT TIME ZONE 'UTC')::${type.name})`;
      default:
        return "now()";
    }
  }

  /** A value of a column as a constant: its text form in quotes, which PostgreSQL reads by the column's type. */
  protected override constantSql(value: unknown, type: ColumnType): string {
    if (value === null) return "NULL";
    if (!type.array && type.name === "boolean" && typeof value === "boolean") {
      return this.literalSql(value);
    }
    const { dump } = this.codecs.codec(type);
    const wire = String(dump ? dump(value) : value);
    return !type.array && numbers.has(type.name) && numeral.test(wire)
      ? wire
      : this.stringLiteral(wire);
  }

  /** The access method of an index, with a space after it. */
  protected override indexMethod(method: string | undefined): string {
    if (method === undefined || /^[a-z_][a-z0-9_]*$/.test(method)) return super.indexMethod(method);
    throw new QueryError("Cannot write an index: its method is no plain name", {
      hint: "use btree, hash, gin, gist, brin or that of an extension",
    });
  }

  /** Writes `CREATE TYPE … AS ENUM`; PostgreSQL has no `IF NOT EXISTS` for it. */
  protected override visitCreateEnum(node: CreateEnumNode, out: SqlWriter): void {
    if (node.type.values?.some((value) => encoder.encode(value).length > longestName)) {
      throw new QueryError(
        `Cannot write an enum type: PostgreSQL takes values of ${longestName} bytes at the most`,
      );
    }
    if (!node.ifNotExists) return super.visitCreateEnum(node, out);
    const create = new SqlWriter();
    super.visitCreateEnum(node, create);
    let quote = "$rex$";
    while (create.sql.includes(quote)) quote = `${quote.slice(0, -1)}x$`;
    const body = `BEGIN ${create.sql}; EXCEPTION WHEN duplicate_object THEN NULL; END`;
    out.write(`DO ${quote} ${body} ${quote}`);
  }
}
