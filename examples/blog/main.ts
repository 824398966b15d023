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

/** What the command line says. */
interface Settings {
  /** Whether to end after the show. */
  readonly once: boolean;
  /** Where the board is served. */
  readonly port: number;
}

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
  await interrupted();
}

/** Waits for Ctrl-C; a second one ends the program as ever. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const heard = () => {
      Deno.removeSignalListener("SIGINT", heard);
      resolve();
    };
    Deno.addSignalListener("SIGINT", heard);
  });
}

/** Reads the command line; says what is wrong with it and ends. */
function settings(): Settings {
  try {
    const { values } = parseArgs({
      options: { once: { type: "boolean" }, port: { type: "string" } },
    });
    const port = Number(values.port ?? PORT);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new TypeError(`There is no port ${values.port}`);
    }
    const ci = Deno.env.get("CI");
    const inCi = ci !== undefined && ci !== "" && ci !== "false";
    return { once: values.once === true || inCi, port };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return fail(`${error.message}\n  deno task demo [--once] [--port NUMBER]`);
  }
}

function fail(message: string): never {
  console.error(`  ${message}`);
  Deno.exit(1);
}

if (import.meta.main) {
  const { once, port } = settings();
  Logger.configure({ level: "warn", sink: consoleSink() });
  await Deno.mkdir(FOLDER, { recursive: true });
  await runBlog({ ...standardOutput(), file: FILE });
  try {
    if (!once) await serve(port);
  } catch (error) {
    if (
      !(error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied)
    ) {
      throw error;
    }
    const why = error instanceof Deno.errors.AddrInUse ? "is taken" : "may not be used";
    fail(`Port ${port} ${why}; another one: deno task demo --port 8001 (0: any that is free)`);
  }
}
