/**
 * The board's server: a page, its modules, and live queries.
 *
 * @module
 */
import type { Database } from "@rex/orm";
import { realtime } from "@rex/orm/realtime";
import { models } from "../models.ts";
import { moduleAt } from "./modules.ts";
import { policies } from "./policies.ts";

/** How the board is served. */
export interface BoardOptions {
  /** The database, with the blog in it. */
  readonly db: Database;
  /** What to type into a shell to change a row. */
  readonly shell: string;
  /** The port; 0: any that is free. Default: 8000. */
  readonly port?: number;
}

/** A board that is being served. */
export interface Board extends AsyncDisposable {
  /** Where it is. */
  readonly url: string;
  /** Ends it. */
  close(): Promise<void>;
}

const files: Readonly<Record<string, readonly [name: string, type: string]>> = {
  "/": ["page.html", "text/html"],
  "/page.css": ["page.css", "text/css"],
};

/** Serves the board on this computer alone. */
export async function serveBoard({ db, shell, port = 8000 }: BoardOptions): Promise<Board> {
  await db.schema.followChanges(models);
  const live = realtime({ db, policies });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async (request, info) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/live") return await live.handle(request, info);
      if (pathname === "/shell") return new Response(shell);
      const [name, type] = files[pathname] ?? [];
      if (name === undefined) {
        return await moduleAt(pathname) ?? new Response("Not found", { status: 404 });
      }
      const text = await Deno.readTextFile(new URL(name, import.meta.url));
      return new Response(text, { headers: { "content-type": `${type}; charset=utf-8` } });
    },
  );
  const close = async () => {
    await live.close();
    await server.shutdown();
  };
  return { url: `http://127.0.0.1:${server.addr.port}`, close, [Symbol.asyncDispose]: close };
}
