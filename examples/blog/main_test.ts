import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The flags of `deno task demo`, for a process that works in another folder. */
async function taskFlags(): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const [, , ...flags] = tasks.demo.command.split(" ").slice(0, -1) as string[];
  return flags.map((flag) => {
    const [name, values] = flag.split("=");
    if (name !== "--allow-read") return flag;
    return `${name}=${values!.split(",").map((path) => path === ".data" ? path : root + path)}`;
  });
}

/** Starts the demo in a folder of its own, with exactly the permissions of its task. */
async function withDemo(
  args: readonly string[],
  test: (demo: Deno.ChildProcess) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-demo-" });
  const demo = new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      `--config=${root}deno.json`,
      ...await taskFlags(),
      `${root}examples/blog/main.ts`,
      ...args,
    ],
    cwd: folder,
    env: { CI: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    await test(demo);
  } finally {
    try {
      demo.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await demo.status;
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the demo serves a board with the permissions of its task, until Ctrl-C", async () => {
  await withDemo(["--port", "0"], async (demo) => {
    let output = "";
    let socket: WebSocket | undefined;
    for await (const text of demo.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      const [, url] = /live board[^\n]*: (http:\S+)[^]*Ctrl-C/.exec(output) ?? [];
      if (url === undefined || socket) continue;
      const modules = "/modules/src/features/realtime/client/mod.ts";
      for (const path of ["/", "/page.css", "/modules/examples/blog/board/page.ts", modules]) {
        const answer: Response = await fetch(url + path);
        assert.equal(answer.status, 200, path);
        assert.ok((await answer.text()).length > 100, path);
      }
      const outside = await fetch(`${url}/modules/examples/blog/models.ts`);
      assert.equal(outside.status, 404);
      await outside.body?.cancel();
      socket = new WebSocket(`${url.replace("http", "ws")}/live`, "rex-sync.v1");
      await new Promise((resolve) => socket!.onmessage = resolve);
      demo.kill("SIGINT");
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    if (socket!.readyState === WebSocket.CLOSED) resolve();
    socket!.onclose = () => resolve();
    await promise;
    const errors = await new Response(demo.stderr).text();
    assert.equal((await demo.status).code, 0, errors);
    assert.equal(errors, "");
  });
});

Deno.test("the demo says so when its port is taken, or none", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  for (const [given, message] of [[port, `Port ${port} is taken`], ["x", "There is no port x"]]) {
    await withDemo([`--port=${given}`], async (demo) => {
      const { code, stderr } = await demo.output();
      const errors = new TextDecoder().decode(stderr);
      assert.equal(code, 1);
      assert.ok(errors.includes(String(message)), errors);
      assert.doesNotMatch(errors, /\n\s+at /);
    });
  }
});
