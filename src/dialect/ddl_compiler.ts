/**
 * Statements that create and drop tables, indexes and enum types.
 *
 * @module
 */
import type {
  AddForeignKeyNode,
  CreateEnumNode,
  CreateIndexNode,
  CreateTableNode,
  DropEnumNode,
  DropTableNode,
} from "../ast/ddl.ts";
import { QueryError } from "../base/errors.ts";
import { checkedType, type ColumnType, type ColumnTypeName } from "../schema/column_type.ts";
import type {
  CheckSchema,
  ColumnDefault,
  ColumnSchema,
  Deferral,
  ExclusionSchema,
  ForeignKeySchema,
  IndexPart,
  KeySchema,
  TableSchema,
} from "../schema/table.ts";
import type { SqlWriter } from "./sql_writer.ts";
import { WriteCompiler } from "./write_compiler.ts";

const typeNames: Readonly<Record<Exclude<ColumnTypeName, "other">, string>> = Object.freeze({
  smallint: "SMALLINT",
  integer: "INTEGER",
  bigint: "BIGINT",
  numeric: "NUMERIC",
  real: "REAL",
  double: "DOUBLE PRECISION",
  boolean: "BOOLEAN",
  text: "TEXT",
  varchar: "VARCHAR",
  char: "CHAR",
  uuid: "UUID",
  date: "DATE",
  time: "TIME",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMP",
  json: "JSON",
  jsonb: "JSON",
  bytes: "BLOB",
  enum: "TEXT",
});

const actions = ["no action", "restrict", "cascade", "set null", "set default"] as const;
const deferrals = ["initially deferred", "initially immediate"] as const;
const identities = ["always", "by default"] as const;

/** A word in capitals: nothing but the known ones is written into a statement. */
function keyword(word: string, known: readonly string[], what: string): string {
  if (known.includes(word)) return word.toUpperCase();
  throw new QueryError(`Cannot write ${what}: it is none of those that are known`, {
    hint: `accepted: ${known.join(", ")}`,
  });
}

/** Writes DDL in standard SQL. */
export abstract class DdlCompiler extends WriteCompiler {
  /** Writes `CREATE TABLE`. */
  protected visitCreateTable(node: CreateTableNode, out: SqlWriter): void {
    const { table } = node;
    const parts = [
      ...table.columns.map((column) => this.columnDefinition(column, table)),
      ...this.tableConstraints(node),
    ];
    out.write(`CREATE TABLE ${node.ifNotExists ? "IF NOT EXISTS " : ""}${this.tableName(table)}`);
    out.write(` (${parts.join(", ")})${this.tableOptions(table)}`);
  }

  /** What follows the parentheses of `CREATE TABLE`. */
  protected tableOptions(_table: TableSchema): string {
    return "";
  }

  /** One column of `CREATE TABLE`. */
  protected columnDefinition(column: ColumnSchema, table: TableSchema): string {
    const { type } = column;
    const check = type.name === "enum" && !type.array && !this.capabilities.supportsEnumTypes;
    return [
      this.identifier(column.name),
      this.columnTypeSql(type),
      this.collation(column.collation),
      this.identityClause(column, table),
      column.generated && this.generatedClause(column.generated),
      column.default && `DEFAULT ${this.columnDefaultSql(column.default, type)}`,
      column.nullable ? "" : "NOT NULL",
      check && this.enumCheck(column),
    ].filter(Boolean).join(" ");
  }

  /** How something is told its collation. */
  protected collation(name: string | undefined): string {
    return name === undefined ? "" : `COLLATE ${this.identifier(name)}`;
  }

  /** The database's spelling of a type. */
  protected columnTypeSql(type: ColumnType): string {
    if (!type.array) return this.scalarTypeSql(type);
    this.require("supportsArrays", "array columns");
    return `${this.scalarTypeSql(type)}[]`;
  }

  /** The spelling of a type, leaving aside whether it is an array. */
  protected scalarTypeSql(type: ColumnType): string {
    checkedType(type);
    switch (type.name) {
      case "varchar":
      case "char":
        return `${typeNames[type.name]}${this.digits(type.length)}`;
      case "numeric":
        return `NUMERIC${this.digits(type.precision, type.scale)}`;
      case "time":
      case "timestamp":
        return `${typeNames[type.name]}${this.digits(type.precision)}`;
      case "timestamptz":
        return `TIMESTAMP${this.digits(type.precision)} WITH TIME ZONE`;
      case "enum":
        return this.capabilities.supportsEnumTypes ? this.enumName(type) : "TEXT";
      case "other":
        if (type.sql) return type.sql;
        throw new QueryError('Cannot write a type: one of name "other" does not say its SQL');
      default:
        return typeNames[type.name];
    }
  }

  /** The arguments of a type: `(10, 2)`, or nothing. */
  protected digits(...numbers: (number | undefined)[]): string {
    const given = numbers.filter((number) => number !== undefined);
    return given.length > 0 ? `(${given.map((number) => this.literalSql(number)).join(", ")})` : "";
  }

  /** The name of an enum type. */
  protected enumName(type: ColumnType): string {
    if (type.enumName === undefined) {
      throw new QueryError("Cannot write an enum type: it has no name", {
        hint: "give the column type an enumName",
      });
    }
    const path = type.enumName.split(".");
    if (path.length <= 2) return this.path(...path);
    throw new QueryError("Cannot write an enum type: its name has more than one dot", {
      hint: "write it as name or schema.name",
    });
  }

  /** The check that stands for an enum type. */
  protected enumCheck(column: ColumnSchema): string {
    const values = (column.type.values ?? []).map((value) => this.stringLiteral(value));
    return `CHECK (${this.identifier(column.name)} IN (${values.join(", ")}))`;
  }

  /** How a column that the database numbers says so. */
  protected identityClause(column: ColumnSchema, _table: TableSchema): string {
    if (!column.identity) return "";
    return `GENERATED ${keyword(column.identity, identities, "an identity")} AS IDENTITY`;
  }

  /** How a computed column says so. */
  protected generatedClause(generated: NonNullable<ColumnSchema["generated"]>): string {
    return `GENERATED ALWAYS AS (${generated.sql}) ${generated.stored ? "STORED" : "VIRTUAL"}`;
  }

  /** What the database fills in when an insert leaves a column out. */
  protected columnDefaultSql(default_: ColumnDefault, type: ColumnType): string {
    switch (default_.kind) {
      case "value":
        return this.constantSql(default_.value, type);
      case "now":
        return "CURRENT_TIMESTAMP";
      case "uuid":
        throw this.unsupported("function that makes UUIDs");
      case "sql":
        return `(${default_.sql})`;
    }
  }

  /** A value of a column as a constant. */
  protected constantSql(value: unknown, type: ColumnType): string {
    if (value === null) return "NULL";
    const { dump } = this.codecs.codec(type);
    const wire = dump ? dump(value) : value;
    switch (typeof wire) {
      case "string":
      case "number":
      case "bigint":
      case "boolean":
        return this.literalSql(wire);
    }
    if (wire instanceof Uint8Array) return this.bytesLiteral(wire);
    if (wire instanceof Date) return this.stringLiteral(wire.toISOString());
    return this.stringLiteral(JSON.stringify(wire));
  }

  /** Bytes as a constant. */
  protected bytesLiteral(bytes: Uint8Array): string {
    return `X'${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}'`;
  }

  /** The keys, checks and foreign keys of `CREATE TABLE`. */
  protected tableConstraints(node: CreateTableNode): string[] {
    const { table } = node;
    return [
      ...table.primaryKey ? [this.keyConstraint("PRIMARY KEY", table.primaryKey)] : [],
      ...table.uniques.map((key) => this.keyConstraint("UNIQUE", key)),
      ...table.checks.map((check) => this.checkConstraint(check)),
      ...(table.exclusions ?? []).map((exclusion) => this.exclusionConstraint(exclusion)),
      ...table.foreignKeys.filter((key) => !node.withoutForeignKeys?.includes(key))
        .map((key) => this.foreignKeyConstraint(key)),
    ];
  }

  /** The name of a constraint, with a space after it. */
  protected constraintName(name: string | undefined): string {
    return name === undefined ? "" : `CONSTRAINT ${this.identifier(name)} `;
  }

  /** A primary key or unique constraint with its name. */
  protected keyConstraint(kind: "PRIMARY KEY" | "UNIQUE", key: KeySchema): string {
    return this.constraintName(key.name) + [
      kind,
      key.nullsNotDistinct && "NULLS NOT DISTINCT",
      this.names(key.columns),
      key.include?.length && `INCLUDE ${this.names(key.include)}`,
      this.deferral(key.deferrable),
    ].filter(Boolean).join(" ");
  }

  /** When a constraint is checked. */
  protected deferral(deferrable: Deferral | undefined): string {
    return deferrable === undefined
      ? ""
      : `DEFERRABLE ${keyword(deferrable, deferrals, "a deferral")}`;
  }

  /** A check with its name. */
  protected checkConstraint({ name, sql }: CheckSchema): string {
    return `${this.constraintName(name)}CHECK (${sql})`;
  }

  /** An exclusion constraint with its name. */
  protected exclusionConstraint(exclusion: ExclusionSchema): string {
    throw this.unsupported(`exclusion constraints, such as ${exclusion.name}`);
  }

  /** A foreign key with its name. */
  protected foreignKeyConstraint(key: ForeignKeySchema): string {
    return this.constraintName(key.name) + this.foreignKey(key);
  }

  /** A foreign key without its name. */
  protected foreignKey(key: ForeignKeySchema): string {
    return [
      `FOREIGN KEY ${this.names(key.columns)}`,
      `REFERENCES ${
        this.tableName({ name: key.table, ...(key.schema !== undefined && { schema: key.schema }) })
      } ${this.names(key.references)}`,
      key.match === "full" && "MATCH FULL",
      key.onDelete !== undefined && `ON DELETE ${keyword(key.onDelete, actions, "an action")}`,
      key.onUpdate !== undefined && `ON UPDATE ${keyword(key.onUpdate, actions, "an action")}`,
      this.deferral(key.deferrable),
    ].filter(Boolean).join(" ");
  }

  /** Writes `DROP TABLE`. */
  protected visitDropTable(node: DropTableNode, out: SqlWriter): void {
    const name = this.tableName({
      name: node.table,
      ...(node.schema !== undefined && { schema: node.schema }),
    });
    out.write(`DROP TABLE ${node.ifExists ? "IF EXISTS " : ""}${name}`);
    if (node.cascade) out.write(" CASCADE");
  }

  /** Writes `CREATE INDEX`. */
  protected visitCreateIndex(node: CreateIndexNode, out: SqlWriter): void {
    const { index } = node;
    const table = this.tableName({
      name: node.table,
      ...(node.schema !== undefined && { schema: node.schema }),
    });
    out.write(`CREATE ${index.unique ? "UNIQUE " : ""}INDEX `);
    if (node.ifNotExists) out.write("IF NOT EXISTS ");
    out.write(`${this.identifier(index.name)} ON ${table} ${this.indexMethod(index.method)}`);
    out.write(`(${index.parts.map((part) => this.indexPart(part)).join(", ")})`);
    if (index.include?.length) out.write(` INCLUDE ${this.names(index.include)}`);
    if (index.nullsNotDistinct) out.write(" NULLS NOT DISTINCT");
    if (index.options !== undefined) out.write(` WITH (${index.options})`);
    if (index.where !== undefined) out.write(` WHERE ${index.where}`);
  }

  /** The access method of an index, with a space after it. */
  protected indexMethod(method: string | undefined): string {
    return method === undefined ? "" : `USING ${this.identifier(method)} `;
  }

  /** One part of an index. */
  protected indexPart(part: IndexPart): string {
    const what = part.column !== undefined ? this.identifier(part.column) : `(${part.sql})`;
    return [
      what,
      this.collation(part.collation),
      part.operatorClass,
      part.direction === "desc" && "DESC",
      part.nulls && `NULLS ${keyword(part.nulls, ["first", "last"], "a place of NULLs")}`,
    ].filter(Boolean).join(" ");
  }

  /** Writes `ALTER TABLE … ADD FOREIGN KEY`. */
  protected visitAddForeignKey(node: AddForeignKeyNode, out: SqlWriter): void {
    this.require("supportsAddForeignKey", "way to add a foreign key to a table that exists");
    const table = this.tableName({
      name: node.table,
      ...(node.schema !== undefined && { schema: node.schema }),
    });
    out.write(`ALTER TABLE ${table} ADD ${this.foreignKeyConstraint(node.foreignKey)}`);
  }

  /** Writes `CREATE TYPE … AS ENUM`. */
  protected visitCreateEnum(node: CreateEnumNode, out: SqlWriter): void {
    this.require("supportsEnumTypes", "enum types");
    const values = (node.type.values ?? []).map((value) => this.stringLiteral(value));
    out.write(`CREATE TYPE ${this.enumName(node.type)} AS ENUM (${values.join(", ")})`);
  }

  /** Writes `DROP TYPE`. */
  protected visitDropEnum(node: DropEnumNode, out: SqlWriter): void {
    this.require("supportsEnumTypes", "enum types");
    out.write(`DROP TYPE ${node.ifExists ? "IF EXISTS " : ""}${this.enumName(node.type)}`);
  }
}
