/**
 * Reading: filters over relations, includes, pages.
 *
 * @module
 */
import { Comment, Post, User } from "../models.ts";
import { type Section, sectionsOf } from "../section.ts";

const section = sectionsOf(import.meta.url);

/** A filter over a relation, an include with its own order and limit, and counts. */
const relations = section({
  title: "Authors of posts about SQLite, with their two most read posts each",
  run(db) {
    return db.repository(User).find({
      where: { posts: { some: { tags: { some: { name: "sqlite" } } } } },
      select: ["name"],
      include: {
        posts: { select: ["title", "views"], orderBy: { views: "desc" }, limit: 2 },
        _count: { posts: true },
      },
      limit: 2,
    });
  },
  show(users, out) {
    out.table(
      ["author", "posts", "most read", "views"],
      users.flatMap((user) =>
        user.posts.map((post, i) => [
          i === 0 ? user.name : "",
          i === 0 ? user._count.posts : "",
          post.title,
          post.views,
        ])
      ),
    );
  },
});

/** Relations to one, to many through a join table, and to many of the same kind. */
const thread = section({
  title: "A post with its author, its tags, and comments that answer one another",
  run(db) {
    return db.repository(Post).findOneOrThrow({
      where: { comments: { some: { replies: { some: {} } } }, published: true },
      orderBy: { views: "desc" },
      select: ["title"],
      include: {
        author: { select: ["name"] },
        tags: { select: ["name"], orderBy: { name: "asc" } },
        comments: { where: { replies: { some: {} } }, include: { replies: true } },
      },
    });
  },
  show(post, out) {
    out.line(`  ${out.style(post.title, "bold")}, by ${post.author.name}`);
    out.line(`  ${out.style(post.tags.map((tag) => `#${tag.name}`).join(" "), "cyan")}`);
    for (const { text, replies } of post.comments) {
      out.line(`    ${text}`);
      for (const reply of replies) out.line(`      └ ${reply.text}`);
    }
  },
});

/** A page, and the one after its last row: no offset, so no row is counted past. */
const pages = section({
  title: "A page of comments, and the next one by its cursor",
  async run(db) {
    const comments = db.repository(Comment);
    const newest = { orderBy: { createdAt: "desc" }, limit: 3 } as const;
    const first = await comments.find(newest);
    const second = await comments.find({ ...newest, cursor: first.at(-1)! });
    return [first, second];
  },
  show(found, out) {
    out.table(
      ["page", "id", "written", "comment"],
      found.flatMap((page, i) =>
        page.map((row, j) => [
          j === 0 ? String(i + 1) : "",
          row.id,
          row.createdAt.toISOString().slice(0, 16).replace("T", " "),
          row.text,
        ])
      ),
    );
  },
});

/** Sums over all and per group. */
const totals = section({
  title: "Aggregates, for all posts and per author's role",
  async run(db) {
    const [posts, users] = [db.repository(Post), db.repository(User)];
    const all = await posts.aggregate({ count: true, sum: ["views"], max: ["createdAt"] });
    const roles = await users.groupBy({ by: ["role"], count: true, orderBy: { _count: "desc" } });
    return { all, roles };
  },
  show({ all, roles }, out) {
    out.facts({ posts: all.count, views: all.sum.views, "last written": all.max.createdAt });
    out.table(["role", "people"], roles.map((row) => [row.role, row.count]));
  },
});

/** The sections of this file. */
export const reading = { relations, thread, pages, totals } satisfies Record<string, Section>;
