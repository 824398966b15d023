/**
 * A dialect: everything that is particular to one database, behind one interface.
 *
 * @module
 */
import type { RootNode } from "../ast/nodes.ts";
import type { DatabaseConfig } from "../base/config.ts";
import type { Codecs } from "../schema/codec.ts";
import type { Capabilities, IsolationLevel } from "./capabilities.ts";
import type { Driver } from "./driver.ts";
import type { ChangeSupport } from "./change_support.ts";
import type { SchemaSupport } from "./schema_support.ts";
import type { Semantics, SemanticsConnection } from "./semantics.ts";

/** One parameter of a compiled statement: a fixed value, or a place among the values given at run time. */
export interface Binding {
  /** The place among the run-time values, or -1 for a fixed value. */
  readonly slot: number;
  /** The fixed value, in JavaScript's form. */
  readonly value: unknown;
  /** Converts the value to wire form; `null`: bind as it is. Never called with null. */
  readonly dump: ((value: unknown) => unknown) | null;
}

/** A statement ready to run, again and again. Frozen. */
export interface CompiledStatement {
  /** The SQL text, with `$1`, `$2`, …. */
  readonly sql: string;
  /** Its parameters, in order. */
  readonly bindings: readonly Binding[];
  /** What it does to data. */
  readonly kind: "read" | "write" | "ddl" | "unknown";
}

/** Turns nodes into SQL. Stateless: one object serves all. */
export interface Compiler {
  /**
   * Compiles a statement.
   *
   * @throws {UnsupportedError} when the database has no form for it
   * @throws {QueryError} when the tree is wrong
   */
  compile(node: RootNode): CompiledStatement;
  /** An identifier, quoted when it needs it. */
  identifier(name: string): string;
}

/** How a transaction is begun. */
export interface TransactionOptions {
  /** Default: the database's own. */
  readonly isolation?: IsolationLevel;
  /** Refuse writes. */
  readonly readOnly?: boolean;
  /** Wait for a snapshot that cannot fail to serialise (serializable and read-only). */
  readonly deferrable?: boolean;
  /**
   * The transaction changes tables. On SQLite foreign keys are not enforced in it, since a table that is made anew would
   * take its children's rows along; whoever asks for this checks them before the commit.
   */
  readonly schemaChange?: boolean;
}

/** Everything particular to one database. */
export interface Dialect {
  /** Its name, as configuration spells it. */
  readonly name: string;
  /** The product's name in OpenTelemetry's conventions (`db.system.name`). Default: `name`. */
  readonly systemName?: string;
  /** What it can do. */
  readonly capabilities: Capabilities;
  /** Nodes to SQL. */
  readonly compiler: Compiler;
  /** Values to wire and back. */
  readonly codecs: Codecs;
  /** How its values compare, as far as that holds for every database of its kind. */
  readonly semantics: Semantics;
  /** How the values of one database compare, where its settings tell more; left out: they don't. */
  readSemantics?(connection: SemanticsConnection): Promise<Semantics>;
  /** Opens the way to a database; loads nothing before `connect`. */
  createDriver(config: DatabaseConfig): Driver;
  /** The statements that begin a transaction, in order. */
  beginStatements(options: TransactionOptions): readonly string[];
  /** The statements that follow its end, however it ended; left out: none. */
  endStatements?(options: TransactionOptions): readonly string[];
  /** What migrations need, loaded when it is first asked for. */
  schemaSupport(): Promise<SchemaSupport>;
  /** What following changes needs, loaded when it is first asked for; absent: only this process's own are told. */
  changeSupport?(): Promise<ChangeSupport>;
}
