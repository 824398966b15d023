/**
 * A page of the documentation as a module that can be checked and run: see `documentation_test.ts`.
 *
 * @module
 */

/** One page. */
export interface Page {
  /** Where it is in the project. */
  readonly path: string;
  /** The name of its module. */
  readonly file: string;
  /** Its code, each line where the page has it. */
  readonly module: string;
  /** How many blocks of code there are. */
  readonly blocks: number;
  /** What it links to in this project. */
  readonly links: readonly string[];
  /** The names of its headings, as links have them. */
  readonly anchors: readonly string[];
}

type Mode = "ts" | "ts page" | "ts check" | "setup" | "other";

const OPENING: Readonly<Record<Mode, string>> = {
  "ts": "{",
  "ts page": "",
  "ts check": "void (async () => {",
  "setup": "",
  "other": "",
};
const CLOSING: Readonly<Record<Mode, string>> = { ...OPENING, "ts": "}", "ts check": "});" };

/** What `// =>` compares with. */
const PRELUDE = `import { inspect as __inspect } from "node:util";
function __shows(value: unknown, text: string, where: string): void {
  const shown = __inspect(value, { breakLength: Infinity, depth: 10 }).replace(/\\s+/g, " ");
  if (shown !== text) throw new Error(where + " says " + text + " and it is " + shown);
}
async function __throws(run: () => Promise<unknown>, code: string, where: string): Promise<void> {
  const error = await run().then(() => undefined, (error) => error);
  if (error?.code !== code) throw new Error(where + " did not throw " + code, { cause: error });
}`.replaceAll("\n", " ");

/** The path of a file URL, without its hash. */
export function fromFileUrl(url: URL): string {
  return decodeURIComponent(url.pathname);
}

/** Reads a page. */
export function pageOf(path: string, text: string): Page {
  const lines = text.split("\n");
  const names = new Map<string, Set<string>>();
  const code: string[] = [];
  const links: string[] = [];
  const anchors: string[] = [];
  let mode: Mode | undefined;
  let blocks = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (mode === undefined) {
      mode = opened(line);
      if (mode === undefined) {
        links.push(...linksOf(line));
        const heading = /^#+ (.*)$/.exec(line)?.[1];
        if (heading) anchors.push(anchorOf(heading));
      } else if (mode !== "other" && mode !== "setup") blocks++;
      code.push(mode === undefined ? "" : OPENING[mode]);
    } else if (line === (mode === "setup" ? "-->" : "```")) {
      code.push(CLOSING[mode]);
      mode = undefined;
    } else if (mode === "other") code.push("");
    else {
      const end = importEnd(lines, at);
      if (end === undefined) code.push(asserting(line, `${path}:${at + 1}`));
      else {
        collect(lines.slice(at, end + 1).join(" "), names);
        for (; at < end; at++) code.push("");
        code.push("");
      }
    }
  }
  const imports = [...names].map(([from, all]) =>
    `import { ${[...all].sort().join(", ")} } from "${from}";`
  );
  code[0] = [...imports, PRELUDE, code[0]].join(" ");
  const file = `${path.replaceAll("/", "_")}.ts`;
  return { path, file, module: code.join("\n"), blocks, links, anchors };
}

function opened(line: string): Mode | undefined {
  if (line === "<!-- setup") return "setup";
  const fence = /^```(.*)$/.exec(line)?.[1];
  if (fence === undefined) return undefined;
  return fence in OPENING ? fence as Mode : "other";
}

/** The last line of the import that begins at a line. */
function importEnd(lines: readonly string[], at: number): number | undefined {
  if (!lines[at]!.startsWith("import ")) return undefined;
  let end = at;
  while (!lines[end]!.endsWith(";")) end++;
  return end;
}

function collect(statement: string, names: Map<string, Set<string>>): void {
  const [, list, from] = /^import \{(.*)\} from "(.*)";$/.exec(statement) ?? [];
  if (list === undefined || from === undefined) {
    throw new Error(`Cannot read an import: ${statement}`);
  }
  const all = names.get(from) ?? new Set();
  names.set(from, all);
  for (const name of list.split(",")) if (name.trim()) all.add(name.trim());
}

/** A line whose comment says what its expression gives, as an assertion. */
function asserting(line: string, where: string): string {
  const [, indent, expression, said] = /^( *)(.+); \/\/ => (.+)$/.exec(line) ?? [];
  if (expression === undefined || said === undefined) return line;
  const place = JSON.stringify(where);
  const code = /^throws (\w+)$/.exec(said)?.[1];
  return code === undefined
    ? `${indent}__shows(await (${expression}), ${JSON.stringify(said)}, ${place});`
    : `${indent}await __throws(async () => await (${expression}), "${code}", ${place});`;
}

function linksOf(line: string): string[] {
  return [...line.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** A heading's name in links, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
}
