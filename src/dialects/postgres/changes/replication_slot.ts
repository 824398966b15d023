/**
 * The slot and the publication that a stream is read from.
 *
 * @module
 */
import { pause } from "../../../base/abort.ts";
import {
  ConfigError,
  ConnectionError,
  DatabaseError,
  UnsupportedError,
} from "../../../base/errors.ts";
import { Logger } from "../../../base/logger.ts";
import { lsnText, parseLsn, parsePosition, positionText } from "./replication_position.ts";
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
}

interface Server {
  readonly end: number;
  readonly xid: number;
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

/** Checks the name of a publication. @throws {ConfigError} when the server could not have it */
export function checkPublicationName(name: string): void {
  const { length } = new TextEncoder().encode(name);
  if (length > 0 && length <= 63 && !name.includes("\0")) return;
  throw new ConfigError("Cannot follow changes: the name of the publication cannot be used", {
    hint: "use 1 to 63 bytes",
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
  const { xid } = server;
  const made = await makePublication(walsender, names.publication, server.version);
  const found = names.slot === undefined ? undefined : await findSlot(walsender, names.slot);
  if (names.slot === undefined || found === undefined) {
    const slot = names.slot ?? `rex_${crypto.randomUUID().replaceAll("-", "")}`;
    const from = await makeSlot(walsender, slot, names.slot === undefined);
    const why = names.slot === undefined
      ? "the connection broke, and with it went its slot"
      : "the slot was gone";
    return { slot, from, xid, position: positionText(from), ...(after && { reset: why }) };
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
    return { slot, from, xid, position: positionText(from), ...(after && { reset: unusable }) };
  }
  const confirmed = found.confirmed === null ? 0 : parseLsn(found.confirmed);
  return { slot, xid, ...resumption(after, confirmed, server.end) };
}

/** Where a reader goes on in a slot that is there. */
function resumption(
  after: string | undefined,
  confirmed: number,
  end: number,
): Pick<StreamStart, "from" | "position" | "reset"> {
  const now = Math.max(confirmed, end);
  if (after === undefined) return { from: now, position: positionText(now) };
  const place = parsePosition(after);
  const reset = !place
    ? "the position is none of this source"
    : place.floor < confirmed
    ? "the slot has moved on"
    : place.floor > now
    ? "the server's log ends before the position"
    : undefined;
  if (reset !== undefined) return { from: now, position: positionText(now), reset };
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
  const [now] = await walsender.query<{ end: string; xid: string; patience: string }>(
    `SELECT pg_current_wal_flush_lsn()::text AS end, pg_snapshot_xmax(pg_current_snapshot())::text AS xid,
       (SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout') AS patience`,
  );
  walsender.patience = Number(now!.patience);
  return { end: parseLsn(now!.end), xid: Number(now!.xid), version: Number(version) };
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

/** Makes the publication where it is missing; returns whether it was. */
async function makePublication(
  walsender: Walsender,
  name: string,
  version: number,
): Promise<boolean> {
  const [found] = await walsender.query(
    `SELECT 1 AS found FROM pg_publication WHERE pubname = ${literal(name)}`,
  );
  if (found) return false;
  await refuseTablesWithoutIdentity(walsender, name);
  const generated = version >= 180_000 ? ", publish_generated_columns = stored" : "";
  try {
    await walsender.query(
      `CREATE PUBLICATION ${
        identifier(name)
      } FOR ALL TABLES WITH (publish_via_partition_root = true${generated})`,
    );
  } catch (error) {
    const code = codeOf(error);
    if (code === "42710" || code === "23505") return false; // another process made it meanwhile
    if (code !== "42501") throw error;
    throw new UnsupportedError(
      `Cannot follow changes: there is no publication ${name}, and only a superuser may make one for all tables`,
      {
        cause: error,
        hint: `as superuser, run CREATE PUBLICATION ${
          identifier(name)
        } FOR ALL TABLES; or as owner of the tables, FOR TABLE with their names`,
      },
    );
  }
  return true;
}

/** Once its changes are published, the server refuses updates and deletes of such a table, whoever makes them. */
async function refuseTablesWithoutIdentity(walsender: Walsender, name: string): Promise<void> {
  const tables = await walsender.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.oid >= 16384
       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND (c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (
         SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
     ORDER BY 1 LIMIT 6`,
  );
  if (tables.length === 0) return;
  const names = tables.slice(0, 5).map((each) => each.name).join(", ");
  const more = tables.length > 5 ? " and others" : "";
  throw new UnsupportedError(
    `Cannot follow changes: ${names}${more} have no primary key, so that with a publication for all tables the server would refuse their updates and deletes`,
    {
      hint:
        `give them a primary key, or run ALTER TABLE … REPLICA IDENTITY FULL, or make the publication yourself: CREATE PUBLICATION ${
          identifier(name)
        } FOR TABLE with the names of the tables to follow`,
    },
  );
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

/** Why a stream did not begin or ended: another reads the slot, or nobody can any more; else it may be tried again. */
export function refusal(error: unknown): "active" | "lost" | undefined {
  switch (codeOf(error)) {
    case "55006":
      return "active";
    case "42704": // the publication was not there when a change was made
    case "55000": // neither, or the slot was invalidated
    case "58P01": // the log was removed
      return "lost";
  }
  return undefined;
}

/** Turns what the server refuses for its settings into an error that says so. */
export function explained(error: unknown): unknown {
  const code = codeOf(error);
  if (code === "42501") {
    return new UnsupportedError("Cannot follow changes: the user may not replicate", {
      cause: error,
      hint: "as superuser, run ALTER ROLE … REPLICATION for the user of the configuration",
    });
  }
  if (code === "53400") {
    return new UnsupportedError("Cannot follow changes: all replication slots are in use", {
      cause: error,
      hint: "raise the server's max_replication_slots, or drop a slot that nobody reads",
    });
  }
  if (code === "53300") {
    return new ConnectionError(
      "Cannot follow changes: the server has no connection left for it",
      undefined,
      undefined,
      {
        cause: error,
        databaseCode: code,
        hint: "raise the server's max_wal_senders or max_connections",
      },
    );
  }
  return error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.databaseCode : undefined;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
