/**
 * A stream of NATS JetStream as a broker.
 *
 * @module
 */
import { ConnectionError } from "../../../base/errors.ts";
import type { BrokerEntry, BrokerReadOptions, ChangeBroker } from "./broker.ts";

/** A message of JetStream. */
export interface JetStreamMessage {
  /** Its number in the stream. */
  readonly seq: number;
  /** Its text. */
  string(): string;
}

/** Messages as they come. */
export interface JetStreamMessages extends AsyncIterable<JetStreamMessage> {
  /** Ends them. */
  stop(): void;
}

/** What is used of `jetstream(connection)` of `npm:@nats-io/jetstream`. */
export interface JetStreamClient {
  /** Stores a message. */
  publish(subject: string, payload: string): Promise<unknown>;
  /** Consumers of a stream. */
  readonly consumers: {
    /** An ordered consumer, which the library makes anew when it breaks. */
    get(
      stream: string,
      options: { readonly opt_start_seq: number; readonly deliver_policy: "by_start_sequence" },
    ): Promise<{ consume(): Promise<JetStreamMessages> }>;
  };
}

/** What is used of `jetstreamManager(connection)`. */
export interface JetStreamManager {
  /** The streams. */
  readonly streams: {
    /** Makes a stream, or leaves one that is the same. */
    add(
      config: { name: string; subjects: string[]; max_age?: number; max_msgs?: number },
    ): Promise<unknown>;
    /** Reads one message. */
    getMessage(
      stream: string,
      query: { last_by_subj: string },
    ): Promise<{ readonly seq: number; string(): string } | null>;
  };
}

/** Which stream. */
export interface NatsBrokerOptions {
  /** The stream's name; its subject is the same with `.` for `_`. Default: `rex_changes`. */
  readonly stream?: string;
  /** At most so many entries are kept. Default: 100,000. */
  readonly maxEntries?: number;
  /** Entries are kept for so many milliseconds. Default: one hour. */
  readonly maxAge?: number;
}

const nanosecondsPerMillisecond = 1_000_000;
/** NATS takes a megabyte unless it is told otherwise; headers and protocol need some of it. */
const largestEntry = 900 * 1024;

/**
 * A stream of NATS JetStream as a broker; the stream is made when it is not there.
 *
 * ```ts ignore
 * import { connect } from "npm:@nats-io/transport-node";
 * import { jetstream, jetstreamManager } from "npm:@nats-io/jetstream";
 * const connection = await connect({ servers: "127.0.0.1:4222" });
 * const broker = await natsBroker(jetstream(connection), await jetstreamManager(connection));
 * await db.feed({ source: "log", broker });
 * ```
 */
export async function natsBroker(
  client: JetStreamClient,
  manager: JetStreamManager,
  options: NatsBrokerOptions = {},
): Promise<ChangeBroker> {
  const { stream = "rex_changes", maxEntries = 100_000, maxAge = 60 * 60_000 } = options;
  const subject = stream.replaceAll("_", ".");
  await manager.streams.add({
    name: stream,
    subjects: [subject],
    max_age: maxAge * nanosecondsPerMillisecond,
    max_msgs: maxEntries,
  });
  return {
    name: "nats",
    maxBytes: largestEntry,
    async append(text: string): Promise<void> {
      await client.publish(subject, text);
    },
    async last(): Promise<BrokerEntry | undefined> {
      const newest = await manager.streams.getMessage(stream, { last_by_subj: subject });
      return newest ? entryOf(newest) : undefined;
    },
    read: (reading) => readStream(client, stream, reading),
  };
}

async function* readStream(
  client: JetStreamClient,
  stream: string,
  { after = "0", signal }: BrokerReadOptions,
): AsyncGenerator<BrokerEntry[], void, undefined> {
  try {
    const consumer = await client.consumers.get(stream, {
      opt_start_seq: Number(after) + 1,
      deliver_policy: "by_start_sequence",
    });
    const messages = await consumer.consume();
    const stop = () => messages.stop();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      for await (const message of messages) yield [entryOf(message)];
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  } catch (cause) {
    if (signal.aborted) return;
    throw new ConnectionError("Cannot read the stream of NATS", undefined, undefined, { cause });
  }
}

function entryOf(message: { readonly seq: number; string(): string }): BrokerEntry {
  return { sequence: String(message.seq), text: message.string() };
}
