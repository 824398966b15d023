/**
 * What a typed query reads from: a model's table, a query, a common table expression.
 *
 * @module
 */
import { column as columnNode, table } from "../../ast/build.ts";
import { constant } from "../../ast/constant.ts";
import type { ResultColumn, SelectNode, SourceNode, TableNode, WithNode } from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";
import { entityOf } from "../../model/registry.ts";
import type { EntitySchema } from "../../schema/entity.ts";
import { Expr, type ExpressionInfo } from "./expression.ts";
import type { QueryOf, Target } from "./types.ts";

/** One column of a source. */
export interface SourceColumn extends ExpressionInfo {
  /** Its name in SQL. */
  readonly column: string;
  /** Left out of `selectAll()`: a foreign key that is no property of the class. */
  readonly hidden: boolean;
}

/** What a query reads from, under the name it has there. */
export interface Source {
  /** What its columns are qualified with. */
  readonly name: string;
  /** What stands in FROM or JOIN. */
  readonly node: SourceNode;
  /** Its columns by property. */
  readonly columns: ReadonlyMap<string, SourceColumn>;
  /** What the query must declare to use it. */
  readonly with?: WithNode;
}

const columnsOfEntity = new WeakMap<EntitySchema, ReadonlyMap<string, SourceColumn>>();

/** The columns of a model by property. */
export function entityColumns(entity: EntitySchema): ReadonlyMap<string, SourceColumn> {
  const known = columnsOfEntity.get(entity);
  if (known) return known;
  const columns = new Map(
    entity.properties.map(({ name, column, type, hidden }) => [
      name,
      Object.freeze({ column: column.name, type, hidden, required: !column.nullable }),
    ]),
  );
  columnsOfEntity.set(entity, constant(columns));
  return columns;
}

/** The columns of a query by the names of its results. */
function resultColumns(result: readonly ResultColumn[]): ReadonlyMap<string, SourceColumn> {
  return new Map(result.map(({ name, type, as }) => [
    name,
    Object.freeze({ column: name, hidden: false, ...(type && { type }), ...(as && { as }) }),
  ]));
}

/** A model's table, perhaps under an alias. */
export function entityTable(entity: EntitySchema, alias?: string): TableNode {
  return table(entity.table.name, alias, entity.table.schema);
}

/** What a query has to know of the results of another that it uses as a table. */
export function resultOfQuery(node: SelectNode): readonly ResultColumn[] {
  if (node.result) return node.result;
  throw new QueryError("Cannot build the query: the columns of a sub-query are not known", {
    hint: "use a query that select() or selectAll() made",
  });
}

/** A query with a name of its own, declared by WITH wherever it is used. */
export class Cte<R> implements QueryOf<R> {
  /** Exists only in types. */
  declare readonly _rows?: (row: R) => R;
  /** Its name. */
  readonly name: string;
  /** What its columns are. */
  readonly result: readonly ResultColumn[];
  /** How it is declared; inside itself it is not declared again. */
  readonly declaration: WithNode | undefined;

  /** Use {@linkcode cte} or {@linkcode recursiveCte}. */
  constructor(name: string, result: readonly ResultColumn[], declaration?: WithNode) {
    this.name = name;
    this.result = result;
    this.declaration = declaration && Object.freeze(declaration);
    Object.freeze(this);
  }

  /** All its rows. */
  toNode(): SelectNode {
    return Object.freeze({
      kind: "Select",
      ...(this.declaration && { with: [this.declaration] }),
      selection: this.result.map(({ name, type }) => columnNode(name, undefined, type)),
      from: [table(this.name)],
      result: this.result,
    });
  }
}

/** What a query reads from. */
export function sourceOf<T extends object>(target: Target<T>, alias?: string): Source {
  if (typeof target === "function") return entitySource(entityOf(target), alias);
  if (target instanceof Cte) return cteSource(target, alias);
  if (alias === undefined) {
    throw new QueryError("Cannot build the query: a sub-query needs an alias", {
      hint: 'pass one: query(executor, subQuery, "alias")',
    });
  }
  return derivedSource(target.toNode(), alias);
}

function entitySource(entity: EntitySchema, alias?: string): Source {
  const name = alias ?? entity.table.name;
  return { name, node: entityTable(entity, alias), columns: entityColumns(entity) };
}

function cteSource(target: Cte<never> | Cte<object>, alias?: string): Source {
  return {
    name: alias ?? target.name,
    node: table(target.name, alias === target.name ? undefined : alias),
    columns: resultColumns(target.result),
    ...(target.declaration && { with: target.declaration }),
  };
}

function derivedSource(query: SelectNode, alias: string): Source {
  return {
    name: alias,
    node: Object.freeze({ kind: "DerivedTable", query, alias }),
    columns: resultColumns(resultOfQuery(query)),
  };
}

/** The source with columns that may be NULL, because an outer join may leave it out. */
export function optional(source: Source): Source {
  const columns = new Map(
    Array.from(source.columns, ([name, column]) => [name, { ...column, required: false }]),
  );
  return { ...source, columns };
}

/**
 * One column of a source, as an expression.
 *
 * @param source The source
 * @param property The column's property
 * @param qualified Whether the source's name stands before it
 * @throws {QueryError} when there is no such column
 */
export function columnOf(source: Source, property: string, qualified = true): Expr<unknown> {
  const found = source.columns.get(property);
  if (!found) {
    const given = typeof property === "string" ? property : `named by a ${typeof property}`;
    throw new QueryError(`Cannot build the query: ${source.name} has no column ${given}`, {
      hint: `it has ${[...source.columns.keys()].join(", ")}`,
    });
  }
  const { column, type } = found;
  return new Expr(columnNode(column, qualified ? source.name : undefined, type), found);
}
