/**
 * Random policies, and what they mean: written down by hand, so that it is not learnt from the code that it judges.
 *
 * @module
 */
import type { ModelClass } from "../../src/model/keys.ts";
import { Policies } from "../../src/repository/policy/mod.ts";
import { isPart, Oracle, type Part } from "./oracle.ts";
import { QueryMaker, shownColumns } from "./queries.ts";
import type { Random } from "./random.ts";
import { type Data, infoOf, type ModelInfo, type Row, world } from "./world.ts";

/** What may be seen of a model. */
export interface Seen {
  readonly where: boolean | Part;
  readonly fields: readonly string[] | undefined;
  readonly withDeleted: boolean;
}

/** What may be seen, by model; nothing of others. */
export type World = ReadonlyMap<string, Seen>;

/** Random policies of all models. */
export function randomWorld(random: Random, data: Data): World {
  const maker = new QueryMaker(random, data);
  const seen = new Map<string, Seen>();
  for (const info of world.values()) {
    const kind = random.weighted({ none: 0.3, all: 4, no: 0.4, some: 4, not: 3 });
    if (kind === "none") continue;
    const some = () => maker.where(info, 2);
    // Most conditions are met by few rows; what is not met, by most.
    const where = kind === "some"
      ? { OR: [some(), some()] }
      : kind === "not"
      ? { OR: [{ NOT: some() }, some()] }
      : kind === "all";
    const names = [...shownColumns(info), ...Object.keys(info.relations)];
    const shown = [
      ...info.key,
      ...names.filter((name) => !info.key.includes(name) && random.chance(0.9)),
    ];
    seen.set(info.name, {
      where,
      fields: random.chance(0.7) ? undefined : shown,
      withDeleted: random.chance(0.6),
    });
  }
  return seen;
}

/** The policies; whoever asks is told nothing, so that a rule that forgets its context fails. */
export function policiesOf(seen: World): Policies<{ readonly seen: World }> {
  const policies = new Policies<{ readonly seen: World }>();
  for (const name of seen.keys()) {
    policies.allow(infoOf(name).model as ModelClass, {
      read: (context) => context.seen.get(name)?.where as never,
      fields: (context) =>
        (context.seen.get(name)?.fields ?? everyField(infoOf(name))) as readonly never[],
      withDeleted: (context) => context.seen.get(name)?.withDeleted === true,
    });
  }
  return policies;
}

function everyField(info: ModelInfo): string[] {
  return [...shownColumns(info), ...Object.keys(info.relations)];
}

/** The data with only what may be seen: hidden rows are gone, with the links to them, and hidden values too. */
export function visibleData(data: Data, seen: World): Data {
  const oracle = new Oracle(data);
  const copy: Data = { ...data };
  for (const info of world.values()) {
    const { where, fields } = seen.get(info.name) ?? { where: false, fields: undefined };
    const rows = (data[info.name] ?? []).filter((row) =>
      where === true || (where !== false && oracle.holds(info, row, where) === true)
    );
    // The keys of relations tie rows together even where they may not be read.
    const kept = new Set([...fields ?? everyField(info), ...keysOf(info)]);
    copy[info.name] = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]): [string, unknown] => [
          name,
          kept.has(name) || name === "deletedAt" ? value : null,
        ]),
      ) as Row
    );
  }
  return copy;
}

function keysOf(info: ModelInfo): string[] {
  const ends = [...world.values()].flatMap((other) =>
    Object.values(other.relations).filter((each) => each.target === info.name).flatMap((each) =>
      each.foreign
    )
  );
  return [...ends, ...Object.values(info.relations).flatMap((each) => each.local)];
}

/** The query with the columns that are shown where it selects none. */
export function selecting(info: ModelInfo, query: Part, seen: World): Part {
  const { fields } = seen.get(info.name) as Seen;
  const select = query.select ??
    shownColumns(info).filter((name) => fields?.includes(name) ?? true);
  if (query.include === undefined) return { ...query, select };
  const include = Object.fromEntries(
    Object.entries(query.include as Part).map(([name, options]) => {
      const relation = info.relations[name];
      if (!relation || options === false) return [name, options];
      return [
        name,
        selecting(infoOf(relation.target), options === true ? {} : options as Part, seen),
      ];
    }),
  );
  return { ...query, select, include };
}

/** Whether a query names what may not be read. */
export function isForbidden(info: ModelInfo, query: Part, seen: World): boolean {
  const mine = seen.get(info.name);
  if (!mine) return true;
  const hidden = (name: string) => mine.fields !== undefined && !mine.fields.includes(name);
  const shut = (name: string): boolean => {
    const relation = info.relations[name];
    if (!relation) return hidden(name);
    const link = world.has(relation.through?.table ?? "") && relation.through?.table;
    return hidden(name) || !seen.has(relation.target) ||
      (typeof link === "string" && seen.get(link)?.where !== true);
  };
  const inWhere = (where: unknown): boolean => {
    if (Array.isArray(where)) return where.some(inWhere);
    return Object.entries(where as Part).some(([name, given]) => {
      if (name === "AND" || name === "OR" || name === "NOT") return inWhere(given);
      if (shut(name)) return true;
      const relation = info.relations[name];
      if (!relation || given === null) return false;
      const target = infoOf(relation.target);
      const part = given as Part;
      const inner = !relation.many && !("is" in part) && !("isNot" in part)
        ? [part]
        : Object.entries(part).filter(([key]) => key !== "_count").map(([, each]) => each);
      return inner.some((each) => isPart(each) && isForbidden(target, { where: each }, seen));
    });
  };
  const inOrder = (order: unknown): boolean => {
    if (Array.isArray(order)) return order.some(inOrder);
    return Object.entries(order as Part).some(([name, term]) => {
      if (shut(name)) return true;
      const relation = info.relations[name];
      if (!relation) return false;
      const target = infoOf(relation.target);
      if (relation.many) return isForbidden(target, { where: (term as Part).where ?? {} }, seen);
      return seen.get(relation.target)?.where !== true ||
        isForbidden(target, { orderBy: term }, seen);
    });
  };
  const inInclude = ([name, options]: [string, unknown]): boolean => {
    if (name === "_count") {
      return Object.entries(options as Part).some(([each, given]) =>
        given !== false && (shut(each) || (given !== true &&
          isForbidden(infoOf(info.relations[each]!.target), given as Part, seen)))
      );
    }
    if (options === false) return false;
    return shut(name) ||
      isForbidden(
        infoOf(info.relations[name]!.target),
        options === true ? {} : options as Part,
        seen,
      );
  };
  const terms = [query.orderBy ?? []].flat() as Part[];
  return (query.withDeleted === true && !mine.withDeleted) ||
    ((query.select ?? []) as string[]).some(hidden) ||
    inWhere(query.where ?? {}) || inOrder(query.orderBy ?? []) ||
    Object.entries((query.include ?? {}) as Part).some(inInclude) ||
    (query.cursor !== undefined && terms.some((term) => Object.keys(term).some(hidden)));
}
