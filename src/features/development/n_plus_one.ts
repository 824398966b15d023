/**
 * Finds loops that read records one by one where one statement would do.
 *
 * Accused is a line of the user's code that, within one {@linkcode Flow}, has read by key so often as the
 * threshold says, with the same statement and different keys. Each line is accused once.
 *
 * @module
 */
import { Logger } from "../../base/logger.ts";
import { type CallSite, isDispatched } from "../../engine/call_site.ts";
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

/** One read by key. */
interface Read {
  readonly site: CallSite | undefined;
  readonly key: string;
}

/** What is kept of one piece of work. */
export interface Work {
  /** By statement. */
  readonly reads: Map<string, Read[]>;
  /** The statements that gave several rows, by which the keys may have come. */
  readonly lists: Set<string>;
}

const log = Logger.child("query");
const STATEMENTS = 500;
const LISTS = 20;
/** So many times the threshold of reads is kept: a loop may hold several lines with one statement. */
const LINES = 4;

/** Watches the statements of one database. */
export class NPlusOneDetector implements Instrumentation {
  readonly #threshold: number;
  readonly #flows = new Flows<Work>(() => ({ reads: new Map(), lists: new Set() }));
  readonly #reads = new LruMap<string, KeyedRead | null>(STATEMENTS);
  readonly #accused = new Set<string>();

  /** Accuses at so many reads. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** Counts a statement that is about to be sent. */
  statement(statement: WatchedStatement): Observation {
    const { sql, kind, site } = statement;
    const flow = this.#flows.enter();
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
    { kept }: Flow<Work>,
    { sql, params }: WatchedStatement,
    read: KeyedRead,
    site: CallSite | undefined,
  ): void {
    if (read.list >= 0 && !isSingle(params[read.list])) return;
    const reads = kept.reads.get(sql) ?? [];
    kept.reads.set(sql, reads);
    if (reads.length > LINES * this.#threshold) return;
    reads.push({ site, key: String(params) });
    // Reading stacks takes long: only when there are enough of them.
    if (reads.length % this.#threshold !== 0) return;
    const lines = Map.groupBy(reads, (each) => placeOf(each.site?.caller) ?? sql);
    for (const [place, group] of lines) {
      if (group.length < this.#threshold || this.#accused.has(place)) continue;
      if (new Set(group.map(({ key }) => key)).size === 1 || isDispatched()) continue;
      this.#accused.add(place);
      accuse(sql, read, group, [...kept.lists]);
    }
  }
}

function accuse(
  sql: string,
  read: KeyedRead,
  group: readonly Read[],
  lists: readonly string[],
): void {
  const caller = group[0]?.site?.caller;
  const where = caller === undefined ? "" : ` at ${placeOf(caller)}`;
  log.warn(
    `N+1: ${
      caller?.method ?? "a statement"
    }${where} has read ${read.table} ${group.length} times, ` +
      `one ${read.columns.join(", ")} at a time\n  hint: ${cureOf(read, caller?.method, lists)}`,
    { sql, count: group.length, caller },
  );
}

function placeOf(caller: QueryCaller | undefined): string | undefined {
  return caller && `${caller.file}:${caller.line}:${caller.column}`;
}
