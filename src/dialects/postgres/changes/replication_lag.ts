/**
 * How much of the log a slot holds back, looked at now and then: a durable slot that nobody reads fills the disk.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import { Logger } from "../../../base/logger.ts";
import type { SourceConnection } from "../../../change/source.ts";

const pauseBetween = 10_000;
const log = Logger.child("feed");

interface Watch {
  readonly slot: string;
  cancel?: () => void;
}

/** Watches one slot while it is read. */
export class SlotLag {
  readonly #connection: SourceConnection;
  readonly #warning: number;
  #bytes: number | undefined;
  #status: string | undefined;
  #warned = false;
  #watch: Watch | undefined;

  /**
   * Prepares it; nothing is looked at yet.
   *
   * @param warning from how many bytes on a warning is logged
   */
  constructor(connection: SourceConnection, warning: number) {
    this.#connection = connection;
    this.#warning = warning;
  }

  /** Begins to watch a slot, in place of another. */
  start(slot: string): void {
    this.stop();
    this.#watch = { slot };
    void this.#look(this.#watch);
  }

  /** Ends it. */
  stop(): void {
    this.#watch?.cancel?.();
    this.#watch = undefined;
  }

  /** What was seen last. */
  stats(): Record<string, number | string> {
    return {
      ...(this.#bytes !== undefined && { lagBytes: this.#bytes }),
      ...(this.#status !== undefined && { walStatus: this.#status }),
    };
  }

  async #look(watch: Watch): Promise<void> {
    const { slot } = watch;
    try {
      const { rows: [row] } = await this.#connection.execute<{ bytes: string; status: string }>(
        `SELECT greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::text AS bytes,
           wal_status AS status FROM pg_replication_slots WHERE slot_name = $1`,
        [slot],
      );
      if (row) this.#saw(slot, Number(row.bytes), row.status);
    } catch (error) {
      log.debug("The slot's lag could not be read", { slot, error });
    }
    if (this.#watch !== watch) return;
    watch.cancel = inBackground(() => void this.#look(watch), pauseBetween);
  }

  #saw(slot: string, bytes: number, status: string): void {
    this.#bytes = bytes;
    this.#status = status;
    const tooMuch = bytes >= this.#warning;
    if (tooMuch && !this.#warned) {
      log.warn("The replication slot holds back much of the server's log", {
        slot,
        bytes,
        status,
      });
    }
    this.#warned = tooMuch;
  }
}
