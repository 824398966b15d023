/**
 * Carries the changes of a database into a broker.
 *
 * @module
 */
import { pause } from "../../../base/abort.ts";
import { ConfigError, ConnectionError } from "../../../base/errors.ts";
import { Logger } from "../../../base/logger.ts";
import type { ChangeSource } from "../../../change/source.ts";
import type { ChangeBroker } from "./broker.ts";
import { packStep, readHeader } from "./message.ts";

/** Figures of a relay. */
export interface RelayStats {
  /** The broker's name. */
  readonly broker: string;
  /** Where it is: everything up to there is stored in the broker. */
  readonly position: string | undefined;
  /** Batches relayed. */
  readonly batches: number;
  /** How often it began again. */
  readonly reconnects: number;
}

const shortestPause = 50;
const longestPause = 10_000;
const log = Logger.child("relay");

/**
 * Reads a source and appends what it tells to a broker. A step is acknowledged to the source once the broker has
 * stored it; a relay that starts again goes on where the stream ends. Run one for each stream; a second one (while the
 * first is being replaced) does no harm, since readers leave out what they have.
 */
export class ChangeRelay implements AsyncDisposable {
  readonly #source: ChangeSource;
  readonly #broker: ChangeBroker;
  readonly #end = new AbortController();
  #running: Promise<void> | undefined;
  #position: string | undefined;
  #batches = 0;
  #reconnects = 0;

  /**
   * Makes a relay; `start()` begins.
   *
   * @throws {ConfigError} for a source whose values only this process can read
   */
  constructor(source: ChangeSource, broker: ChangeBroker) {
    if (source.form === "value") {
      throw new ConfigError(
        `Cannot relay the source ${source.name}: it tells what this process writes, and nothing else`,
        { hint: 'use the source "log" or "replication"' },
      );
    }
    this.#source = source;
    this.#broker = broker;
  }

  /**
   * Begins; resolves when readers of the broker can begin too.
   *
   * @throws what keeps the source or the broker from being used
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#running !== undefined) return resolve();
      this.#running = this.#run(resolve, (error) => {
        this.#running = undefined;
        reject(error);
      });
    });
  }

  /** Figures since it was made. */
  stats(): RelayStats {
    return Object.freeze({
      broker: this.#broker.name,
      position: this.#position,
      batches: this.#batches,
      reconnects: this.#reconnects,
    });
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#end.abort(new ConnectionError("Cannot relay changes: the relay is closed"));
    await this.#running;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(started: () => void, failed: (error: unknown) => void): Promise<void> {
    const { signal } = this.#end;
    let begun = false;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        for await (const _ of this.#relay(signal)) {
          failures = 0;
          begun = true;
          started();
        }
      } catch (error) {
        if (signal.aborted) break;
        if (!begun) return failed(error);
        log.warn("Changes cannot be relayed: trying again", { broker: this.#broker.name, error });
      }
      this.#reconnects++;
      const longest = Math.min(shortestPause * 2 ** failures, longestPause);
      await pause(longest * (0.5 + Math.random() / 2), signal).catch(() => {});
    }
    if (!begun) failed(signal.reason);
  }

  /** Relays from where the stream ends; a turn for each step that is stored. */
  async *#relay(signal: AbortSignal): AsyncGenerator<void, void, undefined> {
    const source = this.#source;
    const last = await this.#broker.last();
    const after = last ? readHeader(last).at ?? undefined : undefined;
    let before = after ?? null;
    let first = true;
    for await (const step of source.read({ signal, ...after !== undefined && { after } })) {
      const moved = step.batches.length > 0 || step.reset !== undefined;
      // The first tells readers where the stream begins; positions that only moved on are told with the next change.
      if (moved || (first && before === null)) {
        for (
          const text of packStep({ ...step, before, form: source.form }, this.#broker.maxBytes)
        ) {
          await this.#broker.append(text);
        }
        before = step.position;
      }
      first = false;
      this.#position = step.position;
      this.#batches += step.batches.length;
      yield;
    }
  }
}
