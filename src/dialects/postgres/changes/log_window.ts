/**
 * What was committed between two snapshots.
 *
 * A reader remembers a snapshot and asks for the entries of transactions that it did not show and a new one does:
 * those that ran then, and later ones. That is exact whatever the order in which transactions begin, write and commit,
 * and an entry that is not visible yet is never passed over. What a window holds was committed in an order that nobody
 * wrote down; transactions are told in the order of their last entries. That keeps every dependence: a transaction
 * that changes what another one wrote has waited for the other's end, and one that saw it before it wrote has begun to
 * log after it, so that its last entry has the higher number in both cases. (Numbers come from a sequence without a
 * cache: they grow in the order in which they are taken.) Transactions that know nothing of each other change
 * different rows.
 *
 * @module
 */
import type { ChangeBatch } from "../../../change/source.ts";
import type { TextRow } from "./log_connection.ts";
import { changesOf, type LogEntry } from "./log_entries.ts";
import { logTable, stateTable } from "./log_sql.ts";
import { type Layout, layoutsSql, parseLayouts, unchangedSince } from "./layouts.ts";
import { parseSnapshot, positionWithin, type Snapshot } from "./positions.ts";

/** So many entries are read at once, */
const mostEntries = 2_000;
/** or so many bytes, where they are more than one transaction's. */
const mostBytes = 16_000_000;

/** What of a window was read. */
export interface WindowPart {
  /** The end of the window. */
  readonly now: Snapshot;
  /** All that this snapshot shows may have been removed. */
  readonly removed: Snapshot | undefined;
  /** The entries by transaction, in order; nothing where there are too many for once. */
  readonly transactions: ReadonlyMap<string, LogEntry[]> | undefined;
  /** Their tables. */
  readonly layouts: ReadonlyMap<string, Layout>;
}

/** Some transactions, and how much they wrote. */
export interface Written {
  /** The transaction. */
  readonly xid: string;
  /** Its highest number in the log. */
  readonly rank: number;
  /** How many entries it has. */
  readonly entries: number;
  /** How many bytes it has. */
  readonly bytes: number;
}

const size = "coalesce(octet_length(olds), 0) + coalesce(octet_length(news), 0)";
const columns = "id, xid, rel, depth, kind, olds, news";

/** The statements of a log in a schema. */
export class LogStatements {
  readonly #first: string;
  readonly #list: string;
  readonly #portion: string;

  /** Makes them for the log in `schema`, a quoted name. */
  constructor(schema: string) {
    const log = `${schema}.${logTable}`;
    const state = `${schema}.${stateTable}`;
    const part = (what: string, condition: string, limit: string) =>
      `(SELECT ${what} FROM ${log} WHERE ${condition} ${limit})`;
    // Two halves with an order, so that no plan reads the whole table, whatever its statistics say.
    const window = (what: string, limit: string) =>
      `${part(what, "xid >= $1::xid8", limit)} UNION ALL ` +
      part(what, "xid = ANY ($2::xid8[])", limit);
    const head = (fits: string) =>
      `SELECT NULL::bigint AS id, pg_current_snapshot()::text AS xid,
        (SELECT removed FROM ${state}) AS rel, ${fits} AS depth, NULL AS kind,
        (${layoutsSql("SELECT DISTINCT rel FROM w")})::text AS olds, NULL AS news`;
    const rows = `SELECT id, xid::text, rel::text, depth::text, kind::text, olds, news FROM w`;
    this.#first = `WITH w AS MATERIALIZED (${
      window(columns, `ORDER BY xid, id LIMIT ${mostEntries}`)
    }),
      fits AS MATERIALIZED (SELECT count(*) < ${mostEntries}
        AND coalesce(sum(${size}), 0) < ${mostBytes} AS ok FROM w)
      ${head("(SELECT ok FROM fits)::text")}
      UNION ALL ${rows} WHERE (SELECT ok FROM fits) ORDER BY 1 NULLS FIRST`;
    this.#list = `SELECT pg_current_snapshot()::text, xid::text, max(id)::text, count(*)::text,
        sum(size)::text
      FROM (${window(`xid, id, ${size} AS size`, "ORDER BY xid, id")}) w
      GROUP BY xid ORDER BY max(id)`;
    this.#portion = `WITH w AS MATERIALIZED ${part(columns, "xid = ANY ($1::xid8[])", "")}
      ${head("'true'")} UNION ALL ${rows} ORDER BY 1 NULLS FIRST`;
  }

  /** Reads what was committed since a snapshot, where it is not too much. */
  async first(run: Run, since: Snapshot): Promise<WindowPart> {
    return partOf(await run(this.#first, bounds(since)));
  }

  /** Lists the transactions that were committed since a snapshot, in order. */
  async list(run: Run, since: Snapshot): Promise<{ now: Snapshot; written: Written[] }> {
    const rows = await run(this.#list, bounds(since));
    const written = rows.map(([, xid, rank, entries, bytes]) => ({
      xid: xid ?? "",
      rank: Number(rank),
      entries: Number(entries),
      bytes: Number(bytes),
    }));
    return { now: parseSnapshot(rows[0]?.[0] ?? "") ?? since, written };
  }

  /** Reads the entries of some transactions. */
  async portion(run: Run, transactions: readonly string[]): Promise<WindowPart> {
    return partOf(await run(this.#portion, [`{${transactions.join(",")}}`]));
  }
}

/** Runs a statement. */
export type Run = (sql: string, params: readonly string[]) => Promise<TextRow[]>;

function bounds({ xmax, running }: Snapshot): string[] {
  return [String(xmax), `{${[...running].join(",")}}`];
}

function partOf([head, ...rows]: readonly TextRow[]): WindowPart {
  const [, now, removed, fits, , layouts] = head ?? [];
  const found = new Map<string, LogEntry[]>();
  for (const [id, xid = "", rel, depth, kind, olds = null, news = null] of rows) {
    const entry = {
      id: Number(id),
      xid: xid ?? "",
      rel: rel ?? "",
      depth: Number(depth),
      kind: kind ?? "",
      olds,
      news,
    };
    const list = found.get(entry.xid);
    if (list) list.push(entry);
    else found.set(entry.xid, [entry]);
  }
  return {
    now: parseSnapshot(now ?? "") ?? neverSnapshot,
    removed: typeof removed === "string" ? parseSnapshot(removed) : undefined,
    transactions: fits === "true" ? inOrderOfLast(found) : undefined,
    layouts: parseLayouts(layouts ?? null),
  };
}

const neverSnapshot: Snapshot = { text: "", xmax: 0, running: new Set() };

function inOrderOfLast(found: Map<string, LogEntry[]>): Map<string, LogEntry[]> {
  const last = (entries: readonly LogEntry[]) => entries.at(-1)?.id ?? 0;
  return new Map([...found].sort(([, a], [, b]) => last(a) - last(b)));
}

/** Takes as many transactions as are read at once. */
export function* portionsOf(written: readonly Written[]): Generator<Written[]> {
  let portion: Written[] = [];
  let entries = 0;
  let bytes = 0;
  for (const each of written) {
    entries += each.entries;
    bytes += each.bytes;
    if (portion.length > 0 && (entries > mostEntries || bytes > mostBytes)) {
      yield portion;
      portion = [];
      entries = each.entries;
      bytes = each.bytes;
    }
    portion.push(each);
  }
  if (portion.length > 0) yield portion;
}

/** Where a window begins and ends. */
export interface WindowBounds {
  /** What positions begin with. */
  readonly epoch: string;
  /** What was had before. */
  readonly from: Snapshot;
  /** What is had afterwards. */
  readonly to: Snapshot;
}

/** Makes the batches of what was read; transactions that changed nothing are left out. */
export function batchesOf(
  { transactions = new Map(), layouts, now }: WindowPart,
  { epoch, from, to }: WindowBounds,
): ChangeBatch[] {
  const unchanged = new Map<string, boolean>();
  const readable = (layout: Layout): boolean => {
    const found = unchanged.get(layout.rel) ?? unchangedSince(layout, from, now);
    unchanged.set(layout.rel, found);
    return found;
  };
  const batches: ChangeBatch[] = [];
  for (const [transaction, entries] of transactions) {
    const { changes, unseen } = changesOf(entries, layouts, readable);
    if (changes.length === 0 && unseen.length === 0) continue;
    batches.push({
      position: positionWithin(epoch, from, to, entries.at(-1)?.id ?? 0),
      transaction,
      changes,
      ...unseen.length > 0 && { unseen },
    });
  }
  return batches;
}
