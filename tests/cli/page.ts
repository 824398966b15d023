/**
 * Runs the page `docs/cli.md`: `$ rex-orm …` lines with what they print below, files (`// PATH`) that are shown, or written
 * where they are not there yet, and changes of files (`# PATH`).
 *
 * @module
 */
import type { Folder } from "./support.ts";

/** Runs a page in a folder, and gives it with what was printed in place of what it says. */
export async function runPage(text: string, folder: Folder): Promise<string> {
  const parts = text.split(/^(```(?:console|typescript|diff)\n[^]*?^```$)/m);
  for (const [i, part] of parts.entries()) {
    if (part.startsWith("```console\n")) parts[i] = await runBlock(part, folder);
    else if (part.startsWith("```typescript\n")) parts[i] = await fileBlock(part, folder);
    else if (part.startsWith("```diff\n")) await changeBlock(part, folder);
  }
  return parts.join("");
}

async function runBlock(block: string, folder: Folder): Promise<string> {
  const lines = ["```console"];
  for (const line of block.split("\n").filter((each) => each.startsWith("$ rex-orm "))) {
    const args = [...line.slice("$ rex-orm ".length).matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
      .map(([, double, single, plain]) => double ?? single ?? plain ?? "");
    const { out, err } = await folder.spawn(args);
    lines.push(line, ...steady(out + err).trimEnd().split("\n"));
  }
  return [...lines, "```"].join("\n").replaceAll(/\n+```$/g, "\n```");
}

/** A file that is not there is written; one that is there is shown. */
async function fileBlock(block: string, folder: Folder): Promise<string> {
  const [, path = "", body = ""] = /^```typescript\n\/\/ (.*)\n([^]*)```$/.exec(block) ?? [];
  const [, ending] = /^migrations\/(.*)$/.exec(path) ?? [];
  const migration = ending === undefined
    ? undefined
    : (await folder.list("migrations")).find((name) => name.endsWith(ending));
  const real = migration === undefined ? path : `migrations/${migration}`;
  const found = await folder.read(real).catch(() => undefined);
  if (found === undefined) await folder.write(path, body);
  return `\`\`\`typescript\n// ${path}\n${found ?? body}\`\`\``;
}

async function changeBlock(block: string, folder: Folder): Promise<void> {
  const [, path = "", body = ""] = /^```diff\n# (.*)\n([^]*)```$/.exec(block) ?? [];
  const lines = (sign: string) =>
    body.split("\n").filter((line) => line.startsWith(sign)).map((line) => `${line.slice(1)}\n`)
      .join("");
  const text = await folder.read(path);
  if (!text.includes(lines("-"))) throw new Error(`${path} has no ${lines("-")}`);
  await folder.write(path, text.replace(lines("-"), () => lines("+")));
}

/** What is another each time, as the page has it. */
function steady(text: string): string {
  return text
    .replaceAll(/\b20\d{12}_/g, "20260131120000_")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "2026-01-31 12:00:07 UTC")
    .replaceAll(/\(\d+ ms\)/g, "(12 ms)")
    .replaceAll(/answers in [\d.]+ ms/g, "answers in 0.2 ms")
    .replaceAll(/Rex-ORM [\d.]+, \w+ [\d.]+, \w+ \w+/g, "Rex-ORM 0.1.0, Deno 2.9.6, linux x64")
    .replaceAll(/SQLite [\d.]+,/g, "SQLite 3.53.2,");
}
