/**
 * The stacks of statements, and of the calls that led to them.
 *
 * A statement that is sent at once has its caller on its stack. One that is sent after an `await` inside the
 * library has only whoever waits for it, which may be another function, further out. So repositories and
 * instances take the stack when they are called, and what they send later has it from there.
 *
 * @module
 */
import { FlowValue } from "../base/flow_value.ts";
import { callerOf, framesOf, type QueryCaller } from "./caller.ts";

/** As many frames as pass through the library, with room for the frameworks around the user's code. */
const DEPTH = 60;
/** The user's code is next to its call. */
const DEPTH_OF_CALL = 8;

/** The call of the library that is under way. */
const calls = new FlowValue<CallSite | undefined>();
/** The databases whose callers are wanted. */
const scopes = new WeakSet<object>();

/** A stack. Reading it costs ten times what taking it does, so it is read only when somebody asks. */
export class CallSite {
  readonly #stack: () => string;
  readonly #call: CallSite | undefined = calls.get();
  readonly #method: string | undefined;
  #caller: QueryCaller | null | undefined;

  /** Takes the stack of whoever makes it, or of whoever calls `method`; a call under way stands for what it sends. */
  constructor(method?: string) {
    this.#method = method;
    this.#stack = method === undefined && this.#call !== undefined
      ? () => ""
      : takeStack(CallSite, method === undefined ? DEPTH : DEPTH_OF_CALL);
  }

  /** Where it came from; `undefined` where the stack does not tell. */
  get caller(): QueryCaller | undefined {
    if (this.#caller === undefined) this.#caller = this.#find() ?? null;
    return this.#caller ?? undefined;
  }

  #find(): QueryCaller | undefined {
    if (this.#method === undefined && this.#call !== undefined) return this.#call.caller;
    const frames = framesOf(this.#stack());
    const place = callerOf(frames.filter(({ waits }) => !waits)) ?? callerOf(frames);
    if (place === undefined || this.#method === undefined) return place;
    return Object.freeze({ ...place, method: this.#method });
  }
}

/** Takes the stack above a function; what is returned reads it. */
function takeStack(above: abstract new () => unknown, depth: number): () => string {
  const holder: { readonly stack?: string } = {};
  withErrors({ stackTraceLimit: depth }, () => Error.captureStackTrace(holder, above));
  return () => holder.stack ?? "";
}

/** What V8 lets programs set. */
interface ErrorSettings {
  stackTraceLimit?: number;
  prepareStackTrace?: (error: unknown, frames: readonly RawFrame[]) => unknown;
}

/** A frame as V8 has it, without the places in the source. */
interface RawFrame {
  getFileName(): string | null;
  isAsync(): boolean;
}

/** Runs `work` with other settings of errors. */
function withErrors(settings: ErrorSettings, work: () => void): void {
  const errors = Error as unknown as ErrorSettings;
  const { stackTraceLimit, prepareStackTrace } = errors;
  try {
    Object.assign(errors, settings);
    work();
  } finally {
    Object.assign(errors, { stackTraceLimit, prepareStackTrace });
  }
}

/**
 * Whether Deno's HTTP server has just called this run of code: then it continues nothing that was before. Looks at
 * raw frames, which cost a tenth of a text.
 */
export function isDispatched(): boolean {
  if (!("Deno" in globalThis)) return false;
  const holder: { readonly stack?: unknown } = {};
  let dispatched = false;
  const prepareStackTrace: ErrorSettings["prepareStackTrace"] = (_, frames) => {
    dispatched = frames.some((frame) =>
      !frame.isAsync() && (frame.getFileName() ?? "").startsWith("ext:deno_http/")
    );
  };
  withErrors({ stackTraceLimit: DEPTH, prepareStackTrace }, () => {
    Error.captureStackTrace(holder);
    void holder.stack;
  });
  return dispatched;
}

/** Wants the callers of a database's statements. */
export function captureCallers(scope: object): void {
  scopes.add(scope);
}

/**
 * Does `work` in the name of whoever calls; only that, where the callers of the database are not wanted.
 *
 * @param method what was called
 */
export function called<T>(scope: object, method: string, work: () => T): T {
  if (!scopes.has(scope)) return work();
  // Not `run`: it would take back what `work` enters, such as the caller's transaction.
  const before = calls.get();
  calls.enter(new CallSite(method));
  try {
    return work();
  } finally {
    calls.enter(before);
  }
}

/** The same object, whose methods are done in the name of whoever calls them. */
export function withCallers<T extends object>(scope: object, target: T): T {
  if (!scopes.has(scope)) return target;
  return new Proxy(target, {
    get: (_, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function" || name === "constructor") return member;
      return (...args: unknown[]) => called(scope, String(name), () => member.apply(target, args));
    },
  });
}
