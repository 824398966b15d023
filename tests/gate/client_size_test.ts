/**
 * What the browser client costs a page: its size, and that nothing but itself is loaded.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const entry = "src/features/realtime/client/mod.ts";

async function run(...args: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args,
    cwd: root,
    stdin: "null",
  })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return stdout as Uint8Array<ArrayBuffer>;
}

Deno.test("the browser client is less than 8 kB, minified and compressed", async () => {
  const code = await run("bundle", "--quiet", "--minify", "--platform=browser", entry);
  const packed = new Blob([code]).stream().pipeThrough(new CompressionStream("gzip"));
  const { byteLength } = await new Response(packed).arrayBuffer();
  assert.ok(code.length > 10_000, `the bundle has ${code.length} bytes`);
  assert.ok(byteLength < 8_000, `${byteLength} bytes`);
});

Deno.test("the browser client is made of the client and the protocol alone", async () => {
  const { modules } = JSON.parse(new TextDecoder().decode(await run("info", "--json", entry)));
  const seen = new Set<string>([new URL(`../../${entry}`, import.meta.url).href]);
  const known = new Map<string, { dependencies?: Dependency[] }>(
    modules.map((module: { specifier: string }) => [module.specifier, module]),
  );
  for (const each of seen) {
    for (const { specifier, code } of known.get(each)?.dependencies ?? []) {
      if (code) seen.add(code.specifier ?? specifier);
    }
  }
  const folder = new URL("../../src/features/realtime/", import.meta.url).href;
  const foreign = [...seen].filter((each) =>
    !each.startsWith(`${folder}client/`) && !each.startsWith(`${folder}protocol/`)
  );
  assert.deepEqual(foreign, []);
  assert.ok(seen.size > 5);
});

/** What `deno info` tells of an import. */
interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
}
