/**
 * The plan of a read: one compiled statement for the root and what is read with it as JSON, and one further
 * statement for each relation that is read by a query of its own.
 *
 * @module
 */
import { order, select } from "../ast/build.ts";
import type { ExpressionNode, JoinNode, SelectNode, SourceNode } from "../ast/nodes.ts";
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
  relatedTo,
  whereAll,
} from "./condition.ts";
import { Level } from "./level.ts";
import { Batches } from "./batch.ts";
import { afterCursor, orderNodes, orderTerms } from "./order.ts";
import { perParent } from "./per_parent.ts";
import type { Follower, ReadPlan } from "./plan.ts";
import { asQueries, countedRelations, needsAlias, type ReadTemplate } from "./read_template.ts";
import { keyLists, tieToKeys } from "./relation_keys.ts";
import type { Dictionary } from "./shape.ts";

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
    const level = this.#level(entity, template, "row");
    const { node } = this.#query(level, template, aliases, alias, pending);
    return { level, ...this.#prepare(node, pending), gathers: this.#gathers };
  }

  /** The plan that reads relations of records that are there already, given by their keys. */
  planFollowers(entity: EntitySchema, include: Dictionary): Omit<ReadPlan, "statement"> {
    const template = { include: asQueries(include) };
    const level = this.#level(entity, template, "row");
    const followers = this.#includes(entity, template, "row").map((each) =>
      this.#follow({ ...each, parents: level })
    );
    return { level, followers, gathers: this.#gathers };
  }

  /** Compiles a statement, with what is read beside its rows. */
  #prepare(
    node: SelectNode,
    pending: readonly Pending[],
  ): { statement: CompiledStatement; followers: Follower[] } {
    const batches = new Batches(node);
    const followers = pending.map((each) => this.#follow(each, { batches, parents: 0 }));
    return { statement: this.#session.prepare(batches.statement()), followers };
  }

  #level(
    entity: EntitySchema,
    template: ReadTemplate,
    place: Place,
    needed: readonly PropertySchema[] = [],
    beside: readonly PropertySchema[] = [],
  ): Level {
    const later = this.#includes(entity, template, place).filter((each) => each.how !== "inline");
    return new Level({
      entity,
      ...template.select && { select: template.select },
      needed: [...needed, ...later.flatMap((each) => each.relation.local)],
      beside,
      nested: place !== "row",
      gather: later.length > 0 ? this.#gathers++ : -1,
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
      place?: Place;
    } = {},
  ): { node: SelectNode; terms: ReturnType<typeof orderTerms> } {
    const { entity } = level;
    const joined: ExpressionNode[] = [];
    for (const each of this.#includes(entity, template, source.place ?? "row")) {
      if (each.how === "inline") {
        joined.push(this.#join(level, each.relation, each.template, aliases, alias, pending));
      } else pending.push({ ...each, parents: level });
    }
    if (template.include?._count) level.counted = [];
    const counts = countedRelations(entity, template).map(({ relation, where }) => {
      level.counted?.push(relation.name);
      return countOf(relation, alias, aliases, where);
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

  #includes(entity: EntitySchema, template: ReadTemplate, place: Place): Included[] {
    const { loadStrategy, supportsBatchedJoin } = this.#session.dialect.capabilities;
    const list: Included[] = [];
    for (const [name, options] of Object.entries(template.include ?? {})) {
      const relation = entity.relations.get(name);
      if (!relation || options === false) continue;
      const inner = (options === true ? {} : options) as ReadTemplate;
      const strategy = inner.strategy ?? this.#strategy ?? relation.strategy ?? loadStrategy;
      const batched = supportsBatchedJoin && relation.many && place !== "inline";
      const how = strategy === "query" ? "row" : batched ? "batch" : "inline";
      list.push({ relation, template: inner, how });
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
    const level = this.#level(relation.target, template, "inline");
    const keys = relation.owner ? relation.local.map((each) => parent.indexOf(each)) : [];
    parent.joined.push({ name: relation.name, many: relation.many, keys, level });
    const found = relatedTo(relation, outer, aliases, template.withDeleted === true);
    const { node } = this.#query(level, template, aliases, found.alias, pending, {
      from: [found.from],
      joins: found.joins,
      where: found.where,
      total: relation.many,
      place: "inline",
    });
    return { kind: "JsonRows", query: node, single: !relation.many };
  }

  #follow(each: Pending, within?: { batches: Batches; parents: number }): Follower {
    const { parents, relation, template, how } = each;
    const aliases = new Aliases();
    const alias = aliases.next();
    const pending: Pending[] = [];
    const { target, through } = relation;
    const needed = through ? [] : relation.foreign;
    const level = this.#level(target, template, how, needed, through && relation.local);
    const parentKeys = relation.local.map((each) => parents.indexOf(each));
    const batch = how === "batch" ? within : undefined;
    const keys = batch
      ? batch.batches.keys(batch.parents, parentKeys)
      : keyLists(relation, this.#slots);
    const tie = tieToKeys(relation, alias, keys, aliases);
    const deleted = template.withDeleted ? undefined : notDeleted(target, alias);
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
        joins: tie.joins,
        where: deleted ? [...tie.where, deleted] : tie.where,
        total: relation.many,
        place: how,
      },
    );
    const width = node.selection.length;
    const selection = through ? [...node.selection, ...tie.keys] : node.selection;
    const whole = paged
      ? perParent({ ...node, selection }, tie.keys, terms, template)
      : { ...node, selection, ...byParent(node, tie.keys) };
    const { codecs } = this.#session.dialect;
    const ends = through ? relation.local : relation.foreign;
    return {
      relation,
      parents,
      parentKeys,
      level,
      childKeys: through
        ? through.local.map((_, i) => width + i)
        : relation.foreign.map((each) => level.indexOf(each)),
      loadKey: ends.map((each) => {
        const codec = codecs.codec(each.type);
        return batch ? codec.loadNested : codec.load;
      }),
      ...batch ? this.#batch(whole, pending, batch.batches) : this.#statement(whole, pending),
    };
  }

  #statement(
    node: SelectNode,
    pending: readonly Pending[],
  ): Pick<Follower, "source" | "followers"> {
    const { statement, followers } = this.#prepare(node, pending);
    return { source: statement, followers };
  }

  #batch(
    node: SelectNode,
    pending: readonly Pending[],
    batches: Batches,
  ): Pick<Follower, "source" | "followers"> {
    const parents = batches.add(node);
    const followers = pending.map((each) => this.#follow(each, { batches, parents }));
    return { source: batches.columnOf(parents), followers };
  }
}

/** Where rows are: rows of a statement, JSON of a whole level, or JSON in a parent's row. */
type Place = "row" | "batch" | "inline";

interface Included {
  readonly relation: RelationSchema;
  readonly template: ReadTemplate;
  readonly how: Place;
}

/** A relation that is to be read once its parents are. */
interface Pending extends Included {
  readonly parents: Level;
}

/** Children by their parents first, which an index on the key gives for nothing; what they are matched by knows no order. */
function byParent(node: SelectNode, keys: readonly ExpressionNode[]): Pick<SelectNode, "orderBy"> {
  if (node.orderBy === undefined) return {};
  return { orderBy: [...keys.map((key) => order(key)), ...node.orderBy] };
}
