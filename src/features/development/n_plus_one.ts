/**
 * Finds loops that read records one by one where one statement would do.
 *
 * Accused is a line of the user's code that, within one {@linkcode Flow}, has read by key so often as the
 * threshold says, with the same statement and different keys. Each line is accused once.
 *
 * @module
 */
import { Logger } from "../../base/logger.ts";
import type { CallSite } from "../../engine/call_site.ts";
import type { QueryCaller } from "../../engine/caller.ts";
import type {
  Instrumentation,
  Observation,
  WatchedStatement,
} from "../../engine/instrumentation.ts";
import { LruMap } from "../../engine/lru.ts";
import { type Flow, Flows } from "./flow.ts";
import { isSingle, type KeyedRead, keyedRead } from "./keyed_read.ts";
import { cureOf } from "./n_plus_one_cure.ts";

/** How often, and whether with different keys. */
interface Count {
  reads: number;
  readonly firstKey: string;
  varied: boolean;
}

/** What is kept of one piece of work. */
export interface Work {
  /** By place and statement. */
  readonly counts: Map<string, Count>;
  /** The statements that gave several rows, by which the keys may have come. */
  readonly lists: Set<string>;
}

const log = Logger.child("query");
const STATEMENTS = 500;
const LISTS = 20;

/** Watches the statements of one database. */
export class NPlusOneDetector implements Instrumentation {
  readonly #threshold: number;
  readonly #flows = new Flows<Work>(() => ({ counts: new Map(), lists: new Set() }));
  readonly #reads = new LruMap<string, KeyedRead | null>(STATEMENTS);
  readonly #accused = new Set<string>();

  /** Accuses at so many reads. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** Counts a statement that is about to be sent. */
  statement(statement: WatchedStatement): Observation {
    const { sql, kind, site } = statement;
    const flow = this.#flows.enter(site);
    const read = kind === "write" || kind === "ddl" ? undefined : this.#readOf(sql);
    if (read !== undefined) this.#count(flow, statement, read, site);
    return {
      succeeded: (rows) => {
        this.#flows.settled(flow);
        if (rows > 1 && flow.kept.lists.size < LISTS) flow.kept.lists.add(sql);
      },
      failed: () => this.#flows.settled(flow),
    };
  }

  #readOf(sql: string): KeyedRead | undefined {
    let read = this.#reads.get(sql);
    if (read === undefined) this.#reads.set(sql, read = keyedRead(sql) ?? null);
    return read ?? undefined;
  }

  #count(
    flow: Flow<Work>,
    { sql, params }: WatchedStatement,
    read: KeyedRead,
    site: CallSite | undefined,
  ): void {
    if (read.list >= 0 && !isSingle(params[read.list])) return;
    const caller = site?.caller;
    const place = caller === undefined ? sql : placeOf(caller);
    if (this.#accused.has(place)) return;
    const { counts, lists } = flow.kept;
    const key = String(params);
    const count = counts.get(place + sql) ?? { reads: 0, firstKey: key, varied: false };
    counts.set(place + sql, count);
    count.reads++;
    count.varied ||= key !== count.firstKey;
    if (count.reads < this.#threshold || !count.varied) return;
    this.#accused.add(place);
    const what = caller?.method ?? "a statement";
    const where = caller === undefined ? "" : ` at ${place}`;
    log.warn(
      `N+1: ${what}${where} has read ${read.table} ${count.reads} times, ` +
        `one ${read.columns.join(", ")} at a time\n  hint: ${
          cureOf(read, caller?.method, [...lists])
        }`,
      { sql, count: count.reads, caller },
    );
  }
}

function placeOf({ file, line, column }: QueryCaller): string {
  return `${file}:${line}:${column}`;
}
