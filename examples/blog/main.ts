/**
 * The blog example: `deno task demo`.
 *
 * @module
 */
import { standardOutput } from "../terminal.ts";
import { runBlog } from "./blog.ts";

const FOLDER = ".data";

if (import.meta.main) {
  await Deno.mkdir(FOLDER, { recursive: true });
  await runBlog({ ...standardOutput(), file: `${FOLDER}/blog.db` });
}
