/**
 * The slot that a stream is read from.
 *
 * @module
 */
import { pause } from "../../../base/abort.ts";
import { ConfigError, UnsupportedError } from "../../../base/errors.ts";
import { Logger } from "../../../base/logger.ts";
import { lsnText, parseLsn, parsePosition, positionText } from "./replication_position.ts";
import { explained } from "./replication_errors.ts";
import { identifier, literal, makePublication } from "./replication_publication.ts";
import type { Walsender } from "./walsender.ts";

/** Names of what is on the server. */
export interface ReplicationNames {
  /** The durable slot; left out: one of the connection alone. */
  readonly slot: string | undefined;
  /** The publication. */
  readonly publication: string;
}

/** Where a stream begins. */
export interface StreamStart {
  /** The slot's name. */
  readonly slot: string;
  /** From where the server is to send. */
  readonly from: number;
  /** Where the reader is then. */
  readonly position: string;
  /** Why changes before that are lost. */
  readonly reset?: string;
  /** The number of a recent transaction, with its epoch. */
  readonly xid: number;
  /** The schema of tables that are named without one. */
  readonly defaultSchema: string | undefined;
}

interface Server extends Pick<StreamStart, "xid" | "defaultSchema"> {
  readonly end: number;
  readonly version: number;
}

interface Slot {
  readonly database: string | null;
  readonly here: string;
  readonly plugin: string | null;
  readonly confirmed: string | null;
  readonly status: string | null;
}

type Texts<T> = { readonly [K in keyof T]: string | null };

const log = Logger.child("feed");
/** A transaction is in the log for so many milliseconds at most before others see it, unless it waits for a standby. */
const commitTime = 1000;
const standbyTime = 30_000;

/** Checks the name of a slot. @throws {ConfigError} when the server would refuse it */
export function checkSlotName(name: string | undefined): void {
  if (name === undefined || /^[a-z0-9_]{1,63}$/.test(name)) return;
  throw new ConfigError("Cannot follow changes: the name of the slot cannot be used", {
    hint: "use at most 63 of the characters a-z, 0-9 and _",
  });
}

/**
 * Makes publication and slot where they are missing, and says where the stream begins.
 *
 * @param after where the reader is; `undefined`: it begins at what is committed from now on
 * @param remake whether the slot is known to be of no use
 * @throws {UnsupportedError} when the server is not set up for it
 */
export async function prepareStream(
  walsender: Walsender,
  names: ReplicationNames,
  after: string | undefined,
  remake: boolean,
): Promise<StreamStart> {
  const server = await checkServer(walsender);
  const { xid, defaultSchema } = server;
  const known = { xid, defaultSchema };
  const made = await makePublication(walsender, names.publication, server.version);
  const found = names.slot === undefined ? undefined : await findSlot(walsender, names.slot);
  if (names.slot === undefined || found === undefined) {
    const slot = names.slot ?? `rex_${crypto.randomUUID().replaceAll("-", "")}`;
    const from = await makeSlot(walsender, slot, names.slot === undefined);
    const why = names.slot === undefined
      ? "the connection broke, and with it went its slot"
      : "the slot was gone";
    return {
      slot,
      from,
      ...known,
      position: positionText(walsender.line, from),
      ...(after && { reset: why }),
    };
  }
  const slot = names.slot;
  const unusable = found.status === "lost"
    ? "the slot had lost its log"
    : made
    ? "the slot was older than the publication"
    : remake
    ? "the slot could not be read any more"
    : undefined;
  if (unusable !== undefined) {
    const from = await remakeSlot(walsender, slot);
    return {
      slot,
      from,
      ...known,
      position: positionText(walsender.line, from),
      ...(after && { reset: unusable }),
    };
  }
  const confirmed = found.confirmed === null ? 0 : parseLsn(found.confirmed);
  return { slot, ...known, ...resumption(walsender.line, after, confirmed, server.end) };
}

/** Where a reader goes on in a slot that is there. */
function resumption(
  line: string,
  after: string | undefined,
  confirmed: number,
  end: number,
): Pick<StreamStart, "from" | "position" | "reset"> {
  const now = Math.max(confirmed, end);
  if (after === undefined) return { from: now, position: positionText(line, now) };
  const place = parsePosition(after);
  const reset = !place
    ? "the position is none of this source"
    : place.line !== line
    ? "the position is of another server, or of another line of its history"
    : place.floor < confirmed
    ? "the slot has moved on"
    : place.floor > now
    ? "the server's log ends before the position"
    : undefined;
  if (reset !== undefined) return { from: now, position: positionText(line, now), reset };
  return { from: place!.floor, position: after };
}

/** Makes the slot again: what the old one would have told is lost. Returns where it begins. */
async function remakeSlot(walsender: Walsender, slot: string): Promise<number> {
  log.warn("The replication slot is made anew", { slot });
  await walsender.query(`SELECT pg_drop_replication_slot(${literal(slot)})`);
  return await makeSlot(walsender, slot, false);
}

async function makeSlot(walsender: Walsender, slot: string, temporary: boolean): Promise<number> {
  const waiting = setTimeout(() => {
    log.warn("The replication slot waits for the end of transactions that are under way", { slot });
  }, 5000);
  try {
    const [row] = await walsender.query<{ lsn: string }>(
      `SELECT lsn FROM pg_create_logical_replication_slot(${
        literal(slot)
      }, 'pgoutput', ${temporary})`,
    );
    return parseLsn(row!.lsn);
  } catch (error) {
    throw explained(error);
  } finally {
    clearTimeout(waiting);
  }
}

async function checkServer(walsender: Walsender): Promise<Server> {
  const [row] = await walsender.query<{ version: string; level: string; standby: string }>(
    `SELECT current_setting('server_version_num') AS version, current_setting('wal_level') AS level,
       pg_is_in_recovery()::text AS standby`,
  );
  const { version, level, standby } = row!;
  if (level !== "logical") {
    throw new UnsupportedError(
      `Cannot follow changes: the server's wal_level is ${level}, which has no rows in the log`,
      {
        hint:
          'run ALTER SYSTEM SET wal_level = logical, and restart the server; or use the source "log"',
      },
    );
  }
  if (Number(version) < 130_000) {
    throw new UnsupportedError("Cannot follow changes: the server is older than PostgreSQL 13");
  }
  if (standby === "true") {
    throw new UnsupportedError("Cannot follow changes: the server is a standby", {
      hint: "follow the server that takes writes",
    });
  }
  const [now] = await walsender.query<
    { end: string; xid: string; schema: string | null; patience: string }
  >(
    `SELECT pg_current_wal_flush_lsn()::text AS end, pg_snapshot_xmax(pg_current_snapshot())::text AS xid,
       current_schema() AS schema,
       (SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout') AS patience`,
  );
  walsender.patience = Number(now!.patience);
  return {
    end: parseLsn(now!.end),
    xid: Number(now!.xid),
    version: Number(version),
    defaultSchema: now!.schema ?? undefined,
  };
}

async function findSlot(walsender: Walsender, name: string): Promise<Slot | undefined> {
  const [slot] = await walsender.query<Slot>(
    `SELECT database, current_database() AS here, plugin, confirmed_flush_lsn::text AS confirmed,
       wal_status AS status FROM pg_replication_slots WHERE slot_name = ${literal(name)}`,
  );
  if (slot && (slot.database !== slot.here || slot.plugin !== "pgoutput")) {
    throw new ConfigError(
      `Cannot follow changes: the slot ${name} is there for something else`,
      { hint: "choose another name for the slot" },
    );
  }
  return slot;
}

/**
 * Waits until every transaction is visible that was committed in the log before now. A reader that begins here is told
 * none of them, so a snapshot taken later has to show them all.
 */
export async function settleCommits(walsender: Walsender, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  let open: Set<string> | undefined;
  for (;;) {
    const rows = await walsender.query<Texts<{ xid: string; busy: string; standby: string }>>(
      `SELECT l.transactionid::text AS xid,
         (coalesce(a.state, '') NOT LIKE 'idle in transaction%')::text AS busy,
         coalesce(a.wait_event = 'SyncRep', false)::text AS standby
       FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted`,
    );
    const busy = rows.filter(({ busy, xid }) => busy === "true" && (open?.has(xid!) ?? true));
    open = new Set(busy.map(({ xid }) => xid!));
    const waited = performance.now() - started;
    const limit = busy.some(({ standby }) => standby === "true") ? standbyTime : commitTime;
    if (open.size === 0 || waited > limit) return;
    await pause(5, signal);
  }
}

/** The statement that begins the stream. */
export function startCommand(
  { slot, from }: Pick<StreamStart, "slot" | "from">,
  publication: string,
): string {
  const names = literal(identifier(publication));
  return `START_REPLICATION SLOT ${slot} LOGICAL ${
    lsnText(from)
  } (proto_version '1', publication_names ${names})`;
}
