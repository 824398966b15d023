/**
 * Statements that change data.
 *
 * @module
 */
import type {
  AssignmentNode,
  DefaultNode,
  DeleteNode,
  ExplainNode,
  ExpressionNode,
  InsertNode,
  OnConflictNode,
  UpdateNode,
} from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import { QueryCompiler } from "./query_compiler.ts";
import type { SqlWriter } from "./sql_writer.ts";

/** Writes inserts, updates, deletes and `EXPLAIN`. */
export abstract class WriteCompiler extends QueryCompiler {
  /** Writes an insert. */
  protected visitInsert(node: InsertNode, out: SqlWriter): void {
    this.visitWiths(node.with, out);
    out.write("INSERT INTO ");
    this.visitTarget(node.into, out);
    this.visitInsertSource(node, out);
    if (node.onConflict) this.visitOnConflict(node.onConflict, out);
    this.visitReturning(node.returning, out);
  }

  /** Writes an insert's columns and what goes into them. */
  protected visitInsertSource(node: InsertNode, out: SqlWriter): void {
    const { source } = node;
    if (source.kind === "Defaults") {
      this.visitDefaults(out);
      return;
    }
    if (node.columns.length > 0) out.write(` ${this.names(node.columns)}`);
    if (node.overriding) this.visitOverriding(out);
    if (source.kind === "Rows") {
      if (source.rows.length === 0) {
        throw new QueryError("Cannot compile the insert: it has no rows");
      }
      out.write(" VALUES ").list(source.rows, (row) => {
        if (row.length !== node.columns.length) {
          throw new QueryError(
            `Cannot compile the insert: a row has ${row.length} values for ${node.columns.length} columns`,
          );
        }
        out.write("(").list(row, (value) => this.visit(value, out)).write(")");
      });
    } else if (source.kind === "Query") {
      out.write(" ");
      this.visit(source.query, out);
    } else {
      this.visitInsertLists(node, source.lists, out);
    }
  }

  /** Writes an insert of one row of defaults, after the table's name. */
  protected visitDefaults(out: SqlWriter): void {
    out.write(" DEFAULT VALUES");
  }

  /** Writes that values for an `always` identity column are accepted. */
  protected visitOverriding(out: SqlWriter): void {
    out.write(" OVERRIDING SYSTEM VALUE");
  }

  /** Writes an insert's source of one list for each column. */
  protected visitInsertLists(
    node: InsertNode,
    lists: Extract<InsertNode["source"], { kind: "Lists" }>["lists"],
    out: SqlWriter,
  ): void {
    out.write(" SELECT * FROM ");
    const columns = lists.map((list, index) => ({ name: node.columns[index] ?? "", list }));
    this.visitListTable({ kind: "ListTable", alias: "rows_", columns }, out);
  }

  /** Writes ` ON CONFLICT …`. */
  protected visitOnConflict(node: OnConflictNode, out: SqlWriter): void {
    out.write(" ON CONFLICT");
    if (node.columns.length > 0) out.write(` ${this.names(node.columns)}`);
    this.clause(" WHERE ", node.targetWhere, out);
    if (!node.set) {
      out.write(" DO NOTHING");
      return;
    }
    if (node.columns.length === 0) {
      throw new QueryError("Cannot compile the upsert: it does not say which columns conflict", {
        hint: "name the columns of the unique key",
      });
    }
    out.write(" DO UPDATE SET ");
    this.visitAssignments(node.set, out);
    this.clause(" WHERE ", node.where, out);
  }

  /** Writes `a = x, b = y`. */
  protected visitAssignments(set: readonly AssignmentNode[], out: SqlWriter): void {
    if (set.length === 0) throw new QueryError("Cannot compile the update: it sets nothing");
    out.list(set, (assignment) => this.visitAssignment(assignment, out));
  }

  /** Writes `column = value`. */
  protected visitAssignment(node: AssignmentNode, out: SqlWriter): void {
    out.write(`${this.identifier(node.column)} = `);
    this.visit(node.value, out);
  }

  /** Writes `DEFAULT`. */
  protected visitDefault(_node: DefaultNode, out: SqlWriter): void {
    out.write("DEFAULT");
  }

  /** Writes ` RETURNING …`. */
  protected visitReturning(items: readonly ExpressionNode[] | undefined, out: SqlWriter): void {
    if (!items?.length) return;
    this.require("supportsReturning", "RETURNING");
    out.write(" RETURNING ").list(items, (item) => this.visit(item, out));
  }

  /** Writes an update. */
  protected visitUpdate(node: UpdateNode, out: SqlWriter): void {
    this.visitWiths(node.with, out);
    out.write("UPDATE ");
    this.visitTarget(node.table, out);
    out.write(" SET ");
    this.visitAssignments(node.set, out);
    if (node.from?.length || node.joins?.length) {
      this.require("supportsUpdateFrom", "UPDATE … FROM");
      this.visitFrom({ from: node.from ?? [], ...(node.joins && { joins: node.joins }) }, out);
    }
    this.clause(" WHERE ", node.where, out);
    this.visitReturning(node.returning, out);
  }

  /** Writes a delete. */
  protected visitDelete(node: DeleteNode, out: SqlWriter): void {
    this.visitWiths(node.with, out);
    out.write("DELETE FROM ");
    this.visitTarget(node.from, out);
    if (node.using?.length) {
      this.require("supportsDeleteUsing", "DELETE … USING");
      out.write(" USING ").list(node.using, (source) => this.visitSource(source, out));
    }
    this.clause(" WHERE ", node.where, out);
    this.visitReturning(node.returning, out);
  }

  /** Writes `EXPLAIN` and its statement. */
  protected visitExplain(node: ExplainNode, out: SqlWriter): void {
    out.write(node.analyze ? "EXPLAIN ANALYZE " : "EXPLAIN ");
    this.visit(node.statement, out);
  }
}
