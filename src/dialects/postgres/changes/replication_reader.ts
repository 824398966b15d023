/**
 * One reading of the stream: what came and was not asked for yet, within bounds.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import type { Buffer } from "node:buffer";
import type { ChangeBatch, SourceStep } from "../../../change/source.ts";
import { type CommittedTransaction, PgoutputDecoder } from "./pgoutput.ts";
import {
  parsePosition,
  positionText,
  replicationPositions,
  type ToldTransactions,
} from "./replication_position.ts";
import type { StreamStart } from "./replication_slot.ts";
import type { StreamListener, Walsender } from "./walsender.ts";

/** How often it is told at most that only the position moved on, in milliseconds. */
const progressPause = 100;

/** Collects whole transactions from the stream until they are asked for. */
export class ReplicationReader implements StreamListener {
  readonly #walsender: Walsender;
  readonly #line: string;
  readonly #decoder: PgoutputDecoder;
  readonly #told: ToldTransactions;
  readonly #buffer: number;
  readonly #after: string;
  readonly #afterEnd: number;
  #batches: ChangeBatch[] = [];
  #waiting = 0;
  /** Up to where the log is known. */
  #end: number;
  /** Up to where it was handed out. */
  #given: number;
  #lastGiven = performance.now();
  #cancelProgress: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  #closed = false;

  /**
   * Begins.
   *
   * @param start where: what a reader at its position has had is not told again
   * @param buffer how many changes may wait
   */
  constructor(walsender: Walsender, told: ToldTransactions, start: StreamStart, buffer: number) {
    this.#walsender = walsender;
    this.#line = walsender.line;
    this.#told = told;
    this.#decoder = new PgoutputDecoder(start.xid, start.defaultSchema);
    this.#buffer = buffer;
    const after = this.#after = start.position;
    const place = parsePosition(after);
    this.#afterEnd = place?.end ?? 0;
    this.#end = this.#given = place?.floor ?? 0;
  }

  /** A message of the plugin. */
  message(buffer: Buffer, at: number): void {
    const transaction = this.#decoder.read(buffer, at);
    if (transaction) this.#add(transaction);
  }

  #add({ end, xid, time, changes }: CommittedTransaction): void {
    const position = positionText(this.#line, end);
    const transaction = String(xid);
    // After a break the server begins at what was acknowledged last, which can be before what was told.
    const isOld = end <= this.#afterEnd &&
      replicationPositions.has(this.#after, { position, transaction });
    if (end > this.#end) this.#end = end;
    if (isOld) return;
    if (changes.length === 0) return this.#told.moved(end);
    this.#told.add(xid, end);
    this.#batches.push({ position, transaction, time, changes });
    this.#waiting += changes.length;
  }

  /** The server has read the log up to here. */
  reached(end: number): void {
    if (this.#decoder.inTransaction || end <= this.#end) return;
    this.#end = end;
    this.#told.moved(end);
  }

  /** All that had arrived was taken in. */
  settled(): void {
    if (this.#waiting > 0) {
      if (this.#waiting + this.#decoder.pending >= this.#buffer) this.#walsender.pause();
      this.#wake?.();
    } else if (this.#end > this.#given) this.#progress();
  }

  #progress(): void {
    if (this.#cancelProgress || !this.#wake) return;
    const wait = this.#lastGiven + progressPause - performance.now();
    if (wait <= 0) this.#wake();
    else {
      this.#cancelProgress = inBackground(() => {
        this.#cancelProgress = undefined;
        this.#wake?.();
      }, wait);
    }
  }

  /** The stream ended. What came before is told first. */
  ended(error: Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  /** Nothing more is asked for. */
  close(): void {
    this.#closed = true;
    this.#cancelProgress?.();
    this.#batches = [];
    this.#wake?.();
  }

  /**
   * The next step; asking for it acknowledges the one before.
   *
   * @returns `undefined` when it was closed
   * @throws {ConnectionError} when the connection broke
   */
  async next(): Promise<SourceStep | undefined> {
    this.#walsender.confirm(this.#given);
    while (!this.#closed) {
      if (this.#waiting > 0) return this.#give();
      if (this.#failure) throw this.#failure;
      const due = performance.now() - this.#lastGiven >= progressPause;
      if (this.#end > this.#given && due) return this.#give();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#end > this.#given) this.#progress();
      });
      this.#wake = undefined;
    }
    return undefined;
  }

  #give(): SourceStep {
    this.#cancelProgress?.();
    this.#cancelProgress = undefined;
    const batches = this.#batches;
    this.#batches = [];
    this.#waiting = 0;
    this.#given = this.#end;
    this.#lastGiven = performance.now();
    this.#walsender.resume();
    return { batches, position: positionText(this.#line, this.#given) };
  }
}
