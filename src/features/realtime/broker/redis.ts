/**
 * A stream of Redis (5 or newer) as a broker.
 *
 * @module
 */
import { ConnectionError } from "../../../base/errors.ts";
import type { BrokerEntry, BrokerReadOptions, ChangeBroker } from "./broker.ts";

/** What is used of a client of `npm:redis`. */
export interface RedisClient {
  /** Appends an entry. */
  xAdd(
    key: string,
    id: string,
    message: Record<string, string>,
    options?: {
      TRIM?: { strategy?: "MAXLEN"; strategyModifier?: "~"; threshold: number };
    },
  ): Promise<unknown>;
  /** Reads from the end. */
  xRevRange(
    key: string,
    end: string,
    start: string,
    options?: { COUNT?: number },
  ): Promise<unknown>;
  /** Waits for entries. */
  xRead(
    streams: { key: string; id: string },
    options?: { COUNT?: number; BLOCK?: number },
  ): Promise<unknown>;
  /** A further connection, which is not open yet. */
  duplicate(): RedisClient;
  /** Opens the connection. */
  connect(): Promise<unknown>;
  /** Closes it at once. */
  destroy(): void;
  /** Hears of errors: a client without a listener throws them into the void. */
  on(event: "error", listener: (error: unknown) => void): unknown;
}

/** Which stream. */
export interface RedisBrokerOptions {
  /** The stream's key. Default: `rex:changes`. */
  readonly stream?: string;
  /** About so many entries are kept. Default: 100,000. */
  readonly maxEntries?: number;
}

interface StreamMessage {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}

/** Entries are kept small, so that one does not hold up the others. */
const largestEntry = 1024 * 1024;
const entriesPerRead = 100;
/** Milliseconds that one command waits, so that a connection that died is noticed. */
const longestWait = 5_000;

/**
 * A stream of Redis as a broker. Redis stores it as durably as it is configured to: what it loses shows as a reset.
 *
 * ```ts ignore
 * import { createClient } from "npm:redis";
 * const client = await createClient({ url: "redis://127.0.0.1:6379" }).connect();
 * await db.feed({ source: "log", broker: redisBroker(client) });
 * ```
 *
 * @param client an open client of `npm:redis`; reading opens connections of its own like it
 */
export function redisBroker(client: RedisClient, options: RedisBrokerOptions = {}): ChangeBroker {
  const { stream = "rex:changes", maxEntries = 100_000 } = options;
  return {
    name: "redis",
    maxBytes: largestEntry,
    async append(text: string): Promise<void> {
      const TRIM = { strategy: "MAXLEN", strategyModifier: "~", threshold: maxEntries } as const;
      await client.xAdd(stream, "*", { step: text }, { TRIM });
    },
    async last(): Promise<BrokerEntry | undefined> {
      const [newest] = messagesOf(await client.xRevRange(stream, "+", "-", { COUNT: 1 }));
      return newest && entryOf(newest);
    },
    read: (reading) => readStream(client, stream, reading),
  };
}

/** Reads on a connection of its own, since the command that waits holds it. */
async function* readStream(
  client: RedisClient,
  key: string,
  { after = "0", signal }: BrokerReadOptions,
): AsyncGenerator<BrokerEntry[], void, undefined> {
  const reader = client.duplicate();
  reader.on("error", () => {}); // the command that waits is rejected too
  const stop = () => reader.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await reader.connect();
    for (let id = after; !signal.aborted;) {
      const answer = await reader.xRead({ key, id }, { COUNT: entriesPerRead, BLOCK: longestWait });
      const [found] = (answer ?? []) as { readonly messages: unknown }[];
      const entries = found ? messagesOf(found.messages).map(entryOf) : [];
      if (entries.length > 0) yield entries;
      id = entries.at(-1)?.sequence ?? id;
    }
  } catch (cause) {
    if (signal.aborted) return;
    throw new ConnectionError("Cannot read the stream of Redis", undefined, undefined, { cause });
  } finally {
    signal.removeEventListener("abort", stop);
    if (!signal.aborted) reader.destroy();
  }
}

function messagesOf(answer: unknown): readonly StreamMessage[] {
  return (answer ?? []) as readonly StreamMessage[];
}

function entryOf({ id, message }: StreamMessage): BrokerEntry {
  return { sequence: id, text: message.step ?? "" };
}
