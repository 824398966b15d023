import assert from "node:assert/strict";
import { callerIn, framesOf, ownFrames } from "./caller.ts";

const V8 = `Error
    at QueryObservers.begin (file:///app/lib/src/engine/observers.ts:50:40)
    at Repository.findById (file:///app/lib/src/repository/repository.ts:151:15)
    at Array.map (<anonymous>)
    at async Promise.all (index 0)
    at inner (file:///app/node_modules/framework/index.js:1:2)
    at async main (file:///app/my%20posts.ts:20:15)
    at async file:///app/main.ts:26:1`;

Deno.test("callerIn passes over the library and packages", () => {
  const own = ownFrames("file:///app/lib/src/engine/caller.ts");
  assert.deepEqual(callerIn(framesOf(V8), own), {
    file: "/app/my posts.ts",
    line: 20,
    column: 15,
    method: "findById",
  });
});

Deno.test("callerIn works where the library is a package, from files or the network", () => {
  for (
    const root of [
      "https://registry.example/@rex/orm/0.1.0/",
      "file:///app/node_modules/@rex/orm/esm/",
      "file:///home/me/.cache/deno/npm/registry.example/@rex/orm/0.1.0/",
    ]
  ) {
    const stack = V8.replaceAll("file:///app/lib/", root).replaceAll(".ts:50", ".js:50");
    const own = ownFrames(`${root}src/engine/caller.js`);
    assert.equal(callerIn(framesOf(stack), own)?.file, "/app/my posts.ts", root);
  }
});

Deno.test("callerIn takes the user's files before those of other packages from the network", () => {
  const own = ownFrames("https://registry.example/@rex/orm/0.1.0/src/engine/caller.ts");
  const stack = `Error
    at begin (https://registry.example/@rex/orm/0.1.0/src/engine/observers.ts:1:1)
    at route (https://registry.example/@web/router/1.0.0/mod.ts:5:5)
    at async handler (file:///app/main.ts:7:3)`;
  assert.equal(callerIn(framesOf(stack), own)?.file, "/app/main.ts");
  const remote = stack.replace("file:///app/", "https://example.org/");
  assert.equal(callerIn(framesOf(remote), own)?.line, 5);
});

Deno.test("callerIn tells the library's part of a bundle by its end", () => {
  const end = { name: "tellEnd", file: "/app/bundle.js", line: 900, column: 3, waits: false };
  const own = ownFrames("file:///app/bundle.js", end);
  const stack = `Error
    at begin (file:///app/bundle.js:100:5)
    at Repository.findById (file:///app/bundle.js:900:3)
    at main (file:///app/bundle.js:950:9)`;
  assert.deepEqual(callerIn(framesOf(stack), own), {
    file: "/app/bundle.js",
    line: 950,
    column: 9,
    method: "findById",
  });
});

Deno.test("callerIn reads stacks of JavaScriptCore and of Windows", () => {
  const bun = `begin@/app/lib/src/engine/observers.ts:50:40
findById@/app/lib/src/repository/repository.ts:151:15
processTicksAndRejections@native:7:39
main@/app/posts.ts:20:15`;
  const own = ownFrames("file:///app/lib/src/engine/caller.ts");
  assert.deepEqual(callerIn(framesOf(bun), own), { file: "/app/posts.ts", line: 20, column: 15 });
  const windows = V8.replaceAll("file:///app", "file:///C:/app");
  const ownThere = ownFrames("file:///C:/app/lib/src/engine/caller.ts");
  assert.equal(callerIn(framesOf(windows), ownThere)?.file, "C:/app/my posts.ts");
});

Deno.test("callerIn says nothing where the stack says nothing", () => {
  const own = ownFrames("file:///app/lib/src/engine/caller.ts");
  assert.equal(callerIn(framesOf(V8.split("\n").slice(0, 4).join("\n")), own), undefined);
  assert.equal(callerIn(framesOf(""), own), undefined);
});
