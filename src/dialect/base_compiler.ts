/**
 * The neutral compiler that dialects extend: standard SQL, one overridable method for each kind of node.
 *
 * The parts are layers, each a class: names and values (`core_compiler.ts`), expressions, patterns, queries,
 * changes of data, DDL, steps of migrations. A dialect overrides the few methods in which its database differs.
 *
 * @module
 */
import type {
  Node,
  OrderNode,
  QueryNode,
  RootNode,
  StatementNode,
  WindowNode,
} from "../ast/nodes.ts";
import type { CompiledStatement, Compiler } from "./dialect.ts";
import { QueryError } from "../base/errors.ts";
import { StepCompiler } from "./step_compiler.ts";
import { SqlWriter } from "./sql_writer.ts";

/** Compiles every node to standard SQL. Stateless: one object serves all. */
export abstract class BaseCompiler extends StepCompiler implements Compiler {
  /**
   * Compiles a statement.
   *
   * @throws {UnsupportedError} when the database has no form for it
   * @throws {QueryError} when the tree is wrong
   */
  compile(node: RootNode): CompiledStatement {
    const out = new SqlWriter();
    try {
      this.visit(node, out);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new QueryError("Cannot compile the statement: it is nested too deeply or too long", {
        cause: error,
      });
    }
    return Object.freeze({
      sql: out.sql,
      bindings: Object.freeze(out.bindings),
      kind: this.statementKind(node),
    });
  }

  /** What a statement does to data. */
  protected statementKind(node: RootNode): CompiledStatement["kind"] {
    switch (node.kind) {
      case "Select":
        return selectKind(node);
      case "Insert":
      case "Update":
      case "Delete":
        return "write";
      case "Raw":
        return "unknown";
      case "Explain":
        return node.analyze ? this.statementKind(node.statement) : "read";
      default:
        return "ddl";
    }
  }

  /** Writes any node. */
  protected override visit(node: Node, out: SqlWriter): void {
    switch (node.kind) {
      case "Column":
        return this.visitColumn(node, out);
      case "Star":
        return this.visitStar(node, out);
      case "Value":
      case "Slot":
        return this.visitValue(node, out);
      case "ListValue":
        return this.visitListValue(node, out);
      case "Literal":
        return this.visitLiteral(node, out);
      case "Raw":
        return this.visitRaw(node, out);
      case "Identifier":
        return this.visitIdentifier(node, out);
      case "Binary":
        return this.visitBinary(node, out);
      case "Logical":
        return this.visitLogical(node, out);
      case "Unary":
        return this.visitUnary(node, out);
      case "NullTest":
        return this.visitNullTest(node, out);
      case "Between":
        return this.visitBetween(node, out);
      case "In":
        return this.visitIn(node, out);
      case "Like":
        return this.visitLike(node, out);
      case "Exists":
        return this.visitExists(node, out);
      case "Subquery":
        return this.visitSubquery(node, out);
      case "Tuple":
        return this.visitTuple(node, out);
      case "Function":
        return this.visitFunction(node, out);
      case "Case":
        return this.visitCase(node, out);
      case "Cast":
        return this.visitCast(node, out);
      case "JsonPath":
        return this.visitJsonPath(node, out);
      case "JsonContains":
        return this.visitJsonContains(node, out);
      case "JsonRows":
        return this.visitJsonRows(node, out);
      case "FullText":
        return this.visitFullText(node, out);
      case "Alias":
        return this.visitAlias(node, out);
      case "Excluded":
        return this.visitExcluded(node, out);
      case "Default":
        return this.visitDefault(node, out);
      default:
        return this.visitPart(node, out);
    }
  }

  /** Writes a statement, or a part of one that is not an expression. */
  protected visitPart(node: StatementNode | OrderNode | WindowNode, out: SqlWriter): void {
    switch (node.kind) {
      case "Select":
        return this.visitSelect(node, out);
      case "Insert":
        return this.visitInsert(node, out);
      case "Update":
        return this.visitUpdate(node, out);
      case "Delete":
        return this.visitDelete(node, out);
      case "Explain":
        return this.visitExplain(node, out);
      case "Table":
      case "DerivedTable":
      case "ListTable":
        return this.visitSource(node, out);
      case "Join":
        return this.visitJoin(node, out);
      case "With":
        return this.visitWith(node, out);
      case "SetOperation":
        return this.visitSetOperation(node, out);
      case "Lock":
        return this.visitLock(node, out);
      case "Order":
        return this.visitOrder(node, out);
      case "Window":
        return this.visitWindow(node, out);
      case "Assignment":
        return this.visitAssignment(node, out);
      case "OnConflict":
        return this.visitOnConflict(node, out);
      case "CreateTable":
        return this.visitCreateTable(node, out);
      case "DropTable":
        return this.visitDropTable(node, out);
      case "CreateIndex":
        return this.visitCreateIndex(node, out);
      case "AddForeignKey":
        return this.visitAddForeignKey(node, out);
      case "CreateEnum":
        return this.visitCreateEnum(node, out);
      case "DropEnum":
        return this.visitDropEnum(node, out);
      case "Step":
        return this.visitStep(node, out);
      default:
        throw new QueryError("Cannot compile the statement: it has a node of unknown kind");
    }
  }
}

function selectKind(node: QueryNode): "read" | "write" {
  if (node.kind !== "Select" || node.lock) return "write";
  return node.with?.some(({ query }) => query.kind !== "Raw" && selectKind(query) === "write")
    ? "write"
    : "read";
}
