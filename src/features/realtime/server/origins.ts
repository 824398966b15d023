/**
 * Which pages may talk to the server.
 *
 * @module
 */

/**
 * Which origins are allowed beside the server's own: a list such as `["https://app.example.org"]`, `"*"` for all, or
 * a function.
 */
export type AllowedOrigins =
  | readonly string[]
  | "*"
  | ((origin: string, request: Request) => boolean);

/**
 * Whether the page that sent a request may do so. Programs that are no browser send no origin, and are let in: what
 * they may see is up to authentication.
 */
export function isAllowedOrigin(request: Request, allowed: AllowedOrigins | undefined): boolean {
  const origin = request.headers.get("origin");
  if (origin === null) return request.headers.get("sec-fetch-site") !== "cross-site";
  if (allowed === "*") return true;
  if (typeof allowed === "function") return allowed(origin, request);
  return (allowed?.includes(origin) ?? false) || isOwn(origin, request);
}

/** A proxy may end TLS, so that only host and port are compared. */
function isOwn(origin: string, request: Request): boolean {
  const host = request.headers.get("host") ?? new URL(request.url).host;
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** The headers that let a page of another, allowed origin read an answer. */
export function crossOriginHeaders(request: Request): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === null || isOwn(origin, request)) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "authorization, content-type, last-event-id",
    "access-control-allow-methods": "GET, POST",
    "vary": "origin",
  };
}
