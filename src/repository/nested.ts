/**
 * Nested writes: related records that are made, linked and unlinked together with a record.
 *
 * @module
 */
import { and, binary, column, not, value } from "../ast/build.ts";
import type { DeleteNode, ExpressionNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../schema/entity.ts";
import { whereAll } from "./condition.ts";
import { findRecords } from "./find.ts";
import { findOrMake } from "./find_or_make.ts";
import { insertLinks, insertOne, linkTable } from "./insert.ts";
import { notFound, prepareInsert } from "./record.ts";
import { type Dictionary, isDictionary, type Row } from "./shape.ts";
import { updateMany } from "./update.ts";
import { valuesOf } from "./values.ts";

/** Makes one record with all that is nested in it: what nested writes need of the whole. */
export type Create = (session: Session, entity: EntitySchema, input: Dictionary) => Promise<Row>;

/** Makes many records. */
export type CreateMany = (
  session: Session,
  entity: EntitySchema,
  inputs: readonly Dictionary[],
) => Promise<Row[]>;

/** The writers of whole records, given by those who know them. */
export interface Creators {
  readonly create: Create;
  readonly createMany: CreateMany;
}

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

/**
 * NULLs for a foreign key that points to nothing any more. Of a key of several columns those that can be NULL
 * are enough: the others often belong to the record itself, such as a tenant. Where none can, validation
 * says so.
 */
export function released(key: readonly PropertySchema[]): Row {
  const nullable = key.filter((each) => each.column.nullable);
  return Object.fromEntries((nullable.length > 0 ? nullable : key).map(({ name }) => [name, null]));
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
    return isKey ? where : await findExactlyOne(session, relation, where);
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

async function findExactlyOne(
  session: Session,
  relation: RelationSchema,
  where: Dictionary,
): Promise<Row> {
  const found = await findRecords(session, relation.target, { where, limit: 2 });
  const [only] = found;
  if (!only) throw notFound(relation.target, `link ${relation.name} to`);
  if (found.length > 1) {
    throw new QueryError(
      `Cannot link ${relation.name}: a condition matches more than one ${relation.target.name}`,
    );
  }
  return only;
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
  const linksOn = (on: Session): Links =>
    relation.through
      ? new JoinTableLinks(on, relation, parent)
      : new ForeignKeyLinks(on, relation, parent);
  const links = linksOn(session);
  if (writes.set !== undefined) {
    const kept: Row[] = [];
    for (const where of listOf(writes.set)) {
      kept.push(await findExactlyOne(session, relation, where));
    }
    await links.clear(kept);
    await links.link(kept);
  }
  if (writes.disconnect === true) await links.clear();
  else {
    for (const where of listOf(writes.disconnect)) await links.unlink(where);
  }
  const created = listOf(writes.create);
  if (created.length > 0) await links.create(created, creators);
  for (const where of listOf(writes.connect)) {
    await links.link([await findExactlyOne(session, relation, where)]);
  }
  for (const each of listOf(writes.connectOrCreate)) {
    const { where, create } = each as { where: Dictionary; create: Dictionary };
    const found = await findOrMake(session, relation.target, where, async (inner) => {
      await linksOn(inner).create([create], creators);
      return null;
    });
    if (found) await links.link([found]);
  }
}

/** How the records of one relation of one parent are linked. */
interface Links {
  create(inputs: readonly Dictionary[], creators: Creators): Promise<void>;
  link(records: readonly Row[]): Promise<void>;
  unlink(where: Dictionary): Promise<void>;
  /** Unlinks all but those. */
  clear(kept?: readonly Row[]): Promise<void>;
}

/** Links by the foreign key of the related records. */
class ForeignKeyLinks implements Links {
  readonly #keys: Row;

  constructor(
    readonly session: Session,
    readonly relation: RelationSchema,
    parent: Row,
  ) {
    this.#keys = Object.fromEntries(
      relation.foreign.map((each, i) => [each.name, parent[relation.local[i]?.name ?? ""]]),
    );
  }

  async create(inputs: readonly Dictionary[], creators: Creators): Promise<void> {
    if (!this.relation.many) await this.clear();
    const records = inputs.map((each) => ({ ...each, ...this.#keys }));
    await creators.createMany(this.session, this.relation.target, records);
  }

  async link(records: readonly Row[]): Promise<void> {
    const { target } = this.relation;
    if (!this.relation.many && records.length > 0) await this.clear();
    for (const record of records) {
      const where = keyWhere(target, record);
      await updateMany(this.session, target, { where }, valuesOf(target, this.#keys));
    }
  }

  async unlink(where: Dictionary): Promise<void> {
    await this.#release({ AND: [this.#keys, where] });
  }

  async clear(kept: readonly Row[] = []): Promise<void> {
    const { target } = this.relation;
    const not = kept.map((record) => keyWhere(target, record));
    await this.#release(not.length > 0 ? { AND: this.#keys, NOT: not } : this.#keys);
  }

  async #release(where: Dictionary): Promise<void> {
    const { target, foreign, name } = this.relation;
    if (!foreign.some((each) => each.column.nullable)) {
      const held = await findRecords(this.session, target, { where, limit: 1 });
      if (held.length === 0) return;
      throw new QueryError(
        `Cannot unlink ${name}: ${target.name}.${foreign[0]?.name} must have a value`,
        { hint: `delete the ${target.name} instead, or make the foreign key nullable` },
      );
    }
    await updateMany(this.session, target, { where }, valuesOf(target, released(foreign)));
  }
}

/** Links by rows of a join table. */
class JoinTableLinks implements Links {
  readonly #through: NonNullable<RelationSchema["through"]>;

  constructor(
    readonly session: Session,
    readonly relation: RelationSchema,
    readonly parent: Row,
  ) {
    this.#through = relation.through as NonNullable<RelationSchema["through"]>;
  }

  async create(inputs: readonly Dictionary[], creators: Creators): Promise<void> {
    await this.link(await creators.createMany(this.session, this.relation.target, inputs));
  }

  async link(records: readonly Row[]): Promise<void> {
    const { local, foreign } = this.relation;
    const columns = [
      ...this.#through.local.map((name, i) => ({ name, property: local[i] as PropertySchema })),
      ...this.#through.foreign.map((name, i) => ({ name, property: foreign[i] as PropertySchema })),
    ];
    const own = local.map((each) => this.parent[each.name]);
    const rows = records.map((record) => [...own, ...foreign.map((each) => record[each.name])]);
    const { entity, table } = this.#through;
    if (entity) await this.#linkByModel(entity, rows, columns.map((each) => each.name));
    else await insertLinks(this.session, linkTable(table.name, table.schema), columns, rows);
  }

  /** Through a mapped join table, so that its defaults are filled in. */
  async #linkByModel(
    entity: EntitySchema,
    rows: readonly (readonly unknown[])[],
    columns: readonly string[],
  ): Promise<void> {
    const names = columns.map((each) => entity.byColumn.get(each)?.name ?? each);
    for (const row of rows) {
      const keys: Row = Object.fromEntries(names.map((name, i) => [name, row[i]]));
      const there = await findRecords(this.session, entity, { where: keys, limit: 1 });
      if (there.length > 0) continue;
      const values = valuesOf(entity, keys);
      await insertOne(this.session, entity, await prepareInsert(entity, values, new Date()));
    }
  }

  async unlink(where: Dictionary): Promise<void> {
    const { target, foreign } = this.relation;
    const found = await findRecords(this.session, target, {
      where,
      select: foreign.map((each) => each.name),
    });
    for (const record of found) await this.#remove([this.#isLink(record)]);
  }

  async clear(kept: readonly Row[] = []): Promise<void> {
    const links = kept.map((record) => this.#isLink(record));
    await this.#remove(links.map(not));
  }

  #isLink(record: Row): ExpressionNode {
    const { foreign } = this.relation;
    return and(this.#through.foreign.map((name, i) => {
      const end = foreign[i] as PropertySchema;
      return binary(column(name), "=", value(record[end.name], end.type));
    }));
  }

  async #remove(links: readonly ExpressionNode[]): Promise<void> {
    const { local } = this.relation;
    const conditions = this.#through.local.map((name, i): ExpressionNode => {
      const end = local[i] as PropertySchema;
      return binary(column(name), "=", value(this.parent[end.name], end.type));
    });
    conditions.push(...links);
    const { table } = this.#through;
    const node: DeleteNode = {
      kind: "Delete",
      from: linkTable(table.name, table.schema),
      ...whereAll(conditions),
    };
    await this.session.perform(this.session.prepare(node), []);
  }
}

function keyWhere(entity: EntitySchema, record: Row): Row {
  return Object.fromEntries(entity.primaryKey.map((each) => [each.name, record[each.name]]));
}
