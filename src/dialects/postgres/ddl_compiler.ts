/**
 * DDL as PostgreSQL has it.
 *
 * @module
 */
import type { CreateEnumNode, CreateTableNode } from "../../ast/ddl.ts";
import { QueryError } from "../../base/errors.ts";
import { BaseCompiler } from "../../dialect/base_compiler.ts";
import { SqlWriter } from "../../dialect/sql_writer.ts";
import type { ColumnType } from "../../schema/column_type.ts";
import type { DomainSchema } from "../../schema/database_schema.ts";
import type { Step, StepOf } from "../../schema/step.ts";
import type { ColumnDefault, ExclusionSchema, TableSchema } from "../../schema/table.ts";

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

  /** Writes `CREATE TABLE`; a part of a table has the columns of the whole. */
  protected override visitCreateTable(node: CreateTableNode, out: SqlWriter): void {
    const { partition } = node.table;
    if (partition?.kind !== "of") return super.visitCreateTable(node, out);
    const { table, schema, bound } = partition;
    const whole = this.tableName({ name: table, ...schema !== undefined && { schema } });
    out.write(
      `CREATE TABLE ${node.ifNotExists ? "IF NOT EXISTS " : ""}${this.tableName(node.table)}`,
    );
    out.write(` PARTITION OF ${whole} ${bound}${this.tableOptions(node.table)}`);
  }

  /** How the table is divided, and its storage parameters. */
  protected override tableOptions({ partition, options }: TableSchema): string {
    const by = partition?.kind === "by" ? ` PARTITION BY ${partition.sql}` : "";
    return options === undefined ? by : `${by} ${options}`;
  }

  /** An exclusion constraint with its name. */
  protected override exclusionConstraint(exclusion: ExclusionSchema): string {
    const { name, method, parts, where, deferrable } = exclusion;
    return this.constraintName(name) + [
      `EXCLUDE ${this.indexMethod(method)}(${
        parts.map((part) => `${this.indexPart(part)} WITH ${part.operator}`).join(", ")
      })`,
      where && `WHERE (${where})`,
      this.deferral(deferrable),
    ].filter(Boolean).join(" ");
  }

  /** A step as text, where PostgreSQL has more to say than the standard. */
  protected override stepSql(step: Step): string {
    switch (step.kind) {
      case "dropTrigger": {
        const { name, table, schema } = step.trigger;
        const on = this.tableName({ name: table, ...schema !== undefined && { schema } });
        return `DROP TRIGGER ${this.identifier(name)} ON ${on}`;
      }
      case "renameTable":
        return step.from.name === step.to.name
          ? `ALTER TABLE ${this.tableName(step.from)} SET SCHEMA ${
            this.identifier(step.to.schema ?? "public")
          }`
          : super.stepSql(step);
      case "renameEnum":
        return `ALTER TYPE ${this.tableName(step.from)} RENAME TO ${this.identifier(step.to.name)}`;
      case "addEnumValue": {
        const before = step.before === undefined
          ? ""
          : ` BEFORE ${this.stringLiteral(step.before)}`;
        return `ALTER TYPE ${this.tableName(step.enum)} ADD VALUE ${
          this.stringLiteral(step.value)
        }${before}`;
      }
      case "renameEnumValue":
        return `ALTER TYPE ${this.tableName(step.enum)} RENAME VALUE ${
          this.stringLiteral(step.from)
        } TO ${this.stringLiteral(step.to)}`;
      case "createDomain":
        return this.#createDomain(step.domain);
      case "dropDomain":
        return `DROP DOMAIN ${this.tableName(step.domain)}`;
      case "alterSequence":
        return `ALTER SEQUENCE ${this.tableName(step.to)} ${step.to.sql}`;
      default:
        return super.stepSql(step);
    }
  }

  #createDomain(domain: DomainSchema): string {
    return [
      `CREATE DOMAIN ${this.tableName(domain)} AS ${this.columnTypeSql(domain.type)}`,
      domain.default && `DEFAULT ${this.columnDefaultSql(domain.default, domain.type)}`,
      !domain.nullable && "NOT NULL",
      ...domain.checks.map((check) => this.checkConstraint(check)),
    ].filter(Boolean).join(" ");
  }

  /** Comments and storage parameters. */
  protected override describeTable(step: StepOf<"setComment" | "setOptions">): string {
    const { table, schema } = step;
    const name = this.tableName({ name: table, ...schema !== undefined && { schema } });
    if (step.kind === "setComment") {
      const on = step.column === undefined
        ? `TABLE ${name}`
        : `COLUMN ${name}.${this.identifier(step.column)}`;
      return `COMMENT ON ${on} IS ${step.to === undefined ? "NULL" : this.stringLiteral(step.to)}`;
    }
    const parameters = (options: string | undefined) => options?.replace(/^WITH /, "") ?? "()";
    if (step.to !== undefined) return `ALTER TABLE ${name} SET ${parameters(step.to)}`;
    return `ALTER TABLE ${name} RESET ${parameters(step.from).replace(/=[^,)]*/g, "")}`;
  }
}
