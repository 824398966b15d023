/**
 * A process that follows a database by replication, or does not.
 *
 * @module
 */
import { PostgresAdapter } from "../../mod.ts";
import { obey } from "./programs.ts";

const { place }: { readonly place: string } = JSON.parse(Deno.args[0]!);
let db: PostgresAdapter | undefined;

await obey(undefined, {
  async begin() {
    db = new PostgresAdapter(place);
    const feed = await db.feed({ source: "replication" });
    feed.subscribe({ batch: () => {}, reset: () => {} });
  },
  async end() {
    await db?.[Symbol.asyncDispose]();
    db = undefined;
  },
});
