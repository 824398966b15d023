/**
 * What the tests of live queries share.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { LiveEvent, LiveQuery } from "../../src/features/realtime/live/live_query.ts";
import { BaseModel, Entity, type Generated, PrimaryKey } from "../../src/model/mod.ts";
import { plain } from "./repository_support.ts";

/** A table of which rows are written only to wait for them. */
@Entity({ tableName: "marks" })
export class Mark extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
}

/**
 * Waits until all that was committed so far was told to everybody.
 *
 * @param marked whether the table of marks is there: sources that read the database tell only of transactions that
 * wrote something
 */
export async function caughtUp(db: Database, marked = false): Promise<void> {
  const feed = await db.feed();
  const mark = await db.transaction(async (tx) => {
    if (marked) await tx.repository(Mark).create({});
    return await feed.source.markOf(tx);
  });
  await (await db.liveQueries()).settled(mark());
}

/** Somebody who follows a live query and keeps every event of it. */
export interface Watcher<Row> {
  /** What was told, without the first result, since the last look. */
  seen(): readonly LiveEvent<Row>[];
  /** The result as the events lead to it. */
  rows(): readonly Row[];
  /** Ends it. */
  end(): Promise<void>;
}

/** Follows the changes of a live query; resolves when the first result is there. */
export async function watch<Row extends object>(live: LiveQuery<Row>): Promise<Watcher<Row>> {
  const changes = live.changes({ buffer: 1_000_000 });
  const first = await changes.next();
  assert(!first.done);
  assert.equal(first.value.kind, "snapshot");
  let events: LiveEvent<Row>[] = [];
  let list: { readonly key: string; readonly row: Row }[] = [];
  const apply = (event: LiveEvent<Row>) => {
    if (event.kind === "snapshot") return void (list = [...event.rows]);
    const { drop, put } = event;
    const ordered = put.some(({ at }) => at !== undefined);
    const out = new Set([...drop, ...ordered ? put.map(({ key }) => key) : []]);
    list = list.filter(({ key }) => !out.has(key));
    for (const entry of put) {
      const place = list.findIndex(({ key }) => key === entry.key);
      if (entry.at !== undefined) list.splice(entry.at, 0, entry);
      else if (place >= 0) list[place] = entry;
      else list.push(entry);
    }
  };
  apply(first.value);
  const reading = (async () => {
    for await (const event of changes) {
      apply(event);
      events.push(event);
    }
  })();
  return {
    seen() {
      const seen = events;
      events = [];
      return seen;
    },
    rows: () => list.map(({ row }) => row),
    async end() {
      await changes.return?.();
      await reading;
    },
  };
}

/** Records without classes, in an order of their own unless theirs counts. */
export function comparable(rows: readonly object[], ordered: boolean): unknown[] {
  const list = rows.map(plain);
  if (ordered) return list;
  const text = (value: unknown) =>
    JSON.stringify(value, (_, each) => typeof each === "bigint" ? `${each}n` : each);
  return list.map((each) => [text(each), each] as const).sort(([a], [b]) => a < b ? -1 : 1)
    .map(([, each]) => each);
}
