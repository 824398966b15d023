/**
 * One case: a model, what is asked of its repository, and what each side answers.
 *
 * @module
 */
import { ForeignKeyViolationError, NotFoundError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { Repository } from "../../src/repository/repository.ts";
import type { Session } from "../../src/engine/session.ts";
import {
  aggregate,
  groups,
  randomAggregate,
  randomFilter,
  randomGroup,
  rounded,
} from "./aggregates.ts";
import { applySteps, randomSteps, runSteps, type Step } from "./blocks.ts";
import { canonical } from "./compare.ts";
import { isTotal, Oracle, type Part } from "./oracle.ts";
import { QueryMaker } from "./queries.ts";
import type { Random } from "./random.ts";
import { type Data, infoOf, type ModelInfo, type Row, world } from "./world.ts";
import { applyWrite, randomWrite, Refused } from "./writes.ts";

/** A call of a repository's method. */
export interface Case {
  readonly model: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A random case. */
export function randomCase(random: Random, data: Data): Case {
  const maker = new QueryMaker(random, data);
  const info = random.pick([...world.values()]);
  const model = info.name;
  const method = random.weighted({
    find: 54,
    walk: 8,
    block: 4,
    load: 8,
    aggregate: 6,
    groupBy: 8,
    count: 3,
    write: 13,
  });
  switch (method) {
    case "find":
      return { model, method, args: [maker.query(info)] };
    case "walk":
      return { model, method, args: [maker.walk(info), random.int(1, 4)] };
    case "block":
      return { model, method, args: [randomSteps(random, data, 3)] };
    case "load": {
      const { _count, ...include } = maker.include(info, 2) as Row;
      return { model, method, args: [include] };
    }
    case "aggregate":
      return { model, method, args: [randomAggregate(maker, info)] };
    case "groupBy":
      return { model, method, args: [randomGroup(maker, info)] };
    case "count":
      return { model, method: random.pick(["count", "exists"]), args: [randomFilter(maker, info)] };
    case "write":
      return { model, ...randomWrite(maker, info) };
  }
}

const reads: ReadonlySet<string> = new Set([
  "find",
  "load",
  "aggregate",
  "groupBy",
  "count",
  "exists",
]);

/** What a case has to give, in the form in which answers are compared. */
export function expected(data: Data, { model, method, args }: Case): string {
  const info = infoOf(model);
  const [query] = args as [Part];
  const oracle = new Oracle(data);
  switch (method) {
    case "walk":
      return canonical(oracle.find(info, { ...query, limit: Number.MAX_SAFE_INTEGER }));
    case "block": {
      const { data: after, refused } = applySteps(data, args[0] as Step[]);
      return canonical({ refused, state: stateOf(after) });
    }
    case "find":
      return canonical(oracle.find(info, query));
    case "load":
      return canonical(oracle.find(info, { ...everything(info), include: query }));
    case "aggregate":
      return canonical(rounded(aggregate(oracle, info, query)));
    case "groupBy":
      return canonical(arrangedGroups(groups(oracle, info, query), query));
    case "count":
      return canonical(oracle.filtered(info, query).length);
    case "exists":
      return canonical(oracle.filtered(info, query).length > 0);
  }
  const after = structuredClone(data);
  try {
    const given = applyWrite(after, info, { method, args });
    return canonical({ given: comparable(given), state: stateOf(after) });
  } catch (error) {
    if (error instanceof Refused) return "refused";
    throw error;
  }
}

/** Writes that give a record are compared by what is stored. */
function comparable(given: unknown): unknown {
  return typeof given === "object" ? undefined : given;
}

/** What a database gives, in the same form. */
export async function actual(db: Database, each: Case): Promise<string> {
  const info = infoOf(each.model);
  const [query] = each.args as [Part];
  try {
    if (each.method === "walk") return canonical(await walked(db, each));
    if (each.method === "block") return await blocked(db, each);
    if (!reads.has(each.method)) return await written(db, each);
    if (each.method === "load") {
      const rows = await call(db, { ...each, method: "find", args: [everything(info)] });
      const loaded = await call(db, { ...each, args: [rows, query] });
      return canonical(arranged(info, { ...everything(info), include: query }, loaded as Row[]));
    }
    const given = await call(db, each);
    if (each.method === "find") return canonical(arranged(info, query, given as Row[]));
    if (each.method === "aggregate") return canonical(rounded(given as Row));
    if (each.method === "groupBy") return canonical(arrangedGroups(given as Row[], query));
    return canonical(given);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

function call(session: Session, { model, method, args }: Case): Promise<unknown> {
  const repository = new Repository(session, infoOf(model).model) as unknown as Record<
    string,
    (...args: readonly unknown[]) => Promise<unknown>
  >;
  return repository[method]!(...args);
}

/** All pages of a query, one after the other. */
async function walked(db: Database, { model, args }: Case): Promise<unknown[]> {
  const [query, limit] = args as [Part, number];
  const all: Row[] = [];
  let cursor: Row | undefined;
  for (;;) {
    const page = { ...query, limit, ...cursor && { cursor } };
    const rows = await call(db, { model, method: "find", args: [page] }) as Row[];
    all.push(...rows);
    cursor = rows.at(-1);
    if (rows.length < limit || all.length > 1000) return all;
  }
}

/** Runs the steps of a transaction, reads everything, and takes all back. */
async function blocked(db: Database, each: Case): Promise<string> {
  let answer = "";
  await db.transaction(async (tx) => {
    const refused = await runSteps(tx, each.args[0] as Step[], call, mustRefuse);
    answer = canonical({ refused, state: await readState(tx) });
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
  return answer;
}

const undo = new Error("undone");

/** Runs a write, reads everything, and takes the write back. */
async function written(db: Database, each: Case): Promise<string> {
  let answer = "";
  await db.transaction(async (tx) => {
    try {
      const given = await tx.transaction((inner) => call(inner, each));
      answer = canonical({ given: comparable(given), state: await readState(tx) });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      answer = mustRefuse(error) ? "refused" : `${error.name}: ${error.message}`;
    }
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
  return answer;
}

function mustRefuse(error: Error): boolean {
  return error instanceof ForeignKeyViolationError || error instanceof NotFoundError ||
    error.message.includes("matches more than one");
}

const linked: Readonly<Record<string, Part>> = {
  Author: { follows: { select: ["id"], orderBy: { id: "asc" } } },
  Post: {
    editor: { select: ["id"] },
    tags: { select: ["name"], orderBy: { name: "asc" } },
  },
  Region: {
    touches: { select: ["country", "number"], orderBy: [{ country: "asc" }, { number: "asc" }] },
  },
};

/** A query for all records, in the order of their keys. */
function everything(info: ModelInfo): Part {
  return { withDeleted: true, orderBy: info.key.map((name) => ({ [name]: "asc" })) };
}

function stateQuery(info: ModelInfo): Part {
  const include = linked[info.name];
  return { ...everything(info), ...include && { include } };
}

function stateOf(data: Data): Row {
  const oracle = new Oracle(data);
  const state = [...world.values()].map((info) => [
    info.name,
    oracle.find(info, stateQuery(info)).map(timeless),
  ]);
  return Object.fromEntries(state);
}

async function readState(session: Session): Promise<Row> {
  const state: Row = {};
  for (const info of world.values()) {
    const rows = await new Repository(session, info.model).find(stateQuery(info) as never);
    state[info.name] = (rows as Row[]).map(timeless);
  }
  return state;
}

/** When a record was deleted is the clock's choice. */
function timeless(row: Row): Row {
  return "deletedAt" in row ? { ...row, deletedAt: row.deletedAt !== null } : row;
}

/** Lists whose order is open are put in one that is not. */
export function arranged(info: ModelInfo, query: Part, rows: readonly Row[]): Row[] {
  const result = rows.map((row) => {
    const copy: Row = { ...row };
    for (const [name, given] of Object.entries((query.include ?? {}) as Part)) {
      if (name === "_count" || given === false) continue;
      const options = given === true ? {} : given as Part;
      const relation = info.relations[name]!;
      const target = infoOf(relation.target);
      if (relation.many) copy[name] = arranged(target, options, copy[name] as Row[]);
      else if (copy[name] !== null) copy[name] = arranged(target, options, [copy[name] as Row])[0];
    }
    return copy;
  });
  return isTotal(info, query)
    ? result
    : result.sort((a, b) => canonical(a) < canonical(b) ? -1 : 1);
}

function arrangedGroups(rows: readonly Row[], query: Part): Row[] {
  const result = rows.map(rounded);
  return query.orderBy === undefined
    ? result.sort((a, b) => canonical(a) < canonical(b) ? -1 : 1)
    : result;
}
