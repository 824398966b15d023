/**
 * Building queries: the typed builder, the one with plain names, SQL by hand.
 *
 * @module
 */
import { fn, QueryBuilder, sql } from "@rex/orm";
import { Post, User } from "../models.ts";
import { type Section, sectionsOf } from "../section.ts";

const section = sectionsOf(import.meta.url);

/** Columns, operators and results are typed from the models. */
const typed = section({
  title: "The typed query builder: a join, groups, a condition on them",
  run(db) {
    return db.query(User)
      .innerJoin(Post, "p", (c) => c.p.authorId.eq(c.id))
      .where("country", "in", ["DE", "FR", "JP"])
      .select("name", "country")
      .select((c) => ({ posts: fn.count(), views: fn.sum(c.p.views) }))
      .groupBy("id", "name", "country")
      .having(() => fn.count().gte(15))
      .orderBy("views", "desc").limit(4)
      .execute();
  },
  show(rows, out) {
    out.table(
      ["author", "country", "posts", "views"],
      rows.map((row) => [row.name, row.country, row.posts, row.views]),
    );
  },
});

/** Names and operators as text, each of them checked; values are always bound. */
const untyped = section({
  title: "The fluent query builder, with plain names",
  async run(db) {
    const query = new QueryBuilder()
      .select(["t.name AS tag", "COUNT(p.id) AS posts"]).from("tags t")
      .join("posts_tags pt", "pt.tag_id = t.id")
      .join("posts p", "p.id = pt.post_id")
      .where("p.views", ">=", 1_000)
      .groupBy("t.name").having("COUNT(p.id)", ">", 50)
      .orderBy("posts", "DESC").limit(4);
    return (await query.execute<{ tag: string; posts: number }>(db)).rows;
  },
  show(rows, out) {
    out.table(["tag", "posts"], rows.map((row) => [row.tag, row.posts]));
  },
});

/** SQL where SQL says it best. */
const byHand = section({
  title: "SQL by hand: every ${value} is bound, never written into the text",
  async run(db) {
    const [from, to] = [new Date("2025-10-01"), new Date("2026-01-01")];
    const { rows } = await sql<{ month: string; title: string; views: number }>`
      SELECT substr(created_at, 1, 7) AS month, title, MAX(views) AS views FROM posts
      WHERE created_at >= ${from} AND created_at < ${to} GROUP BY month ORDER BY month`.execute(db);
    return rows;
  },
  show(rows, out) {
    out.table(
      ["month", "most read", "views"],
      rows.map((row) => [row.month, row.title, row.views]),
    );
  },
});

/** The sections of this file. */
export const querying = { typed, untyped, byHand } satisfies Record<string, Section>;
