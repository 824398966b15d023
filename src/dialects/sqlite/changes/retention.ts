/**
 * Removes entries of the log that are old, or too many: little by little, so that no writer waits long.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import { Logger } from "../../../base/logger.ts";
import type { LogSourceOptions, SourceHost } from "../../../dialect/change_support.ts";
import type { LogState } from "./log_reader.ts";

/** So many entries are removed by one transaction. */
const portion = 1_000;
/** Milliseconds between two portions. */
const rest = 25;
/** Milliseconds between two looks at the age of entries, at most. */
const longestRound = 30_000;

const log = Logger.child("changes");

/** Shortens the log of one database, beside those that read it. */
export class LogRetention {
  readonly #host: SourceHost;
  readonly #maxAge: number;
  readonly #maxEntries: number;
  #next = 0;
  #working: Promise<void> | undefined;
  #callOff: (() => void) | undefined;

  /** Keeps what `options` say; one hour and a million entries by default. */
  constructor(host: SourceHost, options: LogSourceOptions = {}) {
    this.#host = host;
    this.#maxAge = options.maxAge ?? 3_600_000;
    this.#maxEntries = options.maxEntries ?? 1_000_000;
  }

  /** Looks whether something is to be removed, and does it without being waited for. */
  look({ floor, last }: LogState): void {
    if (this.#working || this.#callOff) return;
    const tooMany = last - floor > this.#maxEntries + Math.min(portion, this.#maxEntries / 10);
    if (!tooMany && Date.now() < this.#next) return;
    this.#next = Date.now() + Math.min(longestRound, this.#maxAge / 4);
    this.#working = this.#work();
  }

  /** Ends it; what is under way is waited for. */
  async stop(): Promise<void> {
    this.#callOff?.();
    this.#callOff = undefined;
    await this.#working;
  }

  async #work(): Promise<void> {
    let more = false;
    try {
      more = await this.#removePortion();
    } catch (error) {
      // The log grows until the next round: nobody has to wait for it.
      log.debug("Entries of the change log could not be removed", { error });
    }
    this.#working = undefined;
    if (!more) return;
    this.#callOff = inBackground(() => {
      this.#callOff = undefined;
      this.#working = this.#work();
    }, rest);
  }

  /** Gives whether there may be more. */
  #removePortion(): Promise<boolean> {
    return this.#host.transaction(async (connection) => {
      const { rows: [found] } = await connection.execute<{ upto: number | bigint | null }>(
        "SELECT max(c.id) AS upto FROM (SELECT max(id) AS last FROM _rex_changes) l, " +
          `(SELECT id, time FROM _rex_changes ORDER BY id LIMIT ${portion}) c ` +
          "WHERE c.id < l.last AND (c.time < $1 OR c.id <= l.last - $2)",
        [Date.now() - this.#maxAge, this.#maxEntries],
      );
      if (found?.upto == null) return false;
      const upto = Number(found.upto);
      await connection.execute("UPDATE _rex_changes_state SET floor = $1 WHERE floor < $1", [upto]);
      await connection.execute("DELETE FROM _rex_changes WHERE id <= $1", [upto]);
      return true;
    });
  }
}
