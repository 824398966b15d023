import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { checkLayers } from "../../scripts/layers.ts";

/** Writes a tree of files to a temporary folder and returns the faults found in it. */
async function faultsOf(tree: Record<string, string>): Promise<readonly string[]> {
  const root = await Deno.makeTempDir({ prefix: "rex-orm-layers-" });
  try {
    for (const [file, text] of Object.entries(tree)) {
      await Deno.mkdir(dirname(join(root, file)), { recursive: true });
      await Deno.writeTextFile(join(root, file), text);
    }
    return (await checkLayers(root)).faults;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Asserts that a tree has exactly one fault, with this beginning and these words. */
async function assertOneFault(
  tree: Record<string, string>,
  start: string,
  words: string,
): Promise<void> {
  const faults = await faultsOf(tree);
  assert.equal(faults.length, 1, faults.join("\n"));
  assert.ok(faults[0]!.startsWith(start) && faults[0]!.includes(words), faults[0]);
}

const EMPTY = "export {};\n";

Deno.test("checkLayers() accepts imports from lower levels and from the own folder", async () => {
  const faults = await faultsOf({
    "mod.ts": `export * from "./src/database/mod.ts";`,
    "src/base/errors.ts": EMPTY,
    "src/ast/node.ts": `import "../base/errors.ts";`,
    "src/ast/mod.ts": `export * from "./node.ts";\nimport { x } from "npm:whatever";`,
    "src/dialects/lite/mod.ts": `import type { N } from "../../ast/mod.ts";`,
    "src/features/live/mod.ts": `import "../../ast/mod.ts";`,
    "src/database/mod.ts": `const d = await import("../dialects/lite/mod.ts");`,
  });
  assert.deepEqual(faults, []);
});

Deno.test("checkLayers() reports the file and the line of an import from a higher level", async () => {
  await assertOneFault(
    { "src/base/a.ts": `\n\nimport { b } from "../ast/b.ts";`, "src/ast/b.ts": EMPTY },
    "src/base/a.ts:3: ",
    "only lower levels",
  );
});

Deno.test("checkLayers() reports siblings of one level, also for types", async () => {
  await assertOneFault(
    { "src/ast/a.ts": `import type { B } from "../model/b.ts";`, "src/model/b.ts": EMPTY },
    "src/ast/a.ts:1: ",
    "model (level 2)",
  );
});

Deno.test("checkLayers() sees side effects, re-exports and dynamic imports", async () => {
  for (const form of [`import "X";`, `export * from 'X';`, `import("X");`, "import(`X`);"]) {
    const text = form.replace("X", "../engine/b.ts");
    await assertOneFault(
      { "src/ast/a.ts": text, "src/engine/b.ts": EMPTY },
      "src/ast/a.ts:1:",
      "4",
    );
  }
});

Deno.test("checkLayers() sees an import spread over lines", async () => {
  await assertOneFault(
    { "src/ast/a.ts": `import {\n  b,\n} from "../engine/b.ts";`, "src/engine/b.ts": EMPTY },
    "src/ast/a.ts:3:",
    "engine",
  );
});

Deno.test("checkLayers() is not misled by comments, strings and regular expressions", async () => {
  const faults = await faultsOf({
    "src/engine/b.ts": EMPTY,
    "src/ast/a.ts": [
      `// import "../engine/b.ts"; "sqlite"`,
      `/** import { b } from "../engine/b.ts"; */`,
      `const text = 'import "../engine/b.ts"';`,
      "const template = `${nested(`a ${'}'} b`)} import '../engine/b.ts' 'mysql'`;",
      `const regex = /["'\`]/.test(text) ? /[/"]/ : 4 / 2 / 1; // "`,
      `const rows = query.from("users"); // "postgres"`,
    ].join("\n"),
  });
  assert.deepEqual(faults, []);
});

Deno.test("checkLayers() still sees an import after a regular expression with a quote", async () => {
  await assertOneFault(
    { "src/ast/a.ts": `f(/["']/);\nimport "../engine/b.ts";`, "src/engine/b.ts": EMPTY },
    "src/ast/a.ts:2:",
    "engine",
  );
});

Deno.test("checkLayers() keeps dialects to levels 0 to 3 and apart from each other", async () => {
  await assertOneFault(
    { "src/dialects/a/mod.ts": `import "../../engine/b.ts";`, "src/engine/b.ts": EMPTY },
    "src/dialects/a/mod.ts:1:",
    "levels 0 to 3",
  );
  await assertOneFault(
    { "src/dialects/a/mod.ts": `import "../b/mod.ts";`, "src/dialects/b/mod.ts": EMPTY },
    "src/dialects/a/mod.ts:1:",
    "levels 0 to 3",
  );
});

Deno.test("checkLayers() keeps features away from dialects and from each other", async () => {
  await assertOneFault(
    {
      "src/features/a/mod.ts": `import "../../dialects/b/mod.ts";`,
      "src/dialects/b/mod.ts": EMPTY,
    },
    "src/features/a/mod.ts:1:",
    "no dialect",
  );
  await assertOneFault(
    { "src/features/a/mod.ts": `import "../b/mod.ts";`, "src/features/b/mod.ts": EMPTY },
    "src/features/a/mod.ts:1:",
    "no other feature",
  );
});

Deno.test("checkLayers() reports an import of mod.ts, of the package and of another tree", async () => {
  for (const target of ["../../mod.ts", "@rex/orm", "../../tests/targets/mod.ts"]) {
    const tree = { "mod.ts": EMPTY, "src/ast/a.ts": `import "${target}";` };
    await assertOneFault(tree, "src/ast/a.ts:1:", "must not import");
  }
});

Deno.test("checkLayers() reports a folder that has no level", async () => {
  await assertOneFault({ "src/utils/a.ts": EMPTY }, "src/utils/a.ts:1:", "no place");
});

Deno.test("checkLayers() reports a circle within one folder with the way around it", async () => {
  await assertOneFault(
    {
      "src/ast/a.ts": `import "./b.ts";`,
      "src/ast/b.ts": `import "./c.ts";`,
      "src/ast/c.ts": `\nimport type { B } from "./b.ts";`,
    },
    "src/ast/b.ts:1: ",
    "src/ast/b.ts → src/ast/c.ts → src/ast/b.ts",
  );
});

Deno.test("checkLayers() allows the names of databases only where they belong", async () => {
  const text = `export const name = 'mysql';`;
  await assertOneFault({ "src/engine/a.ts": `\n${text}` }, "src/engine/a.ts:2: ", `"mysql"`);
  const allowed = {
    "src/dialects/mysql/mod.ts": text,
    "src/database/factory.ts": text,
    "src/cli/new.ts": text,
    "src/engine/a_test.ts": text,
  };
  assert.deepEqual(await faultsOf(allowed), []);
});

Deno.test("checkLayers() leaves tests beside the sources free to import anything", async () => {
  const tree = { "src/ast/a_test.ts": `import "../engine/b.ts";`, "src/engine/b.ts": EMPTY };
  assert.deepEqual(await faultsOf(tree), []);
});
