/**
 * The plan of a read: one compiled statement for the root and what is joined to it as JSON, and one further
 * statement for each relation that is read by a query of its own.
 *
 * @module
 */
import { and, column, select, table } from "../ast/build.ts";
import type { ExpressionNode, JoinNode, SelectNode, SourceNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import type { CompiledStatement } from "../dialect/dialect.ts";
import type { Session } from "../engine/session.ts";
import type {
  EntitySchema,
  LoadStrategy,
  PropertySchema,
  RelationSchema,
} from "../schema/entity.ts";
import {
  Aliases,
  condition,
  countNode,
  countOf,
  entityTable,
  notDeleted,
  propertyColumn,
  relatedTo,
  whereAll,
} from "./condition.ts";
import { Level } from "./level.ts";
import { afterCursor, orderNodes, orderTerms } from "./order.ts";
import { exactKey, keyText } from "./match.ts";
import { perParent } from "./per_parent.ts";
import type { Dictionary } from "./shape.ts";

/** A relation that is read by a statement of its own, for all its parents at once. */
export interface Follower {
  /** The relation. */
  readonly relation: RelationSchema;
  /** Where in a parent's row its keys are. */
  readonly parentKeys: readonly number[];
  /** The level of the parents, which tells where they are gathered. */
  readonly parents: Level;
  /** The statement, whose last slots take the keys: one list each. */
  readonly statement: CompiledStatement;
  /** How its rows become records. */
  readonly level: Level;
  /** Where in a row the keys of its parent are, and how they are loaded. */
  readonly childKeys: readonly number[];
  /** Loads the child's keys. */
  readonly loadKey: readonly (((wire: unknown) => unknown) | null)[];
  /** What parents and children are matched by, of the value of a key's column. */
  readonly oneKey: (value: unknown) => unknown;
  /** The relations that are read after this one, from its records. */
  readonly followers: readonly Follower[];
}

/** How a query shape is run. */
export interface ReadPlan {
  /** The statement of the root. */
  readonly statement: CompiledStatement;
  /** How its rows become records. */
  readonly level: Level;
  /** The relations that are read after it, from its records. */
  readonly followers: readonly Follower[];
  /** How many lists are gathered. */
  readonly gathers: number;
}

/** The parts of a query, with slots in place of values: what `ShapeReader` made. */
export interface ReadTemplate {
  readonly where?: Dictionary;
  readonly select?: readonly string[];
  readonly include?: Dictionary;
  readonly orderBy?: readonly Dictionary[];
  readonly limit?: unknown;
  readonly offset?: unknown;
  readonly cursor?: Dictionary;
  readonly strategy?: LoadStrategy;
  readonly withDeleted?: boolean;
}

/** Builds the plan of one shape. */
export class ReadPlanner {
  readonly #session: Session;
  readonly #slots: number;
  readonly #strategy: LoadStrategy | undefined;
  #gathers = 0;

  /** Plans for a session's database; `slots` is how many values the shape has. */
  constructor(session: Session, slots: number, strategy?: LoadStrategy) {
    this.#session = session;
    this.#slots = slots;
    this.#strategy = strategy;
  }

  /** The plan of a read of an entity. */
  plan(entity: EntitySchema, template: ReadTemplate): ReadPlan {
    const aliases = new Aliases();
    const alias = needsAlias(template) ? aliases.next() : undefined;
    const pending: Pending[] = [];
    const level = this.#level(entity, template, [], false);
    const { node } = this.#query(level, template, aliases, alias, pending);
    const statement = this.#session.prepare(node);
    const followers = this.#followAll(pending);
    return { statement, level, followers, gathers: this.#gathers };
  }

  /** The plan that reads relations of records that are there already, given by their keys. */
  planFollowers(entity: EntitySchema, include: Dictionary): Omit<ReadPlan, "statement"> {
    const template = { include: asQueries(include) };
    const level = this.#level(entity, template, [], false);
    const followers = this.#followAll(
      this.#includes(entity, template).map((each) => ({ ...each, parents: level })),
    );
    return { level, followers, gathers: this.#gathers };
  }

  #level(
    entity: EntitySchema,
    template: ReadTemplate,
    needed: readonly PropertySchema[],
    nested: boolean,
    beside: readonly PropertySchema[] = [],
  ): Level {
    const queried = this.#includes(entity, template).filter((each) => each.strategy === "query");
    return new Level({
      entity,
      ...template.select && { select: template.select },
      needed: [...needed, ...queried.flatMap((each) => each.relation.local)],
      beside,
      nested,
      gather: queried.length > 0 ? this.#gathers++ : -1,
      codecs: this.#session.dialect.codecs,
    });
  }

  /** The statement that reads a level from its table, or from what `source` says. */
  #query(
    level: Level,
    template: ReadTemplate,
    aliases: Aliases,
    alias: string | undefined,
    pending: Pending[],
    source: {
      from?: readonly SourceNode[];
      joins?: readonly JoinNode[];
      where?: readonly ExpressionNode[];
      total?: boolean;
    } = {},
  ): { node: SelectNode; terms: ReturnType<typeof orderTerms> } {
    const { entity } = level;
    const joined: ExpressionNode[] = [];
    for (const each of this.#includes(entity, template)) {
      if (each.strategy === "join") {
        joined.push(this.#join(level, each.relation, each.template, aliases, alias, pending));
      } else pending.push({ ...each, parents: level });
    }
    if (template.include?._count) level.counted = [];
    const counts = countedRelations(entity, template).map((relation) => {
      level.counted?.push(relation.name);
      return countOf(relation, alias, aliases);
    });
    const paged = template.limit !== undefined || template.offset !== undefined;
    const total = source.total ||
      template.cursor !== undefined || template.offset !== undefined ||
      (template.orderBy !== undefined && paged);
    const terms = orderTerms(entity, template.orderBy ?? [], alias, aliases, total);
    const conditions = [...source.where ?? []];
    if (template.where) conditions.push(condition(entity, template.where, alias, aliases));
    const deleted = template.withDeleted || source.where ? undefined : notDeleted(entity, alias);
    if (deleted) conditions.push(deleted);
    if (template.cursor) conditions.push(afterCursor(entity, terms, template.cursor));
    const node = select({
      selection: [...level.columns(alias), ...joined, ...counts],
      from: source.from ?? [entityTable(entity, alias)],
      ...source.joins && source.joins.length > 0 && { joins: source.joins },
      ...whereAll(conditions),
      ...terms.length > 0 && { orderBy: orderNodes(terms) },
      ...template.limit !== undefined && { limit: countNode(template.limit) },
      ...template.offset !== undefined && { offset: countNode(template.offset) },
    });
    return { node, terms };
  }

  #includes(entity: EntitySchema, template: ReadTemplate): Included[] {
    const list: Included[] = [];
    for (const [name, options] of Object.entries(template.include ?? {})) {
      const relation = entity.relations.get(name);
      if (!relation || options === false) continue;
      const inner = (options === true ? {} : options) as ReadTemplate;
      const strategy = inner.strategy ?? this.#strategy ?? relation.strategy ??
        this.#session.dialect.capabilities.loadStrategy;
      list.push({ relation, template: inner, strategy });
    }
    return list;
  }

  #join(
    parent: Level,
    relation: RelationSchema,
    template: ReadTemplate,
    aliases: Aliases,
    outer: string | undefined,
    pending: Pending[],
  ): ExpressionNode {
    const level = this.#level(relation.target, template, [], true);
    const keys = relation.owner ? relation.local.map((each) => parent.indexOf(each)) : [];
    parent.joined.push({ name: relation.name, many: relation.many, keys, level });
    const found = relatedTo(relation, outer, aliases, template.withDeleted === true);
    const { node } = this.#query(level, template, aliases, found.alias, pending, {
      from: [found.from],
      joins: found.joins,
      where: found.where,
      total: relation.many,
    });
    return { kind: "JsonRows", query: node, single: !relation.many };
  }

  #followAll(pending: readonly Pending[]): Follower[] {
    return pending.map((each) => this.#follow(each));
  }

  #follow({ parents, relation, template }: Pending): Follower {
    const aliases = new Aliases();
    const alias = aliases.next();
    const pending: Pending[] = [];
    const { target, through } = relation;
    const level = through
      ? this.#level(target, template, [], false, relation.local)
      : this.#level(target, template, relation.foreign, false);
    const link = through ? aliases.next() : undefined;
    const keyColumns = through
      ? through.local.map((name, i) => column(name, link, relation.local[i]?.type))
      : relation.foreign.map((each) => propertyColumn(each, alias));
    const conditions: ExpressionNode[] = [];
    const joins: JoinNode[] = [];
    if (through && link) {
      joins.push(
        joinOn(
          table(through.table.name, link, through.table.schema),
          through.foreign.map((
            name,
            i,
          ) => [
            column(name, link, relation.foreign[i]?.type),
            propertyColumn(relation.foreign[i] as PropertySchema, alias),
          ]),
        ),
      );
    }
    this.#restrictToKeys(relation, keyColumns, conditions, joins, aliases);
    const deleted = template.withDeleted ? undefined : notDeleted(target, alias);
    if (deleted) conditions.push(deleted);
    const paged = template.limit !== undefined || template.offset !== undefined;
    const { limit: _limit, offset: _offset, ...unpaged } = template;
    const { node, terms } = this.#query(
      level,
      paged ? unpaged : template,
      aliases,
      alias,
      pending,
      {
        from: [entityTable(target, alias)],
        joins,
        where: conditions,
        total: relation.many,
      },
    );
    const width = node.selection.length;
    const whole = through ? { ...node, selection: [...node.selection, ...keyColumns] } : node;
    const statement = this.#session.prepare(
      paged ? perParent(whole, keyColumns, terms, template) : whole,
    );
    const { codecs } = this.#session.dialect;
    return {
      relation,
      parents,
      parentKeys: relation.local.map((each) => parents.indexOf(each)),
      statement,
      level,
      childKeys: through
        ? through.local.map((_, i) => width + i)
        : relation.foreign.map((each) => level.indexOf(each)),
      loadKey: (through ? relation.local : relation.foreign).map((each) =>
        codecs.codec(each.type).load
      ),
      oneKey: through || relation.local.every((each, i) => comparable(each, relation.foreign[i]))
        ? exactKey
        : keyText,
      followers: this.#followAll(pending),
    };
  }

  #restrictToKeys(
    relation: RelationSchema,
    keyColumns: readonly ExpressionNode[],
    conditions: ExpressionNode[],
    joins: JoinNode[],
    aliases: Aliases,
  ): void {
    const lists = relation.local.map((each, i) => ({
      kind: "ListValue" as const,
      values: { slot: this.#slots + i },
      type: each.type,
    }));
    const [only] = lists;
    const [operand] = keyColumns;
    if (lists.length === 1 && only && operand) {
      conditions.push({ kind: "In", operand, source: only, negated: false });
      return;
    }
    const keys = aliases.next();
    const columns = lists.map((list, i) => ({ name: `k${i}`, list }));
    joins.push(joinOn(
      { kind: "ListTable", alias: keys, columns },
      keyColumns.map((each, i) => [each, column(`k${i}`, keys, relation.local[i]?.type)]),
    ));
  }
}

interface Included {
  readonly relation: RelationSchema;
  readonly template: ReadTemplate;
  readonly strategy: LoadStrategy;
}

/** A relation that is to be read once its parents are. */
interface Pending extends Omit<Included, "strategy"> {
  readonly parents: Level;
}

const integers: ReadonlySet<string> = new Set(["smallint", "integer", "bigint"]);

/** Whether equal values of both are equal in JavaScript, a number and a bigint taken for the same. */
function comparable({ type }: PropertySchema, other: PropertySchema | undefined): boolean {
  return type.name === other?.type.name ||
    integers.has(type.name) && integers.has(other!.type.name);
}

function joinOn(
  source: SourceNode,
  pairs: readonly (readonly [ExpressionNode, ExpressionNode])[],
): JoinNode {
  const on = and(pairs.map(([left, right]) => ({ kind: "Binary", operator: "=", left, right })));
  return { kind: "Join", type: "inner", source, on };
}

function needsAlias(template: ReadTemplate): boolean {
  return template.include !== undefined || usesRelations(template.where) ||
    (template.orderBy ?? []).some((each) => usesRelations(each));
}

function usesRelations(part: Dictionary | undefined): boolean {
  return part !== undefined && Object.values(part).some((each) => typeof each === "object");
}

function countedRelations(entity: EntitySchema, template: ReadTemplate): RelationSchema[] {
  const counts = template.include?._count as Dictionary | undefined;
  return Object.entries(counts ?? {}).filter(([, wanted]) => wanted === true).map(([name]) => {
    const relation = entity.relations.get(name);
    if (!relation?.many) {
      throw new QueryError(
        `Cannot count ${name}: ${entity.name} has no relation to many of that name`,
      );
    }
    return relation;
  });
}

function asQueries(include: Dictionary): Dictionary {
  return Object.fromEntries(
    Object.entries(include).filter(([name]) => name !== "_count").map(([name, options]) => [
      name,
      options === false
        ? false
        : { ...(options === true ? {} : options as Dictionary), strategy: "query" },
    ]),
  );
}
