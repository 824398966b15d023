/**
 * The part of the OpenTelemetry API that is used here. `@opentelemetry/api` 1.x has it; it is passed in, so that
 * this library depends on no version of it and loads none.
 *
 * @module
 */

/** The value of an attribute. */
export type AttributeValue = string | number | boolean;

/** What is told of a span or a measurement. */
export type Attributes = Record<string, AttributeValue>;

/** One operation in a trace. */
export interface Span {
  /** Adds attributes. */
  setAttributes(attributes: Attributes): unknown;
  /** Says how it ended. */
  setStatus(status: { code: number; message?: string }): unknown;
  /** Whether anybody records it. */
  isRecording(): boolean;
  /** Ends it. */
  end(): void;
}

/** What carries the active span. */
export interface Context {
  /** Reads a value of the context. */
  getValue(key: symbol): unknown;
}

/** Makes spans. */
export interface Tracer {
  /** Begins a span; its parent is the active one. */
  startSpan(name: string, options?: { kind?: number; attributes?: Attributes }): Span;
}

/** Takes durations. */
export interface Histogram {
  /** Adds a value. */
  record(value: number, attributes?: Attributes): void;
}

/** Makes instruments that measure. */
export interface Meter {
  /** Makes a histogram. */
  createHistogram(name: string, options?: {
    description?: string;
    unit?: string;
    advice?: { explicitBucketBoundaries?: number[] };
  }): Histogram;
}

/** The API, as `import * as api from "@opentelemetry/api"` gives it. */
export interface TelemetryApi {
  /** Traces. */
  readonly trace: {
    /** A tracer of the provider that is registered. */
    getTracer(name: string, version?: string): Tracer;
    /** A context in which a span is the active one. */
    setSpan(context: Context, span: Span): Context;
  };
  /** Metrics. */
  readonly metrics: {
    /** A meter of the provider that is registered. */
    getMeter(name: string, version?: string): Meter;
  };
  /** What is active. */
  readonly context: {
    /** The active context. */
    active(): Context;
    /** Runs `work` in a context. */
    with<T>(context: Context, work: () => T): T;
  };
}
