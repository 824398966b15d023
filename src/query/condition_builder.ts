/**
 * The conditions of the untyped builder.
 *
 * @module
 */
import type { ExpressionNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import {
  between,
  compare,
  compareQuery,
  expressionOf,
  inList,
  operandOf,
  queryOf,
} from "./comparison.ts";
import { type NodeSource, SqlFragment } from "./fragment.ts";
import type { WhereOperatorName } from "./parse/words.ts";
import { conditionOf, emptyState, type QueryState, type Term } from "./query_state.ts";

/** A column as text of a known form, or a fragment for anything else. */
export type ColumnInput = string | SqlFragment<unknown>;

/** Conditions that stand in parentheses. */
export type ConditionGroup = (group: ConditionBuilder) => ConditionBuilder;

type WhereArguments =
  | [column: ColumnInput, operator: WhereOperatorName, value: unknown]
  | [group: ConditionGroup];

/** Gathers conditions: what a {@linkcode QueryBuilder} and a group in parentheses have in common. */
export class ConditionBuilder {
  /** What the calls so far said. Immutable: each call replaces it. */
  protected state: QueryState = emptyState;

  /** Takes over what a call said. */
  protected assign(part: QueryState): this {
    this.state = Object.freeze({ ...this.state, ...part });
    return this;
  }

  /** Adds to what earlier calls said. */
  protected append<K extends keyof QueryState>(
    key: K,
    items: readonly (NonNullable<QueryState[K]> extends readonly (infer T)[] ? T : never)[],
  ): this {
    const before = (this.state[key] ?? []) as readonly unknown[];
    return this.assign({ [key]: Object.freeze([...before, ...items]) });
  }

  #where(connector: Term["connector"], condition: ExpressionNode): this {
    return this.append("where", [Object.freeze({ connector, condition })]);
  }

  /**
   * Adds a condition with AND. As in SQL, AND binds tighter than an `orWhere` beside it; a callback puts
   * conditions in parentheses: `where((q) => q.where("a", "=", 1).orWhere("b", "=", 2))`.
   */
  where(column: ColumnInput, operator: WhereOperatorName, value: unknown): this;
  /** Adds conditions in parentheses with AND. */
  where(group: ConditionGroup): this;
  where(...args: WhereArguments): this {
    return this.#where("and", ConditionBuilder.#condition(args));
  }

  /** The same as {@linkcode where}. */
  andWhere(column: ColumnInput, operator: WhereOperatorName, value: unknown): this;
  /** The same as {@linkcode where}. */
  andWhere(group: ConditionGroup): this;
  andWhere(...args: WhereArguments): this {
    return this.#where("and", ConditionBuilder.#condition(args));
  }

  /** Adds a condition with OR. */
  orWhere(column: ColumnInput, operator: WhereOperatorName, value: unknown): this;
  /** Adds conditions in parentheses with OR. */
  orWhere(group: ConditionGroup): this;
  orWhere(...args: WhereArguments): this {
    return this.#where("or", ConditionBuilder.#condition(args));
  }

  /** Adds `column IN (values)`; an empty list is false. */
  whereIn(column: ColumnInput, values: readonly unknown[] | NodeSource): this {
    return this.#where("and", inList(operandOf(column), values, false));
  }

  /** Adds `column NOT IN (values)`; an empty list is true. */
  whereNotIn(column: ColumnInput, values: readonly unknown[] | NodeSource): this {
    return this.#where("and", inList(operandOf(column), values, true));
  }

  /** Adds `column IS NULL`. */
  whereNull(column: ColumnInput): this {
    return this.#where("and", compare(operandOf(column), "IS", null));
  }

  /** Adds `column IS NOT NULL`. */
  whereNotNull(column: ColumnInput): this {
    return this.#where("and", compare(operandOf(column), "IS NOT", null));
  }

  /** Adds `column BETWEEN low AND high`. */
  whereBetween(column: ColumnInput, low: unknown, high: unknown): this {
    return this.#where("and", between(operandOf(column), [low, high], false));
  }

  /** Adds `column operator (query)`: IN, NOT IN or a comparison. */
  whereSubquery(column: ColumnInput, operator: WhereOperatorName, query: NodeSource): this {
    return this.#where("and", compareQuery(operandOf(column), operator, queryOf(query)));
  }

  /** Adds a condition of the `sql` tag. */
  whereRaw(condition: SqlFragment<unknown>): this {
    if (!(condition instanceof SqlFragment)) {
      throw new QueryError("Cannot build the query: whereRaw() takes a fragment of the sql tag", {
        hint: "write whereRaw(sql`…`)",
      });
    }
    return this.#where("and", expressionOf(condition));
  }

  static #condition(args: WhereArguments): ExpressionNode {
    const [first, operator, value] = args;
    if (typeof first !== "function") return compare(operandOf(first), operator ?? "", value);
    const { where } = first(new ConditionBuilder()).state;
    if (where) return conditionOf(where);
    throw new QueryError("Cannot build the query: a group has no conditions");
  }
}
