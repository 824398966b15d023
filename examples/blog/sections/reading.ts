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
  title: "Authors of popular posts about SQLite, with their two most read posts each",
  run(db) {
    return db.repository(User).find({
      where: { posts: { some: { views: { gt: 3_000 }, tags: { some: { name: "sqlite" } } } } },
      include: { posts: { orderBy: { views: "desc" }, limit: 2 }, _count: { posts: true } },
      orderBy: { name: "asc" },
      limit: 3,
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
const threads = section({
  title: "A post with its author, its tags and two levels of comments",
  run(db) {
    return db.repository(Post).findOneOrThrow({
      where: { comments: { some: { replies: { some: {} } } }, published: true },
      select: ["title"],
      include: {
        author: { select: ["name"] },
        tags: { select: ["name"], orderBy: { name: "asc" } },
        comments: {
          where: { replies: { some: {} } },
          include: { author: true, replies: { include: { author: true }, limit: 2 } },
          limit: 2,
        },
      },
      orderBy: { createdAt: "desc" },
    });
  },
  show(post, out) {
    out.line(`  ${out.style(post.title, "bold")}  by ${post.author.name}`);
    out.line(`  ${out.style(post.tags.map((tag) => `#${tag.name}`).join(" "), "cyan")}`);
    for (const comment of post.comments) {
      out.line(`    ${comment.author.name}: ${comment.text}`);
      for (const reply of comment.replies) {
        out.line(`      └ ${reply.author.name}: ${reply.text}`);
      }
    }
  },
});

/** A page, and the one after its last row: no offset, so no row is counted past. */
const pages = section({
  title: "A page of comments, and the next one by its cursor",
  async run(db) {
    const comments = db.repository(Comment);
    const newest = {
      orderBy: { createdAt: "desc" },
      select: ["id", "createdAt", "text"],
      limit: 3,
    } as const;
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
    const all = await db.repository(Post).aggregate({
      count: true,
      sum: ["views"],
      avg: ["views"],
      max: ["views", "createdAt"],
    });
    const roles = await db.repository(User).groupBy({
      by: ["role"],
      count: true,
      min: ["createdAt"],
      orderBy: { _count: "desc" },
    });
    return { all, roles };
  },
  show({ all, roles }, out) {
    out.facts({
      posts: all.count,
      views: all.sum.views,
      "views per post": all.avg.views,
      "most views": all.max.views,
      "last written": all.max.createdAt,
    });
    out.line();
    out.table(
      ["role", "people", "first joined"],
      roles.map((row) => [
        row.role,
        row.count,
        row.min.createdAt,
      ]),
    );
  },
});

/** The sections of this file. */
export const reading = { relations, threads, pages, totals } satisfies Record<string, Section>;
