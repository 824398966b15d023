/**
 * The documentation says nothing that does not compile and run.
 *
 * Each page becomes one module that has its code in the lines where the page has it, so a message about
 * `docs_models.md.ts:120` is about line 120 of `docs/models.md`. A code block is
 * - ```` ```ts ````: checked and run, in a scope of its own,
 * - ```` ```ts page ````: the same, and what it declares is there for the rest of the page,
 * - ```` ```ts check ````: checked but not run, for what needs a server.
 *
 * `<!-- setup … -->` is code of the page that readers do not see. `expression; // => text` asserts what the
 * expression prints as; `// => throws CODE` that it throws. Examples of doc comments are checked and run too.
 *
 * Pages run on SQLite, and again on PostgreSQL: what they say holds on both.
 *
 * @module
 */
import assert from "node:assert/strict";
import { freshPostgresDatabase } from "../targets/mod.ts";
import { fromFileUrl, onPostgres, type Page, pageOf } from "./documentation_page.ts";

/** Pages that are about one database. */
const ABOUT_SQLITE: readonly string[] = ["docs/databases.md"];

const root = fromFileUrl(new URL("../../", import.meta.url));

async function pages(): Promise<Page[]> {
  const found = ["README.md"];
  for await (const { name } of Deno.readDir(`${root}docs`)) {
    if (name.endsWith(".md")) found.push(`docs/${name}`);
  }
  found.sort();
  return await Promise.all(
    found.map(async (path) => pageOf(path, await Deno.readTextFile(root + path))),
  );
}

/** The files of `src` and `mod.ts` whose doc comments have examples. */
async function examples(): Promise<string[]> {
  const files = [`${root}mod.ts`];
  const folders = [`${root}src`];
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) folders.push(`${folder}/${name}`);
      else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) files.push(`${folder}/${name}`);
    }
  }
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(file)));
  return files.filter((_, i) => /^ *\* ```ts$/m.test(texts[i]!));
}

/** The settings of a new project that uses the package: the strictness is Deno's own. */
async function projectConfig(): Promise<string> {
  const { imports, exports }: Record<"imports" | "exports", Record<string, string>> = JSON.parse(
    await Deno.readTextFile(`${root}deno.json`),
  );
  const own = Object.entries(exports).map(([name, file]) => [
    `@rex/orm${name.slice(1)}`,
    new URL(file, new URL("../../", import.meta.url)).href,
  ]);
  return JSON.stringify({
    imports: { ...imports, ...Object.fromEntries(own) },
    nodeModulesDir: "none",
    lock: false,
  });
}

interface Workplace extends AsyncDisposable {
  readonly folder: string;
  readonly pages: readonly Page[];
}

async function workplace(): Promise<Workplace> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-docs-" });
  const found = (await pages()).filter((page) => page.blocks > 0);
  await Deno.writeTextFile(`${folder}/deno.json`, await projectConfig());
  for (const { file, module } of found) await Deno.writeTextFile(`${folder}/${file}`, module);
  return {
    folder,
    pages: found,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function deno(cwd: string, args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stderr) + decoder.decode(stdout);
  assert(success, `deno ${args[0]}:\n${output}`);
}

/** One program to run. */
interface Job {
  readonly name: string;
  run(): Promise<void>;
}

/** Runs jobs two at a time, so that a machine of two cores has something to do, and tells each as a step. */
async function runAll(t: Deno.TestContext, jobs: readonly Job[]): Promise<void> {
  const outcomes = new Map<Job, PromiseSettledResult<void>>();
  const waiting = [...jobs];
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const [outcome] = await Promise.allSettled([job.run()]);
      outcomes.set(job, outcome);
    }
  };
  await Promise.all([lane(), lane()]);
  for (const job of jobs) {
    await t.step(job.name, () => {
      const outcome = outcomes.get(job);
      if (outcome?.status === "rejected") throw outcome.reason;
    });
  }
}

Deno.test("the examples of the documentation and of doc comments compile and run", async (t) => {
  await using database = await freshPostgresDatabase();
  await using work = await workplace();
  const { folder, pages } = work;
  const config = ["--config", `${folder}/deno.json`];
  const documented = await examples();
  const permissions = [
    "--allow-read",
    `--allow-write=${folder}`,
    "--allow-env",
    "--allow-net=127.0.0.1",
    "--no-prompt",
  ];
  const run = ["--no-check", "--quiet", ...config, ...permissions];
  const net = `--allow-net=${new URL(database.url).host}`;
  const jobs: Job[] = [{
    name: "they pass the type check",
    run: async () => {
      const files = pages.map((page) => page.file);
      await deno(folder, ["check", "--doc", "--quiet", ...config, ...files, ...documented]);
    },
  }, {
    name: "doc comments run",
    run: () => deno(folder, ["test", "--doc", ...run, ...documented]),
  }];
  for (const page of pages) {
    const own = () => Deno.makeTempDir({ dir: folder });
    jobs.push({
      name: `${page.path} runs on SQLite`,
      run: async () => await deno(await own(), ["run", ...run, `${folder}/${page.file}`]),
    });
    if (ABOUT_SQLITE.includes(page.path)) continue;
    jobs.push({
      name: `${page.path} runs on PostgreSQL`,
      run: async () => {
        const file = `${folder}/postgres_${page.file}`;
        await Deno.writeTextFile(file, onPostgres(page, database.url));
        await deno(await own(), ["run", net, ...run, file]);
      },
    });
  }
  await runAll(t, jobs);
});

Deno.test("every link of the documentation leads to a file or heading that is there", async () => {
  const broken: string[] = [];
  for (const { path, links } of await pages()) {
    for (const link of links) {
      const target = new URL(link, new URL(path, new URL("../../", import.meta.url)));
      const there = await Deno.stat(fromFileUrl(target)).then(() => true, () => false);
      const anchor = target.hash.slice(1);
      const found = there && (anchor === "" || pageOf(
        path,
        await Deno.readTextFile(fromFileUrl(target)),
      ).anchors.includes(anchor));
      if (!found) broken.push(`${path}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

Deno.test("pageOf() keeps every line of code where the page has it", () => {
  const page = pageOf(
    "docs/x.md",
    [
      "# X", // 1
      "```ts page",
      'import { a, type B } from "@rex/orm";',
      "const b = a;",
      "```", // 5
      "text",
      "```ts",
      "b + 1; // => 2",
      "await b(); // => throws REX_QUERY",
      "```", // 10
      "```ts check",
      "b();",
      "```",
      "```ts",
      "a([", // 15
      "  { b: 1 },",
      "])",
      "  .c(); // => 3",
      "```",
    ].join("\n"),
  );
  const lines = page.module.split("\n");
  assert.equal(page.file, "docs_x.md.ts");
  assert.equal(page.blocks, 4);
  assert.match(lines[0]!, /^import \{ a, type B \} from "@rex\/orm";/);
  assert.equal(lines[2], "");
  assert.equal(lines[3], "const b = a;");
  assert.equal(lines[6], "{");
  assert.equal(lines[7], '__shows(await (b + 1), "2", "docs/x.md:8");');
  assert.equal(
    lines[8],
    'await __throws(async () => await (await b()), "REX_QUERY", "docs/x.md:9");',
  );
  assert.equal(lines[10], "void (async () => {");
  assert.equal(lines[11], "b();");
  assert.equal(lines[14], "__shows(await (a([");
  assert.equal(lines[17], '  .c()), "3", "docs/x.md:18");');
});
