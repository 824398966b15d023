/**
 * Building statements: the untyped {@linkcode QueryBuilder}, the typed builders that start from a model, and the
 * {@linkcode sql} tag.
 *
 * @module
 */
export { type ColumnInput, ConditionBuilder, type ConditionGroup } from "./condition_builder.ts";
export { isNodeSource, type NodeSource, SqlFragment } from "./fragment.ts";
export type {
  DirectionName,
  DirectionWord,
  JoinName,
  JoinWord,
  WhereOperator,
  WhereOperatorName,
} from "./parse/words.ts";
export * from "./query_builder.ts";
export type { QueryState, Term } from "./query_state.ts";
export { type Interpolation, sql, type SqlTag } from "./sql.ts";
export { DeleteBuilder, deleteFrom, update, UpdateBuilder } from "./typed/change_builder.ts";
export { cte, type CteOptions, recursiveCte } from "./typed/cte.ts";
export {
  Expr,
  type ExpressionInfo,
  JsonExpr,
  type NumericValue,
  type OrderedValue,
  type TextValue,
} from "./typed/expression.ts";
export {
  and,
  caseWhen,
  cast,
  constant,
  exists,
  fn,
  fullText,
  type Functions,
  not,
  notExists,
  type OptionalCondition,
  or,
  scalar,
} from "./typed/functions.ts";
export { InsertBuilder, insertInto, type TypedConflictChoice } from "./typed/insert_builder.ts";
export type { LockOptions } from "./typed/join.ts";
export { type FreeAlias, type On, query, SelectBuilder } from "./typed/select_builder.ts";
export { Cte } from "./typed/source.ts";
export { Statement } from "./typed/statement.ts";
export type * from "./typed/types.ts";
export { FunctionExpr, WindowBuilder } from "./typed/window.ts";
export { type WriteResult, WriteStatement } from "./typed/write.ts";
export type { UntypedRow } from "./untyped_write.ts";
