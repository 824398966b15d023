/**
 * The hand-written ways to bring many rows into PostgreSQL.
 *
 * @module
 */
import type { NewItem } from "../model.ts";

const columns = "name, email, city, bio, age, visits, score, active, created_at";

/** One parameter a column; the last two as text, which the drivers' array types do not spoil. */
export const insertLists = `
  INSERT INTO items (${columns})
  SELECT name, email, city, bio, age, visits, score, active::boolean, created_at::timestamptz
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::real[],
              $8::text[], $9::text[]) AS list (${columns})`;

/** The same, giving the stored rows. */
export const insertListsReturning = `${insertLists}
  RETURNING id, name, email, city, bio, age, visits, score, active, created_at AS "createdAt"`;

/** The parameters of both. */
export function listsOf(items: readonly NewItem[]): (string | number | null)[][] {
  return [
    items.map((item) => item.name),
    items.map((item) => item.email),
    items.map((item) => item.city),
    items.map((item) => item.bio),
    items.map((item) => item.age),
    items.map((item) => item.visits),
    items.map((item) => item.score),
    items.map((item) => item.active ? "t" : "f"),
    items.map((item) => item.createdAt.toISOString()),
  ];
}

/** The rows in COPY's text format. The benchmark's texts hold nothing to escape but may one day. */
export function copyText(items: readonly NewItem[]): string {
  let text = "";
  for (const { name, email, city, bio, age, visits, score, active, createdAt } of items) {
    text += `${escaped(name)}\t${escaped(email)}\t${escaped(city)}\t` +
      `${bio === null ? "\\N" : escaped(bio)}\t${age}\t${visits}\t${score}\t` +
      `${active ? "t" : "f"}\t${createdAt.toISOString()}\n`;
  }
  return text;
}

function escaped(text: string): string {
  return /[\\\t\n\r]/.test(text)
    ? text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll(
      "\r",
      "\\r",
    )
    : text;
}
