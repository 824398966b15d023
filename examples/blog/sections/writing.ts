/**
 * Writing: nested creates, transactions, and everything that is refused.
 *
 * @module
 */
import { StaleObjectError, UniqueViolationError, ValidationError } from "@rex/orm";
import { Post, Tag, User } from "../models.ts";
import { type Section, sectionsOf } from "../section.ts";

const section = sectionsOf(import.meta.url);

/** One call, several tables, one transaction. */
const nested = section({
  title: "A post, its author and its tags in one call",
  async run(db) {
    const post = await db.repository(Post).create({
      title: "One Call, Five Rows",
      body: "The author is new, one tag is there already, the other is not.",
      author: { create: { name: "Zelda Zimmer", email: "zelda@example.org", role: "author" } },
      tags: { connect: { name: "sqlite" }, create: { name: "orm" } },
    });
    const [loaded] = await db.repository(Post).load([post], { tags: true });
    return loaded!;
  },
  show(post, out) {
    out.facts({
      post: `${post.title} (${post.id}), version ${post.version}`,
      author: String(post.authorId),
      tags: post.tags.map((tag) => tag.name).join(", "),
    });
  },
});

/** What throws undoes all of it. */
const rollback = section({
  title: "A transaction that throws leaves nothing behind",
  async run(db) {
    const before = await db.repository(Post).count();
    const reason = await db.transaction(async (tx) => {
      const deleted = await tx.repository(Post).deleteMany({ where: { published: false } });
      throw new Error(`changed my mind about ${deleted} drafts`);
    }).catch((error: Error) => error.message);
    return { before, after: await db.repository(Post).count(), reason };
  },
  show({ before, after, reason }, out) {
    out.facts({ "posts before": before, "posts after": after, "thrown by the work": reason });
  },
});

/** Two editors have read the same version; the second to save is told. */
const stale = section({
  title: "Two editors at once: the second one is told, not overwritten",
  async run(db) {
    const posts = db.repository(Post);
    const [mine, theirs] = await Promise.all([posts.findById(1), posts.findById(1)]);
    theirs!.title = "Their Title";
    await theirs!.save(db);
    mine!.title = "My Title";
    return await caught(mine!.save(db), StaleObjectError);
  },
  show: (error, out) => out.error(error),
});

/** Rules run before anything is sent, and all of them. */
const invalid = section({
  title: "Every failed rule at once, before any statement is sent",
  run(db) {
    const visitor = User.from({ name: "X", email: "nobody", country: "Wonderland" });
    return caught(visitor.save(db), ValidationError);
  },
  show: (error, out) => out.error(error),
});

/** The database has the last word, and its answer names the column. */
const taken = section({
  title: "A unique value that is taken",
  run(db) {
    return caught(db.repository(Tag).create({ name: "sqlite" }), UniqueViolationError);
  },
  show: (error, out) => out.error(error),
});

/** The error that a write is expected to be refused with. */
async function caught<E extends Error>(
  write: Promise<unknown>,
  kind: new (...args: never[]) => E,
): Promise<E> {
  try {
    await write;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`Expected a ${kind.name}, but the write went through`);
}

/** The sections of this file. */
export const writing = { nested, rollback, stale, invalid, taken } satisfies Record<
  string,
  Section
>;
