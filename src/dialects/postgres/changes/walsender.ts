/**
 * One connection to the server in replication mode: statements first, then the stream.
 *
 * postgres.js greets the server (TLS, passwords) and runs the statements; for the stream its socket is taken over,
 * because it would hand out each message through a Node stream, and knows no acknowledgement.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Sql } from "postgres";
import { inBackground } from "../../../base/background_timer.ts";
import type { DatabaseConfig } from "../../../base/config.ts";
import { ConnectionError } from "../../../base/errors.ts";
import { type ConnectOptions, connectOptions } from "../connect_options.ts";
import { connectError, mapError } from "../errors.ts";
import { openSocket } from "../socket.ts";
import { type WireOptions, wireQuery } from "../wire.ts";
import { uint64 } from "./pgoutput.ts";
import { lineOf } from "./replication_position.ts";
import {
  farewell,
  queryMessage,
  serverError,
  statusMessage,
  streamError,
} from "./walsender_messages.ts";

/** Takes what the stream sends. What it throws ends the stream. */
export interface StreamListener {
  /** A message of the plugin begins at `at`; the buffer is valid during the call. */
  message(buffer: Buffer, at: number): void;
  /** The server has read its log up to `end`, and sent all that was before. */
  reached(end: number): void;
  /** All that had arrived was told. */
  settled(): void;
  /** The stream ended; nothing is told after that. */
  ended(error: Error): void;
}

interface System {
  readonly systemid: string;
  readonly timeline: string;
}

const simple: WireOptions = Object.freeze({ prepare: false, simple: true });
/** What the values' text depends on, or would end a wait that has no limit, whatever the server's defaults are. */
const settings = Object.freeze({
  client_min_messages: "warning",
  replication: "database",
  bytea_output: "hex",
  statement_timeout: "0",
  lock_timeout: "0",
});
const missingPublication = "55000";
/** How often acknowledgements are sent at most, in milliseconds. */
const acknowledgePause = 50;

/** A connection in replication mode. */
export class Walsender {
  /** The server, and the line of its history. */
  readonly line: string;
  readonly #sql: Sql;
  readonly #target: string;
  readonly #socket: Socket;
  #streaming = false;
  #listener: StreamListener | undefined;
  #started: PromiseWithResolvers<void> | undefined;
  #refused: Error | undefined;
  #parts: Buffer[] = [];
  #missing = 0;
  #received = 0;
  #confirmed = 0;
  #sent = 0;
  #lastStatus = 0;
  #heard = 0;
  #interval = 10_000;
  #cancelBeat: (() => void) | undefined;
  #cancelStatus: (() => void) | undefined;
  #closed = false;
  #paused = false;

  private constructor(sql: Sql, target: string, socket: Socket, line: string) {
    this.line = line;
    this.#sql = sql;
    this.#target = target;
    this.#socket = socket;
  }

  /**
   * Connects.
   *
   * @param signal ends the wait
   * @throws {ConnectionError} when that fails
   */
  static async open(config: DatabaseConfig, signal: AbortSignal): Promise<Walsender> {
    const { default: postgres } = await import("postgres");
    const { options, address, target } = connectOptions(config);
    let socket: Socket | undefined;
    const sql = postgres(
      {
        ...options,
        connection: { ...options.connection, ...settings },
        onnotice: () => {},
        socket: async () => {
          // It would open a connection that broke again, unasked.
          if (socket || signal.aborted) throw coded("CONNECTION_CLOSED");
          return socket = await openSocket(address);
        },
      } as unknown as ConnectOptions["options"],
    );
    const stop = () => socket?.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const [system] = await wireQuery(sql, "IDENTIFY_SYSTEM", [], simple) as unknown as System[];
      if (!system || !socket || signal.aborted) throw coded("CONNECTION_CLOSED");
      return new Walsender(sql, target, socket, lineOf(system.systemid, system.timeline));
    } catch (error) {
      socket?.destroy();
      throw connectError(error, target);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Runs a statement before the stream begins; rows are objects of text or null. */
  async query<Row = Record<string, string | null>>(sql: string): Promise<Row[]> {
    try {
      return [...await wireQuery(this.#sql, sql, [], simple)] as unknown as Row[];
    } catch (error) {
      throw mapError(error, sql);
    }
  }

  /** Sends, now and then, that this side is alive; the server ends a connection that it hears nothing of. */
  set patience(milliseconds: number) {
    this.#interval = milliseconds > 0 ? Math.max(500, Math.min(milliseconds / 3, 10_000)) : 10_000;
  }

  /**
   * Begins the stream. May be tried again when the server refused.
   *
   * @param from where it begins, which counts as acknowledged
   * @throws the server's refusal, mapped
   */
  async start(command: string, from: number, listener: StreamListener): Promise<void> {
    const socket = this.#takeSocket();
    this.#started = Promise.withResolvers();
    this.#listener = listener;
    this.#received = this.#confirmed = this.#sent = from;
    socket.write(queryMessage(command));
    await this.#started.promise;
    this.#heard = performance.now();
    this.#beat();
  }

  #takeSocket(): Socket {
    const socket = this.#socket;
    if (this.#closed || socket.destroyed) throw this.#broken();
    if (this.#streaming) return socket;
    this.#streaming = true;
    for (const event of ["data", "drain", "error", "close"]) socket.removeAllListeners(event);
    let failure: Error | undefined;
    socket.on("error", (error) => failure = error);
    socket.on("close", () => this.#end(failure && connectError(failure, this.#target)));
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    return socket;
  }

  /** Lets the server wait: what it has to send stays there. It is told on that this side is alive. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** Goes on after `pause()`. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Bytes of the log that came and are not acknowledged. */
  get unacknowledged(): number {
    return Math.max(0, this.#received - this.#confirmed);
  }

  /** Tells the server, soon, that nothing up to `end` is needed again. */
  confirm(end: number): void {
    if (end <= this.#confirmed) return;
    this.#confirmed = end;
    if (this.#received < end) this.#received = end;
    if (this.#cancelStatus !== undefined || this.#closed) return;
    const wait = this.#lastStatus + acknowledgePause - performance.now();
    if (wait <= 0) this.#status();
    else this.#cancelStatus = inBackground(() => this.#status(), wait);
  }

  /** Ends the connection, after a last acknowledgement; settles when it is closed. */
  async close(): Promise<void> {
    const socket = this.#socket;
    if (!this.#closed) {
      if (this.#streaming && this.#sent < this.#confirmed) this.#status();
      const streamed = this.#listener !== undefined && this.#started === undefined;
      this.#stop();
      // What is still on its way would keep the socket open.
      if (streamed && !socket.destroyed) {
        socket.resume();
        socket.end(farewell);
        const cancel = inBackground(() => socket.destroy(), 1000);
        socket.once("close", cancel);
      } else socket.destroy();
    }
    if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  }

  #stop(): void {
    this.#closed = true;
    this.#cancelBeat?.();
    this.#cancelStatus?.();
    this.#listener = undefined;
    this.#started?.reject(this.#broken());
    this.#started?.promise.catch(() => {});
    this.#parts = [];
  }

  #end(error: Error = this.#broken()): void {
    if (this.#closed) return;
    const listener = this.#listener;
    this.#started?.reject(error);
    this.#stop();
    listener?.ended(error);
    this.#socket.destroy();
  }

  #broken(): ConnectionError {
    return new ConnectionError(
      `Cannot follow changes: the connection is closed (${this.#target})`,
    );
  }

  #beat(): void {
    this.#cancelBeat = inBackground(() => {
      // Networks can break without a word: the server is asked to answer.
      if (!this.#paused && performance.now() - this.#heard > 3 * this.#interval) {
        return this.#end(connectError(coded("ETIMEDOUT"), this.#target));
      }
      if (this.#paused) this.#heard = performance.now();
      this.#status(!this.#paused);
      this.#beat();
    }, this.#interval);
  }

  #status(answer = false): void {
    this.#cancelStatus?.();
    this.#cancelStatus = undefined;
    if (this.#closed || this.#socket.destroyed) return;
    this.#socket.write(statusMessage(this.#received, this.#confirmed, answer));
    this.#sent = this.#confirmed;
    this.#lastStatus = performance.now();
  }

  /** Puts messages together that came in parts; a large one only once it is complete. */
  #take(chunk: Buffer): void {
    if (this.#closed) return;
    this.#heard = performance.now();
    if (this.#missing > chunk.length) {
      this.#parts.push(chunk);
      this.#missing -= chunk.length;
      return;
    }
    if (this.#parts.length > 0) {
      chunk = Buffer.concat([...this.#parts, chunk]);
      this.#parts = [];
      this.#missing = 0;
    }
    try {
      const at = this.#messages(chunk);
      if (at < chunk.length) this.#keep(chunk.subarray(at));
      if (!this.#closed) this.#listener?.settled();
    } catch (error) {
      this.#end(
        new ConnectionError(
          "Cannot follow changes: the stream cannot be read",
          undefined,
          undefined,
          { cause: error },
        ),
      );
    }
  }

  #keep(rest: Buffer): void {
    this.#parts = [rest];
    this.#missing = rest.length < 5 ? 1 : rest.readUInt32BE(1) + 1 - rest.length;
  }

  /** Takes all whole messages; returns where the rest begins. */
  #messages(chunk: Buffer): number {
    const { length } = chunk;
    let at = 0;
    while (length - at >= 5 && !this.#closed) {
      const next = at + 1 + (((chunk[at + 1]! << 24) | (chunk[at + 2]! << 16) |
        (chunk[at + 3]! << 8) | chunk[at + 4]!) >>> 0);
      if (next > length) break;
      if (chunk[at] === 0x64) this.#data(chunk, at + 5);
      else this.#control(chunk, at, next);
      at = next;
    }
    return at;
  }

  #data(chunk: Buffer, at: number): void {
    const kind = chunk[at];
    if (kind === 0x77) {
      const end = uint64(chunk, at + 1);
      if (end > this.#received) this.#received = end;
      this.#listener?.message(chunk, at + 25);
    } else if (kind === 0x6b) {
      const end = uint64(chunk, at + 1);
      if (end > this.#received) this.#received = end;
      this.#listener?.reached(end);
      if (chunk[at + 17] === 1) this.#status();
    }
  }

  #control(chunk: Buffer, at: number, next: number): void {
    switch (chunk[at]) {
      case 0x57: // CopyBothResponse
        this.#refused = undefined;
        this.#started?.resolve();
        this.#started = undefined;
        break;
      case 0x45: { // ErrorResponse
        const error = mapError(serverError(chunk, at + 5, next));
        if (this.#started) this.#refused = error;
        else this.#end(error instanceof ConnectionError ? error : streamError(error));
        break;
      }
      case 0x4e: { // NoticeResponse
        const notice = serverError(chunk, at + 5, next);
        // The server goes on without a publication that is gone: it sends nothing, and would not be missed.
        if (notice.code === missingPublication) this.#end(streamError(mapError(notice)));
        break;
      }
      case 0x5a: // ReadyForQuery
        if (this.#refused) this.#started?.reject(this.#refused);
        this.#refused = undefined;
        break;
      case 0x63: // CopyDone: the server shuts down
        this.#end(
          new ConnectionError("Cannot follow changes: the server ended the stream"),
        );
        break;
    }
  }
}

function coded(code: string): Error {
  return Object.assign(new Error("the connection is closed"), { code });
}
