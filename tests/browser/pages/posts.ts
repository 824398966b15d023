/**
 * A page of posts, for every library of user interfaces that has a hook.
 *
 * @module
 */
import { createClient } from "@rex/orm/client";
import type { UseLive } from "@rex/orm/client/react";

/** Only the types of the models come here. */
type Models = typeof import("../../../examples/blog/models.ts");

/** What the page needs of a library. */
export interface Library {
  /** Makes an element. */
  readonly h: (type: unknown, props: object | null, ...children: readonly unknown[]) => unknown;
  /** State of a component. */
  readonly useState: <T>(initial: T) => [T, (next: T) => void];
  /** The hook. */
  readonly useLive: UseLive;
}

/** A list of posts that can be hidden, with a button that has it show others. */
export function postsPage(
  { h, useState, useLive }: Library,
  transport: "websocket" | "sse",
): () => unknown {
  const client = createClient<Models>("/live", { transport });
  function Posts({ published }: { readonly published: boolean }): unknown {
    const { rows, state } = useLive(client, "Post", {
      where: { published },
      include: { author: true },
      orderBy: { id: "asc" },
    });
    const lines = rows.map(({ id, title, author }) => {
      const onClick = () => client.update("Post", id, { title: `${title}!` });
      return h("li", { key: id, onClick }, `${title} by ${author?.name}`);
    });
    return h("ul", { "data-state": state }, lines);
  }
  return function App(): unknown {
    const [shown, show] = useState(true);
    const [published, publish] = useState(false);
    return h(
      "main",
      null,
      h("button", { id: "hide", onClick: () => show(!shown) }, "Hide"),
      h("button", { id: "others", onClick: () => publish(!published) }, "Others"),
      shown && h(Posts, { published }),
    );
  };
}

/** The part of the page that is the library's. */
export function root(): Element {
  const { document } = globalThis as unknown as {
    document: { getElementById(id: string): Element };
  };
  return document.getElementById("root");
}
