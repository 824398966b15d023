/**
 * OpenTelemetry: a span for each statement and transaction, and how long statements take, by the stable
 * conventions for databases.
 *
 * ```ts ignore
 * import * as api from "@opentelemetry/api";
 * import { SQLiteAdapter } from "@rex/orm";
 * import { telemetry } from "@rex/orm/otel";
 *
 * const db = new SQLiteAdapter("blog.db", { instrument: [telemetry(api)] });
 * ```
 *
 * Spans go wherever the application's OpenTelemetry sends them; in Deno `OTEL_DENO=true` is all that it takes. A
 * statement is a child of the span that is active where it was called: the request's, or the transaction's.
 *
 * @module
 */
import type {
  Instrument,
  Instrumentation,
  InstrumentedDatabase,
  Observation,
  WatchedStatement,
} from "../../engine/instrumentation.ts";
import type { Attributes, Histogram, Span, TelemetryApi, Tracer } from "./api.ts";
import {
  databaseAttributes,
  errorAttributes,
  parameterAttributes,
  StatementDescriber,
} from "./attributes.ts";

export type * from "./api.ts";

/** What is told to OpenTelemetry. */
export interface TelemetryOptions {
  /** Tell parameter values too, as `db.query.parameter.0` and so on. Default: `false`. */
  readonly parameters?: boolean;
  /** The name of the tracer and the meter. Default: `@rex/orm`. */
  readonly name?: string;
}

/** `SpanKind` and `SpanStatusCode` of the API, whose numbers are part of its contract. */
const INTERNAL = 0;
const CLIENT = 2;
const ERROR = 2;

const TRANSACTION = "transaction";
/** The convention's, in seconds. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/**
 * Makes an option `instrument` of a database out of OpenTelemetry's API.
 *
 * @param api what `import * as api from "@opentelemetry/api"` gives
 * @param options what is told
 */
export function telemetry(api: TelemetryApi, options: TelemetryOptions = {}): Instrument {
  return (database) => new Telemetry(api, database, options);
}

class Telemetry implements Instrumentation {
  readonly #api: TelemetryApi;
  readonly #options: TelemetryOptions;
  readonly #tracer: Tracer;
  readonly #durations: Histogram;
  readonly #database: Attributes;
  readonly #describer: StatementDescriber;

  constructor(api: TelemetryApi, database: InstrumentedDatabase, options: TelemetryOptions) {
    const { name = "@rex/orm" } = options;
    this.#api = api;
    this.#options = options;
    this.#tracer = api.trace.getTracer(name);
    this.#durations = api.metrics.getMeter(name).createHistogram("db.client.operation.duration", {
      description: "Duration of database client operations.",
      unit: "s",
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    this.#database = databaseAttributes(database);
    this.#describer = new StatementDescriber(this.#database);
  }

  statement(statement: WatchedStatement): Observation {
    const { summary, attributes, sanitized } = this.#describer.describe(statement);
    const { sql, kind, params, site } = statement;
    const span = this.#tracer.startSpan(summary, {
      kind: CLIENT,
      attributes: {
        ...attributes,
        "db.query.text": kind === "unknown" && params.length === 0 ? sanitized : sql,
        ...this.#options.parameters ? parameterAttributes(params) : {},
      },
    });
    const caller = span.isRecording() ? site?.caller : undefined;
    if (caller !== undefined) {
      span.setAttributes({ "code.file.path": caller.file, "code.line.number": caller.line });
    }
    const start = performance.now();
    const ended = (failure: Attributes) => {
      span.end();
      const seconds = (performance.now() - start) / 1000;
      this.#durations.record(seconds, { ...attributes, ...failure });
    };
    return {
      succeeded: (rows) => {
        if (kind === "read" || /^\s*SELECT\b/i.test(sql)) {
          span.setAttributes({ "db.response.returned_rows": rows });
        }
        ended({});
      },
      failed: (error) => ended(fail(span, error)),
    };
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const { trace, context } = this.#api;
    const span = this.#tracer.startSpan(TRANSACTION, {
      kind: INTERNAL,
      attributes: this.#database,
    });
    try {
      return await context.with(trace.setSpan(context.active(), span), work);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }
}

/** Marks a span as failed. Messages of databases quote values, so only codes are told. */
function fail(span: Span, error: unknown): Attributes {
  const attributes = errorAttributes(error);
  span.setAttributes(attributes);
  span.setStatus({ code: ERROR });
  return attributes;
}
