/**
 * The blog example: `deno task demo`.
 *
 * @module
 */
import { consoleSink, Logger } from "@rex/orm";
import { standardOutput } from "../terminal.ts";
import { runBlog } from "./blog.ts";

const FOLDER = ".data";

if (import.meta.main) {
  Logger.configure({ level: "warn", sink: consoleSink() });
  await Deno.mkdir(FOLDER, { recursive: true });
  await runBlog({ ...standardOutput(), file: `${FOLDER}/blog.db` });
}
