/**
 * Mistakes with the browser client that the compiler finds, each at the line of the mistake, and the exact types of
 * what it gives. Nothing here connects.
 */
import assert from "node:assert/strict";
import type { Client } from "../../src/features/realtime/client/mod.ts";
import type { UseLive } from "../../src/features/realtime/client/hooks.ts";
import type { Generated } from "../../mod.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

/** Compiles for `true` only. */
function exactly<_Same extends true>(): void {}

declare const client: Client<typeof import("../behaviour/repository_models.ts")>;
declare const useLive: UseLive;

/** Only compiled: there is nothing to run it on. */
function compiled(check: () => Promise<void>): void {
  assert.equal(typeof check, "function");
}

Deno.test("client: names of models, columns, operators and values are checked at their place", () => {
  compiled(async () => {
    // @ts-expect-error there is no such model
    client.live("Potato");
    // @ts-expect-error what is no model is none
    client.live("repositoryModels");
    client.live("Post", {
      where: {
        // @ts-expect-error there is no such column
        titel: "x",
      },
    });
    client.live("Post", {
      where: {
        // @ts-expect-error a number column takes no text
        views: "10",
      },
    });
    client.live("Post", {
      where: {
        // @ts-expect-error a number column has no `like`
        views: { like: "1%" },
      },
    });
    client.live("Post", {
      // @ts-expect-error there is no such column
      select: ["titel"],
    });
    client.live("Post", {
      include: {
        // @ts-expect-error there is no such relation
        writer: true,
      },
    });
    client.live("Post", {
      include: {
        author: {
          where: {
            // @ts-expect-error the author has no such column
            title: "x",
          },
        },
      },
    });
    client.live("Post", {
      orderBy: {
        // @ts-expect-error there is no such column
        titel: "asc",
      },
    });
    // @ts-expect-error a live query has no cursor
    client.live("Post", { cursor: { id: 1 } });
    await client.update("Post", 1, {
      // @ts-expect-error there is no such column
      titel: "x",
    });
    await client.update("Post", 1, {
      // @ts-expect-error a number column takes no text
      views: "10",
    });
    // @ts-expect-error the key is a number
    await client.delete("Post", "1");
    // @ts-expect-error a title is needed
    await client.create("Post", { authorId: 1 });
    useLive(client, "Post", {
      where: {
        // @ts-expect-error there is no such column
        titel: "x",
      },
    });
  });
});

Deno.test("client: records are plain: columns, and the relations that were included", () => {
  compiled(async () => {
    const [post] = client.live("Post", { include: { author: true } }).value;
    exactly<Equal<NonNullable<typeof post>["title"], string>>();
    exactly<Equal<NonNullable<typeof post>["id"], Generated<number>>>();
    const name: string | undefined = post?.author.name;
    // @ts-expect-error the comments were not included
    post?.comments;
    // @ts-expect-error methods stay on the server
    post?.save;
    // @ts-expect-error records are read-only
    if (post) post.title = name ?? "";
    const [one] = client.live("Post", { select: ["id", "title"] }).value;
    exactly<Equal<keyof NonNullable<typeof one>, "id" | "title">>();
    const [author] = await client.live("Author", {
      include: { posts: { select: ["title"] }, _count: { posts: true } },
    }).ready;
    const title: string | undefined = author?.posts[0]?.title;
    const count: number | undefined = author?._count.posts;
    // @ts-expect-error only the title was selected
    author?.posts[0]?.id;
    const { rows, state } = useLive(client, "Post", { select: ["id"] });
    exactly<Equal<keyof NonNullable<typeof rows[0]>, "id">>();
    exactly<Equal<typeof state, "connecting" | "live" | "offline" | "failed" | "closed">>();
    const made = await client.update("Post", { id: 1 }, { title: title ?? `${count}` });
    exactly<Equal<NonNullable<typeof made>["title"], string>>();
    // @ts-expect-error it may be null: who writes need not be allowed to read
    made.title;
  });
});
