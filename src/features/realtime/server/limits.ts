/**
 * What a client may ask for, and what happens beyond it.
 *
 * @module
 */
import { ConfigError } from "../../../base/errors.ts";
import type { Rate } from "./token_bucket.ts";

/** Limits of a server. */
export interface RealtimeLimits {
  /** Connections in all; further ones are answered 503. Default: 10,000. */
  readonly connections: number;
  /** Connections of one network address; further ones are answered 429. Default: 1,000. */
  readonly perAddress: number;
  /** Connections of one user, where `authenticate` names users; further ones are closed with 4429. Default: 100. */
  readonly perUser: number;
  /** Subscriptions of a connection; further ones are refused with `limit`. Default: 256. */
  readonly subscriptions: number;
  /** The characters of a message; a longer one closes the connection with 1009. Default: 65,536. */
  readonly messageSize: number;
  /** Messages of a connection; more close it with 4429. Default: 50 a second, 600 at once. */
  readonly messages: Rate;
  /**
   * Writes of a connection, or by requests of a user (of an address, where users have no names); more are refused with
   * `limit`. Default: 20 a second, 100 at once.
   */
  readonly writes: Rate;
  /** Writes of a connection that wait for one another; more are refused with `limit`. Default: 64. */
  readonly waitingWrites: number;
  /** Bytes that wait for a client before its changes are merged. Default: 1 MiB. */
  readonly queue: number;
  /** The characters of a result as JSON; a subscription with a larger one ends with `limit`. Default: 8 Mi. */
  readonly resultSize: number;
}

/** The defaults. */
export const defaultLimits: RealtimeLimits = Object.freeze({
  connections: 10_000,
  perAddress: 1_000,
  perUser: 100,
  subscriptions: 256,
  messageSize: 65_536,
  messages: Object.freeze({ perSecond: 50, burst: 600 }),
  writes: Object.freeze({ perSecond: 20, burst: 100 }),
  waitingWrites: 64,
  queue: 1_048_576,
  resultSize: 8_388_608,
});

/**
 * The limits with what was left out filled in.
 *
 * @throws {ConfigError} for a limit that is no positive number
 */
export function limitsOf(given: Partial<RealtimeLimits> = {}): RealtimeLimits {
  const limits = { ...defaultLimits, ...given };
  for (const [name, value] of Object.entries(limits)) {
    const numbers = typeof value === "object" ? [value.perSecond, value.burst] : [value];
    if (!Object.hasOwn(defaultLimits, name) || !numbers.every((each) => each > 0)) {
      throw new ConfigError(`Cannot make a realtime server: bad limit ${name}`, {
        hint: `limits are positive numbers: ${Object.keys(defaultLimits).join(", ")}`,
      });
    }
  }
  return Object.freeze(limits);
}
