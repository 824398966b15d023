/**
 * The typed update and delete.
 *
 * @module
 */
import type { Executor } from "../../ast/executor.ts";
import type { AssignmentNode, DeleteNode, ExpressionNode, UpdateNode } from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";
import type { ColumnKeys, ModelClass } from "../../model/keys.ts";
import { entityOf } from "../../model/registry.ts";
import type { EntitySchema } from "../../schema/entity.ts";
import { compare, expressionOf } from "../comparison.ts";
import { returnedItems } from "./insert_builder.ts";
import { columnsOf, references } from "./references.ts";
import {
  addSource,
  allItems,
  allOf,
  type Item,
  type SelectState,
  stateOf,
} from "./select_state.ts";
import { columnOf, entityTable, sourceOf } from "./source.ts";
import type {
  Add,
  Changes,
  Condition,
  Nothing,
  Operator,
  OperatorValue,
  Refs,
  RowOf,
  Selected,
  Selection,
  Target,
} from "./types.ts";
import type { FreeAlias } from "./select_builder.ts";
import type { Statement } from "./statement.ts";
import { changesOf, returningOf, withAutomatic, WriteStatement } from "./write.ts";

interface ChangeState {
  readonly entity: EntitySchema;
  readonly alias?: string;
  readonly set?: readonly AssignmentNode[];
  readonly scope: SelectState;
  readonly allRows: boolean;
  readonly items: readonly Item[];
}

/** The condition and sources of a change, or a refusal to change all rows unasked. */
function conditionOf(state: ChangeState, what: string): { where?: ExpressionNode } {
  if (state.scope.where.length === 0 && !state.allRows) {
    throw new QueryError(`Cannot ${what} ${state.entity.name}: no condition says which rows`, {
      hint: "add where(), or allRows() to mean every row",
    });
  }
  return allOf("where", state.scope.where);
}

function withCondition<R>(
  state: ChangeState,
  args: readonly [first: string | ((refs: R) => Condition), operator?: string, value?: unknown],
): ChangeState {
  const { scope } = state;
  const [first, operator = "", value] = args;
  const condition = typeof first === "function"
    ? expressionOf(first(references(scope.root, scope.named) as R))
    : compare(columnOf(scope.root, first).toNode(), operator, value);
  return { ...state, scope: { ...scope, where: Object.freeze([...scope.where, condition]) } };
}

function withReturning<R>(
  state: ChangeState,
  args: readonly string[] | readonly [(refs: R) => Selection],
): ChangeState {
  const { root, named } = state.scope;
  const alone = named.size === 0;
  const refs = (alone ? columnsOf(root, false) : references(root, named)) as R;
  return { ...state, items: [...state.items, ...returnedItems<R>(args, root, refs)] };
}

function changeOf<M extends object>(model: ModelClass<M>, alias?: string): ChangeState {
  const entity = entityOf(model);
  return {
    entity,
    ...(alias !== undefined && { alias }),
    scope: stateOf(sourceOf(model, alias)),
    allRows: false,
    items: [],
  };
}

/**
 * A typed update. Immutable: every method gives a copy. It counts a version column up and sets the time of the last
 * change, and runs no validation and no hooks: a repository does that.
 *
 * @example
 * ```ts ignore
 * const changed = await db.update(User).set({ active: false }).where("age", "<", 18).execute();
 * ```
 */
export class UpdateBuilder<M extends object, Joined = Nothing, Row = never>
  extends WriteStatement<UpdateNode, Row> {
  readonly #state: ChangeState;

  /** Use {@linkcode update}. */
  constructor(executor: Executor, state: ChangeState) {
    super(executor);
    this.#state = Object.freeze(state);
  }

  /** What to set: values, or expressions over the columns: `set((c) => ({ age: c.age.plus(1) }))`. */
  set(
    changes: Changes<M> | ((refs: Refs<M, Joined>) => Changes<M>),
  ): UpdateBuilder<M, Joined, Row> {
    const { entity, scope } = this.#state;
    const values = typeof changes === "function"
      ? changes(references(scope.root, scope.named))
      : changes;
    const set = changesOf(entity, values);
    return new UpdateBuilder(this.executor, { ...this.#state, set });
  }

  /** Another model or query, whose columns conditions and values refer to. */
  from<T extends object, A extends string>(
    target: Target<T>,
    alias: FreeAlias<M, A>,
  ): UpdateBuilder<M, Joined & Record<A, T>, Row> {
    const scope = addSource(this.#state.scope, sourceOf(target, alias));
    return new UpdateBuilder(this.executor, { ...this.#state, scope });
  }

  /** Adds a condition: a column, an operator and a value. Several conditions must all hold. */
  where<K extends ColumnKeys<M>, O extends Operator<RowOf<M>[K]>>(
    column: K,
    operator: O,
    value: OperatorValue<RowOf<M>[K], O>,
  ): UpdateBuilder<M, Joined, Row>;
  /** Adds a condition. Several conditions must all hold. */
  where(condition: (refs: Refs<M, Joined>) => Condition): UpdateBuilder<M, Joined, Row>;
  where(
    ...args: readonly [string | ((refs: Refs<M, Joined>) => Condition), string?, unknown?]
  ): UpdateBuilder<M, Joined, Row> {
    return new UpdateBuilder(this.executor, withCondition(this.#state, args));
  }

  /** Says that every row is meant. */
  allRows(): UpdateBuilder<M, Joined, Row> {
    return new UpdateBuilder(this.executor, { ...this.#state, allRows: true });
  }

  /** Gives back columns of the rows as they are now. */
  returning<K extends ColumnKeys<M>>(
    ...columns: readonly K[]
  ): UpdateBuilder<M, Joined, Add<Row, { [P in K]: RowOf<M>[P] }>>;
  /** Gives back expressions over the rows as they are now. */
  returning<const X extends Selection>(
    selection: (refs: Refs<M, Joined>) => X,
  ): UpdateBuilder<M, Joined, Add<Row, Selected<X>>>;
  returning(
    ...args: readonly string[] | readonly [(refs: Refs<M, Joined>) => Selection]
  ): Statement<UpdateNode> {
    return new UpdateBuilder(this.executor, withReturning(this.#state, args));
  }

  /** Gives back every column of the rows as they are now. */
  returningAll(): UpdateBuilder<M, Joined, Add<Row, RowOf<M>>> {
    const items = [...this.#state.items, ...allItems(this.#state.scope.root, false)];
    return new UpdateBuilder(this.executor, { ...this.#state, items });
  }

  /** The statement as a tree. */
  override toNode(): UpdateNode {
    const { entity, alias, set, scope, items } = this.#state;
    if (!set) throw new QueryError(`Cannot update ${entity.name}: nothing is set`);
    const from = Array.from(scope.named.values(), ({ node }) => node);
    return Object.freeze({
      kind: "Update",
      ...(scope.with.length > 0 && { with: scope.with }),
      table: entityTable(entity, alias),
      set: withAutomatic(entity, scope.root, set),
      ...(from.length > 0 && { from }),
      ...conditionOf(this.#state, "update"),
      ...returningOf(items),
    });
  }
}

/**
 * A typed delete. Immutable: every method gives a copy. It deletes rows for good, also of models with soft delete.
 *
 * @example
 * ```ts ignore
 * const gone = await db.deleteFrom(Session).where("expiresAt", "<", new Date()).returning("id").execute();
 * ```
 */
export class DeleteBuilder<M extends object, Joined = Nothing, Row = never>
  extends WriteStatement<DeleteNode, Row> {
  readonly #state: ChangeState;

  /** Use {@linkcode deleteFrom}. */
  constructor(executor: Executor, state: ChangeState) {
    super(executor);
    this.#state = Object.freeze(state);
  }

  /** Another model or query, whose columns conditions refer to. Where the database has it. */
  using<T extends object, A extends string>(
    target: Target<T>,
    alias: FreeAlias<M, A>,
  ): DeleteBuilder<M, Joined & Record<A, T>, Row> {
    const scope = addSource(this.#state.scope, sourceOf(target, alias));
    return new DeleteBuilder(this.executor, { ...this.#state, scope });
  }

  /** Adds a condition: a column, an operator and a value. Several conditions must all hold. */
  where<K extends ColumnKeys<M>, O extends Operator<RowOf<M>[K]>>(
    column: K,
    operator: O,
    value: OperatorValue<RowOf<M>[K], O>,
  ): DeleteBuilder<M, Joined, Row>;
  /** Adds a condition. Several conditions must all hold. */
  where(condition: (refs: Refs<M, Joined>) => Condition): DeleteBuilder<M, Joined, Row>;
  where(
    ...args: readonly [string | ((refs: Refs<M, Joined>) => Condition), string?, unknown?]
  ): DeleteBuilder<M, Joined, Row> {
    return new DeleteBuilder(this.executor, withCondition(this.#state, args));
  }

  /** Says that every row is meant. */
  allRows(): DeleteBuilder<M, Joined, Row> {
    return new DeleteBuilder(this.executor, { ...this.#state, allRows: true });
  }

  /** Gives back columns of the rows that were deleted. */
  returning<K extends ColumnKeys<M>>(
    ...columns: readonly K[]
  ): DeleteBuilder<M, Joined, Add<Row, { [P in K]: RowOf<M>[P] }>>;
  /** Gives back expressions over the rows that were deleted. */
  returning<const X extends Selection>(
    selection: (refs: Refs<M, Joined>) => X,
  ): DeleteBuilder<M, Joined, Add<Row, Selected<X>>>;
  returning(
    ...args: readonly string[] | readonly [(refs: Refs<M, Joined>) => Selection]
  ): Statement<DeleteNode> {
    return new DeleteBuilder(this.executor, withReturning(this.#state, args));
  }

  /** Gives back every column of the rows that were deleted. */
  returningAll(): DeleteBuilder<M, Joined, Add<Row, RowOf<M>>> {
    const items = [...this.#state.items, ...allItems(this.#state.scope.root, false)];
    return new DeleteBuilder(this.executor, { ...this.#state, items });
  }

  /** The statement as a tree. */
  override toNode(): DeleteNode {
    const { entity, alias, scope, items } = this.#state;
    const using = Array.from(scope.named.values(), ({ node }) => node);
    return Object.freeze({
      kind: "Delete",
      ...(scope.with.length > 0 && { with: scope.with }),
      from: entityTable(entity, alias),
      ...(using.length > 0 && { using }),
      ...conditionOf(this.#state, "delete"),
      ...returningOf(items),
    });
  }
}

/**
 * Begins a typed update.
 *
 * @param executor Where it runs: a database or a transaction
 * @param model The class whose rows are changed
 * @param alias What its table is called in the statement
 */
export function update<M extends object>(
  executor: Executor,
  model: ModelClass<M>,
  alias?: string,
): UpdateBuilder<M> {
  return new UpdateBuilder(executor, changeOf(model, alias));
}

/**
 * Begins a typed delete.
 *
 * @param executor Where it runs: a database or a transaction
 * @param model The class whose rows are deleted
 * @param alias What its table is called in the statement
 */
export function deleteFrom<M extends object>(
  executor: Executor,
  model: ModelClass<M>,
  alias?: string,
): DeleteBuilder<M> {
  return new DeleteBuilder(executor, changeOf(model, alias));
}
