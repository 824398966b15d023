/**
 * The sockets that postgres.js speaks through.
 *
 * @module
 */
import { Socket } from "node:net";

/** Where a socket leads. */
export interface Address {
  /** The host's name, or the folder of a Unix socket. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** How many milliseconds connecting may take. */
  readonly timeout: number;
}

/** Opens a socket; rejects with the platform's error, or one of code `CONNECT_TIMEOUT`. */
export function openSocket({ host, port, timeout }: Address): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () =>
        fail(Object.assign(new Error("the server did not answer"), { code: "CONNECT_TIMEOUT" })),
      timeout,
    );
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeListener("error", fail);
      // postgres.js reads the host to check the server's certificate.
      resolve(Object.assign(socket, { host, port }));
    });
    if (host.startsWith("/")) socket.connect(`${host}/.s.PGSQL.${port}`);
    else socket.connect(port, host);
  });
}
