/**
 * What a dialect is made of: for those who bring a further database.
 *
 * A dialect extends {@linkcode BaseCompiler} where its SQL differs from the standard, brings a
 * {@linkcode Driver} and {@linkcode Codecs}, and says in its {@linkcode Capabilities} what it can do.
 *
 * @module
 */
export { BaseCompiler } from "./base_compiler.ts";
export * from "./core_compiler.ts";
export { DdlCompiler } from "./ddl_compiler.ts";
export { ExpressionCompiler } from "./expression_compiler.ts";
export { FunctionCompiler } from "./function_compiler.ts";
export { LikeCompiler, type Match } from "./like_compiler.ts";
export type { Level } from "./precedence.ts";
export { QueryCompiler } from "./query_compiler.ts";
export { WriteCompiler } from "./write_compiler.ts";
export { SqlWriter } from "./sql_writer.ts";
export type * from "./capabilities.ts";
export type * from "./dialect.ts";
export type * from "./semantics.ts";
export type * from "./driver.ts";
export type * from "../schema/codec.ts";
export type * from "../schema/column_type.ts";
export { StepCompiler } from "./step_compiler.ts";
