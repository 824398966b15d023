/**
 * Queries: `SELECT` and everything in it.
 *
 * @module
 */
import type {
  AliasNode,
  DerivedTableNode,
  ExpressionNode,
  JoinNode,
  JsonRowsNode,
  ListTableNode,
  LockNode,
  SelectNode,
  SetOperationNode,
  SourceNode,
  SubqueryNode,
  TableNode,
  WithNode,
} from "../ast/nodes.ts";
import { alias, column } from "../ast/build.ts";
import { QueryError } from "../base/errors.ts";
import type { ColumnType } from "../schema/column_type.ts";
import { LikeCompiler } from "./like_compiler.ts";
import type { SqlWriter } from "./sql_writer.ts";
import { typeOf } from "./typing.ts";

/** Writes queries in standard SQL. */
export abstract class QueryCompiler extends LikeCompiler {
  /** Writes `(query)` as a value. */
  protected visitSubquery(node: SubqueryNode, out: SqlWriter): void {
    this.subquery(node.query, out);
  }

  /** Writes `expression AS alias`. */
  protected visitAlias(node: AliasNode, out: SqlWriter): void {
    this.visit(node.expression, out);
    out.write(` AS ${this.identifier(node.alias)}`);
  }

  /** Writes a query without parentheses. */
  protected visitSelect(node: SelectNode, out: SqlWriter): void {
    this.visitWiths(node.with, out);
    const wraps = this.leftWraps(node.setOperations ?? []);
    out.write("(".repeat(wraps.size));
    this.visitSelectCore(node, out);
    node.setOperations?.forEach((operation, index) => {
      if (wraps.has(index)) out.write(")");
      this.visitSetOperation(operation, out);
    });
    if (node.orderBy?.length) this.orderBy(node.orderBy, out);
    this.visitLimitOffset(node, out);
    if (node.lock) this.visitLock(node.lock, out);
  }

  /** Writes a query up to its windows: what stands between set operations. */
  protected visitSelectCore(node: SelectNode, out: SqlWriter): void {
    out.write("SELECT ");
    this.visitDistinct(node, out);
    if (node.selection.length === 0) {
      throw new QueryError("Cannot compile the query: it selects nothing", {
        hint: 'say what to select, such as select("*")',
      });
    }
    out.list(node.selection, (item) => this.visit(item, out));
    this.visitFrom(node, out);
    this.clause(" WHERE ", node.where, out);
    if (node.groupBy?.length) {
      out.write(" GROUP BY ").list(node.groupBy, (item) => this.visit(item, out));
    }
    this.clause(" HAVING ", node.having, out);
    if (node.windows?.length) {
      out.write(" WINDOW ").list(node.windows, ({ name, window }) => {
        out.write(`${this.identifier(name)} AS `);
        this.visitWindow(window, out);
      });
    }
  }

  /** Writes a keyword and its expression, where there is one. */
  protected clause(keyword: string, node: ExpressionNode | undefined, out: SqlWriter): void {
    if (!node) return;
    out.write(keyword);
    this.visit(node, out);
  }

  /** Writes `WITH …` and a space. */
  protected visitWiths(withs: readonly WithNode[] | undefined, out: SqlWriter): void {
    if (!withs?.length) return;
    out.write(withs.some((item) => item.recursive) ? "WITH RECURSIVE " : "WITH ");
    out.list(withs, (item) => this.visitWith(item, out)).write(" ");
  }

  /** Writes one common table expression. */
  protected visitWith(node: WithNode, out: SqlWriter): void {
    const { kind } = node.query;
    if (kind === "Insert" || kind === "Update" || kind === "Delete") {
      this.require("supportsWritableWith", "INSERT, UPDATE or DELETE inside WITH");
    }
    out.write(this.identifier(node.name));
    if (node.columns?.length) out.write(` ${this.names(node.columns)}`);
    out.write(" AS ");
    if (node.materialized !== undefined) {
      out.write(node.materialized ? "MATERIALIZED " : "NOT MATERIALIZED ");
    }
    out.write("(");
    this.visit(node.query, out);
    out.write(")");
  }

  /** Writes `DISTINCT ` or `DISTINCT ON (…) `. */
  protected visitDistinct(node: SelectNode, out: SqlWriter): void {
    if (!node.distinct) return;
    if (node.distinct === true) {
      out.write("DISTINCT ");
      return;
    }
    this.require("supportsDistinctOn", "DISTINCT ON");
    out.write("DISTINCT ON (").list(node.distinct, (item) => this.visit(item, out)).write(") ");
  }

  /** Writes ` FROM …` with its joins. */
  protected visitFrom(node: Pick<SelectNode, "from" | "joins">, out: SqlWriter): void {
    if (node.from.length > 0) {
      out.write(" FROM ").list(node.from, (source) => this.visitSource(source, out));
    } else if (node.joins?.length) {
      throw new QueryError("Cannot compile the query: it joins a table to nothing", {
        hint: "name the first table with from()",
      });
    }
    node.joins?.forEach((join) => this.visitJoin(join, out));
  }

  /** Writes anything that can stand after `FROM`. */
  protected visitSource(node: SourceNode, out: SqlWriter): void {
    switch (node.kind) {
      case "Table":
        return this.visitTable(node, out);
      case "DerivedTable":
        return this.visitDerivedTable(node, out);
      case "ListTable":
        return this.visitListTable(node, out);
    }
  }

  /** Writes a table and its alias. */
  protected visitTable(node: TableNode, out: SqlWriter): void {
    out.write(this.tableName(node));
    if (node.alias !== undefined) out.write(` ${this.identifier(node.alias)}`);
  }

  /** Writes a table that is changed: most databases want `AS` before its alias. */
  protected visitTarget(node: TableNode, out: SqlWriter): void {
    out.write(this.tableName(node));
    if (node.alias !== undefined) out.write(` AS ${this.identifier(node.alias)}`);
  }

  /** Writes a query in place of a table. */
  protected visitDerivedTable(node: DerivedTableNode, out: SqlWriter): void {
    this.subquery(node.query, out);
    out.write(` AS ${this.identifier(node.alias)}`);
    if (node.columns?.length) out.write(` ${this.names(node.columns)}`);
  }

  /** Writes lists in place of a table. */
  protected visitListTable(_node: ListTableNode, _out: SqlWriter): void {
    throw this.unsupported("lists in place of a table");
  }

  /** Writes a join. */
  protected visitJoin(node: JoinNode, out: SqlWriter): void {
    if (node.type === "right" || node.type === "full") {
      this.require("supportsFullJoin", `${node.type.toUpperCase()} JOIN`);
    }
    if (node.lateral) this.require("supportsLateral", "LATERAL sub-query");
    if ((node.type === "cross") !== (node.on === undefined)) {
      throw new QueryError(
        node.on
          ? "Cannot compile the query: CROSS JOIN takes no condition"
          : `Cannot compile the query: ${node.type.toUpperCase()} JOIN needs a condition`,
      );
    }
    out.write(` ${node.type.toUpperCase()} JOIN ${node.lateral ? "LATERAL " : ""}`);
    this.visitSource(node.source, out);
    this.clause(" ON ", node.on, out);
  }

  /** Whether `INTERSECT` binds tighter than `UNION`, as the standard has it. */
  protected readonly intersectBindsTighter: boolean = true;

  /** Before which set operations everything to the left needs parentheses to be done first. */
  protected leftWraps(operations: readonly SetOperationNode[]): ReadonlySet<number> {
    const wraps = new Set<number>();
    if (!this.intersectBindsTighter) return wraps;
    operations.forEach(({ operator }, index) => {
      const before = operations[index - 1];
      if (operator === "intersect" && before && before.operator !== "intersect") wraps.add(index);
    });
    return wraps;
  }

  /** Writes ` UNION query` and its kin. */
  protected visitSetOperation(node: SetOperationNode, out: SqlWriter): void {
    if (node.all && node.operator !== "union") {
      this.require("supportsSetOperationAll", `${node.operator.toUpperCase()} ALL`);
    }
    out.write(` ${node.operator.toUpperCase()} ${node.all ? "ALL " : ""}`);
    if (this.isPlain(node.query)) this.visitSelect(node.query, out);
    else this.visitSetOperand(node.query, out);
  }

  /** Whether a query can stand on the right of a set operation as it is. */
  protected isPlain(query: SelectNode): boolean {
    return !query.with?.length && !query.setOperations?.length && !query.orderBy?.length &&
      !query.limit && !query.offset && !query.lock;
  }

  /** Writes the right side of a set operation that cannot stand there as it is. */
  protected visitSetOperand(query: SelectNode, out: SqlWriter): void {
    this.subquery(query, out);
  }

  /** Writes ` LIMIT …` and ` OFFSET …`. */
  protected visitLimitOffset(node: SelectNode, out: SqlWriter): void {
    this.clause(" LIMIT ", node.limit, out);
    this.clause(" OFFSET ", node.offset, out);
  }

  /** Writes ` FOR UPDATE` and its kin. */
  protected visitLock(node: LockNode, out: SqlWriter): void {
    this.require("supportsRowLocks", "row locks");
    out.write(` FOR ${node.strength.toUpperCase()}`);
    if (node.of?.length) {
      out.write(` OF ${node.of.map((name) => this.identifier(name)).join(", ")}`);
    }
    if (node.wait) out.write(` ${node.wait.toUpperCase()}`);
  }

  /**
   * For `visitJsonRows`: the query with its columns named `c0`, `c1`, …, and a writer for each of them in the form
   * that JSON wants.
   */
  protected jsonColumns(
    node: JsonRowsNode,
    from: string,
  ): { query: SelectNode; write: readonly ((out: SqlWriter) => void)[] } {
    const { query } = node;
    const selection: ExpressionNode[] = [];
    const write = query.selection.map((item, index) => {
      const source = item.kind === "Alias" ? item.expression : item;
      const type: ColumnType | undefined = query.result?.[index]?.type ?? typeOf(source);
      const name = `c${index}`;
      selection.push(alias(source, name));
      return (out: SqlWriter) => this.nested(column(name, from, type), type, source, out);
    });
    return { query: { ...query, selection }, write };
  }
}
