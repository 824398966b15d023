/**
 * Shortens the log.
 *
 * Now and then a mark is noted: a snapshot, the time and the number that the log was at. When a mark is old enough,
 * or enough was logged since, it becomes the line: what its snapshot shows may go. The line is committed before
 * anything is removed, so a reader that lacks something of what it shows is told, rather than not finding it.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import { Logger } from "../../../base/logger.ts";
import type { SourceConnection } from "../../../change/source.ts";
import type { LogSourceOptions, SourceHost } from "../../../dialect/change_support.ts";
import { logTable, stateTable } from "./log_sql.ts";
import { parseSnapshot } from "./positions.ts";

/** So many entries are removed at once. */
const portion = 5_000;
/** At most so many marks are kept. */
const mostMarks = 200;

const log = Logger.child("change_log");

/** A snapshot with its time in milliseconds and the highest number that was given. */
type Mark = readonly [time: number, snapshot: string, id: number];

interface State {
  readonly marks: string | readonly Mark[];
  readonly removed: string | null;
  readonly now: string | number;
  readonly snapshot: string;
  readonly id: string | number | bigint;
}

/** Shortens the log from time to time, in one process after the other. */
export class LogRetention {
  readonly #host: SourceHost;
  readonly #age: number;
  readonly #entries: number;
  readonly #every: number;
  #removed = 0;
  #users = 0;
  #stop = () => {};

  /** Keeps what the options say. */
  constructor(host: SourceHost, { maxAge = 3_600_000, maxEntries = 1_000_000 }: LogSourceOptions) {
    this.#host = host;
    this.#age = maxAge;
    this.#entries = maxEntries;
    this.#every = Math.min(Math.max(maxAge / 30, 100), 30_000);
  }

  /** Entries that were removed. */
  get removed(): number {
    return this.#removed;
  }

  /** Begins; returns what ends it. */
  start(schema: string): () => void {
    if (this.#users++ === 0) this.#plan(schema);
    return () => {
      if (--this.#users === 0) this.#stop();
    };
  }

  #plan(schema: string): void {
    this.#stop = inBackground(() => {
      void this.shorten(schema).catch((error) => {
        if (this.#users > 0) log.warn("The change log cannot be shortened", { error });
      }).then(() => {
        if (this.#users > 0) this.#plan(schema);
      });
    }, this.#every * (0.75 + Math.random() / 2));
  }

  /** Moves the line, and removes what is behind it. */
  async shorten(schema: string): Promise<void> {
    const line = await this.#host.transaction((tx) => this.#moveLine(tx, schema));
    const snapshot = line === undefined ? undefined : parseSnapshot(line);
    if (!snapshot) return;
    const running = `{${[...snapshot.running].join(",")}}`;
    for (let removed = portion; removed === portion && this.#users > 0;) {
      const { rows } = await this.#host.execute(
        `DELETE FROM ${schema}.${logTable} WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM ${schema}.${logTable}
          WHERE xid < $1::xid8 AND xid <> ALL ($2::xid8[])
          ORDER BY xid, id LIMIT ${portion} FOR UPDATE SKIP LOCKED)) RETURNING 1 AS one`,
        [String(snapshot.xmax), running],
      );
      removed = rows.length;
      this.#removed += removed;
    }
  }

  /** Notes a mark, and gives the line: nothing where somebody else is at it. */
  async #moveLine(tx: SourceConnection, schema: string): Promise<string | undefined> {
    const { rows: [state] } = await tx.execute<State>(
      `SELECT marks::text AS marks, removed, pg_current_snapshot()::text AS snapshot,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS now,
        coalesce(pg_sequence_last_value(pg_get_serial_sequence('${schema}.${logTable}', 'id')), 0)
          ::text AS id
      FROM ${schema}.${stateTable} FOR UPDATE SKIP LOCKED`,
    );
    if (!state) return undefined;
    const now = Number(state.now);
    const id = Number(state.id);
    const marks = typeof state.marks === "string"
      ? JSON.parse(state.marks) as Mark[]
      : [...state.marks];
    const last = marks.at(-1);
    const due = !last || now - last[0] >= this.#every / 2 || id - last[2] >= this.#entries / 16;
    if (due) marks.push([now, state.snapshot, id]);
    const passed = marks.findLastIndex((mark) =>
      now - mark[0] >= this.#age || id - mark[2] >= this.#entries
    );
    const line = marks[passed]?.[1] ?? state.removed ?? undefined;
    const kept = marks.slice(passed + 1);
    const thinned = kept.length > mostMarks ? kept.filter((_, index) => index % 2 === 0) : kept;
    if (due || passed >= 0) {
      await tx.execute(
        `UPDATE ${schema}.${stateTable} SET marks = $1::jsonb, removed = $2`,
        [JSON.stringify(thinned), line ?? null],
      );
    }
    return line;
  }
}
