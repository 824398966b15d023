/**
 * Follows the batches of a feed, one after the other, and hands each view what concerns it.
 *
 * Where a source tells all of a row, a batch is followed at once. Where it tells less, the rows are read by their keys
 * first, and batches that come meanwhile wait; a row that was read is never put back by a batch that the reading has
 * seen already.
 *
 * @module
 */
import type { ChangeBatch, ChangeSource } from "../../../change/source.ts";
import { addTo, type Effects, effectsOf } from "./batch_effects.ts";
import { type Step, stepOf } from "./batch_step.ts";
import type { FollowedEntity, FollowedTables } from "./followed_tables.ts";
import type { FollowedRows, FollowedView } from "./followed_view.ts";
import type { ReadQueue } from "./read_queue.ts";
import { readByKey } from "./row_reader.ts";
import type { RowState } from "./row_state.ts";
import type { Teller } from "./teller.ts";
import type { ToldBatches } from "./told_batches.ts";

/** What a follower works with. */
export interface FollowerOptions {
  /** Where changes come from. */
  readonly source: ChangeSource;
  /** Who follows which tables. */
  readonly tables: FollowedTables;
  /** Talks to sinks. */
  readonly teller: Teller;
  /** Reads rows. */
  readonly queue: ReadQueue;
  /** What snapshots have to show. */
  readonly told: ToldBatches;
  /** Where the feed is. */
  readonly position: string;
}

/** Rows that were read at once. */
interface Reading {
  readonly position: string;
  readonly entity: FollowedEntity;
  readonly keys: readonly string[];
}

/** Changes that may wait while rows are read. */
const mostWaiting = 100_000;
/** Rows of waiting batches that are read along. */
const mostAhead = 500;
/** Batches of which it is not known whether they can be seen. */
const mostUnconfirmed = 5_000;

/** Follows a feed. */
export class Follower {
  readonly #source: ChangeSource;
  readonly #tables: FollowedTables;
  readonly #teller: Teller;
  readonly #queue: ReadQueue;
  readonly #told: ToldBatches;
  #checking = false;
  #position: string;
  #waiting: (ChangeBatch | string)[] = [];
  #waitingChanges = 0;
  #busy = false;
  /** Grows when what waits was thrown away. */
  #epoch = 0;
  #idle: (() => void)[] = [];
  #readings: Reading[] = [];
  #batches = 0;

  /** Follows from `position` on. */
  constructor({ source, tables, teller, queue, told, position }: FollowerOptions) {
    this.#told = told;
    this.#source = source;
    this.#tables = tables;
    this.#teller = teller;
    this.#queue = queue;
    this.#position = position;
  }

  /** Up to where batches were followed. */
  get position(): string {
    return this.#position;
  }

  /** How many batches were followed. */
  get batches(): number {
    return this.#batches;
  }

  /** Takes the next batch. */
  batch(batch: ChangeBatch): void {
    this.#told.add(batch);
    if (this.#told.size > mostUnconfirmed) void this.#confirm();
    this.#waiting.push(batch);
    this.#waitingChanges += batch.changes.length + 1;
    if (!this.#busy) void this.#drain();
    else if (this.#waitingChanges > mostWaiting) {
      this.reset("changes came faster than their rows could be read", batch.position);
    }
  }

  /** The feed is at a position. */
  moved(position: string): void {
    if (this.#busy) this.#waiting.push(position);
    else this.#at(position);
  }

  /** Changes are lost: every view is read anew. */
  reset(reason: string, position: string): void {
    this.#epoch++;
    this.#waiting = [];
    this.#waitingChanges = 0;
    // What was told before may be of another life of the database.
    this.#told.clear();
    const views = new Set<FollowedView>();
    for (const entity of this.#tables.entities()) {
      entity.read.clear();
      for (const view of entity.views) views.add(view);
    }
    for (const view of views) view.want(reason);
    this.#at(position);
  }

  /** Resolves when all batches that it has now were followed. */
  idle(): Promise<void> {
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends it: nothing more is followed. */
  close(): void {
    this.#epoch++;
    this.#waiting = [];
    this.#tellIdle();
  }

  /** Takes a snapshot only to see what it has: nobody has read for long. */
  async #confirm(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    await this.#queue.snapshot(() => Promise.resolve()).catch(() => {});
    this.#checking = false;
  }

  /** Follows what waits. Runs at once as far as nothing has to be read. */
  async #drain(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#waiting.length > 0) {
        const items = this.#waiting;
        this.#waiting = [];
        for (const [place, item] of items.entries()) {
          if (typeof item === "string") {
            this.#at(item);
            continue;
          }
          this.#waitingChanges -= item.changes.length + 1;
          const step = stepOf(this.#tables, this.#source.images, item);
          let effects = effectsOf(step, this.#source.positions);
          if (effects.missing.size > 0) {
            const epoch = this.#epoch;
            const read = await this.#readMissing(step, effects.missing, items, place + 1);
            if (this.#epoch !== epoch) break;
            if (!read) continue;
            effects = effectsOf(step, this.#source.positions);
          }
          this.#follow(step, effects);
        }
      }
    } finally {
      this.#busy = false;
      this.#tellIdle();
    }
  }

  #tellIdle(): void {
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  #at(position: string): void {
    this.#position = position;
    const { positions } = this.#source;
    while (this.#readings[0] && positions.reaches(position, this.#readings[0].position)) {
      const { entity, keys, position: read } = this.#readings.shift() as Reading;
      for (const key of keys) {
        if (entity.read.get(key)?.position === read) entity.read.delete(key);
      }
    }
  }

  /**
   * Reads rows by their keys, those of batches that wait along with them.
   *
   * @returns `false` when they could not be read: views of theirs are read as a whole then
   */
  async #readMissing(
    step: Step,
    missing: Effects["missing"],
    items: readonly (ChangeBatch | string)[],
    from: number,
  ): Promise<boolean> {
    const { rows } = step;
    const wanted = this.#ahead(missing, items, from);
    try {
      const { position, value } = await this.#queue.snapshot(async (tx) => {
        const found = new Map<FollowedEntity, Map<string, RowState>>();
        for (const [entity, states] of wanted) {
          const { primaryKey } = entity.reader.entity;
          const keys = [...states.values()].map(({ get }) => primaryKey.map((each) => get?.(each)));
          const read = await readByKey(tx, entity.reader.entity, keys);
          found.set(
            entity,
            new Map([...states.keys()].map((key) => {
              const get = read.get(key);
              return [key, { key, known: "whole", ...get && { get } } as const];
            })),
          );
        }
        return found;
      });
      for (const [entity, states] of value) {
        for (const [key, state] of states) {
          entity.read.set(key, { position, state });
          if (missing.get(entity)?.has(key)) rows.get(entity)?.states.set(key, state);
        }
        this.#readings.push({ position, entity, keys: [...states.keys()] });
      }
      return true;
    } catch {
      if (this.#queue.closed) return false;
      // Reading the views as a whole fails in the same way, and tells their subscribers why.
      for (const table of this.#tables.named("all")) {
        if ([...table.entities.values()].some((each) => rows.has(each))) step.unseen.add(table);
      }
      this.#follow({ ...step, rows: new Map() }, undefined);
      return false;
    }
  }

  /** What is missing, and what batches that wait will miss. */
  #ahead(
    missing: Effects["missing"],
    items: readonly (ChangeBatch | string)[],
    from: number,
  ): Effects["missing"] {
    const wanted = new Map([...missing].map(([entity, states]) => [entity, new Map(states)]));
    if (this.#source.images !== "keys") return wanted;
    let count = 0;
    for (const item of [...items.slice(from, from + mostAhead), ...this.#waiting]) {
      if (typeof item === "string") continue;
      if ((count += item.changes.length) > mostAhead) break;
      for (const [entity, { states }] of stepOf(this.#tables, this.#source.images, item).rows) {
        for (const state of states.values()) {
          if (state.known === "none") addTo(wanted, entity, state);
        }
      }
    }
    return wanted;
  }

  #follow({ batch, rows, dependents, unseen }: Step, effects: Effects | undefined): void {
    for (const [entity, { states, truncated }] of rows) {
      if (entity.isLogging) {
        entity.log({ mark: batch, states: [...states.values()], truncated, unseen: false });
      }
      for (const view of entity.running) view.dirty(batch);
      if (truncated) this.#truncate(batch, entity, effects);
    }
    if (effects) {
      for (const [view, states] of effects.touched) {
        guarded(view, () => view.apply(batch, states));
      }
      for (const view of effects.unsure) view.dirty(batch);
      for (const view of effects.dirty) view.dirty(batch);
    }
    for (const view of dependents) view.dirty(batch);
    for (const { entities, dependents } of unseen) {
      for (const view of dependents) view.dirty(batch);
      for (const entity of entities.values()) {
        entity.log({ mark: batch, states: [], truncated: false, unseen: true });
        for (const view of entity.views) view.dirty(batch);
      }
    }
    this.#batches++;
    this.#at(batch.position);
    this.#teller.flush(batch.position);
  }

  #truncate(batch: ChangeBatch, entity: FollowedEntity, effects: Effects | undefined): void {
    for (const view of entity.views) {
      if (!view.inMemory) view.dirty(batch);
      else {
        const states = effects?.touched.get(view) ?? [];
        effects?.touched.delete(view);
        guarded(view, () => view.truncate(batch, states));
      }
    }
  }
}

/** What a view cannot take ends it, and nothing else. */
function guarded(view: FollowedRows, work: () => void): void {
  try {
    work();
  } catch (error) {
    view.fail(error);
  }
}
