/**
 * Random writes under random policies: what is allowed, what it gives and what is stored afterwards have to be what the
 * policies say, on every database.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  ForbiddenError,
  ForeignKeyViolationError,
  NotFoundError,
  RexError,
} from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { Session } from "../../src/engine/session.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { entityOf } from "../../src/model/registry.ts";
import {
  type AllowedWrite,
  createAllowed,
  deleteAllowed,
  Policies,
  updateAllowed,
} from "../../src/repository/policy/mod.ts";
import { Repository } from "../../src/repository/repository.ts";
import { mostFaults, seeds } from "../support/soak.ts";
import { canonical } from "./compare.ts";
import { loadData, randomData, valueOf, visible } from "./data.ts";
import { models } from "./models.ts";
import { Oracle, type Part } from "./oracle.ts";
import { randomWorld, type Seen, selecting, visibleData } from "./policies.ts";
import { QueryMaker, shownColumns } from "./queries.ts";
import { Random } from "./random.ts";
import { openAll } from "./run.ts";
import { type Data, infoOf, type ModelInfo, references, type Row, world } from "./world.ts";
import { applyWrite, Refused } from "./writes.ts";

const shortSeeds = 8;
const casesPerSeed = 60;

/** What may be seen and written of a model. */
interface Rights extends Seen {
  readonly create: boolean | Part;
  readonly update: boolean | Part;
  readonly updateTo: boolean | Part | undefined;
  readonly delete: boolean | Part;
  readonly writable: readonly string[];
}

type WriteWorld = ReadonlyMap<string, Rights>;

interface Write {
  readonly model: string;
  readonly op: "create" | "update" | "delete";
  readonly key: Row;
  readonly values: Row;
}

function randomRights(random: Random, data: Data): WriteWorld {
  const maker = new QueryMaker(random, data);
  const rights = new Map<string, Rights>();
  for (const [name, seen] of randomWorld(random, data)) {
    const info = infoOf(name);
    const rule = () =>
      random.weighted({ yes: 5, no: 0.5, some: 4 }) === "some"
        ? { OR: [{ NOT: maker.where(info, 1) }, maker.where(info, 2)] }
        : random.chance(0.9);
    rights.set(name, {
      ...seen,
      create: rule(),
      update: rule(),
      updateTo: random.chance(0.5) ? rule() : undefined,
      delete: rule(),
      writable: shownColumns(info).filter(() => random.chance(0.95)),
    });
  }
  return rights;
}

function policiesOf(rights: WriteWorld): Policies<WriteWorld> {
  const policies = new Policies<WriteWorld>();
  for (const name of rights.keys()) {
    const of = (context: WriteWorld) => context.get(name) as Rights;
    const fields = [...shownColumns(infoOf(name)), ...Object.keys(infoOf(name).relations)];
    policies.allow(infoOf(name).model as ModelClass, {
      read: (context) => of(context).where as never,
      fields: (context) => (of(context).fields ?? fields) as never,
      create: (context) => of(context).create as never,
      update: (context) => of(context).update as never,
      ...rights.get(name)?.updateTo !== undefined &&
        { updateTo: (context: WriteWorld) => of(context).updateTo as never },
      delete: (context) => of(context).delete as never,
      writable: (context) => of(context).writable as never,
    });
  }
  return policies;
}

/** Foreign keys of one column that are properties: they can be written. */
function foreignKeys(info: ModelInfo) {
  return Object.values(info.relations).flatMap(({ target, local, many, foreign }) => {
    const reference = references.find((each) =>
      each.from === info.name && each.columns.join() === local.join()
    );
    const [column = ""] = local;
    return !many && reference && local.length === 1 && !info.columns[column]?.hidden
      ? [{ target, column, foreign: foreign[0] as string }]
      : [];
  });
}

function randomWrite(random: Random, data: Data): Write {
  const info = random.pick(
    [...world.values()].filter((each) => (data[each.name] ?? []).length > 0),
  );
  const rows = data[info.name] as Row[];
  const op = random.weighted({
    update: 5,
    delete: 2,
    create: ["Post", "Comment", "Tag"].includes(info.name) ? 4 : 0,
  });
  const picked = random.pick(rows);
  const key = Object.fromEntries(info.key.map((name) => [name, picked[name]]));
  if (op === "delete") return { model: info.name, op, key, values: {} };
  const keys = foreignKeys(info);
  const free = shownColumns(info).filter((name) =>
    // An author has one profile at most.
    !(info.name === "Profile" && name === "authorId") && !info.key.includes(name) &&
    !["email", "deletedAt", "regionNumber"].includes(name)
  );
  const required = free.filter((name) => !info.columns[name]?.nullable);
  const names = op === "create"
    ? [...new Set([...required, ...random.some(free, 1)])]
    : random.some(free, random.int(1, 3));
  const values = Object.fromEntries(names.map((name) => {
    const { kind, nullable } = info.columns[name]!;
    if (nullable && random.chance(0.2)) return [name, null];
    const end = keys.find((each) => each.column === name);
    if (!end) return [name, valueOf(random, kind)];
    const targets = data[end.target] ?? [];
    return [
      name,
      targets.length > 0 && random.chance(0.9) ? random.pick(targets)[end.foreign] : 999,
    ];
  }));
  if (op === "update") return { model: info.name, op, key, values };
  const own = info.name === "Tag" ? { name: "made" } : { id: 1000 };
  return { model: info.name, op, key: own, values: { ...own, ...values } };
}

function isAll(rule: boolean | Part): boolean {
  return rule === true || (typeof rule === "object" && Object.keys(rule).length === 0);
}

function meets(data: Data, info: ModelInfo, row: Row, rule: boolean | Part): boolean {
  return isAll(rule) ||
    (rule !== false && new Oracle(data).holds(info, row, rule as Part) === true);
}

function rowOf(data: Data, info: ModelInfo, key: Row): Row | undefined {
  return new Oracle(data).rows(info).find((row) =>
    info.key.every((name) => row[name] === key[name])
  );
}

/** What comes of a write; changes the data where it is allowed. */
function judged(data: Data, rights: WriteWorld, { model, op, key, values }: Write): string {
  const info = infoOf(model);
  const mine = rights.get(model);
  if (!mine) return "forbidden";
  if (Object.keys(values).some((name) => !mine.writable.includes(name))) return "forbidden";
  const ends = foreignKeys(info).filter(({ column }) => column in values);
  if (ends.some(({ target }) => !rights.has(target))) return "forbidden";
  const found = op === "create" ? undefined : rowOf(data, info, key);
  if (op === "create" && mine.create === false) return "forbidden";
  if (op !== "create" && (!found || !meets(data, info, found, mine.where))) return "not found";
  if (found && !meets(data, info, found, op === "delete" ? mine.delete : mine.update)) {
    return "forbidden";
  }
  const after = structuredClone(data);
  if (op === "delete") {
    try {
      applyWrite(after, info, { method: "delete", args: [key, { hard: false }] });
    } catch (error) {
      if (error instanceof Refused) return "refused";
      throw error;
    }
    Object.assign(data, after);
    return canonical({ key });
  }
  const empty = Object.fromEntries(Object.keys(info.columns).map((name) => [name, null]));
  const row = op === "create" ? { ...empty, ...values } : rowOf(after, info, key) as Row;
  if (op === "create") (after[model] ??= []).push(row);
  else Object.assign(row, values);
  const partly = ends.filter(({ target }) => !isAll((rights.get(target) as Rights).where));
  for (const { target, column, foreign } of ends) {
    if (row[column] === null) continue;
    const there = (after[target] ?? []).some((each) => each[foreign] === row[column]);
    if (!there) return partly.length > 0 ? "forbidden" : "refused";
  }
  const shown = partly.every(({ target, column, foreign }) =>
    row[column] === null ||
    new Oracle(after).rows(infoOf(target)).some((each) =>
      each[foreign] === row[column] &&
      meets(after, infoOf(target), each, (rights.get(target) as Rights).where)
    )
  );
  const rule = op === "create" ? mine.create : mine.updateTo ?? mine.update;
  if (!shown || !meets(after, info, row, rule)) return "forbidden";
  Object.assign(data, after);
  const query = selecting(info, { where: key }, rights);
  const [given] = new Oracle(visibleData(after, rights)).find(info, query);
  return canonical(given ? { key, row: given } : {});
}

const undo = new Error("undone");

async function run(tx: Session, policies: Policies<WriteWorld>, rights: WriteWorld, write: Write) {
  const entity = entityOf(infoOf(write.model).model);
  const { op, key, values } = write;
  try {
    const done: AllowedWrite = await tx.transaction((inner) =>
      op === "create"
        ? createAllowed(inner, policies, rights, entity, values)
        : op === "update"
        ? updateAllowed(inner, policies, rights, entity, key, values)
        : deleteAllowed(inner, policies, rights, entity, key)
    );
    return canonical(done);
  } catch (error) {
    if (error instanceof ForbiddenError) return "forbidden";
    if (error instanceof NotFoundError) return "not found";
    if (error instanceof ForeignKeyViolationError) return "refused";
    if (error instanceof RexError) return `${error.name}: ${error.message}`;
    throw error;
  }
}

async function actual(db: Database, rights: WriteWorld, write: Write): Promise<string> {
  let answer = "";
  await db.transaction(async (tx) => {
    answer = await run(tx, policiesOf(rights), rights, write);
    answer += `\n${await stored(tx)}`;
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
  return answer;
}

async function stored(session: Session): Promise<string> {
  const state: Row = {};
  for (const { name, model, key } of world.values()) {
    const orderBy = key.map((each) => ({ [each]: "asc" }));
    const found = await new Repository(session, model).find(
      { withDeleted: true, orderBy } as never,
    );
    state[name] = (found as Row[]).map(timeless);
  }
  return canonical(state);
}

function storedIn(data: Data): string {
  const state: Row = {};
  for (const info of world.values()) {
    const orderBy = info.key.map((each) => ({ [each]: "asc" }));
    state[info.name] = new Oracle(data).find(info, { withDeleted: true, orderBy })
      .map((row) => timeless(visible(info.name, row)));
  }
  return canonical(state);
}

/** When a record was deleted is the clock's choice. */
function timeless(row: Row): Row {
  return "deletedAt" in row ? { ...row, deletedAt: row.deletedAt !== null } : row;
}

Deno.test("random writes under random policies do what the policies say", async () => {
  await using stack = new AsyncDisposableStack();
  const dbs = await openAll(stack, models);
  const faults: string[] = [];
  const outcomes: Record<string, number> = {};
  for (const seed of seeds(shortSeeds)) {
    const data = randomData(new Random(seed));
    for (const db of dbs.values()) await loadData(db, data);
    for (let i = 0; i < casesPerSeed && faults.length < mostFaults; i++) {
      const random = new Random(seed * 1000 + i);
      const rights = randomRights(random, data);
      const write = randomWrite(random, data);
      const after = structuredClone(data);
      const outcome = judged(after, rights, write);
      const kind = outcome.startsWith("{") ? write.op : outcome;
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      const wanted = `${outcome}\n${storedIn(after)}`;
      for (const [name, db] of dbs) {
        const given = await actual(db, rights, write);
        if (given === wanted) continue;
        faults.push(
          `seed ${seed}, case ${i} on ${name}\n${canonical(write)}\n` +
            `rights: ${canonical(Object.fromEntries(rights))}\nwanted: ${wanted}\ngiven:  ${given}`,
        );
      }
    }
    if (faults.length >= mostFaults) break;
  }
  assert.equal(faults.length, 0, faults.join("\n\n"));
  for (const kind of ["create", "update", "delete", "forbidden", "not found"]) {
    assert.ok((outcomes[kind] ?? 0) > 5, JSON.stringify(outcomes));
  }
});
