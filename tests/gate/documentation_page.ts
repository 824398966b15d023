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

/** The module of a page with PostgreSQL in place of SQLite, in a schema of its own. */
export function onPostgres({ module, file }: Page, url: string): string {
  const schema = file.toLowerCase().replaceAll(/[^a-z]/g, "_");
  const own = new URL(url);
  own.searchParams.set("search_path", schema);
  const adapter = `new __PostgresAdapter(${JSON.stringify(own.href)}`;
  const prepare = `await using __db = ${adapter}); await __db.execute("CREATE SCHEMA ${schema}");`;
  const code = module.replaceAll(/new SQLiteAdapter\("[^"]*"/g, () => adapter);
  return `import { PostgresAdapter as __PostgresAdapter } from "@rex/orm"; ${prepare} ${code}`;
}

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
      if (end === undefined) add(code, line, `${path}:${at + 1}`);
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

/** Adds a line of code; where its comment says what its expression gives, the two become an assertion. */
function add(code: string[], line: string, where: string): void {
  const [, last, said] = /^(.+); \/\/ => (.+)$/.exec(line) ?? [];
  if (last === undefined || said === undefined) {
    code.push(line);
    return;
  }
  const place = JSON.stringify(where);
  const thrown = /^throws (\w+)$/.exec(said)?.[1];
  const [before, after] = thrown === undefined
    ? ["__shows(await (", `), ${JSON.stringify(said)}, ${place});`]
    : ["await __throws(async () => await (", `), "${thrown}", ${place});`];
  code.push(last);
  const first = statementStart(code);
  code[first] = code[first]!.replace(/^ */, (indent) => indent + before);
  code[code.length - 1] += after;
}

/** Where the statement begins that the last line ends: a line that continues none and closes what it opens. */
function statementStart(code: readonly string[]): number {
  let open = 0;
  for (let at = code.length - 1; at > 0; at--) {
    for (const sign of code[at]!) {
      if (")]}".includes(sign)) open++;
      else if ("([{".includes(sign)) open--;
    }
    if (open <= 0 && !/^ *[)\]}.]/.test(code[at]!)) return at;
  }
  return 0;
}

function linksOf(line: string): string[] {
  return [...line.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** A heading's name in links, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
}
