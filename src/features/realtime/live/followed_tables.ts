/**
 * The tables that views read, and who is to be told when one of their rows changes.
 *
 * @module
 */
import type { BatchMark } from "../../../change/source.ts";
import type { EntitySchema, PropertySchema } from "../../../schema/entity.ts";
import type { FollowedQuery, FollowedRows, FollowedView } from "./followed_view.ts";
import type { Result } from "./result.ts";
import { type ImageLoader, ImageReader, type RowState } from "./row_state.ts";
import { ViewIndex } from "./view_index.ts";
import { tableName } from "./view_query.ts";

/** What a batch did to the rows of an entity. */
export interface LogEntry {
  /** The batch. */
  readonly mark: BatchMark;
  /** The rows after it. */
  readonly states: readonly RowState[];
  /** All other rows are gone. */
  readonly truncated: boolean;
  /** Rows changed of which the source could not tell. */
  readonly unseen: boolean;
}

/** A row that was read. */
export interface ReadRow {
  /** The snapshot that it was read from. */
  readonly position: string;
  /** The row in it. */
  readonly state: RowState;
}

/** Rows that are kept for views that are being read. */
const mostLogged = 20_000;

/** One entity whose rows views are made of. */
export class FollowedEntity {
  /** Reads its row images. */
  readonly reader: ImageReader;
  /** All views whose root it is. */
  readonly views = new Set<FollowedView>();
  /** Views whose query runs: which rows they are about to hold is not known, so that every change concerns them. */
  readonly running = new Set<FollowedQuery>();
  /** Rows that were read, and are newer than batches that are still to come. */
  readonly read = new Map<string, ReadRow>();
  readonly #index = new ViewIndex<FollowedView>();
  /** Views that every change of a row may concern. */
  readonly #shifting = new Set<FollowedQuery>();
  readonly #holders = new Map<string, FollowedView | Set<FollowedView>>();
  readonly #columns = new Map<PropertySchema, number>();
  /** Views that are being read, with the place in the log from which on they need it. */
  readonly #loading = new Map<FollowedRows, number | undefined>();
  #log: LogEntry[] = [];
  #logged = 0;

  /** Follows an entity for no view yet. */
  constructor(entity: EntitySchema, loader: ImageLoader) {
    this.reader = new ImageReader(entity, loader);
  }

  /** The columns that conditions of its views read. */
  get columns(): Iterable<PropertySchema> {
    return this.#columns.keys();
  }

  /** Whether a view is being read, so that it needs what is logged. */
  get isLogging(): boolean {
    return this.#loading.size > 0;
  }

  /** Adds a view of its rows. */
  add(view: FollowedView): void {
    this.views.add(view);
    const { predicate, shifts } = view.query;
    if (shifts && !view.inMemory) return void this.#shifting.add(view);
    this.#index.add(view, predicate);
    for (const each of predicate.properties) {
      this.#columns.set(each, (this.#columns.get(each) ?? 0) + 1);
    }
  }

  /** Takes a view out, with the rows that it holds. */
  remove(view: FollowedView): void {
    if (!this.views.delete(view)) return;
    for (const key of view.result.keys()) this.drop(view, key);
    if (view.inMemory) {
      if (this.#loading.delete(view) && this.#loading.size === 0) this.#clearLog();
    } else {
      this.running.delete(view);
      if (this.#shifting.delete(view)) return;
    }
    this.#index.remove(view);
    for (const each of view.query.predicate.properties) {
      const count = this.#columns.get(each) as number;
      if (count > 1) this.#columns.set(each, count - 1);
      else this.#columns.delete(each);
    }
  }

  /** Visits each view that a row with this state may concern, and whether it may be in its result now. */
  visit(
    { key, get }: RowState,
    visit: (view: FollowedView, matches: boolean | undefined) => void,
  ): void {
    const holders = this.#holders.get(key);
    let seen: Set<FollowedView> | undefined;
    if (get) {
      this.#index.candidates(get, (view) => {
        const matches = view.query.predicate.test(get);
        if (matches === false) return;
        if (holders) (seen ??= new Set()).add(view);
        visit(view, matches);
      });
    }
    if (holders instanceof Set) {
      for (const view of [...holders]) if (!seen?.has(view)) visit(view, false);
    } else if (holders && !seen?.has(holders)) visit(holders, false);
    for (const view of this.#shifting) visit(view, undefined);
  }

  /** A view holds a row from now on. */
  hold(view: FollowedView, key: string): void {
    const holders = this.#holders.get(key);
    if (holders === undefined) this.#holders.set(key, view);
    else if (holders instanceof Set) holders.add(view);
    else if (holders !== view) this.#holders.set(key, new Set([holders, view]));
  }

  /** A view no longer holds a row. */
  drop(view: FollowedView, key: string): void {
    const holders = this.#holders.get(key);
    if (holders instanceof Set) {
      holders.delete(view);
      if (holders.size === 0) this.#holders.delete(key);
    } else if (holders === view) this.#holders.delete(key);
  }

  /** A view holds other rows from now on. */
  replace(view: FollowedView, before: Result, after: Result): void {
    for (const key of before.keys()) if (!after.has(key)) this.drop(view, key);
    for (const key of after.keys()) if (!before.has(key)) this.hold(view, key);
  }

  /** A view is about to be read: what happens from now on is kept for it. */
  beginLoading(view: FollowedRows): void {
    this.#loading.set(view, this.#log.length);
  }

  /** What happened while a view was read; `undefined`: too much to be kept. */
  endLoading(view: FollowedRows): readonly LogEntry[] | undefined {
    const from = this.#loading.get(view);
    this.#loading.delete(view);
    const entries = from === undefined ? undefined : this.#log.slice(from);
    if (this.#loading.size === 0) this.#clearLog();
    return entries;
  }

  /** Keeps what a batch did, where a view is being read. */
  log(entry: LogEntry): void {
    if (this.#loading.size === 0) return;
    this.#log.push(entry);
    this.#logged += entry.states.length + 1;
    if (this.#logged <= mostLogged) return;
    for (const view of this.#loading.keys()) this.#loading.set(view, undefined);
    this.#clearLog();
  }

  #clearLog(): void {
    this.#log = [];
    this.#logged = 0;
  }
}

/** One table. */
export interface FollowedTable {
  /** The models whose rows it holds, as far as they are followed. */
  readonly entities: Map<EntitySchema, FollowedEntity>;
  /** Views that read it beside their own rows. */
  readonly dependents: Set<FollowedQuery>;
}

/** The tables that are followed. */
export class FollowedTables {
  readonly #loader: ImageLoader;
  readonly #tables = new Map<string, FollowedTable>();

  /** Follows nothing yet; `loader` is that of the source's form. */
  constructor(loader: ImageLoader) {
    this.#loader = loader;
  }

  /** The table of a change; nothing where nobody follows it. */
  get(schema: string | undefined, name: string): FollowedTable | undefined {
    return this.#tables.get(schema === undefined ? name : tableName({ schema, name }));
  }

  /** The tables of a name, in whatever schema; or all. */
  *named(names: readonly string[] | "all"): Iterable<FollowedTable> {
    for (const [key, table] of this.#tables) {
      if (names === "all" || names.some((name) => key === name || key.endsWith(`.${name}`))) {
        yield table;
      }
    }
  }

  /** All entities. */
  *entities(): Iterable<FollowedEntity> {
    for (const { entities } of this.#tables.values()) yield* entities.values();
  }

  /** The entity of views to come. */
  follow(entity: EntitySchema): FollowedEntity {
    const { entities } = this.#table(tableName(entity.table));
    let followed = entities.get(entity);
    if (!followed) entities.set(entity, followed = new FollowedEntity(entity, this.#loader));
    return followed;
  }

  /** Adds a view to all tables that it reads. */
  add(view: FollowedView): void {
    this.follow(view.query.entity).add(view);
    if (view.inMemory) return;
    for (const table of view.query.others) this.#table(tableName(table)).dependents.add(view);
  }

  /** Takes a view out of all tables, and tables out that nobody follows any more. */
  remove(view: FollowedView): void {
    const { entity, others } = view.query;
    const root = tableName(entity.table);
    const { entities } = this.#table(root);
    const followed = entities.get(entity);
    followed?.remove(view);
    if (followed?.views.size === 0) entities.delete(entity);
    for (const name of new Set([root, ...others.map(tableName)])) {
      const table = this.#table(name);
      if (!view.inMemory) table.dependents.delete(view);
      if (table.entities.size === 0 && table.dependents.size === 0) this.#tables.delete(name);
    }
  }

  #table(key: string): FollowedTable {
    let table = this.#tables.get(key);
    if (!table) this.#tables.set(key, table = { entities: new Map(), dependents: new Set() });
    return table;
  }
}
