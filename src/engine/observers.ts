/**
 * Who is told of statements: listeners, the log, and those that instrument the database. Costs one comparison a
 * statement while nobody is.
 *
 * @module
 */
import { Logger } from "../base/logger.ts";
import type { DriverRequest } from "../dialect/driver.ts";
import { CallSite } from "./call_site.ts";
import type { Instrumentation, InstrumentedDatabase, Observation } from "./instrumentation.ts";
import type { EngineOptions } from "./options.ts";
import { queryEvent, type QueryListener, type QueryOutcome } from "./query_event.ts";
import { logQuery } from "./query_log.ts";

const log = Logger.child("query");

/** The listeners of one engine. */
export class QueryObservers {
  readonly #listeners = new Set<{ readonly listener: QueryListener }>();
  readonly #options: EngineOptions;
  readonly #slow: number;
  readonly #instrumentations: readonly Instrumentation[];
  /** Whether nobody but the log can want to know. */
  #idle = true;

  /**
   * Starts with those that `options` names.
   *
   * @param database which database it is, for those that instrument it
   */
  constructor(options: EngineOptions, database: () => InstrumentedDatabase) {
    this.#options = options;
    this.#slow = options.slowQueryThreshold ?? Infinity;
    this.#instrumentations = (options.instrument ?? []).map((instrument) => instrument(database()));
    if (options.onQuery !== undefined) this.add(options.onQuery);
    this.#look();
  }

  /** Adds a listener; what is returned takes it away. */
  add(listener: QueryListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    this.#look();
    return () => {
      this.#listeners.delete(entry);
      this.#look();
    };
  }

  /** Watches a statement that is about to be sent; `undefined` when nobody wants to know. */
  begin(request: DriverRequest): Observation | undefined {
    if (this.#idle && !Logger.isEnabled("debug")) return undefined;
    const site = this.#options.captureCallers ? new CallSite() : undefined;
    const watching = this.#watch(request, site);
    const start = performance.now();
    return {
      succeeded: (rows) => {
        for (const each of watching) guarded(() => each.succeeded(rows));
        this.#tell(request, performance.now() - start, { rows }, site);
      },
      failed: (error) => {
        for (const each of watching) guarded(() => each.failed(error));
        this.#tell(request, performance.now() - start, { error }, site);
      },
    };
  }

  /** Runs a transaction, watched by those that want to know. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.#instrumentations.reduceRight<() => Promise<T>>(
      (inner, each) => () => each.transaction?.(inner) ?? inner(),
      work,
    )();
  }

  #look(): void {
    this.#idle = this.#listeners.size === 0 && this.#slow === Infinity &&
      this.#instrumentations.length === 0;
  }

  #watch(request: DriverRequest, site: CallSite | undefined): readonly Observation[] {
    const { sql, params, kind } = request;
    return this.#instrumentations.flatMap((each) =>
      guarded(() => each.statement({ sql, params, kind, site })) ?? []
    );
  }

  #tell(
    request: DriverRequest,
    duration: number,
    outcome: QueryOutcome,
    begun: CallSite | undefined,
  ): void {
    const slow = duration >= this.#slow;
    if (!slow && this.#listeners.size === 0 && !Logger.isEnabled("debug")) return;
    // Where a statement ended, the stack leads to its caller too: so only slow ones pay for it.
    const site = begun ?? (slow ? new CallSite() : undefined);
    const event = queryEvent(request, duration, outcome, site?.caller);
    logQuery(event, this.#options);
    for (const { listener } of [...this.#listeners]) guarded(() => listener(event));
  }
}

function guarded<T>(tell: () => T): T | undefined {
  try {
    return tell();
  } catch (error) {
    log.error("A query listener failed", { error });
    return undefined;
  }
}
