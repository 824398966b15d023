/**
 * The stacks of statements, and of the calls that led to them.
 *
 * A statement that is sent at once has its caller on its stack. One that is sent after an `await` inside the
 * library has only whoever waits for it, which may be another function, further out. So repositories and
 * instances take the stack when they are called, and what they send later has it from there.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { callerOf, framesOf, type QueryCaller } from "./caller.ts";

/** As many frames as pass through the library, with room for the frameworks around the user's code. */
const DEPTH = 60;

/** The call of the library that is under way. */
const calls = new AsyncLocalStorage<CallSite | undefined>();
/** The databases whose callers are wanted. */
const scopes = new WeakSet<object>();

/** A stack. Reading it costs ten times what taking it does, so it is read only when somebody asks. */
export class CallSite {
  readonly #holder: { readonly stack?: string } = {};
  readonly #call: CallSite | undefined = calls.getStore();
  readonly #method: string | undefined;
  #caller: QueryCaller | null | undefined;

  /** Takes the stack of whoever makes it, or whoever calls `method`. */
  constructor(method?: string) {
    this.#method = method;
    const limits = Error as { stackTraceLimit?: number };
    const before = limits.stackTraceLimit;
    limits.stackTraceLimit = DEPTH;
    Error.captureStackTrace(this.#holder, CallSite);
    limits.stackTraceLimit = before;
  }

  /** Whether the runtime's HTTP server began this run of code: then it continues nothing that was before. */
  get dispatched(): boolean {
    const [synchronous = ""] = (this.#holder.stack ?? "").split("\n    at async ", 1);
    return synchronous.includes("(ext:deno_http/");
  }

  /** Where it came from; `undefined` where the stack does not tell. */
  get caller(): QueryCaller | undefined {
    if (this.#caller === undefined) this.#caller = this.#find() ?? null;
    return this.#caller ?? undefined;
  }

  #find(): QueryCaller | undefined {
    const frames = framesOf(this.#holder.stack ?? "");
    const place = callerOf(frames.filter(({ waits }) => !waits));
    if (place !== undefined && this.#method !== undefined) {
      return Object.freeze({ ...place, method: this.#method });
    }
    const call = this.#call?.caller;
    // User code inside a call, such as a hook, is nearer than the call.
    if (place !== undefined && (call?.line !== place.line || call.file !== place.file)) {
      return place;
    }
    return call ?? callerOf(frames);
  }
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
  const before = calls.getStore();
  calls.enterWith(new CallSite(method));
  try {
    return work();
  } finally {
    calls.enterWith(before);
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
