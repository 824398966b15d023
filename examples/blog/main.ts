/**
 * The blog example: `deno task demo`.
 *
 * @module
 */
import process from "node:process";
import { runBlog } from "./blog.ts";

const FOLDER = ".data";

if (import.meta.main) {
  await Deno.mkdir(FOLDER, { recursive: true });
  const interactive = process.stdout.isTTY === true;
  await runBlog({
    file: `${FOLDER}/blog.db`,
    write: (text) => void process.stdout.write(text),
    interactive,
    color: interactive && !Deno.noColor,
    width: process.stdout.columns,
  });
}
