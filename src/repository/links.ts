/**
 * How the records of a relation to many are linked with their parent: by their foreign key, or by rows of a join table.
 * Each step is one statement, unless there are hundreds.
 *
 * @module
 */
import { and, binary, column, not, or, value } from "../ast/build.ts";
import type { DeleteNode, ExpressionNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../schema/entity.ts";
import { whereAll } from "./condition.ts";
import { findRecords } from "./find.ts";
import { insertLinks, linkTable } from "./insert.ts";
import { BulkInsert } from "./insert_many.ts";
import { pick, prepareInserts, sameValue } from "./record.ts";
import type { Dictionary, Row } from "./shape.ts";
import { updateMany } from "./update.ts";
import { type Values, valuesOf } from "./values.ts";

/** Makes one record with all that is nested in it: what nested writes need of the whole. */
export type Create = (session: Session, entity: EntitySchema, input: Dictionary) => Promise<Row>;

/** Makes many records, and gives the stored ones where they are asked for. */
export type CreateMany = (
  session: Session,
  entity: EntitySchema,
  inputs: readonly Dictionary[],
  returning: boolean,
) => Promise<Row[]>;

/** The writers of whole records, given by those who know them. */
export interface Creators {
  readonly create: Create;
  readonly createMany: CreateMany;
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

/** How the records of one relation of one parent are linked. */
export interface Links {
  /** Makes records and links them. */
  create(inputs: readonly Dictionary[], creators: Creators): Promise<void>;
  /** Links records that are there. */
  link(records: readonly Row[]): Promise<void>;
  /** Unlinks what matches any of the conditions. */
  unlink(wheres: readonly Dictionary[]): Promise<void>;
  /** Unlinks all but those. */
  clear(kept?: readonly Row[]): Promise<void>;
}

/** The links of a relation whose foreign key is on the other side, or in a join table. */
export function linksOf(session: Session, relation: RelationSchema, parent: Row): Links {
  return relation.through
    ? new JoinTableLinks(session, relation, parent)
    : new ForeignKeyLinks(session, relation, parent);
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
    await creators.createMany(this.session, this.relation.target, records, false);
  }

  async link(records: readonly Row[]): Promise<void> {
    if (records.length === 0) return;
    const { target } = this.relation;
    if (!this.relation.many) await this.clear();
    for (const some of inChunks(records)) {
      const where = keysWhere(target, some);
      await updateMany(this.session, target, { where }, valuesOf(target, this.#keys));
    }
  }

  async unlink(wheres: readonly Dictionary[]): Promise<void> {
    for (const some of inChunks(wheres)) await this.#release({ AND: [this.#keys, { OR: some }] });
  }

  async clear(kept: readonly Row[] = []): Promise<void> {
    const not = kept.length > 0 && { NOT: keysWhere(this.relation.target, kept) };
    await this.#release(not ? { AND: this.#keys, ...not } : this.#keys);
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
    await this.link(await creators.createMany(this.session, this.relation.target, inputs, true));
  }

  async link(records: readonly Row[]): Promise<void> {
    if (records.length === 0) return;
    const { local, foreign } = this.relation;
    const columns = [
      ...this.#through.local.map((name, i) => ({ name, property: local[i] as PropertySchema })),
      ...this.#through.foreign.map((name, i) => ({ name, property: foreign[i] as PropertySchema })),
    ];
    const own = local.map((each) => this.parent[each.name]);
    const rows = records.map((record) => [...own, ...foreign.map((each) => record[each.name])]);
    const { entity, table } = this.#through;
    if (entity) await this.#linkByModel(entity, rows, columns.map((each) => each.name));
    else {
      await insertLinks(this.session, this.relation.target, table, columns, rows);
      this.session.recordUnseen([table.name]);
    }
  }

  /** Through a mapped join table, so that its defaults are filled in. */
  async #linkByModel(
    entity: EntitySchema,
    rows: readonly (readonly unknown[])[],
    columns: readonly string[],
  ): Promise<void> {
    const names = columns.map((each) => entity.byColumn.get(each)?.name ?? each);
    const keys = rows.map((row): Row => Object.fromEntries(names.map((name, i) => [name, row[i]])));
    const there: Row[] = [];
    for (const some of inChunks(keys)) {
      there.push(
        ...await findRecords(this.session, entity, { where: { OR: some }, select: names }),
      );
    }
    const missing = keys.filter((key, at) =>
      !there.some((link) => sameValue(key, link)) &&
      keys.findIndex((other) => sameValue(key, other)) === at
    );
    const bulk = new BulkInsert(this.session, entity, false);
    const take = (values: Values) => bulk.add(values);
    await prepareInserts(entity, missing, new Date(), { numbered: false, take });
    await bulk.run(true);
  }

  async unlink(wheres: readonly Dictionary[]): Promise<void> {
    const { target, foreign } = this.relation;
    const select = foreign.map((each) => each.name);
    for (const some of inChunks(wheres)) {
      const found = await findRecords(this.session, target, { where: { OR: some }, select });
      for (const records of inChunks(found)) {
        await this.#remove([or(records.map((record) => this.#isLink(record)))]);
      }
    }
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
    this.session.recordUnseen([table.name]);
  }
}

/** The condition that a record is one of these. */
function keysWhere({ primaryKey }: EntitySchema, records: readonly Row[]): Dictionary {
  const [only, ...more] = primaryKey;
  if (only && more.length === 0) {
    return { [only.name]: { in: records.map((each) => each[only.name]) } };
  }
  return { OR: records.map((record) => pick(record, primaryKey)) };
}

/** Databases take no conditions of any length: SQLite parses a thousand terms. */
const termsPerCondition = 200;

function* inChunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += termsPerCondition) {
    yield items.slice(at, at + termsPerCondition);
  }
}
