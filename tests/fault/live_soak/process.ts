/**
 * A process of its own: the server that clients are connected to, or a writer. Takes what it is to be as JSON, then a
 * line for each task, `{seed, count}`, and answers each with a line.
 *
 * @module
 */
import { TextLineStream } from "./lines.ts";
import { realtime } from "../../../src/features/realtime/mod.ts";
import { policies } from "./models.ts";
import { open, outsideWriter, type Place, rexWriter, type Writer } from "./writers.ts";

/** What a process is. */
export interface Role {
  readonly role: "server" | "rex" | "outside";
  readonly place: Place;
  /** What the server reads. */
  readonly source?: "process" | "log" | "replication";
  readonly slot?: string;
  readonly port?: number;
}

function tell(what: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
}

async function serve({ place, source = "process", slot, port = 0 }: Role): Promise<Writer> {
  const db = open(place);
  const feed = await db.feed({ source, ...slot && { replication: { slot } } });
  const server = realtime({
    db,
    policies,
    heartbeat: 400,
    authenticate: (_request, token) =>
      token === undefined ? null : { context: { tenant: Number(token) }, user: token },
    limits: {
      messages: { perSecond: 1_000, burst: 5_000 },
      writes: { perSecond: 500, burst: 1_000 },
    },
  });
  await feed.start();
  const http = Deno.serve(
    { port, hostname: "127.0.0.1", onListen: () => {} },
    (request, info) => server.handle(request, info),
  );
  tell({ port: http.addr.port });
  return rexWriter(db, place.url !== undefined);
}

async function writerOf(role: Role): Promise<Writer> {
  if (role.role === "server") return await serve(role);
  const { place } = role;
  tell({ port: 0 });
  return role.role === "rex"
    ? rexWriter(open(place), place.url !== undefined)
    : outsideWriter(place);
}

if (import.meta.main) {
  // A connection that is cut between two statements is told nobody.
  globalThis.addEventListener("unhandledrejection", (event) => {
    if (/connect|terminat/i.test(String(event.reason))) event.preventDefault();
  });
  const writer = await writerOf(JSON.parse(Deno.args[0]!));
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  for await (const line of lines) {
    const { seed, count } = JSON.parse(line);
    await writer.write(seed, count);
    tell({ done: seed });
  }
  Deno.exit(0);
}
