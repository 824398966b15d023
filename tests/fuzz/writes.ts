/**
 * Random writes, and what is stored after them according to `docs/repositories.md` and `docs/models.md`.
 *
 * @module
 */
import { randomFilter } from "./aggregates.ts";
import { valueOf } from "./data.ts";
import { Oracle, type Part } from "./oracle.ts";
import type { QueryMaker } from "./queries.ts";
import {
  type Data,
  infoOf,
  type ModelInfo,
  references,
  type RelationInfo,
  type Row,
} from "./world.ts";

/** A write: a repository's method and its arguments. */
export interface Write {
  readonly method: string;
  readonly args: readonly unknown[];
}

const newId = 1000;

/** A random write to a model. */
export function randomWrite(maker: QueryMaker, info: ModelInfo): Write {
  const { random, data } = maker;
  const rows = data[info.name] ?? [];
  const nested = nestedRelations[info.name] ?? [];
  const method = random.weighted({
    updateMany: freeColumns(info).length > 0 ? 3 : 0,
    incrementMany: info.name === "Author" || info.name === "Post" ? 1 : 0,
    deleteMany: 3,
    delete: rows.length > 0 ? 1 : 0,
    upsert: info.name === "Tag" || info.name === "Author" || info.name === "Town" ? 3 : 0,
    update: rows.length > 0 ? 2 + 4 * nested.length : 0,
  });
  switch (method) {
    case "updateMany":
      return { method, args: [randomFilter(maker, info), changes(maker, info)] };
    case "incrementMany":
      return { method, args: [randomFilter(maker, info), increments(maker, info)] };
    case "deleteMany":
      return { method, args: [randomFilter(maker, info), { hard: random.chance(0.4) }] };
    case "delete":
      return { method, args: [keyOf(info, random.pick(rows)), { hard: random.chance(0.4) }] };
    case "upsert":
      return { method, args: [upsert(maker, info)] };
    default: {
      const live = rows.filter((row) => !info.soft || row.deletedAt === null);
      const key = keyOf(info, random.pick(live.length > 0 ? live : rows));
      const writes = random.some(nested, random.int(0, 2)).map((name) => [
        name,
        nestedWrites(maker, info.relations[name] as RelationInfo),
      ]);
      const input = random.chance(0.4) ? changes(maker, info) : {};
      return { method: "update", args: [key, { ...input, ...Object.fromEntries(writes) }] };
    }
  }
}

/** The relations whose links can be changed at will. */
const nestedRelations: Readonly<Record<string, readonly string[]>> = {
  Author: ["mentor", "pupils", "follows", "followers", "edited", "comments"],
  Post: ["author", "editor", "tags", "topics"],
  Comment: ["writer", "parent", "replies"],
  Tag: ["posts"],
  Topic: ["posts"],
  Region: ["touches", "touchedBy"],
};

const keepApart: ReadonlySet<string> = new Set(["email", "deletedAt"]);

/** The columns that can be changed without minding other rows. */
function freeColumns(info: ModelInfo): string[] {
  const tied = new Set([
    ...info.key,
    ...references.filter((each) => each.from === info.name).flatMap((each) => each.columns),
  ]);
  return Object.keys(info.columns).filter((name) => !tied.has(name) && !keepApart.has(name));
}

function changes(maker: QueryMaker, info: ModelInfo): Part {
  const { random } = maker;
  return Object.fromEntries(
    random.some(freeColumns(info), random.int(1, 3)).map((name) => {
      const { kind, nullable } = info.columns[name]!;
      return [name, nullable && random.chance(0.3) ? null : valueOf(random, kind)];
    }),
  );
}

function increments(maker: QueryMaker, info: ModelInfo): Part {
  return info.name === "Author"
    ? { ratio: maker.random.pick([0.5, -2]), big: maker.random.pick([1n, -3n]) }
    : { size: maker.random.pick([1n, 0n, -5n]) };
}

function keyOf(info: ModelInfo, row: Row): Row {
  return Object.fromEntries(info.key.map((name) => [name, row[name]]));
}

function upsert(maker: QueryMaker, info: ModelInfo): Part {
  const { random } = maker;
  const rows = maker.data[info.name] ?? [];
  const known = rows.length > 0 && random.chance(0.6) ? random.pick(rows) : undefined;
  if (info.name === "Author") {
    const email = known?.email ?? "new@x.org";
    const create = { id: newId, name: "new", ...changes(maker, info) };
    return { where: { email }, create, update: changes(maker, info) };
  }
  const where = known
    ? keyOf(info, known)
    : info.name === "Tag"
    ? { name: "new" }
    : { country: "at", name: "new" };
  if (info.name === "Town") return { where, create: { regionNumber: null }, update: {} };
  return { where, create: changes(maker, info), update: changes(maker, info) };
}

function nestedWrites(maker: QueryMaker, relation: RelationInfo): unknown {
  const { random, data } = maker;
  const target = infoOf(relation.target);
  const rows = new Oracle(data).rows(target);
  if (!relation.many) {
    const nullable = relation.local[0] !== "authorId";
    if (rows.length === 0 || (nullable && random.chance(0.3))) {
      return nullable
        ? random.pick([null, { disconnect: true }])
        : { create: { id: newId, name: "x" } };
    }
    return { connect: keyOf(target, random.pick(rows)) };
  }
  const keys = (most: number) =>
    random.some(rows, random.int(0, most)).map((r) => keyOf(target, r));
  const writes: Record<string, unknown> = {};
  if (random.chance(0.4)) writes.set = keys(3);
  if (random.chance(0.4)) {
    writes.disconnect = random.chance(0.5) ? keys(2) : [maker.where(target, 1)];
  }
  if (random.chance(0.5)) writes.connect = keys(2);
  if (rows.length > 0 && random.chance(0.2)) {
    writes.connectOrCreate = { where: keyOf(target, random.pick(rows)), create: {} };
  }
  return writes;
}

/** What a write gives and stores; throws {@linkcode Refused} where the database must refuse it. */
export function applyWrite(data: Data, info: ModelInfo, write: Write): unknown {
  const [first, second] = write.args as [Part, Part];
  const oracle = new Oracle(data);
  switch (write.method) {
    case "updateMany": {
      const rows = oracle.filtered(info, first);
      rows.forEach((row) => Object.assign(row, second));
      return rows.length;
    }
    case "incrementMany": {
      const rows = oracle.filtered(info, first);
      for (const row of rows) {
        for (const [name, by] of Object.entries(second)) {
          if (row[name] !== null) row[name] = (row[name] as number) + (by as number);
        }
      }
      return rows.length;
    }
    case "deleteMany":
      return remove(data, info, oracle.filtered(info, first), second.hard === true);
    case "delete": {
      const filter = { where: first, withDeleted: second.hard === true };
      return remove(data, info, oracle.filtered(info, filter), second.hard === true) > 0;
    }
    case "upsert":
      return applyUpsert(data, info, first);
    default:
      return applyUpdate(oracle, info, first, second);
  }
}

/** The database has to refuse a write. */
export class Refused extends Error {}

function remove(data: Data, info: ModelInfo, rows: readonly Row[], hard: boolean): number {
  if (info.soft && !hard) rows.forEach((row) => row.deletedAt = new Date(0));
  else removeRows(data, info.name, rows);
  return rows.length;
}

function removeRows(data: Data, name: string, rows: readonly Row[]): void {
  data[name] = (data[name] ?? []).filter((row) => !rows.includes(row));
  for (const { from, columns, to, keys, action } of references) {
    if (to !== name) continue;
    const hit = (data[from] ?? []).filter((row) =>
      rows.some((gone) => columns.every((column, i) => row[column] === gone[keys[i] as string]))
    );
    if (hit.length === 0) continue;
    if (action === "refuse") throw new Refused(`${from} points to ${to}`);
    if (action === "cascade") removeRows(data, from, hit);
    else hit.forEach((row) => columns.forEach((column) => row[column] = null));
  }
}

function applyUpsert(data: Data, info: ModelInfo, query: Part): unknown {
  const where = query.where as Row;
  const rows = data[info.name] ??= [];
  const found = rows.find((row) => Object.keys(where).every((key) => row[key] === where[key]));
  if (found) return void Object.assign(found, query.update);
  const empty = Object.fromEntries(Object.keys(info.columns).map((name) => [name, null]));
  rows.push({ ...empty, ...where, ...query.create as Row });
}

function applyUpdate(oracle: Oracle, info: ModelInfo, key: Part, input: Part): undefined {
  const row = oracle.filtered(info, { where: key })[0];
  if (!row) throw new Refused("there is no such record");
  const columns = Object.entries(input).filter(([name]) => info.columns[name]);
  Object.assign(row, Object.fromEntries(columns));
  for (const owned of [true, false]) {
    for (const [name, given] of Object.entries(input)) {
      const relation = info.relations[name];
      if (!relation || relation.many === owned) continue;
      if (owned) linkOne(oracle, row, relation, given as Part | null);
      else linkMany(oracle, row, relation, given as Part);
    }
  }
}

function linkOne(oracle: Oracle, row: Row, relation: RelationInfo, given: Part | null): void {
  const target = infoOf(relation.target);
  let end: Row | undefined;
  if (given?.create) {
    end = Object.fromEntries(Object.keys(target.columns).map((name) => [name, null]));
    Object.assign(end, given.create);
    oracle.data[target.name]?.push(end);
  } else if (given?.connect) end = oracle.filtered(target, { where: given.connect })[0];
  relation.local.forEach((name, i) => row[name] = end?.[relation.foreign[i] as string] ?? null);
}

function linkMany(oracle: Oracle, row: Row, relation: RelationInfo, writes: Part): void {
  const target = infoOf(relation.target);
  const one = (where: Part): Row => {
    const [found, more] = oracle.filtered(target, { where });
    if (!found || more) throw new Refused("a condition must match exactly one record");
    return found;
  };
  const all = (list: unknown) => (list as Part[] | undefined ?? []).map(one);
  if (writes.set !== undefined) {
    const kept = all(writes.set);
    const linked = oracle.related(row, relation, relation.through !== undefined);
    linked.filter((each) => !kept.includes(each)).forEach((each) =>
      unlink(oracle.data, row, relation, each)
    );
    kept.forEach((each) => link(oracle.data, row, relation, each));
  }
  for (const where of (writes.disconnect ?? []) as Part[]) {
    oracle.related(row, relation).filter((each) => oracle.holds(target, each, where) === true)
      .forEach((each) => unlink(oracle.data, row, relation, each));
  }
  all(writes.connect).forEach((each) => link(oracle.data, row, relation, each));
  const made = writes.connectOrCreate as Part | undefined;
  if (made) link(oracle.data, row, relation, one(made.where as Part));
}

function link(data: Data, row: Row, relation: RelationInfo, end: Row): void {
  const { through, local, foreign } = relation;
  if (!through) return foreign.forEach((name, i) => end[name] = row[local[i] as string]);
  const entry: Row = {};
  through.local.forEach((name, i) => entry[name] = row[local[i] as string]);
  through.foreign.forEach((name, i) => entry[name] = end[foreign[i] as string]);
  const links = data[through.table] ??= [];
  const keys = Object.keys(entry);
  if (links.some((each) => keys.every((key) => each[key] === entry[key]))) return;
  links.push(through.table === "Labelling" ? { ...entry, weight: 7 } : entry);
}

function unlink(data: Data, row: Row, relation: RelationInfo, end: Row): void {
  const { through, local, foreign } = relation;
  if (!through) return foreign.forEach((name) => end[name] = null);
  data[through.table] = (data[through.table] ?? []).filter((each) =>
    !(through.local.every((name, i) => each[name] === row[local[i] as string]) &&
      through.foreign.every((name, i) => each[name] === end[foreign[i] as string]))
  );
}
