/**
 * Logging that is silent until the application says where records go.
 *
 * ```ts
 * import { consoleSink, Logger } from "@rex/orm";
 * Logger.configure({ level: "debug", sink: consoleSink() });
 * ```
 *
 * A record is plain data, so any logging library is one line away, LogTape for example:
 * `sink: (r) => getLogger(["rex", r.category])[r.level](r.message, r.data)`.
 *
 * @module
 */
import { visible } from "./visible.ts";

/** How important a record is, the least important first. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** One thing that was logged. Frozen. */
export interface LogRecord {
  /** When. */
  readonly time: Date;
  /** How important it is. */
  readonly level: LogLevel;
  /** Which part of the program tells it, such as `query`. */
  readonly category: string;
  /** What happened, for people. */
  readonly message: string;
  /** What happened, for programs. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Takes records. What it throws is reported on the console and never reaches the code that logs. */
export type LogSink = (record: LogRecord) => void;

/** What is logged, and where to. */
export interface LoggerOptions {
  /** The least important level that is logged. Default: `info`. */
  readonly level?: LogLevel;
  /** Where records go; without one nothing is logged. */
  readonly sink?: LogSink;
}

/** The part of a logger that writes. */
export interface CategoryLogger {
  /** Whether records of a level are taken: ask before making an expensive one. */
  isEnabled(level: LogLevel): boolean;
  /** Logs a detail for those who look for a fault. */
  debug(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** Logs an event of normal work. */
  info(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** Logs something that works but should not be so. */
  warn(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** Logs a failure. */
  error(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** A logger for a part of this part: its category is `category.name`. */
  child(name: string): CategoryLogger;
}

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const OFF = Infinity;
const NO_DATA: Readonly<Record<string, unknown>> = Object.freeze({});

let threshold = OFF;
let sink: LogSink | undefined;

function write(
  level: LogLevel,
  category: string,
  message: string,
  data: Readonly<Record<string, unknown>> = NO_DATA,
): void {
  if (RANKS[level] < threshold || sink === undefined) return;
  try {
    sink(Object.freeze({ time: new Date(), level, category, message, data }));
  } catch (error) {
    console.error("Rex-ORM: the log sink failed:", error);
  }
}

function loggerOf(category: string): CategoryLogger {
  return Object.freeze({
    isEnabled: (level: LogLevel) => RANKS[level] >= threshold,
    debug: (message, data) => write("debug", category, message, data),
    info: (message, data) => write("info", category, message, data),
    warn: (message, data) => write("warn", category, message, data),
    error: (message, data) => write("error", category, message, data),
    child: (name) => loggerOf(`${category}.${name}`),
  } as CategoryLogger);
}

/** The logger of the whole library: one per process, silent until {@linkcode Logger.configure}. */
export class Logger {
  private constructor() {}

  /**
   * Says what is logged and where to, in place of what was said before. `Logger.configure({})` silences it.
   *
   * @param options the level and the sink
   */
  static configure(options: LoggerOptions): void {
    sink = options.sink;
    threshold = sink === undefined ? OFF : RANKS[options.level ?? "info"];
  }

  /** Whether records of a level are taken. */
  static isEnabled(level: LogLevel): boolean {
    return RANKS[level] >= threshold;
  }

  /** Logs a detail for those who look for a fault. */
  static debug(message: string, data?: Readonly<Record<string, unknown>>): void {
    write("debug", "rex", message, data);
  }

  /** Logs an event of normal work. */
  static info(message: string, data?: Readonly<Record<string, unknown>>): void {
    write("info", "rex", message, data);
  }

  /** Logs something that works but should not be so. */
  static warn(message: string, data?: Readonly<Record<string, unknown>>): void {
    write("warn", "rex", message, data);
  }

  /** Logs a failure. */
  static error(message: string, data?: Readonly<Record<string, unknown>>): void {
    write("error", "rex", message, data);
  }

  /**
   * A logger for one part of the program.
   *
   * @param category the part's name, such as `query`
   */
  static child(category: string): CategoryLogger {
    return loggerOf(category);
  }
}

/** A sink that writes one line a record to the console. */
export function consoleSink(): LogSink {
  return ({ time, level, category, message, data }) => {
    const text = visible(`[${category}] ${message}`);
    const line = `${time.toISOString()} ${level.toUpperCase().padEnd(5)} ${text}`;
    if (Object.keys(data).length > 0) console[level](line, data);
    else console[level](line);
  };
}
