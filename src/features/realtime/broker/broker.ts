/**
 * The seam to a message broker: an ordered, durable list of texts that many processes read.
 *
 * @module
 */

/** One entry of a broker's stream. */
export interface BrokerEntry {
  /** Where in the stream it is; opaque. */
  readonly sequence: string;
  /** What was appended. */
  readonly text: string;
}

/** How a stream is read. */
export interface BrokerReadOptions {
  /** The entry after which to begin; left out: at the first one that is kept. */
  readonly after?: string;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/** A stream in a broker. Entries are kept in order, and removed from its beginning when it grows too long or old. */
export interface ChangeBroker {
  /** What it is called in messages. */
  readonly name: string;
  /** The most bytes that an entry may have. */
  readonly maxBytes: number;
  /** Appends an entry; resolves when the broker has stored it. */
  append(text: string): Promise<void>;
  /** The newest entry; nothing where the stream is empty. */
  last(): Promise<BrokerEntry | undefined>;
  /**
   * Gives entries as they come, until the signal ends it. Throws when the connection fails. Entries that were removed
   * before they were read are left out silently: whoever reads notices by what is in them.
   */
  read(options: BrokerReadOptions): AsyncIterable<readonly BrokerEntry[]>;
}
