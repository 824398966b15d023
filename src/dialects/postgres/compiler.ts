/**
 * Nodes to PostgreSQL's SQL: the few things that it has and the standard has not.
 *
 * @module
 */
import type {
  BinaryNode,
  ExpressionNode,
  FullTextNode,
  InNode,
  JsonContainsNode,
  JsonPathNode,
  JsonRowsNode,
  LikeNode,
  ListTableNode,
  ListValueNode,
  SlotNode,
  ValueNode,
} from "../../ast/nodes.ts";
import { call } from "../../ast/build.ts";
import { QueryError } from "../../base/errors.ts";
import type { SqlWriter } from "../../dialect/sql_writer.ts";
import { typeOf, withType } from "../../dialect/typing.ts";
import { type ColumnType, columnType } from "../../schema/column_type.ts";
import { arrayText } from "./array_text.ts";
import { postgresCapabilities } from "./capabilities.ts";
import { nestedForm, postgresCodecs } from "./codecs.ts";
import { PostgresDdlCompiler } from "./ddl_compiler.ts";
import { listType, parameterType } from "./parameter_type.ts";

const bigint = columnType("bigint");
const integers: ReadonlySet<string> = new Set(["smallint", "integer", "bigint"]);
const jsonb = columnType("jsonb");
const textual: ReadonlySet<string> = new Set(["text", "varchar", "char", "other"]);
/** How many arguments a function takes. */
const maxArguments = 100;

/** The type of a value that some operator takes as a document. */
function isJson(type: ColumnType | undefined): boolean {
  return !type?.array && (type?.name === "json" || type?.name === "jsonb");
}

function isBound(node: ExpressionNode): node is ValueNode | SlotNode {
  return node.kind === "Value" || node.kind === "Slot";
}

/** Whether two bigints are divided: a sum of them is NUMERIC, whose quotient would have a fraction. */
function isWholeDivision(left: ExpressionNode, right: ExpressionNode): boolean {
  const names = [left, right].map((side) => typeOf(side)?.name);
  return names.includes("bigint") &&
    names.every((name) => name === undefined || integers.has(name));
}

/** Compiles for PostgreSQL. */
export class PostgresCompiler extends PostgresDdlCompiler {
  /** Makes the compiler. */
  constructor() {
    super({ name: "PostgreSQL", codecs: postgresCodecs, capabilities: postgresCapabilities });
  }

  /** Binds a value; a cast names the bare type, so that it never cuts the value to a length. */
  protected override bound(
    node: ValueNode | SlotNode,
    dump: ((value: unknown) => unknown) | null,
    out: SqlWriter,
  ): void {
    const bare = node.cast && node.type ? { ...node, type: parameterType(node.type) } : node;
    super.bound(bare, dump, out);
  }

  /** Writes a list as one array parameter with its type. */
  protected override visitListValue(node: ListValueNode, out: SqlWriter): void {
    const { type, values } = node;
    const binding = "slot" in values
      ? { slot: values.slot, value: undefined, dump: this.listDump(type) }
      : { slot: -1, value: values, dump: this.listDump(type) };
    out.write(this.placeholder(out.bind(Object.freeze(binding))));
    if (type) out.write(`::${this.columnTypeSql(listType(type))}`);
  }

  /** Turns a list of values of `type` into the text of one array. */
  protected listDump(type: ColumnType | undefined): (value: unknown) => unknown {
    if (!type) return this.dumpUntyped;
    const dump = this.codecs.codec(type).dump as (value: unknown) => string;
    return (values) => {
      if (Array.isArray(values)) return arrayText(values, dump, false);
      throw new QueryError("Cannot bind a list: its value is not one");
    };
  }

  /** Writes `operand = ANY(list)`, `operand <> ALL(list)`. */
  protected override visitInList(node: InNode, list: ListValueNode, out: SqlWriter): void {
    this.operand(node.operand, "predicate", "left", out);
    out.write(node.negated ? " <> ALL(" : " = ANY(");
    if (list.type?.array) {
      out.write("SELECT unnest(");
      this.visitListValue(list, out);
      out.write(`)::${this.columnTypeSql(list.type)}`);
    } else this.visitListValue(list, out);
    out.write(")");
  }

  /** Writes lists in place of a table: `unnest($1::integer[], …) AS t (a, …)`. */
  protected override visitListTable(node: ListTableNode, out: SqlWriter): void {
    const names = node.columns.map(({ name }) => name);
    const arrays = node.columns.some(({ list }) => list.type?.array);
    if (arrays) {
      out.write("(SELECT ").list(node.columns, ({ name, list: { type } }) => {
        out.write(this.identifier(name));
        if (type?.array) out.write(`::${this.columnTypeSql(type)}`);
      }).write(" FROM ");
    }
    out.write("unnest(").list(node.columns, ({ list }) => this.visitListValue(list, out));
    out.write(`) AS ${this.identifier(node.alias)} ${this.names(names)}`);
    if (arrays) out.write(`) AS ${this.identifier(node.alias)} ${this.names(names)}`);
  }

  /** Writes `LIKE`, `ILIKE`; what is not text is compared by its text. */
  protected override visitLike(node: LikeNode, out: SqlWriter): void {
    this.operand(node.operand, "predicate", "left", out);
    const type = typeOf(node.operand);
    if (type && (type.array || !textual.has(type.name)) && node.operand.kind === "Column") {
      out.write("::text");
    }
    out.write(`${node.negated ? " NOT" : ""} ${node.insensitive ? "ILIKE" : "LIKE"} `);
    this.likePattern(node, out);
  }

  /** `\` escapes without being told. */
  protected override likeEscape(_node: LikeNode): string {
    return "";
  }

  /** Compares documents as JSONB: JSON has no `=`. Of two parameters, one names its type: `$1 + $2` has none. */
  protected override visitBinary(node: BinaryNode, out: SqlWriter): void {
    const { operator, left, right } = node;
    if (isBound(left) && isBound(right) && left.type && !left.cast && !right.cast) {
      return super.visitBinary({ ...node, left: { ...left, cast: true } }, out);
    }
    if (operator === "/" && isWholeDivision(left, right)) {
      const quotient = call("div", [withType(left, bigint), withType(right, bigint)]);
      return this.cast(() => this.visitFunction(quotient, out), bigint, out);
    }
    const plain = typeOf(left)?.name === "json" || typeOf(right)?.name === "json";
    if (!plain || operator !== "=" && operator !== "<>") return super.visitBinary(node, out);
    const cast = (operand: ExpressionNode): ExpressionNode => {
      const other = withType(operand, jsonb);
      return isBound(other) ? { ...other, type: jsonb } : { kind: "Cast", operand, type: jsonb };
    };
    super.visitBinary({ ...node, left: cast(left), right: cast(right) }, out);
  }

  /** Writes `operand -> 'a' ->> 'b'`. */
  protected override visitJsonPath(node: JsonPathNode, out: SqlWriter): void {
    this.operand(node.operand, "operator", "left", out);
    if (node.path.length === 0 && node.as === "text") out.write(" #>> '{}'");
    node.path.forEach((step, index) => {
      const last = index === node.path.length - 1;
      out.write(last && node.as === "text" ? " ->> " : " -> ");
      out.write(this.pathStep(step));
    });
  }

  /** One step of a path: a property's name in quotes, or an index. */
  protected pathStep(step: string | number): string {
    if (typeof step === "string") return this.stringLiteral(step);
    if (Number.isSafeInteger(step)) return String(step);
    throw new QueryError("Cannot write a JSON path: an index is not a whole number");
  }

  /** Writes `operand @> value`, for documents and arrays. */
  protected override visitJsonContains(node: JsonContainsNode, out: SqlWriter): void {
    const type = typeOf(node.operand);
    if (type?.name === "json" && !type.array) this.castToJsonb(node.operand, out);
    else this.operand(node.operand, "operator", "left", out);
    out.write(" @> ");
    const target = type?.array ? type : jsonb;
    const value = isJson(typeOf(node.value)) ? node.value : withType(node.value, target);
    if (value.kind === "Value" || value.kind === "Slot") {
      const typed = isJson(value.type) ? jsonb : value.type ?? target;
      this.visit({ ...value, type: typed, cast: true }, out);
    } else if (target === jsonb) this.castToJsonb(value, out);
    else this.operand(value, "operator", "right", out);
  }

  /** Writes `CAST(operand AS JSONB)`. */
  protected castToJsonb(operand: ExpressionNode, out: SqlWriter): void {
    this.cast(() => this.visit(operand, out), jsonb, out);
  }

  /** Writes the rows of a query as one JSON array of arrays, or its first row as one array. */
  protected override visitJsonRows(node: JsonRowsNode, out: SqlWriter): void {
    const from = "j";
    const { query, write } = this.jsonColumns(node, from);
    out.write("(SELECT ");
    if (node.single) this.jsonArray(write, out);
    else if (node.byColumn) {
      this.jsonArray(
        write.map((column) => (out) => {
          out.write("array_agg(");
          column(out);
          out.write(")");
        }),
        out,
      );
    } else {
      out.write("coalesce(json_agg(");
      this.jsonArray(write, out);
      out.write("), '[]')");
    }
    out.write(" FROM ");
    this.subquery(query, out);
    out.write(` AS ${from}${node.single ? " LIMIT 1" : ""})`);
  }

  /** Writes one row as a JSON array; functions take only so many arguments. */
  protected jsonArray(columns: readonly ((out: SqlWriter) => void)[], out: SqlWriter): void {
    const part = (from: number) => {
      out.write("json_build_array(");
      out.list(columns.slice(from, from + maxArguments), (column) => column(out)).write(")");
    };
    if (columns.length <= maxArguments) return part(0);
    for (let from = 0; from < columns.length; from += maxArguments) {
      if (from > 0) out.write(" || ");
      part(from);
      out.write("::jsonb");
    }
  }

  /** Writes a column inside JSON: as text where JSON would not keep its value. */
  protected override nested(
    column: ExpressionNode,
    type: ColumnType | undefined,
    source: ExpressionNode,
    out: SqlWriter,
  ): void {
    const form = type && source.kind !== "JsonRows" ? nestedForm(type) : "value";
    if (form === "output") {
      out.write("CASE WHEN ");
      this.visit(column, out);
      out.write(" IS NOT NULL THEN format('%s', ");
      this.visit(column, out);
      out.write(") END");
      return;
    }
    this.visit(column, out);
    if (form === "text") out.write("::text");
  }

  /** Writes a search of text for words: all must be there, `"…"` is a phrase, `-` means not. */
  protected override visitFullText(node: FullTextNode, out: SqlWriter): void {
    const language = node.language === undefined ? "" : `${this.stringLiteral(node.language)}, `;
    out.write(`to_tsvector(${language}`);
    // One column alone is written bare, as an index on it is.
    if (node.columns.length === 1) out.list(node.columns, (column) => this.visit(column, out));
    else {
      out.list(node.columns, (column) => {
        out.write("coalesce(");
        this.visit(column, out);
        out.write(", '')");
      }, " || ' ' || ");
    }
    out.write(`) @@ websearch_to_tsquery(${language}`);
    this.visit(withType(node.query, columnType("text")), out);
    out.write(")");
  }
}

/** The compiler of PostgreSQL. */
export const postgresCompiler: PostgresCompiler = new PostgresCompiler();
Object.freeze(postgresCompiler);
