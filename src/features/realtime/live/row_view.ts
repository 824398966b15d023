/**
 * A view that takes over changed rows: no query runs for them.
 *
 * @module
 */
import type { BatchMark } from "../../../change/source.ts";
import type { Session } from "../../../engine/session.ts";
import { type RecordMaker, recordMaker, shownProperties } from "../../../repository/held_record.ts";
import type { PropertySchema } from "../../../schema/entity.ts";
import type { FollowedEntity, LogEntry } from "./followed_tables.ts";
import type { LiveChange, LiveEntry } from "./live.ts";
import { type HeldRow, isSame, type Result } from "./result.ts";
import { readValues } from "./row_reader.ts";
import { type Get, keyText, type RowState } from "./row_state.ts";
import { View, type ViewHost } from "./view.ts";
import type { ViewQuery } from "./view_query.ts";

/** A record that left the result. */
interface Dropped {
  readonly mark: BatchMark;
  readonly key: string;
}

/** Records that left the result and are remembered for subscribers that come back. */
const mostDropped = 1_000;

/** A view that is kept true in memory. */
export class RowView extends View {
  /** Whether it takes over changed rows. */
  readonly inMemory = true;
  readonly #followed: FollowedEntity;
  /** The columns that it holds, those that it shows first. */
  readonly #columns: readonly PropertySchema[];
  readonly #places: ReadonlyMap<PropertySchema, number>;
  readonly #shown: number;
  readonly #make: RecordMaker;
  /** The records; in the order of the query in `#list`, where it has one. */
  #rows = new Map<string, HeldRow>();
  #list: HeldRow[] | undefined;
  /** It is known what left the result for those who are as far as all of these. */
  #since: readonly string[] = [];
  #dropped: Dropped[] = [];

  /** Makes a view. */
  constructor(query: ViewQuery, host: ViewHost, followed: FollowedEntity) {
    super(query, host);
    this.#followed = followed;
    const { entity, predicate, ordering } = query;
    const select = query.query.select as readonly string[] | undefined;
    const shown = shownProperties(entity, select);
    this.#columns = [
      ...new Set([
        ...shown,
        ...select ? entity.primaryKey : entity.properties,
        ...predicate.properties,
        ...ordering?.properties ?? [],
      ]),
    ];
    this.#shown = new Set(shown).size;
    this.#places = new Map(this.#columns.map((each, place) => [each, place]));
    this.#make = recordMaker(entity, select);
  }

  /** The records that it holds, in the order of the query where it has one. */
  override get result(): Result {
    return this.#list ? new Map(this.#list.map((each) => [each.key, each])) : this.#rows;
  }

  /** How many records it holds. */
  override get size(): number {
    return this.#rows.size;
  }

  /** Whether a state has all that it holds of a row. */
  canTake({ known, get }: RowState): boolean {
    if (known === "whole" || !get) return true;
    return this.#columns.every((each) => get(each) !== undefined);
  }

  /** Rows changed of which the source could not tell. */
  dirty(batch: BatchMark): void {
    if (this.isReading || !this.hasHad(batch)) this.asked();
  }

  /** Called before the snapshot is taken. */
  override begin(): void {
    super.begin();
    this.#followed.beginLoading(this);
  }

  /** Reads all rows of the condition. */
  async read(snapshot: Session): Promise<readonly HeldRow[]> {
    const { entity, query: { where, withDeleted } } = this.query;
    const query = {
      ...where !== undefined && { where },
      ...withDeleted !== undefined && { withDeleted },
      limit: this.host.maxRows + 1,
    };
    const rows = await readValues(snapshot, entity, query, this.#columns);
    return rows.map((values) => this.#held(values));
  }

  /** Takes in what changed while it was read. Where that is not known for certain, it is read again. */
  protected override brought(
    position: string,
    rows: readonly HeldRow[],
  ): { readonly result: Result; readonly current: boolean } {
    const read = new Map(rows.map((each) => [each.key, each]));
    const result = new Map(read);
    const log = this.#followed.endLoading(this);
    const current = log !== undefined &&
      log.every((entry) => this.#follow(position, entry, result));
    if (current) this.refuseTooMany(result.size);
    return { result: this.#inOrder(current ? result : read), current };
  }

  #follow(position: string, entry: LogEntry, result: Map<string, HeldRow>): boolean {
    if (this.host.positions.has(position, entry.mark)) return true;
    if (entry.unseen) return false;
    if (entry.truncated) result.clear();
    for (const state of entry.states) {
      const matches = state.get ? this.query.predicate.test(state.get) : false;
      if (matches === undefined || (matches && !this.canTake(state))) return false;
      if (matches) result.set(state.key, this.#held(this.#valuesOf(state.get as Get)));
      else result.delete(state.key);
    }
    return true;
  }

  #inOrder(result: Map<string, HeldRow>): Map<string, HeldRow> {
    if (!this.query.ordering) return result;
    const list = [...result.values()].sort((a, b) => this.#compare(a, b));
    return new Map(list.map((each) => [each.key, each]));
  }

  /** Holds other rows from now on. */
  protected override replaced(result: Result): void {
    this.#followed.replace(this, this.#rows, result);
    this.#rows = result as Map<string, HeldRow>;
    this.#list = this.query.ordering ? [...result.values()] : undefined;
    this.#since = [this.position, this.host.position];
    this.#dropped = [];
  }

  /**
   * Takes over changed rows.
   *
   * @param states the rows that match now, and those that do not, or are gone, without values
   */
  apply(batch: BatchMark, states: readonly RowState[]): void {
    if (this.isReading || this.hasHad(batch)) return;
    const drop: string[] = [];
    const put: HeldRow[] = [];
    for (const state of states) {
      const old = this.#rows.get(state.key);
      if (state.get) {
        const held = this.#changed(old, state.get);
        if (held) put.push(held);
      } else if (old) drop.push(state.key);
    }
    if (drop.length === 0 && put.length === 0) return;
    for (const key of drop) {
      this.#rows.delete(key);
      this.#followed.drop(this, key);
      this.#remember({ mark: batch, key });
    }
    for (const held of put) {
      if (!this.#rows.has(held.key)) this.#followed.hold(this, held.key);
      this.#rows.set(held.key, held);
    }
    this.refuseTooMany(this.#rows.size);
    this.changed({ drop, put: this.#place(drop, put) });
  }

  /** The table was emptied: the rows that it has now, or none. */
  truncate(batch: BatchMark, states: readonly RowState[]): void {
    const left = new Set(states.map((each) => each.key));
    const gone = [...this.#rows.keys()].filter((key) => !left.has(key));
    this.apply(batch, [...gone.map((key): RowState => ({ key, known: "whole" })), ...states]);
  }

  /**
   * What a subscriber lacks that is at `since`.
   *
   * @param touched the keys of rows that have changed after that
   * @returns `undefined` when it is not known what has left the result since
   */
  changeSince(since: string, touched: Iterable<string>): LiveChange | undefined {
    const { positions } = this.host;
    if (!this.#since.every((each) => positions.reaches(since, each))) return undefined;
    const gone = this.#dropped.filter(({ mark }) => !positions.has(since, mark)).map(({ key }) =>
      key
    );
    const keys = new Set(touched);
    return {
      drop: [...new Set(gone)].filter((key) => !this.#rows.has(key)),
      put: this.entries.filter((entry) => keys.has(entry.key)),
    };
  }

  /** Takes it out of all. */
  override end(): void {
    this.#rows = new Map();
    this.#list = undefined;
    super.end();
  }

  #remember(dropped: Dropped): void {
    this.#dropped.push(dropped);
    if (this.#dropped.length <= mostDropped) return;
    const gone = this.#dropped.splice(0, mostDropped >> 1);
    this.#since = gone.slice(-1).map(({ mark }) => mark.position);
  }

  #held(values: readonly unknown[]): HeldRow {
    const valueOf = (property: PropertySchema) => values[this.#places.get(property) as number];
    return {
      key: keyText(this.query.entity, valueOf) as string,
      row: this.#make(valueOf),
      values,
    };
  }

  #valuesOf(get: Get): unknown[] {
    return this.#columns.map((each) => get(each) ?? null);
  }

  /** The row as it is held from now on; nothing where subscribers see no difference. */
  #changed(old: HeldRow | undefined, get: Get): HeldRow | undefined {
    const values = this.#valuesOf(get);
    if (!old) return this.#held(values);
    let same = true;
    for (let i = 0; i < this.#shown && same; i++) same = isSame(old.values[i], values[i]);
    if (!same) return this.#held(values);
    const held: HeldRow = { ...old, values };
    if (this.#list && this.#compare(old, held) !== 0) return held;
    (old as { values: readonly unknown[] }).values = values;
    return undefined;
  }

  /** Puts records where they belong. */
  #place(drop: readonly string[], put: readonly HeldRow[]): LiveEntry[] {
    if (!this.#list) return put.map(({ key, row }) => ({ key, row }));
    const out = new Set(drop);
    for (const { key } of put) out.add(key);
    const list = this.#list.filter(({ key }) => !out.has(key));
    for (const held of put) list.splice(this.#placeOf(list, held), 0, held);
    this.#list = list;
    const entries = put.map((held) => ({
      key: held.key,
      row: held.row,
      at: this.#placeOf(list, held),
    }));
    return entries.sort((a, b) => a.at - b.at);
  }

  /** Where in the order a record is, or belongs. */
  #placeOf(list: readonly HeldRow[], held: HeldRow): number {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(list[middle] as HeldRow, held) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(a: HeldRow, b: HeldRow): number {
    const valueOf = (held: HeldRow): Get => (property) =>
      held.values[this.#places.get(property) as number];
    return this.query.ordering?.compare(valueOf(a), valueOf(b)) ?? 0;
  }
}
