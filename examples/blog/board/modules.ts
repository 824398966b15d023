/**
 * Serves TypeScript modules to browsers: their types are taken out on the way, so that nothing has to be built.
 *
 * @module
 */
import { stripTypeScriptTypes } from "node:module";

/** What a page may load: the client with its protocol, and the board itself. */
const served =
  /^\/modules\/((?:src\/features\/realtime\/(?:client|protocol)|examples\/blog\/board)\/\w+\.ts)$/;
const root = new URL("../../../", import.meta.url);

/** The module of a path; nothing where there is none that a page may load. */
export async function moduleAt(path: string): Promise<Response | undefined> {
  const [, file] = served.exec(path) ?? [];
  if (file === undefined) return undefined;
  const source = await Deno.readTextFile(new URL(file, root));
  return new Response(stripTypeScriptTypes(source, { mode: "transform" }), {
    headers: { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-store" },
  });
}
