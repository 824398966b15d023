/**
 * The blog example: `deno task demo`.
 *
 * Shows what Rex-ORM does with a blog, then serves a live board of its posts until Ctrl-C. With `--once`, or where `CI` is
 * set, it ends after the show.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { consoleSink, Logger, SQLiteAdapter } from "@rex/orm";
import { standardOutput } from "../terminal.ts";
import { serveBoard } from "./board/server.ts";
import { runBlog } from "./blog.ts";
import { Post } from "./models.ts";

const FOLDER = ".data";
const FILE = `${FOLDER}/blog.db`;
const PORT = 8000;

/** Serves the board until it is interrupted. */
async function serve(port: number): Promise<void> {
  await using db = new SQLiteAdapter(FILE);
  const newest = await db.repository(Post).findOneOrThrow({ orderBy: { id: "desc" } });
  const shell =
    `sqlite3 ${FILE} "UPDATE posts SET title = 'Changed in a shell' WHERE id = ${newest.id}"`;
  await using board = await serveBoard({ db, port, shell });
  const out = standardOutput();
  out.write(`  A live board of these posts: ${board.url}\n\n`);
  out.write(
    `  Open it in two tabs. A row that is changed in the database's own shell shows too:\n`,
  );
  out.write(`  ${shell}\n\n  Ctrl-C ends it.\n`);
  await new Promise((resolve) => Deno.addSignalListener("SIGINT", () => resolve(undefined)));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { once: { type: "boolean" }, port: { type: "string" } },
  });
  Logger.configure({ level: "warn", sink: consoleSink() });
  await Deno.mkdir(FOLDER, { recursive: true });
  await runBlog({ ...standardOutput(), file: FILE });
  const ci = Deno.env.get("CI");
  if (!values.once && (ci === undefined || ci === "" || ci === "false")) {
    await serve(Number(values.port ?? PORT));
  }
}
