/**
 * Runs `deno doc --lint` over every export of the package: each public symbol has to be
 * documented and explicitly typed.
 *
 * @module
 */

const { exports }: { exports: Record<string, string> } = JSON.parse(
  await Deno.readTextFile("deno.json"),
);
const { code } = await new Deno.Command("deno", {
  args: ["doc", "--lint", ...new Set(Object.values(exports))],
  stdout: "null",
}).spawn().status;
if (code === 0) console.log(`doclint: ${Object.keys(exports).length} exports are documented`);
Deno.exit(code);
