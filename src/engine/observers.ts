/**
 * Who is told of statements: listeners and the log. Costs one comparison a statement while nobody is.
 *
 * @module
 */
import { Logger } from "../base/logger.ts";
import type { DriverRequest } from "../dialect/driver.ts";
import type { EngineOptions } from "./options.ts";
import { type QueryEvent, queryEvent, type QueryListener } from "./query_event.ts";
import { logQuery } from "./query_log.ts";

/** A statement that is watched. */
export interface Observation {
  /** It gave or changed so many rows. */
  succeeded(rows: number): void;
  /** It failed. */
  failed(error: unknown): void;
}

const log = Logger.child("query");

/** The listeners of one engine. */
export class QueryObservers {
  readonly #listeners = new Set<{ readonly listener: QueryListener }>();
  readonly #options: EngineOptions;

  /** Starts with the listener of `options`, where there is one. */
  constructor(options: EngineOptions) {
    this.#options = options;
    if (options.onQuery !== undefined) this.add(options.onQuery);
  }

  /** Adds a listener; what is returned takes it away. */
  add(listener: QueryListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Watches a statement that is about to be sent; `undefined` when nobody wants to know. */
  begin(request: DriverRequest): Observation | undefined {
    if (
      this.#listeners.size === 0 && this.#options.slowQueryThreshold === undefined &&
      !Logger.isEnabled("debug")
    ) return undefined;
    const start = performance.now();
    return {
      succeeded: (rows) => this.#tell(queryEvent(request, performance.now() - start, { rows })),
      failed: (error) => this.#tell(queryEvent(request, performance.now() - start, { error })),
    };
  }

  #tell(event: QueryEvent): void {
    logQuery(event, this.#options);
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        log.error("A query listener failed", { error });
      }
    }
  }
}
