/**
 * The sockets that postgres.js speaks through. TLS is begun here, not there: it would go on where the server has
 * none, and check the certificate of an address for the name `localhost`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { isIP, Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";

/** How a connection is encrypted. */
export interface Encryption {
  /** Whether a server without TLS is refused. */
  readonly mandatory: boolean;
  /** The options of the platform's TLS socket. */
  readonly options: ConnectionOptions;
}

/** Where a socket leads. */
export interface Address {
  /** The host's name, or the folder of a Unix socket. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** How many milliseconds connecting may take. */
  readonly timeout: number;
  /** How it is encrypted; `undefined`: not at all. */
  readonly encryption: Encryption | undefined;
}

/** PostgreSQL's request for TLS: its length and a code. */
const request = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const yes = "S".charCodeAt(0);
const no = "N".charCodeAt(0);

/**
 * Opens a socket; rejects with the platform's error, or one of code `CONNECT_TIMEOUT`, `TLS_UNAVAILABLE` or
 * `TLS_FAILED`.
 */
export async function openSocket(address: Address): Promise<Socket> {
  const socket = new Socket();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  socket.on("error", reject);
  const onClose = () => reject(coded("CONNECTION_CLOSED", "the server closed the connection"));
  socket.on("close", onClose);
  const late = coded("CONNECT_TIMEOUT", "the server did not answer");
  const timer = setTimeout(() => reject(late), address.timeout);
  try {
    const open = await Promise.race([connect(socket, address), failed]);
    // postgres.js names them in its errors.
    return Object.assign(open, { host: address.host, port: address.port });
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    socket.removeListener("error", reject);
    socket.removeListener("close", onClose);
  }
}

async function connect(socket: Socket, { host, port, encryption }: Address): Promise<Socket> {
  const isFolder = host.startsWith("/");
  const connected = new Promise<void>((resolve) => socket.once("connect", resolve));
  if (isFolder) socket.connect(`${host}/.s.PGSQL.${port}`);
  else socket.connect(port, host);
  await connected;
  if (encryption === undefined || isFolder) return socket;
  // The many small messages of a handshake would each wait for the last one's receipt.
  socket.setNoDelay(true);
  const answer = new Promise<Buffer>((resolve) => socket.once("data", resolve));
  socket.write(request);
  const bytes = await answer;
  // What comes behind the answer nobody has vouched for: an intruder may have put it there.
  if (bytes.length === 1 && bytes[0] === yes) return await encrypted(socket, host, encryption);
  if (bytes.length === 1 && bytes[0] === no && !encryption.mandatory) return socket;
  throw coded("TLS_UNAVAILABLE", "the server does not offer TLS");
}

async function encrypted(socket: Socket, host: string, encryption: Encryption): Promise<Socket> {
  const tls = await import("node:tls");
  const name = isIP(host) ? { host } : { host, servername: host };
  return await new Promise((resolve, reject) => {
    const secure = tls.connect({ ...name, ...encryption.options, socket });
    const fail = (cause: Error) => reject(coded("TLS_FAILED", cause.message, cause));
    secure.once("error", fail);
    secure.once("secureConnect", () => {
      secure.removeListener("error", fail);
      resolve(secure);
    });
  });
}

function coded(code: string, message: string, cause?: Error): Error {
  return Object.assign(new Error(message, { cause }), { code });
}
