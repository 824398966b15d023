import assert from "node:assert/strict";
import type { Page, WebSocket } from "playwright-core";
import { fileURLToPath } from "node:url";
import { realtime } from "@rex/orm/realtime";
import { policies } from "../../examples/blog/board/policies.ts";
import { models } from "../../examples/blog/models.ts";
import { Blog } from "./blog.ts";
import { browserTest } from "./browser.ts";

/** The module of a page and all that it imports, as one script. */
async function bundle(name: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["bundle", "--quiet", "--minify", "--platform=browser", `tests/browser/pages/${name}.ts`],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Waits until the list shows these lines. */
async function shows(page: Page, lines: readonly string[]): Promise<void> {
  const wanted = JSON.stringify(lines);
  await page.waitForFunction(`
    JSON.stringify([...document.querySelectorAll("ul[data-state=live] li")]
      .map((line) => line.textContent)) === ${JSON.stringify(wanted)}
  `);
}

/** Waits until a page lets go of its only subscription: it says so, or ends the stream that carries it. */
function leaves(page: Page, socket: WebSocket | undefined): Promise<unknown> {
  if (socket) {
    const predicate = ({ payload }: { readonly payload: string | Uint8Array }) =>
      String(payload).includes('"t":"unsub"');
    return socket.waitForEvent("framesent", { predicate });
  }
  return page.waitForEvent("requestfailed", {
    predicate: (request) => request.url().includes("subscriptions="),
  });
}

for (const [name, way] of [["react", "a WebSocket"], ["preact", "server-sent events"]] as const) {
  browserTest(`useLive() of ${name} follows a query in a page over ${way}`, async (browser) => {
    await using blog = await Blog.create();
    await blog.db.schema.followChanges(models);
    const script = await bundle(name);
    const live = realtime({ db: blog.db, policies });
    const html = `<!doctype html><link rel="icon" href="data:,"><div id="root"></div>
      <script type="module" src="/page.js"></script>`;
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request, info) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/live") return live.handle(request, info);
        const [body, type] = pathname === "/page.js"
          ? [script, "text/javascript"]
          : [html, "text/html"];
        return new Response(body, { headers: { "content-type": `${type}; charset=utf-8` } });
      },
    );
    try {
      const url = `http://127.0.0.1:${server.addr.port}/`;
      const { page } = await browser.open(url);
      await shows(page, ["Red apples by Ada", "Green apples by Ada", "Blue plums by Bob"]);
      blog.shell("UPDATE posts SET title = 'Shelled' WHERE title = 'Red apples'");
      await shows(page, ["Shelled by Ada", "Green apples by Ada", "Blue plums by Bob"]);
      await page.getByText("Green apples").click();
      await shows(page, ["Shelled by Ada", "Green apples! by Ada", "Blue plums by Bob"]);
      await page.locator("#others").click();
      await shows(page, ["Old news by Ada"]);

      let socket: WebSocket | undefined;
      const { page: other } = await browser.open(
        url,
        (page) => page.on("websocket", (opened) => socket = opened),
      );
      await shows(other, ["Shelled by Ada", "Green apples! by Ada", "Blue plums by Bob"]);
      assert.equal(socket !== undefined, name === "react");
      const left = leaves(other, socket);
      await other.locator("#hide").click();
      await left;
    } finally {
      await live.close();
    }
  });
}
