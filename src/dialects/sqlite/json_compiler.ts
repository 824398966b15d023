/**
 * JSON: paths, containment, and rows that are nested in JSON.
 *
 * @module
 */
import type {
  BinaryNode,
  ExpressionNode,
  JsonContainsNode,
  JsonPathNode,
  JsonRowsNode,
  ListValueNode,
} from "../../ast/nodes.ts";
import type { SqlWriter } from "../../dialect/sql_writer.ts";
import { typeOf, withType } from "../../dialect/typing.ts";
import { type ColumnType, columnType } from "../../schema/column_type.ts";
import { listDump } from "./list_json.ts";
import { NumericCompiler } from "./numeric_compiler.ts";

const json = columnType("json");
const text = columnType("text");
/** The name of the query whose rows are nested. */
const nestedRows = "nested_";

/** Writes what has to do with JSON. */
export abstract class JsonCompiler extends NumericCompiler {
  /** Writes a value inside a document; as text, `true` and `false` are words and numbers are digits. */
  protected override visitJsonPath(node: JsonPathNode, out: SqlWriter): void {
    const path = this.stringLiteral(jsonPath(node.path));
    const operand = () => this.operand(node.operand, "operator", "left", out);
    if (node.as === "json") {
      operand();
      out.write(` -> ${path}`);
      return;
    }
    out.write("CASE json_type(");
    this.visit(node.operand, out);
    out.write(`, ${path}) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(`);
    operand();
    out.write(` ->> ${path} AS TEXT) END`);
  }

  /** Writes whether a document contains another, by PostgreSQL's rules. */
  protected override visitJsonContains(node: JsonContainsNode, out: SqlWriter): void {
    this.#call("rex_json_contains", node.operand, node.value, out);
  }

  /** Writes `left operator right`. */
  protected override visitBinary(node: BinaryNode, out: SqlWriter): void {
    const { left, right } = node;
    switch (node.operator) {
      case "@>":
        return this.#call("rex_json_contains", left, right, out);
      case "<@":
        return this.#call("rex_json_contains", right, left, out);
      case "?":
        return this.#hasKeys(
          left,
          () => {
            out.write("json_array(");
            this.visit(withType(right, text), out);
            out.write(")");
          },
          false,
          out,
        );
      case "?|":
      case "?&":
        return this.#hasKeys(
          left,
          () => {
            if (right.kind === "ListValue") {
              this.bindList(
                { ...right, type: right.type ?? text },
                out,
              );
            } else this.visit(withType(right, json), out);
          },
          node.operator === "?&",
          out,
        );
      case "&&":
        throw this.unsupported("overlap of arrays", "Use a column of type json and ?|");
      case "@@":
        throw this.unsupported("full-text search of plain columns", ftsHint);
      case "=":
      case "<>":
        if (!isJson(left) && !isJson(right)) return super.visitBinary(node, out);
        this.#call("rex_json_equal", left, right, out);
        return void out.write(node.operator === "=" ? " = 1" : " = 0");
      default:
        super.visitBinary(node, out);
    }
  }

  /** Writes the rows as one JSON array; the inner query's order is kept. */
  protected override visitJsonRows(node: JsonRowsNode, out: SqlWriter): void {
    if (node.byColumn) throw this.unsupported("rows as JSON by column");
    const { query, write } = this.jsonColumns(node, nestedRows);
    out.write(node.single ? "(SELECT json_array(" : "(SELECT json_group_array(json_array(");
    out.list(write, (column) => column(out));
    out.write(node.single ? ") FROM (" : ")) FROM (");
    this.visitSelect(query, out);
    out.write(`) AS ${nestedRows}${node.single ? " LIMIT 1" : ""})`);
  }

  /** A 64-bit integer would lose digits and bytes have no form in JSON: both are nested as text. */
  protected override nested(
    column: ExpressionNode,
    type: ColumnType | undefined,
    source: ExpressionNode,
    out: SqlWriter,
  ): void {
    const wrap = (before: string, after: string) => {
      out.write(before);
      this.visit(column, out);
      out.write(after);
    };
    if (source.kind === "JsonRows") return wrap("json(", ")");
    switch (type?.name) {
      case "bytes":
        // hex(NULL) is an empty text.
        wrap("CASE WHEN ", " IS NOT NULL THEN hex(");
        return wrap("", ") END");
      case "bigint":
      case "json":
      case "jsonb":
        return wrap("CAST(", " AS TEXT)");
      default:
        this.visit(column, out);
    }
  }

  /** Binds a list as one parameter and writes its placeholder. */
  protected bindList(
    list: ListValueNode,
    out: SqlWriter,
    types: ColumnType | undefined | readonly (ColumnType | undefined)[] = list.type,
  ): void {
    const dump = listDump(this.codecs, types);
    const binding = "slot" in list.values
      ? { slot: list.values.slot, value: undefined, dump }
      : { slot: -1, value: list.values, dump };
    out.write(this.placeholder(out.bind(Object.freeze(binding))));
  }

  #hasKeys(document: ExpressionNode, keys: () => void, all: boolean, out: SqlWriter): void {
    out.write("rex_json_has(");
    this.visit(document, out);
    out.write(", ");
    keys();
    out.write(all ? ", 1)" : ", 0)");
  }

  #call(name: string, left: ExpressionNode, right: ExpressionNode, out: SqlWriter): void {
    out.write(`${name}(`);
    this.visit(withType(left, typeOf(right) ?? json), out);
    out.write(", ");
    this.visit(withType(right, typeOf(left) ?? json), out);
    out.write(")");
  }
}

function isJson(node: ExpressionNode): boolean {
  const type = typeOf(node);
  return !type?.array && (type?.name === "json" || type?.name === "jsonb");
}

/** What to use instead of full-text search of plain columns. */
export const ftsHint = "Make an FTS5 table of its own and query it with the sql tag";

/** A path as SQLite writes it: `$."key"[0]`; a negative index counts from the end. */
function jsonPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "string") return `${text}.${JSON.stringify(step)}`;
    return step < 0 ? `${text}[#${step}]` : `${text}[${step}]`;
  }, "$");
}
