import assert from "node:assert/strict";
import { runPage } from "./page.ts";
import { sqliteFolder } from "./support.ts";

Deno.test("docs/cli.md says what the commands print", async () => {
  await using folder = await sqliteFolder();
  const text = await Deno.readTextFile(new URL("../../docs/cli.md", import.meta.url));
  const real = await runPage(text, folder);
  assert.deepEqual(real.split("\n"), text.split("\n"));
});
