import assert from "node:assert/strict";
import { clientOf, post } from "./testdata/posts.ts";
import { SyncServer } from "./testdata/sync_server.ts";

/** What React and Preact have in common here. */
interface Library {
  readonly name: string;
  /** Renders a component and gives what ends it, and what renders again. */
  mount(render: () => string): Promise<{ again(): void; text(): string; end(): void }>;
  /** The hook. */
  useLive: typeof import("./react.ts").useLive;
}

/** React without a page: its own renderer for tests, in strict mode, where each effect runs twice. */
async function react(): Promise<Library> {
  const { createElement, StrictMode } = await import("react");
  const renderer = await import("npm:react-test-renderer@19.3.1");
  const { act, create } = renderer.default;
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
  return {
    name: "React",
    useLive: (await import("./react.ts")).useLive,
    mount: async (render) => {
      const Shown = () => createElement("p", null, render());
      const element = () => createElement(StrictMode, null, createElement(Shown));
      const root = await act(() => create(element()));
      return {
        again: () => root.update(element()),
        text: () => root.toJSON().children.join(""),
        end: () => root.unmount(),
      };
    },
  };
}

/** Preact on the smallest document that it can render to. */
async function preact(): Promise<Library> {
  const { h, render: show } = await import("preact");
  const { default: undom } = await import("npm:undom@0.4.0");
  const document = undom();
  Object.assign(globalThis, { document });
  return {
    name: "Preact",
    useLive: (await import("./preact.ts")).useLive as Library["useLive"],
    mount: (render) => {
      const Shown = () => h("p", null, render());
      const { body } = document;
      show(h(Shown, null), body);
      return Promise.resolve({
        again: () => show(h(Shown, null), body),
        text: () => body.childNodes[0].childNodes[0].nodeValue,
        end: () => show(null, body),
      });
    },
  };
}

for (const load of [react, preact]) {
  Deno.test({
    name:
      `useLive() of ${load.name} shows a result while it is mounted, and renders when it changes`,
    // Schedulers of the libraries keep a channel open.
    sanitizeResources: false,
    sanitizeOps: false,
    fn: () => check(load),
  });
}

async function check(load: () => Promise<Library>): Promise<void> {
  const { mount, useLive } = await load();
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)).set(2, post(2, { board: "b" })));
  using own = clientOf(server, { linger: 5 });
  let board = "a";
  let rendered = 0;
  let wanted = "";
  let seen = Promise.withResolvers<void>();
  const shows = (text: string) => {
    wanted = text;
    seen = Promise.withResolvers();
    return seen.promise;
  };
  const component = () => {
    rendered++;
    // A new object each time: it is the same query.
    const { rows, state } = useLive(own.client, "Post", { where: { board } });
    const text = `${state}: ${rows.map(({ title }) => title).join()}`;
    if (text === wanted) seen.resolve();
    return text;
  };
  const first = shows("live: Post 1");
  const root = await mount(component);
  await first;
  assert.equal(server.received.filter(({ t }) => t === "sub").length, 1);
  const changed = shows("live: Changed");
  server.commit("Post", (posts) => posts.set(1, post(1, { title: "Changed" })));
  await changed;
  const before = rendered;
  root.again();
  server.commit("Post", (posts) => posts.set(3, post(3, { board: "c" })));
  const other = shows("live: Post 2");
  board = "b";
  root.again();
  await other;
  assert.ok(rendered > before);
  assert.equal(server.received.filter(({ t }) => t === "sub").length, 2);
  const own2 = own.client.store("Post", { where: { board: "b" } });
  assert.equal(own2.snapshot().rows.length, 1);
  root.end();
  await server.until(() => server.received.filter(({ t }) => t === "unsub").length === 2);
  assert.deepEqual(own2.snapshot().rows, []);
}
