/**
 * Calls, windows, orders, `CASE` and casts.
 *
 * @module
 */
import type { CaseNode, CastNode, FunctionNode, OrderNode, WindowNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import { CoreCompiler } from "./core_compiler.ts";
import type { SqlWriter } from "./sql_writer.ts";

/** Writes calls and what can stand in them. */
export abstract class FunctionCompiler extends CoreCompiler {
  /** Writes a call, an aggregate or a window function. */
  protected visitFunction(node: FunctionNode, out: SqlWriter): void {
    out.write(`${this.functionName(node.name)}(${node.distinct ? "DISTINCT " : ""}`);
    out.list(node.args, (arg) => this.visit(arg, out));
    if (node.orderBy?.length) this.orderBy(node.orderBy, out);
    out.write(")");
    if (node.filter) {
      out.write(" FILTER (WHERE ");
      this.visit(node.filter, out);
      out.write(")");
    }
    if (node.over === undefined) return;
    out.write(" OVER ");
    if (typeof node.over === "string") out.write(this.identifier(node.over));
    else this.visitWindow(node.over, out);
  }

  /** Writes ` ORDER BY …`. */
  protected orderBy(terms: readonly OrderNode[], out: SqlWriter): void {
    out.write(" ORDER BY ").list(terms, (term) => this.visitOrder(term, out));
  }

  /** Where NULLs go in this database unless told. */
  protected defaultNulls(direction: OrderNode["direction"]): "first" | "last" {
    return direction === "asc" ? "last" : "first";
  }

  /** Writes one term of `ORDER BY`; NULLS only where the database would put them elsewhere. */
  protected visitOrder(node: OrderNode, out: SqlWriter): void {
    this.visit(node.expression, out);
    if (node.direction === "desc") out.write(" DESC");
    if (node.nulls && node.nulls !== this.defaultNulls(node.direction)) {
      out.write(node.nulls === "first" ? " NULLS FIRST" : " NULLS LAST");
    }
  }

  /** Writes what a window function looks at, in parentheses. */
  protected visitWindow(node: WindowNode, out: SqlWriter): void {
    const part = new Array<() => void>();
    if (node.partitionBy.length > 0) {
      part.push(() =>
        out.write("PARTITION BY ").list(node.partitionBy, (item) => this.visit(item, out))
      );
    }
    if (node.orderBy.length > 0) {
      part.push(() =>
        out.write("ORDER BY ").list(node.orderBy, (item) => this.visitOrder(item, out))
      );
    }
    const { frame } = node;
    if (frame) part.push(() => out.write(frameSql(frame)));
    out.write("(").list(part, (write) => write(), " ").write(")");
  }

  /** Writes `CASE WHEN … END`. */
  protected visitCase(node: CaseNode, out: SqlWriter): void {
    if (node.whens.length === 0) throw new QueryError("Cannot write CASE: it has no WHEN");
    out.write("CASE");
    for (const { when, then } of node.whens) {
      out.write(" WHEN ");
      this.visit(when, out);
      out.write(" THEN ");
      this.visit(then, out);
    }
    if (node.otherwise) {
      out.write(" ELSE ");
      this.visit(node.otherwise, out);
    }
    out.write(" END");
  }

  /** Writes `CAST(operand AS type)`. */
  protected visitCast(node: CastNode, out: SqlWriter): void {
    this.cast(() => this.visit(node.operand, out), node.type, out);
  }
}

/** The bounds that are words: nothing else is written into a statement. */
const frameWords: ReadonlySet<string> = new Set([
  "unbounded preceding",
  "current row",
  "unbounded following",
]);

function frameSql(frame: NonNullable<WindowNode["frame"]>): string {
  const bound = (at: typeof frame.start): string => {
    if (typeof at === "string" && frameWords.has(at)) return at.toUpperCase();
    if (typeof at === "string" || !Number.isSafeInteger(at)) {
      throw new QueryError("Cannot write a window frame: a bound is not a whole number", {
        hint: `accepted: whole numbers, ${[...frameWords].join(", ")}`,
      });
    }
    if (at === 0) return "CURRENT ROW";
    return at < 0 ? `${-at} PRECEDING` : `${at} FOLLOWING`;
  };
  const unit = frame.unit.toUpperCase();
  return frame.end === undefined
    ? `${unit} ${bound(frame.start)}`
    : `${unit} BETWEEN ${bound(frame.start)} AND ${bound(frame.end)}`;
}
