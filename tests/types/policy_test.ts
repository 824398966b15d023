/**
 * Mistakes in policies that the compiler finds, each at its place. Nothing here reaches a database.
 */
import assert from "node:assert/strict";
import { Policies } from "../../mod.ts";
import { Author, Comment, Post } from "../behaviour/repository_models.ts";

interface Visitor {
  readonly user?: { readonly id: number; readonly name: string };
}

declare const policies: Policies<Visitor>;

/** Only compiled: there is nothing to run it on. */
function compiled(check: () => void): void {
  assert.equal(typeof check, "function");
}

Deno.test("what is right compiles", () => {
  compiled(() => {
    policies.allow(Post, {
      read: ({ user }) =>
        user ? { OR: [{ published: true }, { authorId: user.id }] } : { published: true },
      fields: ["id", "title", "author", "comments"],
      create: ({ user }, values) => values.authorId === user?.id,
      update: ({ user }) => user !== undefined && { authorId: user.id },
      updateTo: { published: false },
      delete: false,
      writable: (_, write) => write === "create" ? ["title", "authorId"] : ["title"],
      preset: ({ user }) => ({ authorId: user!.id }),
      withDeleted: ({ user }) => user !== undefined,
    }).allow(Author, {
      read: true,
      fields: ({ user }) => user ? ["id", "name", "posts"] : ["id"],
      create: ({ user }) => user !== undefined && { mentor: { id: user.id } },
    }).allow(Comment, { read: { post: { published: true } } });
    const anybody: Policies = new Policies().allow(Post, { read: true });
    return anybody;
  });
});

Deno.test("conditions: wrong columns and values are errors at their place", () => {
  compiled(() => {
    policies.allow(Post, {
      read: {
        // @ts-expect-error there is no such column
        titel: "x",
      },
    });
    policies.allow(Post, {
      // @ts-expect-error there is no such column
      read: () => ({ titel: "x" }),
    });
    policies.allow(Post, {
      // @ts-expect-error a number column takes no text
      read: ({ user }) => ({ views: user!.name }),
    });
    policies.allow(Post, {
      // @ts-expect-error it may be nobody
      update: ({ user }) => ({ authorId: user.id }),
    });
    policies.allow(Post, {
      read: {
        author: {
          // @ts-expect-error there is no such column
          nam: "x",
        },
      },
    });
    policies.allow(Post, {
      // @ts-expect-error the context has no such part
      delete: ({ person }) => person !== undefined,
    });
    policies.allow(Post, {
      // @ts-expect-error a policy is asked at once
      read: async () => await Promise.resolve(true),
    });
    policies.allow(Post, {
      create: (_, values) =>
        // @ts-expect-error there is no such column
        values.titel === "x",
    });
  });
});

Deno.test("fields and columns: names that a model does not have are errors", () => {
  compiled(() => {
    policies.allow(Post, {
      // @ts-expect-error there is no such column
      fields: ["id", "titel"],
    });
    policies.allow(Post, {
      // @ts-expect-error there is no such column
      fields: () => ["id", "titel"],
    });
    policies.allow(Post, {
      // @ts-expect-error a relation is not written
      writable: ["author"],
    });
    policies.allow(Post, {
      // @ts-expect-error the column is a number
      preset: () => ({ authorId: "1" }),
    });
    policies.allow(Post, {
      // @ts-expect-error a policy has no such part
      raed: true,
    });
    policies.allow(
      // @ts-expect-error a model's class
      "posts",
      {},
    );
  });
});
