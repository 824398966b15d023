/**
 * Building queries: the untyped builder, SQL by hand.
 *
 * @module
 */
import { QueryBuilder, sql } from "@rex/orm";
import { type Section, sectionsOf } from "../section.ts";

const section = sectionsOf(import.meta.url);

/** Names and operators as text, each checked; values are always bound. */
const builder = section({
  title: "The fluent query builder, with plain names",
  async run(db) {
    const query = new QueryBuilder()
      .select(["country", "COUNT(id) AS people"])
      .from("users")
      .where("role", "=", "author")
      .groupBy("country")
      .having("COUNT(id)", ">=", 10)
      .orderBy("people", "DESC")
      .limit(4);
    return (await query.execute<{ country: string; people: number }>(db)).rows;
  },
  show(rows, out) {
    out.table(["country", "authors"], rows.map((row) => [row.country, row.people]));
  },
});

/** SQL where SQL says it best. */
const byHand = section({
  title: "SQL by hand: every ${value} is bound, never written into the text",
  async run(db) {
    const since = new Date("2025-10-01");
    const ranked = await sql<{ month: string; title: string; views: number }>`
      SELECT month, title, views FROM (
        SELECT substr(created_at, 1, 7) AS month, title, views,
          row_number() OVER (PARTITION BY substr(created_at, 1, 7) ORDER BY views DESC) AS place
        FROM posts WHERE created_at >= ${since}) AS ranked
      WHERE place = ${1} ORDER BY month`.execute(db);
    return ranked.rows;
  },
  show(rows, out) {
    out.table(
      ["month", "most read", "views"],
      rows.map((row) => [row.month, row.title, row.views]),
    );
  },
});

/** The sections of this file. */
export const querying = { builder, byHand } satisfies Record<string, Section>;
