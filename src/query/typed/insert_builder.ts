/**
 * The typed insert.
 *
 * @module
 */
import type { Executor } from "../../ast/executor.ts";
import type { ExpressionNode, InsertNode, OnConflictNode } from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";
import type { ColumnKeys, ModelClass } from "../../model/keys.ts";
import { entityOf } from "../../model/registry.ts";
import type { EntitySchema, PropertySchema } from "../../schema/entity.ts";
import { columnsOf, excludedOf } from "./references.ts";
import { allItems, type Item } from "./select_state.ts";
import { columnOf, entityTable, resultOfQuery, type Source, sourceOf } from "./source.ts";
import type {
  Add,
  Changes,
  Columns,
  InsertedRow,
  InsertRow,
  QueryOf,
  RowOf,
  Selected,
  Selection,
} from "./types.ts";
import type { Statement } from "./statement.ts";
import {
  changesOf,
  returningOf,
  withAutomatic,
  writable,
  WriteStatement,
  written,
} from "./write.ts";

interface InsertState {
  readonly entity: EntitySchema;
  /** What is inserted, made anew for every statement: defaults such as keys and times differ each time. */
  readonly content: () => Pick<InsertNode, "columns" | "source">;
  readonly onConflict?: OnConflictNode;
  readonly items: readonly Item[];
}

/** What to do with a row that is there already. */
export interface TypedConflictChoice<M, Row> {
  /** Leave it as it is. */
  doNothing(): InsertBuilder<M, Row>;
  /**
   * Update it.
   *
   * @param set Columns to take from the row that could not be inserted, or values, or a callback that is given the
   * columns of that row (`excluded`) and of the row that is there
   */
  doUpdateSet(
    set:
      | readonly ColumnKeys<M>[]
      | Changes<M>
      | ((excluded: Columns<M>, stored: Columns<M>) => Changes<M>),
  ): InsertBuilder<M, Row>;
}

/**
 * A typed insert. Immutable: every method gives a copy. It fills in the model's defaults, and runs no validation and
 * no hooks: a repository does that.
 *
 * @example
 * ```ts ignore
 * const [user] = await db.insertInto(User)
 *   .values({ name: "Ann", email: "ann@example.org" })
 *   .onConflict(["email"]).doUpdateSet(["name"])
 *   .returning("id")
 *   .execute();
 * ```
 */
export class InsertBuilder<M, Row = never> extends WriteStatement<InsertNode, Row> {
  readonly #state: InsertState;

  /** Use {@linkcode insertInto}. */
  constructor(executor: Executor, state: InsertState) {
    super(executor);
    this.#state = Object.freeze(state);
  }

  get #target(): Source {
    return tableSource(this.#state.entity);
  }

  #with(part: Partial<InsertState>): InsertBuilder<M, Row> {
    return new InsertBuilder(this.executor, { ...this.#state, ...part });
  }

  /** The rows to insert, one or several. Those left out are filled by the model or the database. */
  values(rows: InsertRow<M> | readonly InsertRow<M>[]): InsertBuilder<M, Row> {
    const list = (Array.isArray(rows) ? rows : [rows]) as readonly Readonly<
      Record<string, unknown>
    >[];
    const { entity } = this.#state;
    const properties = propertiesOf(entity, list);
    return this.#with({ content: () => rowsOf(properties, list) });
  }

  /** Inserts what a query gives, by the names of its results. */
  fromSelect<R extends InsertedRow<M>>(query: QueryOf<R>): InsertBuilder<M, Row> {
    const node = query.toNode();
    const columns = resultOfQuery(node).map(({ name }) =>
      writable(this.#state.entity, name).column.name
    );
    const content = Object.freeze({ columns, source: { kind: "Query" as const, query: node } });
    return this.#with({ content: () => content });
  }

  /** Says what to do with a row that has the same unique columns. None: any conflict (only for `doNothing`). */
  onConflict(columns: readonly ColumnKeys<M>[] = []): TypedConflictChoice<M, Row> {
    const { entity } = this.#state;
    const target = {
      kind: "OnConflict" as const,
      columns: Object.freeze(columns.map((name) => writable(entity, name).column.name)),
    };
    return Object.freeze({
      doNothing: () => this.#with({ onConflict: Object.freeze(target) }),
      doUpdateSet: (set: Parameters<TypedConflictChoice<M, Row>["doUpdateSet"]>[0]) => {
        const assignments = changesOf(entity, this.#upsertChanges(set));
        return this.#with({ onConflict: Object.freeze({ ...target, set: assignments }) });
      },
    });
  }

  #upsertChanges(
    set: Parameters<TypedConflictChoice<M, Row>["doUpdateSet"]>[0],
  ): Readonly<Record<string, unknown>> {
    const excluded = excludedOf<M>(this.#target);
    if (typeof set === "function") return set(excluded, columnsOf<M>(this.#target));
    if (!Array.isArray(set)) return set as Readonly<Record<string, unknown>>;
    return Object.fromEntries(set.map((name: ColumnKeys<M>) => [name, excluded[name]]));
  }

  /** Gives back columns of the rows that were written. */
  returning<K extends ColumnKeys<M>>(
    ...columns: readonly K[]
  ): InsertBuilder<M, Add<Row, { [P in K]: RowOf<M>[P] }>>;
  /** Gives back expressions over the rows that were written. */
  returning<const X extends Selection>(
    selection: (columns: Columns<M>) => X,
  ): InsertBuilder<M, Add<Row, Selected<X>>>;
  returning(
    ...args: readonly string[] | readonly [(columns: Columns<M>) => Selection]
  ): Statement<InsertNode> {
    const items = returnedItems<Columns<M>>(args, this.#target, columnsOf<M>(this.#target, false));
    return new InsertBuilder(this.executor, {
      ...this.#state,
      items: [...this.#state.items, ...items],
    });
  }

  /** Gives back every column of the rows that were written. */
  returningAll(): InsertBuilder<M, Add<Row, RowOf<M>>> {
    const items = [...this.#state.items, ...allItems(this.#target, false)];
    return new InsertBuilder(this.executor, { ...this.#state, items });
  }

  /** The statement as a tree. */
  override toNode(): InsertNode {
    const { entity, content, onConflict, items } = this.#state;
    const set = onConflict?.set && withAutomatic(entity, this.#target, onConflict.set);
    return Object.freeze({
      kind: "Insert",
      into: entityTable(entity),
      ...content(),
      ...(onConflict && { onConflict: set ? Object.freeze({ ...onConflict, set }) : onConflict }),
      ...returningOf(items),
    });
  }
}

/** What `returning` asks for. */
export function returnedItems<Refs>(
  args: readonly string[] | readonly [(refs: Refs) => Selection],
  source: Source,
  refs: Refs,
): readonly Item[] {
  const [first] = args;
  if (typeof first === "function") {
    return Object.entries(first(refs)).map(([name, source]) => ({ name, source }));
  }
  return (args as readonly string[]).map((name) => ({
    name,
    source: columnOf(source, name, false),
  }));
}

/** A model's table as the target of a statement. */
export function tableSource(entity: EntitySchema, alias?: string): Source {
  return sourceOf(entity.model as ModelClass<object>, alias);
}

/** The columns of several rows: those that a row gives, and those that the model fills in. */
function propertiesOf(
  entity: EntitySchema,
  rows: readonly Readonly<Record<string, unknown>>[],
): readonly PropertySchema[] {
  if (rows.length === 0) throw new QueryError(`Cannot insert ${entity.name}: there are no rows`);
  const names = new Set<string>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (value !== undefined) names.add(writable(entity, name).name);
    }
  }
  return entity.properties.filter((property) =>
    !property.readonly && (names.has(property.name) || property.default !== undefined)
  );
}

function rowsOf(
  properties: readonly PropertySchema[],
  rows: readonly Readonly<Record<string, unknown>>[],
): Pick<InsertNode, "columns" | "source"> {
  if (properties.length === 0 && rows.length === 1) return defaults();
  return {
    columns: properties.map(({ column }) => column.name),
    source: Object.freeze({
      kind: "Rows",
      rows: rows.map((row) => Object.freeze(properties.map((each) => cell(each, row[each.name])))),
    }),
  };
}

function defaults(): Pick<InsertNode, "columns" | "source"> {
  return { columns: [], source: { kind: "Defaults" } };
}

/** The value of one column of one row: what is given, or what fills it in. */
function cell(property: PropertySchema, value: unknown): ExpressionNode {
  if (value !== undefined) return written(property, value);
  if (property.default) return written(property, property.default());
  const { nullable, default: stored, identity } = property.column;
  if (nullable && !stored && !identity) return written(property, null);
  return Object.freeze({ kind: "Default" });
}

/**
 * Begins a typed insert.
 *
 * @param executor Where it runs: a database or a transaction
 * @param model The class whose table gets the rows
 */
export function insertInto<M extends object>(
  executor: Executor,
  model: ModelClass<M>,
): InsertBuilder<M> {
  return new InsertBuilder(executor, {
    entity: entityOf(model),
    content: defaults,
    items: [],
  });
}
