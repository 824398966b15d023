/**
 * A compiler of standard SQL, for tests of what is the same in every dialect, and an executor that compiles with it.
 *
 * @module
 */
import type { CompiledQuery, Executor } from "../../src/ast/executor.ts";
import type { RootNode } from "../../src/ast/nodes.ts";
import { BaseCompiler } from "../../src/dialect/base_compiler.ts";
import type { Capabilities } from "../../src/dialect/capabilities.ts";
import type { Codecs } from "../../src/schema/codec.ts";
import type { ColumnType } from "../../src/schema/column_type.ts";

const all: Capabilities = {
  supportsReturning: true,
  supportsFullJoin: true,
  supportsLateral: true,
  supportsDistinctOn: true,
  supportsRowLocks: true,
  supportsArrays: true,
  supportsEnumTypes: true,
  supportsComments: false,
  supportsSchemas: true,
  supportsSetOperationAll: true,
  supportsWritableWith: true,
  supportsFullText: true,
  isolationLevels: ["serializable"],
  supportsStatementRollback: true,
  supportsReadOnly: true,
  supportsDeferrable: true,
  supportsAddForeignKey: true,
  supportsListParameter: true,
  supportsUpdateFrom: true,
  supportsDeleteUsing: true,
  supportsCopy: true,
  maxParameters: 100,
  loadStrategy: "query",
  supportsBatchedJoin: false,
  bulkInsert: "rows",
};
const none: Capabilities = Object.freeze({
  ...Object.fromEntries(Object.entries(all).map(([k, v]) => [k, v === true ? false : v])),
} as unknown as Capabilities);

/** Dumps mark the value with the name of the type, so that a test sees which codec was used. */
const codecs: Codecs = {
  codec: (type: ColumnType) => ({
    dump: type.name === "text" ? null : (v) => `${type.name}:${v}`,
    load: null,
    loadNested: null,
  }),
  dumpUntyped: (v) => `untyped:${v}`,
  loadUntyped: () => null,
};

class StandardCompiler extends BaseCompiler {}

/** Compiles standard SQL, with every capability. */
export const standardCompiler: BaseCompiler = new StandardCompiler({
  name: "standard",
  codecs,
  capabilities: all,
});

/** Compiles standard SQL, with no capability. */
export const poorCompiler: BaseCompiler = new StandardCompiler({
  name: "poor",
  codecs,
  capabilities: none,
});

function compile(node: RootNode): CompiledQuery {
  const { sql, bindings } = standardCompiler.compile(node);
  return { sql, parameters: bindings.map(({ value }) => value) };
}

/** Compiles and never runs: for tests of SQL text and of types. */
export const compileOnly: Executor = Object.freeze({
  compile,
  run: () => Promise.reject(new Error("compileOnly runs nothing")),
  stream: () => {
    throw new Error("compileOnly streams nothing");
  },
});
