/**
 * What the server's plugin `pgoutput` sends: rows of whole transactions, after their commit and in its order.
 *
 * Protocol version 1, text values. The server tells a table's columns before its first row and whenever they changed.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { RowChange, RowImage } from "../../../change/source.ts";

/** A transaction that was committed. */
export interface CommittedTransaction {
  /** The end of its commit in the write-ahead log. */
  readonly end: number;
  /** Its number, with its epoch, as `pg_current_xact_id()` has it. */
  readonly xid: number;
  /** When it was committed, in milliseconds since 1970. */
  readonly time: number;
  /** Its rows, in order. */
  readonly changes: readonly RowChange[];
}

interface Relation {
  /** The table, and its schema where that has to be said. */
  readonly name: { readonly schema?: string; readonly table: string };
  readonly columns: readonly string[];
  /** Which columns the old row of an update or delete identifies it by. */
  readonly keys: readonly boolean[];
}

type Row = Record<string, string | null>;

const two32 = 2 ** 32;
/** From the epoch of PostgreSQL, 2000-01-01, to that of the world, in milliseconds. */
const epoch = 946_684_800_000;

const begin = 0x42; // B
const commit = 0x43; // C
const relation = 0x52; // R
const inserted = 0x49; // I
const updated = 0x55; // U
const deleted = 0x44; // D
const truncated = 0x54; // T
const key = 0x4b; // K
const old = 0x4f; // O
const isNull = 0x6e; // n
const isText = 0x74; // t
const isUnchanged = 0x75; // u

/** Reads the messages of one stream. */
export class PgoutputDecoder {
  readonly #relations = new Map<number, Relation>();
  readonly #defaultSchema: string | undefined;
  #xid: number;
  #changes: RowChange[] = [];
  #open = false;
  #buffer!: Buffer;
  #at = 0;

  /**
   * Begins with a stream.
   *
   * @param xid the number of a recent transaction, with its epoch: the stream has only the lower half of each
   * @param defaultSchema the schema of tables that are named without one
   */
  constructor(xid: number, defaultSchema: string | undefined) {
    this.#xid = xid;
    this.#defaultSchema = defaultSchema;
  }

  /** Whether a transaction has begun whose end has not come. */
  get inTransaction(): boolean {
    return this.#open;
  }

  /** How many rows of that transaction have come. */
  get pending(): number {
    return this.#changes.length;
  }

  /**
   * Reads the message that begins at `at`.
   *
   * @returns the transaction that it ends; `undefined`: none
   */
  read(buffer: Buffer, at: number): CommittedTransaction | undefined {
    this.#buffer = buffer;
    this.#at = at + 1;
    switch (buffer[at]) {
      case begin:
        this.#begin();
        break;
      case commit:
        return this.#commit();
      case relation:
        this.#relation();
        break;
      case inserted:
        this.#insert();
        break;
      case updated:
        this.#update();
        break;
      case deleted:
        this.#delete();
        break;
      case truncated:
        this.#truncate();
        break;
        // Types, origins and messages of programs change no row.
    }
    return undefined;
  }

  #begin(): void {
    // The transactions of a stream are of one time: the nearest number is the right one.
    const low = this.#buffer.readUInt32BE(this.#at + 16);
    this.#xid += (low - this.#xid % two32) | 0;
    this.#changes = [];
    this.#open = true;
  }

  #commit(): CommittedTransaction {
    const buffer = this.#buffer;
    const end = uint64(buffer, this.#at + 9);
    const time = Math.floor(uint64(buffer, this.#at + 17) / 1000) + epoch;
    const changes = this.#changes;
    this.#changes = [];
    this.#open = false;
    return { end, xid: this.#xid, time, changes };
  }

  #relation(): void {
    const oid = this.#uint32();
    const schema = this.#name() || "pg_catalog";
    const table = this.#name();
    this.#at++; // the replica identity: the flags of the columns say more
    const count = this.#uint16();
    const columns: string[] = [];
    const keys: boolean[] = [];
    for (let i = 0; i < count; i++) {
      keys.push((this.#buffer[this.#at++]! & 1) === 1);
      columns.push(this.#name());
      this.#at += 8; // type and modifier
    }
    const name = schema === this.#defaultSchema ? { table } : { schema, table };
    this.#relations.set(oid, { name, columns, keys });
  }

  #insert(): void {
    const { name, columns } = this.#known();
    this.#at++;
    const after = this.#row(columns, undefined, undefined);
    this.#changes.push({ ...name, kind: "insert", after });
  }

  #update(): void {
    const { name, columns, keys } = this.#known();
    const before = this.#before(columns, keys);
    this.#at++;
    const after = this.#row(columns, undefined, before);
    this.#changes.push(
      before ? { ...name, kind: "update", before, after } : { ...name, kind: "update", after },
    );
  }

  #delete(): void {
    const { name, columns, keys } = this.#known();
    const before = this.#before(columns, keys);
    this.#changes.push({ ...name, kind: "delete", ...(before && { before }) });
  }

  #truncate(): void {
    const count = this.#uint32();
    this.#at++;
    for (let i = 0; i < count; i++) {
      const { name } = this.#known();
      this.#changes.push({ ...name, kind: "truncate" });
    }
  }

  /** The old row, where there is one: its key alone, or all of it. */
  #before(columns: readonly string[], keys: readonly boolean[]): Row | undefined {
    const kind = this.#buffer[this.#at];
    if (kind !== key && kind !== old) return undefined;
    this.#at++;
    return this.#row(columns, kind === key ? keys : undefined, undefined);
  }

  /**
   * Reads a row.
   *
   * @param known which columns of it are known; left out: all
   * @param before has values that the server did not send again
   */
  #row(
    columns: readonly string[],
    known: readonly boolean[] | undefined,
    before: Row | undefined,
  ): Row {
    const count = this.#uint16();
    const row: Row = {};
    for (let i = 0; i < count; i++) {
      const column = columns[i]!;
      const kind = this.#buffer[this.#at++];
      if (kind === isText) {
        const length = this.#uint32();
        const text = this.#text(length);
        if (column === "__proto__") setProto(row, text);
        else row[column] = text;
      } else if (kind === isNull) {
        // Of a key alone the server sends the other columns as NULL, which they need not be.
        if (known && !known[i]) continue;
        if (column === "__proto__") setProto(row, null);
        else row[column] = null;
      } else if (kind === isUnchanged) {
        if (before && Object.hasOwn(before, column)) row[column] = before[column]!;
      } else {
        throw new TypeError(`a value of the form ${kind} came`);
      }
    }
    return row;
  }

  #known(): Relation {
    const oid = this.#uint32();
    const found = this.#relations.get(oid);
    if (found) return found;
    throw new TypeError(`a row of a table came that was not told before (${oid})`);
  }

  #uint16(): number {
    const at = this.#at;
    this.#at = at + 2;
    return this.#buffer[at]! << 8 | this.#buffer[at + 1]!;
  }

  #uint32(): number {
    const buffer = this.#buffer;
    const at = this.#at;
    this.#at = at + 4;
    return ((buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) |
      buffer[at + 3]!) >>> 0;
  }

  #name(): string {
    const end = this.#buffer.indexOf(0, this.#at);
    const text = this.#buffer.toString("utf8", this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #text(length: number): string {
    const at = this.#at;
    const buffer = this.#buffer;
    this.#at = at + length;
    // A call into the runtime costs more than a few characters.
    if (length <= 6) {
      let text = "";
      let i = at;
      for (; i < this.#at; i++) {
        const code = buffer[i]!;
        if (code > 127) break;
        text += String.fromCharCode(code);
      }
      if (i === this.#at) return text;
    }
    return buffer.toString("utf8", at, this.#at);
  }
}

/** A plain assignment would set the row's prototype. */
function setProto(row: RowImage, value: string | null): void {
  Object.defineProperty(row, "__proto__", {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Reads a number of 64 bits; exact below 2^53, which a log reaches after eight petabytes. */
export function uint64(buffer: Buffer, at: number): number {
  return buffer.readUInt32BE(at) * two32 + buffer.readUInt32BE(at + 4);
}
