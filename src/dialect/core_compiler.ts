/**
 * The ground of every compiler: names, constants, bound values and refusals.
 *
 * @module
 */
import type {
  ExpressionNode,
  LiteralNode,
  Node,
  SlotNode,
  TableNode,
  ValueNode,
} from "../ast/nodes.ts";
import { QueryError, UnsupportedError } from "../base/errors.ts";
import type { Codecs } from "../schema/codec.ts";
import type { ColumnType } from "../schema/column_type.ts";
import type { Capabilities } from "./capabilities.ts";
import { reservedWords } from "./reserved_words.ts";
import type { SqlWriter } from "./sql_writer.ts";

/** What a compiler is made from. */
export interface CompilerOptions {
  /** The dialect's name, for messages. */
  readonly name: string;
  /** Convert the bound values. */
  readonly codecs: Codecs;
  /** What the database can do. */
  readonly capabilities: Capabilities;
}

/** The capabilities that are flags. */
export type CapabilityFlag = {
  [K in keyof Capabilities]: Capabilities[K] extends boolean ? K : never;
}[keyof Capabilities];

/** Words that are no function before a parenthesis: they would make something else of the statement. */
const constructs: ReadonlySet<string> = new Set(
  ("all and any as between case cast collate default distinct else end except exists false filter from in " +
    "intersect is isnull like not notnull null or order over row select some table then true union using values " +
    "when where with").split(" "),
);

/** What has no form in the encoding of a statement would become something else on its way. */
function checkText(text: string, what: string): void {
  if (text.includes("\0")) throw new QueryError(`Cannot write ${what}: it has a NUL character`);
  if (!text.isWellFormed()) throw new QueryError(`Cannot write ${what}: it has a lone surrogate`);
}

const plainName = /^[a-z_][a-z0-9_]*$/;
const functionName = /^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$/;

/** Names, constants and bound values. Holds no state of a compilation: that is in the writer. */
export abstract class CoreCompiler {
  /** The dialect's name. */
  protected readonly name: string;
  /** Convert the bound values. */
  protected readonly codecs: Codecs;
  /** What the database can do. */
  protected readonly capabilities: Capabilities;

  /** Makes a compiler for the dialect of that name. */
  constructor(options: CompilerOptions) {
    this.name = options.name;
    this.codecs = options.codecs;
    this.capabilities = options.capabilities;
  }

  /** Writes any node. */
  protected abstract visit(node: Node, out: SqlWriter): void;

  /** An identifier, quoted when it needs it. */
  identifier(name: string): string {
    if (plainName.test(name) && !reservedWords.has(name)) return name;
    if (name === "") throw new QueryError("Cannot write an identifier: it is empty");
    checkText(name, "an identifier");
    return this.quoted(name);
  }

  /** An identifier in quotes. */
  protected quoted(name: string): string {
    return `"${name.replaceAll('"', '""')}"`;
  }

  /** A dotted name: `schema.table`. */
  protected path(...names: (string | undefined)[]): string {
    const parts: string[] = [];
    for (const name of names) if (name !== undefined) parts.push(this.identifier(name));
    return parts.join(".");
  }

  /** Names between parentheses: `(a, b)`. */
  protected names(names: readonly string[]): string {
    return `(${names.map((name) => this.identifier(name)).join(", ")})`;
  }

  /** A table's name without its alias. */
  protected tableName(table: Pick<TableNode, "name" | "schema">): string {
    if (table.schema !== undefined) this.require("supportsSchemas", "schemas");
    return this.path(table.schema, table.name);
  }

  /** A function's name, checked to be a plain or schema-qualified one. */
  protected functionName(name: string): string {
    if (functionName.test(name) && !constructs.has(name.toLowerCase())) return name;
    throw new QueryError("Cannot call a function: its name is not a plain or qualified one", {
      hint: "use letters, digits and underscores, such as lower or my_schema.my_function",
    });
  }

  /** The placeholder of the `index`-th binding, counted from 1. */
  protected placeholder(index: number): string {
    return `$${index}`;
  }

  /** A text constant in quotes. */
  protected stringLiteral(text: string): string {
    checkText(text, "a text");
    return `'${text.replaceAll("'", "''")}'`;
  }

  /** Writes a constant. */
  protected visitLiteral(node: LiteralNode, out: SqlWriter): void {
    out.write(this.literalSql(node.value));
  }

  /** A constant as SQL text. */
  protected literalSql(value: LiteralNode["value"]): string {
    if (value === null) return "NULL";
    if (typeof value === "string") return this.stringLiteral(value);
    if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new QueryError("Cannot write a number: it is not finite");
    }
    return String(value);
  }

  /** Binds a value or slot and writes its placeholder, with a cast where one is asked for. */
  protected visitValue(node: ValueNode | SlotNode, out: SqlWriter): void {
    const dump = this.dumpOf(node.type);
    this.bound(node, dump, out);
  }

  /** Binds a value or slot with a conversion of its own and writes its placeholder. */
  protected bound(
    node: ValueNode | SlotNode,
    dump: ((value: unknown) => unknown) | null,
    out: SqlWriter,
  ): void {
    if (node.kind === "Value" && node.value === undefined) {
      throw new QueryError("Cannot bind a value: it is undefined", {
        hint: "use null for a missing value",
      });
    }
    const placeholder = this.placeholder(out.bind(Object.freeze(
      node.kind === "Slot"
        ? { slot: node.index, value: undefined, dump }
        : { slot: -1, value: node.value, dump },
    )));
    if (node.cast && node.type) this.cast(() => out.write(placeholder), node.type, out);
    else out.write(placeholder);
  }

  /** How values of a type become what the driver binds; without a type the value decides. */
  protected dumpOf(type: ColumnType | undefined): ((value: unknown) => unknown) | null {
    return type ? this.codecs.codec(type).dump : this.dumpUntyped;
  }

  /** One function for all untyped values. */
  protected readonly dumpUntyped = (value: unknown): unknown => this.codecs.dumpUntyped(value);

  /** Writes a cast around what `operand` writes. */
  protected cast(operand: () => void, type: ColumnType, out: SqlWriter): void {
    out.write("CAST(");
    operand();
    out.write(` AS ${this.columnTypeSql(type)})`);
  }

  /** The database's spelling of a type. */
  protected abstract columnTypeSql(type: ColumnType): string;

  /**
   * Writes how a selected column stands in the JSON that {@linkcode JsonRowsNode} makes, in the form that its
   * codec's `loadNested` reads. `source` is the expression that the column was selected from.
   */
  protected nested(
    column: ExpressionNode,
    _type: ColumnType | undefined,
    _source: ExpressionNode,
    out: SqlWriter,
  ): void {
    this.visit(column, out);
  }

  /**
   * Refuses what the database cannot do.
   *
   * @throws {UnsupportedError} when the flag is not set
   */
  protected require(capability: CapabilityFlag, what: string): void {
    if (!this.capabilities[capability]) throw this.unsupported(what);
  }

  /** The error for what the database cannot do. */
  protected unsupported(what: string, hint?: string): UnsupportedError {
    return new UnsupportedError(`Cannot compile the statement: ${this.name} has no ${what}`, {
      hint,
    });
  }
}
