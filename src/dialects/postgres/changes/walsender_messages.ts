/**
 * Messages of the replication protocol that are more than a few bytes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { ConnectionError } from "../../../base/errors.ts";

/** From the epoch of the world to that of PostgreSQL, in milliseconds. */
const epoch = 946_684_800_000;

/** The end of the stream, and of the connection. */
export const farewell: Buffer = Buffer.from([0x63, 0, 0, 0, 4, 0x58, 0, 0, 0, 4]);

/** A statement. */
export function queryMessage(sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`);
  const head = Buffer.alloc(5);
  head[0] = 0x51;
  head.writeUInt32BE(text.length + 4, 1);
  return Buffer.concat([head, text]);
}

/**
 * Tells the server how far the log came and is acknowledged.
 *
 * @param answer whether the server is to answer
 */
export function statusMessage(received: number, confirmed: number, answer: boolean): Buffer {
  const message = Buffer.alloc(39);
  message[0] = 0x64;
  message.writeUInt32BE(38, 1);
  message[5] = 0x72;
  putUint64(message, 6, received);
  putUint64(message, 14, confirmed);
  putUint64(message, 22, confirmed);
  putUint64(message, 30, (Date.now() - epoch) * 1000);
  if (answer) message[38] = 1;
  return message;
}

function putUint64(buffer: Buffer, at: number, value: number): void {
  buffer.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  buffer.writeUInt32BE(value % 2 ** 32, at + 4);
}

/** The fields of an error, as the driver has them. */
export function serverError(buffer: Buffer, at: number, end: number): Error & { code?: string } {
  const fields: Record<string, string> = {};
  while (at < end && buffer[at] !== 0) {
    const stop = buffer.indexOf(0, at + 1);
    fields[String.fromCharCode(buffer[at]!)] = buffer.toString("utf8", at + 1, stop);
    at = stop + 1;
  }
  return Object.assign(new Error(fields.M), {
    severity: fields.V ?? fields.S,
    code: fields.C,
    detail: fields.D,
    hint: fields.H,
  });
}

/** The reader begins again after it, as after a connection that broke. */
export function streamError(cause: Error): ConnectionError {
  const databaseCode = (cause as { databaseCode?: string }).databaseCode;
  return new ConnectionError(
    "Cannot follow changes: the server ended the stream",
    undefined,
    undefined,
    { cause, databaseCode },
  );
}
