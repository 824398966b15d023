/**
 * Nodes to SQLite's SQL: what differs from the base compiler beside tables, decimals and JSON.
 *
 * @module
 */
import type {
  BinaryNode,
  CastNode,
  ColumnNode,
  DefaultNode,
  DeleteNode,
  DerivedTableNode,
  ExplainNode,
  ExpressionNode,
  FullTextNode,
  InNode,
  InsertNode,
  LikeNode,
  ListTableNode,
  ListValueNode,
  RawNode,
  SelectNode,
  UpdateNode,
} from "../../ast/nodes.ts";
import { literal } from "../../ast/build.ts";
import { QueryError } from "../../base/errors.ts";
import type { SqlWriter } from "../../dialect/sql_writer.ts";
import { typeOf } from "../../dialect/typing.ts";
import { checkedType, type ColumnType, columnType } from "../../schema/column_type.ts";
import { timestampFormat } from "./ddl_compiler.ts";
import { globOf } from "./glob.ts";
import { ftsHint, JsonCompiler } from "./json_compiler.ts";
import { asKey, isComputedDecimal } from "./numeric_compiler.ts";
import { numericScale } from "./numeric_scale.ts";

const text = columnType("text");

/** Compiles to SQLite's SQL. */
export class SqliteCompiler extends JsonCompiler {
  /** All set operations are done from left to right. */
  protected override readonly intersectBindsTighter = false;
  /** The table that a statement changes while its RETURNING is written: SQLite does not take its alias there. */
  readonly #returning = new WeakMap<SqlWriter, string>();
  readonly #globDumps = new Map<LikeNode["match"], (value: unknown) => unknown>();

  /** The spelling of an operator; SQLite has `IS` for `is not distinct from`. */
  protected override operatorSql(node: BinaryNode): string {
    if (node.operator === "is distinct from") return "IS NOT";
    return node.operator === "is not distinct from" ? "IS" : super.operatorSql(node);
  }

  /** `LIKE` minds no case for ASCII; `GLOB` does, with a pattern of its own. */
  protected override visitLike(node: LikeNode, out: SqlWriter): void {
    this.operand(node.operand, "predicate", "left", out);
    out.write(`${node.negated ? " NOT" : ""} ${node.insensitive ? "LIKE" : "GLOB"} `);
    if (node.insensitive) this.likePattern(node, out);
    else this.#globPattern(node, out);
    if (node.insensitive) out.write(" ESCAPE '\\'");
  }

  #globPattern({ pattern, match }: LikeNode, out: SqlWriter): void {
    if (pattern.kind === "Value" || pattern.kind === "Slot") {
      return this.bound({ ...pattern, type: text }, this.#globDump(match), out);
    }
    if (pattern.kind === "Literal") {
      return this.visit(literal(globOf(match, String(pattern.value))), out);
    }
    out.write("rex_glob(");
    this.visit(pattern, out);
    out.write(`, '${match}')`);
  }

  /** One function for each kind of match. */
  #globDump(match: LikeNode["match"]): (value: unknown) => unknown {
    let dump = this.#globDumps.get(match);
    if (!dump) {
      const textDump = this.dumpOf(text);
      dump = (value) => {
        const pattern = globOf(match, String(value));
        return textDump ? textDump(pattern) : pattern;
      };
      this.#globDumps.set(match, dump);
    }
    return dump;
  }

  /** One statement for lists of every length. */
  protected override visitInList(node: InNode, list: ListValueNode, out: SqlWriter): void {
    const { operand } = node;
    const computed = isComputedDecimal(operand);
    this.operand(computed ? asKey(operand) : operand, "predicate", "left", out);
    out.write(node.negated ? " NOT IN (SELECT " : " IN (SELECT ");
    const types = operand.kind === "Tuple" ? operand.items.map(typeOf) : list.type;
    if (operand.kind === "Tuple") {
      out.list(operand.items, (item, index) => {
        out.write(elementSql(`value ->> ${index}`, typeOf(item)));
      });
    } else out.write(computed ? "rex_numeric_key(value)" : elementSql("value", list.type));
    out.write(" FROM json_each(");
    this.bindList(list, out, types);
    out.write("))");
  }

  /** A list by itself is its JSON text. */
  protected override visitListValue(node: ListValueNode, out: SqlWriter): void {
    this.bindList(node, out);
  }

  /** `LIMIT -1` makes SQLite keep the lists after the first, so that it finds their elements by an index. */
  protected override visitListTable(node: ListTableNode, out: SqlWriter): void {
    out.write("(SELECT ").list(node.columns, ({ name, list }, index) => {
      out.write(`${elementSql(`l${index}.value`, list.type)} AS ${this.identifier(name)}`);
    }).write(" FROM ");
    node.columns.forEach(({ list }, index) => {
      out.write(index === 0 ? "json_each(" : " JOIN (SELECT key, value FROM json_each(");
      this.bindList(list, out);
      out.write(index === 0 ? ") AS l0" : `) LIMIT -1) AS l${index} ON l${index}.key = l0.key`);
    });
    out.write(`) AS ${this.identifier(node.alias)}`);
  }

  /** Refuses full-text search of plain columns. */
  protected override visitFullText(_node: FullTextNode, _out: SqlWriter): void {
    throw this.unsupported("full-text search of plain columns", ftsHint);
  }

  /** Writes a cast by the function that gives the form in which the codecs store the type. */
  protected override visitCast(node: CastNode, out: SqlWriter): void {
    const { operand } = node;
    const type = checkedType(node.type);
    const wrap = (before: string, after: string) => {
      out.write(before);
      this.visit(operand, out);
      out.write(after);
    };
    const scale = numericScale(type);
    switch (type.name) {
      case "numeric":
        if (scale === undefined) return wrap("rex_numeric(", ")");
        return wrap("rex_numeric_round(", `, ${scale})`);
      case "boolean":
        return wrap("(CAST(", " AS INTEGER) <> 0)");
      case "smallint":
      case "integer":
      case "bigint":
        if (isFraction(typeOf(operand))) return wrap("CAST(round(", ") AS INTEGER)");
        return super.visitCast(node, out);
      case "date":
        return wrap("date(", ")");
      case "time":
        return wrap("time(", ")");
      case "timestamp":
      case "timestamptz":
        return wrap(`strftime(${timestampFormat}, `, ")");
      case "json":
      case "jsonb":
        return wrap("json(", ")");
      case "uuid":
        return wrap("lower(", ")");
      default:
        return super.visitCast(node, out);
    }
  }

  /** SQLite takes no names of columns after an alias. */
  protected override visitDerivedTable(node: DerivedTableNode, out: SqlWriter): void {
    if (!node.columns?.length) return super.visitDerivedTable(node, out);
    const alias = this.identifier(node.alias);
    out.write(`(WITH ${alias} ${this.names(node.columns)} AS `);
    this.subquery(node.query, out);
    out.write(` SELECT * FROM ${alias}) AS ${alias}`);
  }

  /** SQLite takes no parentheses around an operand of a set operation. */
  protected override visitSetOperand(query: SelectNode, out: SqlWriter): void {
    out.write("SELECT * FROM ");
    this.subquery(query, out);
  }

  /** `OFFSET` stands only after a `LIMIT`. */
  protected override visitLimitOffset(node: SelectNode, out: SqlWriter): void {
    if (node.offset && !node.limit) out.write(" LIMIT -1");
    super.visitLimitOffset(node, out);
  }

  /** SQLite accepts values for a key that it numbers. */
  protected override visitOverriding(_out: SqlWriter): void {}

  /** Refuses DEFAULT among values. */
  protected override visitDefault(_node: DefaultNode, _out: SqlWriter): never {
    throw this.unsupported(
      "DEFAULT as a value",
      "Leave the column out; rows that set it go into an insert of their own",
    );
  }

  /** Writes an insert's columns and values, without those that are DEFAULT in every row. */
  protected override visitInsertSource(node: InsertNode, out: SqlWriter): void {
    super.visitInsertSource(withoutDefaults(withWhere(node)), out);
  }

  /** A list is inserted from a query, in which ON CONFLICT could be taken for a join's condition. */
  protected override visitInsertLists(
    node: InsertNode,
    lists: Extract<InsertNode["source"], { kind: "Lists" }>["lists"],
    out: SqlWriter,
  ): void {
    super.visitInsertLists(node, lists, out);
    if (node.onConflict) out.write(" WHERE TRUE");
  }

  /** Writes an insert. */
  protected override visitInsert(node: InsertNode, out: SqlWriter): void {
    this.#returning.set(out, node.into.alias ?? node.into.name);
    super.visitInsert(node, out);
  }

  /** Writes an update. */
  protected override visitUpdate(node: UpdateNode, out: SqlWriter): void {
    this.#returning.set(out, node.table.alias ?? node.table.name);
    super.visitUpdate(node, out);
  }

  /** Writes a delete. */
  protected override visitDelete(node: DeleteNode, out: SqlWriter): void {
    this.#returning.set(out, node.from.alias ?? node.from.name);
    super.visitDelete(node, out);
  }

  /** Writes RETURNING; the changed table's columns stand there by their names alone. */
  protected override visitReturning(
    items: readonly ExpressionNode[] | undefined,
    out: SqlWriter,
  ): void {
    const table = this.#returning.get(out);
    super.visitReturning(items?.map((item) => unqualified(item, table)), out);
  }

  /** SQLite tells its plan; it does not measure. */
  protected override visitExplain(node: ExplainNode, out: SqlWriter): void {
    if (node.analyze) throw this.unsupported("EXPLAIN ANALYZE", "Explain without analyze");
    out.write("EXPLAIN QUERY PLAN ");
    this.visit(node.statement, out);
  }
}

/** An element of a list as it is compared with a column. */
function elementSql(element: string, type: ColumnType | undefined): string {
  return type?.name === "bytes" ? `unhex(${element})` : element;
}

function isFraction(type: ColumnType | undefined): boolean {
  return type?.name === "real" || type?.name === "double" || type?.name === "numeric";
}

/** A column of the changed table by its name alone. */
function unqualified(node: ExpressionNode, table: string | undefined): ExpressionNode {
  switch (node.kind) {
    case "Column":
      return node.table === table ? without(node) : node;
    case "Star":
      return node.table === table ? Object.freeze({ kind: "Star" }) : node;
    case "Alias":
      return { ...node, expression: unqualified(node.expression, table) };
    case "Function":
      return { ...node, args: node.args.map((arg) => unqualified(arg, table)) };
    case "Binary":
      return {
        ...node,
        left: unqualified(node.left, table),
        right: unqualified(node.right, table),
      };
    default:
      return node;
  }
}

function without(
  { table: _table, ...rest }: ColumnNode,
): ExpressionNode {
  return rest;
}

/** After a query without WHERE, SQLite takes ON CONFLICT for a join's condition. */
function withWhere(node: InsertNode): InsertNode {
  const { source, onConflict } = node;
  if (!onConflict || source.kind !== "Query") return node;
  const { query } = source;
  if (query.kind === "Select" && query.where && !query.setOperations?.length) return node;
  const wrapped: SelectNode = {
    kind: "Select",
    selection: [{ kind: "Star" }],
    from: [{ kind: "DerivedTable", query: query as SelectNode | RawNode, alias: "source_" }],
    where: literal(true),
  };
  return { ...node, source: { kind: "Query", query: wrapped } };
}

/** Columns that are DEFAULT in every row are left out; SQLite knows no DEFAULT among values. */
function withoutDefaults(node: InsertNode): InsertNode {
  const { source, columns } = node;
  if (source.kind !== "Rows" || source.rows.length === 0) return node;
  const keep = columns.map((_, index) => source.rows.some((row) => row[index]?.kind !== "Default"));
  if (keep.every(Boolean)) return node;
  const rows = source.rows.map((row) => row.filter((_, index) => keep[index]));
  const kept = columns.filter((_, index) => keep[index]);
  if (kept.length > 0) return { ...node, columns: kept, source: { kind: "Rows", rows } };
  if (rows.length === 1) return { ...node, columns: kept, source: { kind: "Defaults" } };
  throw new QueryError("Cannot compile the insert: several rows set no column at all", {
    hint: "Insert them one by one",
  });
}
