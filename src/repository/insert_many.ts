/**
 * Inserting many records by the fastest form that the database has.
 *
 * @module
 */
import type { CompiledStatement } from "../dialect/dialect.ts";
import type { CopyTarget, Session } from "../engine/session.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import type { ColumnSet, ColumnSets } from "./column_set.ts";
import { wholeLevel } from "./find.ts";
import { changeTo, insertNode, listSource, rowsPerStatement } from "./insert.ts";
import type { Level } from "./level.ts";
import { LimitedSession } from "./limited_session.ts";
import { planFor } from "./plans.ts";
import type { Row } from "./shape.ts";
import { layoutOf, type Values } from "./values.ts";

/** Rows per statement where each column is one list. */
const rowsPerList = 20_000;
/** From so many rows on the database's own bulk format is faster than statements. */
const rowsToCopy = 1_000;

/** Turns a value into what the driver binds; `null`: it is that already. */
type Dump = ((value: unknown) => unknown) | null;

interface Chunk {
  readonly statement: CompiledStatement;
  readonly values: readonly unknown[];
}

/** Inserts prepared records, all or none, in few statements. */
export class BulkInsert {
  readonly #session: Session;
  readonly #entity: EntitySchema;
  readonly #columns: ColumnSets;
  readonly #returning: boolean;
  /** Whether the stored records are read back. */
  readonly #level: Level | undefined;
  readonly #groups = new Map<ColumnSet, Group>();
  #group: Group | undefined;
  /** How many records will be read back. */
  #count = 0;

  /**
   * Begins without records.
   *
   * @param returning give the stored records, in order; without it only their number is known
   */
  constructor(session: Session, entity: EntitySchema, returning: boolean) {
    this.#session = session;
    this.#entity = entity;
    this.#columns = layoutOf(entity).columns;
    this.#returning = returning;
    if (returning || session.followed) this.#level = wholeLevel(session, entity);
  }

  /**
   * Adds a record; copies its values.
   *
   * @throws {DataError} when a value cannot be stored exactly
   */
  add(values: Values): void {
    const columns = this.#columns.of(values);
    let group = this.#group;
    if (group?.columns !== columns) {
      group = this.#groups.get(columns);
      if (!group) this.#groups.set(columns, group = this.#newGroup(columns));
      this.#group = group;
    }
    group.add(values, this.#level ? this.#count++ : -1);
  }

  /**
   * Writes what was added.
   *
   * @param enclosed part of a write that is all or nothing already
   */
  async run(enclosed: boolean): Promise<Row[]> {
    const level = this.#level;
    const stored: Row[] = new Array(this.#count);
    const write = async (session: Session): Promise<void> => {
      for (const group of this.#groups.values()) {
        const rows = await this.#insert(session, group);
        rows.forEach((row, i) => stored[group.at[i] as number] = row);
      }
      if (!level || !session.followed) return;
      session.record(stored.map((each) => changeTo(this.#entity, "insert", each)));
    };
    if (enclosed || this.#isOneStatement()) await write(this.#session);
    else await this.#session.transaction(write);
    return this.#returning ? stored : [];
  }

  #newGroup(columns: ColumnSet): Group {
    const { dialect } = this.#session;
    const { maxParameters, bulkInsert, supportsCopy } = dialect.capabilities;
    let rows = columns.places.length === 0 ? 1 : rowsPerStatement;
    while (rows > 1 && rows * columns.places.length > maxParameters) rows >>= 1;
    const late = bulkInsert === "lists" || supportsCopy;
    const dumps = late ? undefined : dumpsOf(this.#session, this.#entity, columns);
    return new Group(columns, rows, dumps);
  }

  #isOneStatement(): boolean {
    const [only, ...more] = this.#groups.values();
    if (!only) return true;
    if (more.length > 0) return false;
    if (this.#copies(only)) return true;
    return only.count <= (isListable(this.#session, only.columns.properties) ? rowsPerList : 1);
  }

  #copies({ count }: Group): boolean {
    return !this.#level && count >= rowsToCopy && !(this.#session instanceof LimitedSession) &&
      this.#session.dialect.capabilities.supportsCopy;
  }

  async #insert(session: Session, group: Group): Promise<Row[]> {
    const level = this.#level;
    if (this.#copies(group)) {
      await session.copy(copyTarget(this.#entity, group.columns), group.rows());
      return [];
    }
    const listable = isListable(session, group.columns.properties);
    const chunks = listable
      ? listChunks(session, this.#entity, group, level)
      : rowChunks(session, this.#entity, group, level);
    const options = { bigints: level?.bigints ?? false, dumped: group.dumps !== undefined };
    const stored: Row[] = [];
    for (const { statement, values } of chunks) {
      const { rows } = await session.perform(statement, values, options);
      if (level) { for (const row of rows) stored.push(level.hydrate(row, [])); }
    }
    return stored;
  }
}

/** Records that have values for the same columns, as many to a block as one statement takes. */
class Group {
  /** The values of the rows of each block, one row after another. */
  readonly blocks: unknown[][] = [];
  /** How many records there are. */
  count = 0;
  /** Where the records stand among all. */
  readonly at: number[] = [];
  readonly #blockLength: number;
  #last: unknown[] = [];

  /** @param dumps what turns values into wire form as they are added; without it they stay as they are */
  constructor(
    readonly columns: ColumnSet,
    readonly rowsPerBlock: number,
    readonly dumps: readonly Dump[] | undefined,
  ) {
    this.#blockLength = rowsPerBlock * columns.places.length;
  }

  /** Adds a record, the `at`th of all where that is to be known; else -1. */
  add(values: Values, at: number): void {
    let block = this.#last;
    if (this.count++ === 0 || block.length === this.#blockLength) {
      this.blocks.push(block = this.#last = []);
    }
    if (at >= 0) this.at.push(at);
    const { columns: { places }, dumps } = this;
    if (!dumps) {
      for (let i = 0; i < places.length; i++) block.push(values[places[i] as number]);
      return;
    }
    for (let i = 0; i < places.length; i++) {
      const value = values[places[i] as number];
      const dump = dumps[i] as Dump;
      block.push(dump === null || value === null ? value : dump(value));
    }
  }

  /** The rows, one by one. */
  *rows(): Generator<unknown[]> {
    const width = this.columns.places.length;
    for (const block of this.blocks) {
      for (let at = 0; at < block.length; at += width) yield block.slice(at, at + width);
    }
  }
}

/** Taken from a statement, so that they are what its author and its compiler want of them. */
function dumpsOf(session: Session, entity: EntitySchema, columns: ColumnSet): readonly Dump[] {
  return planFor(session, entity, "dumps", columns.key, () => {
    const { bindings } = session.prepare(insertNode(entity, columns.properties, 1, undefined));
    return columns.places.map((_, slot) =>
      bindings.find((binding) => binding.slot === slot)?.dump ?? null
    );
  });
}

function copyTarget({ table }: EntitySchema, { properties }: ColumnSet): CopyTarget {
  return {
    table: table.name,
    ...table.schema !== undefined && { schema: table.schema },
    columns: properties.map((each) => ({ name: each.column.name, type: each.type })),
  };
}

function isListable(session: Session, properties: readonly PropertySchema[]): boolean {
  return session.dialect.capabilities.bulkInsert === "lists" && properties.length > 0 &&
    properties.every((each) => !each.type.array);
}

function* listChunks(
  session: Session,
  entity: EntitySchema,
  group: Group,
  level: Level | undefined,
): Generator<Chunk> {
  const { key, properties } = group.columns;
  const statement = planFor(
    session,
    entity,
    level ? "lists returning" : "lists",
    key,
    () =>
      session.prepare({
        ...insertNode(entity, properties, 0, level),
        source: listSource(properties),
      }),
  );
  let lists: unknown[][] = [];
  for (const row of group.rows()) {
    if (lists.length === 0) lists = row.map(() => []);
    for (let i = 0; i < row.length; i++) (lists[i] as unknown[]).push(row[i]);
    if (lists[0]?.length !== rowsPerList) continue;
    yield { statement, values: lists };
    lists = [];
  }
  if (lists.length > 0) yield { statement, values: lists };
}

/** Whole blocks, then ever smaller powers of two of rows: few statements serve every number of rows. */
function* rowChunks(
  session: Session,
  entity: EntitySchema,
  { columns: { key, places, properties }, blocks, rowsPerBlock, count }: Group,
  level: Level | undefined,
): Generator<Chunk> {
  const width = places.length;
  let rows = rowsPerBlock;
  let left = count;
  for (const block of blocks) {
    for (let at = 0; left > 0 && (at < block.length || width === 0); at += rows * width) {
      while (rows > left) rows >>= 1;
      const size = rows;
      const kind = `rows ${size}${level ? " returning" : ""}`;
      const build = () => session.prepare(insertNode(entity, properties, size, level));
      const statement = planFor(session, entity, kind, key, build);
      const whole = size * width === block.length;
      yield { statement, values: whole ? block : block.slice(at, at + size * width) };
      left -= size;
    }
  }
}
