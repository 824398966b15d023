/**
 * Who a client is, and for how long.
 *
 * @module
 */

/** A client that is known. */
export interface Authenticated<Context> {
  /** What policies are given. */
  readonly context: Context;
  /** Names the user, for the limit of connections. */
  readonly user?: string;
  /** Until when; the client is asked for a new token before. Left out: until it goes. */
  readonly expiresAt?: Date | number;
}

/**
 * Tells who a client is. The token comes from the header `Authorization: Bearer …`, from `?token=…` or from an
 * `auth` message; cookies are in the request. `null`: the client is refused.
 *
 * It is called again for each `auth` message, and every `recheck` milliseconds.
 */
export type Authenticate<Context> = (
  request: Request,
  token: string | undefined,
) => Authenticated<Context> | null | Promise<Authenticated<Context> | null>;

/** The token that came with a request. */
export function tokenOf(request: Request): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  return bearer ?? new URL(request.url).searchParams.get("token") ?? undefined;
}

/** The request as it is needed later: a runtime may take its own apart once it is answered. */
export function keptRequest(request: Request): Request {
  return new Request(request.url, { headers: new Headers(request.headers) });
}

/** The moment at which an authentication ends, in milliseconds since 1970. */
export function endOf({ expiresAt }: Authenticated<unknown>): number {
  return expiresAt === undefined ? Infinity : Number(expiresAt);
}
