/**
 * Nested writes: related records that are made, linked and unlinked together with a record.
 *
 * @module
 */
import { QueryError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import type { RelationSchema } from "../schema/entity.ts";
import { type ConnectOrCreate, findEach, findOrMake, findOrMakeEach } from "./find_or_make.ts";
import { type Creators, linksOf, released } from "./links.ts";
import { type Dictionary, isDictionary, type Row } from "./shape.ts";

const writeKeys = ["create", "connect", "connectOrCreate"];
const updateKeys = [...writeKeys, "disconnect", "set"];

/** The nested writes of a relation; a record in their place means to link it. */
function readWrites(relation: RelationSchema, input: unknown, updating: boolean): Dictionary {
  if (input === null && !relation.many) return { disconnect: true };
  if (typeof input !== "object" || input === null) {
    throw new QueryError(`Cannot write ${relation.name}: it must be an object`);
  }
  if (Array.isArray(input)) {
    throw new QueryError(`Cannot write ${relation.name} as a list`, {
      hint: "use { create: [...] } for new records and { connect: [...] } for existing ones",
    });
  }
  const known = updating ? updateKeys : writeKeys;
  const used = Object.keys(input);
  if (isDictionary(input) && used.every((each) => updateKeys.includes(each))) {
    for (const name of used) {
      if (!known.includes(name)) {
        throw new QueryError(
          `Cannot ${name} ${relation.name} in a new record: there is nothing yet`,
        );
      }
    }
    return input;
  }
  if (relation.many) {
    throw new QueryError(`Cannot write ${relation.name}: it takes ${known.join(", ")}`);
  }
  const keys = relation.target.primaryKey;
  return {
    connect: Object.fromEntries(keys.map((each) => {
      const value = (input as Dictionary)[each.name];
      if (value === undefined || value === null) {
        throw new QueryError(`Cannot link ${relation.name}: the record has no ${each.name}`, {
          hint: "save it first, or use { create: {...} }",
        });
      }
      return [each.name, value];
    })),
  };
}

function listOf(value: unknown): readonly Dictionary[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]) as readonly Dictionary[];
}

/** The foreign key of a relation that this side owns, after making what it points to. */
export async function ownedKeys(
  session: Session,
  relation: RelationSchema,
  input: unknown,
  updating: boolean,
  creators: Creators,
): Promise<Row> {
  const writes = readWrites(relation, input, updating);
  const [only, ...more] = Object.entries(writes);
  if (!only || more.length > 0) {
    throw new QueryError(
      `Cannot write ${relation.name}: give exactly one of ${updateKeys.join(", ")}`,
    );
  }
  const target = await ownedTarget(session, relation, only, creators);
  return target === null ? released(relation.local) : Object.fromEntries(
    relation.local.map((each, i) => [each.name, target[relation.foreign[i]?.name ?? ""]]),
  );
}

async function ownedTarget(
  session: Session,
  relation: RelationSchema,
  [kind, operand]: [string, unknown],
  creators: Creators,
): Promise<Row | null> {
  const { target, foreign } = relation;
  if (kind === "disconnect") return null;
  if (kind === "create") return await creators.create(session, target, operand as Dictionary);
  if (kind === "connect") {
    const where = operand as Dictionary;
    const names = Object.keys(where);
    const isKey = names.length === foreign.length &&
      foreign.every((each) => isScalar(where[each.name]));
    return isKey ? where : (await findEach(session, relation, [where]))[0] as Row;
  }
  const { where, create } = operand as { where: Dictionary; create: Dictionary };
  return await findOrMake(
    session,
    target,
    where,
    (inner) => creators.create(inner, target, create),
  );
}

function isScalar(value: unknown): boolean {
  return value !== undefined && value !== null && !isDictionary(value);
}

/** Writes what is nested in a relation whose foreign key is on the other side, or in a join table. */
export async function writeRelated(
  session: Session,
  relation: RelationSchema,
  parent: Row,
  input: unknown,
  updating: boolean,
  creators: Creators,
): Promise<void> {
  const writes = readWrites(relation, input, updating);
  const links = linksOf(session, relation, parent);
  if (writes.set !== undefined) {
    const kept = await findEach(session, relation, listOf(writes.set));
    await links.clear(kept);
    await links.link(kept);
  }
  if (writes.disconnect === true) await links.clear();
  else if (writes.disconnect !== undefined) await links.unlink(listOf(writes.disconnect));
  const created = listOf(writes.create);
  if (created.length > 0) await links.create(created, creators);
  await links.link(await findEach(session, relation, listOf(writes.connect)));
  const either = listOf(writes.connectOrCreate) as readonly unknown[] as readonly ConnectOrCreate[];
  if (either.length > 0) {
    const create = (inner: Session, inputs: readonly Dictionary[]) =>
      linksOf(inner, relation, parent).create(inputs, creators);
    await links.link(await findOrMakeEach(session, relation.target, either, create));
  }
}
