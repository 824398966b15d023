/**
 * Random rows, and how they come into a database.
 *
 * @module
 */
import type { Database } from "../../src/database/database.ts";
import type { Random } from "./random.ts";
import { type ColumnInfo, type Data, infoOf, type Kind, type Row, world } from "./world.ts";

const texts = ["", "a", "A", "ab", "aB", "b", "B%", "b_c", "a\\b", "Zoë", "it's", "10", "9", "x y"];
const instants = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5Z", "1969-12-31T23:59:59.999Z"];
const documents: readonly unknown[] = [
  {},
  { a: 1 },
  { a: 1, b: "x" },
  { b: "x", a: 1 },
  { a: null },
  { list: [1, 2, 3] },
  { list: [] },
  { inner: { deep: true, n: 1.5 } },
  { a: "1" },
];

/** A random value of a kind; few different ones, so that rows meet. */
export function valueOf(random: Random, kind: Kind): unknown {
  switch (kind) {
    case "int":
      return random.pick([-1, 0, 1, 2, 3, 4, 5, 6, 10, 2147483647]);
    case "big":
      return random.pick([-1n, 0n, 1n, 2n, 3n, 9007199254740993n, -9007199254740993n]);
    case "num":
      return random.pick(["-1.50", "0.00", "9.50", "10.00", "10.01", "90071992547409931.25"]);
    case "double":
      return random.pick([-0.5, 0, 0.25, 1, 1.5, 1e10]);
    case "bool":
      return random.chance(0.5);
    case "text":
      return random.pick(texts);
    case "date":
      return random.pick(["1969-12-31", "2020-02-29", "2020-03-01", "2021-01-01"]);
    case "time":
      return new Date(random.pick(instants));
    case "uuid":
      return `0000000${random.int(0, 3)}-0000-4000-8000-00000000000${random.pick(["a", "f", "0"])}`;
    case "enum":
      return random.pick(["high", "low", "mid"]);
    case "json":
      return random.pick(documents);
    case "bytes":
      return new Uint8Array(random.pick([[], [0], [1, 255]]));
  }
}

function columnValue(random: Random, column: ColumnInfo): unknown {
  return column.nullable && random.chance(0.35) ? null : valueOf(random, column.kind);
}

/** Rows of a model with random values; keys and foreign keys are the caller's. */
function rowsOf(random: Random, name: string, count: number, fill: (index: number) => Row): Row[] {
  const columns = Object.entries(infoOf(name).columns);
  return Array.from({ length: count }, (_, index) => ({
    ...Object.fromEntries(columns.map(([column, info]) => [column, columnValue(random, info)])),
    ...fill(index),
  }));
}

function maybe<T>(random: Random, rows: readonly Row[], key: string): T | null {
  return rows.length === 0 || random.chance(0.35) ? null : random.pick(rows)[key] as T;
}

/** Pairs that are all different. */
function pairs<T>(random: Random, count: number, make: () => Row & T): (Row & T)[] {
  const seen = new Map<string, Row & T>();
  for (let i = 0; i < count; i++) {
    const row = make();
    seen.set(JSON.stringify(row, (_, each) => typeof each === "bigint" ? `${each}` : each), row);
  }
  return random.some([...seen.values()], seen.size);
}

/** Random rows of all models and join tables, free of dangling references. */
export function randomData(random: Random): Data {
  const size = random.pick([2, 4, 6, 9]);
  const authors: Row[] = [];
  const data: Data = { Author: authors };
  for (
    const row of rowsOf(random, "Author", random.int(1, size), (i) => ({
      id: i + 1,
      email: random.chance(0.4) ? null : `${random.pick(["a", "B", "c"])}${i}@x.org`,
    }))
  ) authors.push({ ...row, mentorId: maybe(random, authors, "id") });
  const anAuthor = () => random.pick(authors).id;
  data.follows = pairs(random, random.int(0, size * 2), () => ({
    follower_id: anAuthor(),
    followed_id: anAuthor(),
  }));
  data.Profile = random.some(authors, random.int(0, size)).map((author, i) => ({
    id: i + 1,
    bio: valueOf(random, "text"),
    authorId: author.id,
  }));
  const posts = rowsOf(random, "Post", random.int(0, size * 2), (i) => ({
    id: i + 1,
    authorId: anAuthor(),
    editorId: maybe(random, authors, "id"),
  }));
  data.Post = posts;
  fillPosts(random, data, posts, size);
  fillRegions(random, data);
  return data;
}

function fillPosts(random: Random, data: Data, posts: readonly Row[], size: number): void {
  const authors = data.Author as Row[];
  const comments: Row[] = [];
  data.Comment = comments;
  const many = posts.length === 0 ? 0 : random.int(0, size * 3);
  for (
    const row of rowsOf(random, "Comment", many, (i) => ({
      id: i + 1,
      postId: random.pick(posts).id,
      writerId: maybe(random, authors, "id"),
      deletedAt: random.chance(0.3) ? new Date(instants[0] as string) : null,
    }))
  ) comments.push({ ...row, parentId: maybe(random, comments, "id") });
  const tags = random.some(["sql", "SQL", "js", "a_b", "ü"], random.int(0, 5));
  data.Tag = tags.map((name) => ({ name, note: maybe(random, [{ n: "x" }, { n: "y" }], "n") }));
  data.Topic = rowsOf(random, "Topic", random.int(0, 3), (i) => ({
    id: i === 2 ? 9007199254740993n : BigInt(i + 1),
  }));
  const linked = posts.length > 0;
  data.post_tags = linked && tags.length > 0
    ? pairs(random, random.int(0, size * 3), () => ({
      post_id: random.pick(posts).id,
      tag_name: random.pick(tags),
    }))
    : [];
  const topics = data.Topic;
  data.Labelling = linked && topics.length > 0
    ? pairs(random, random.int(0, size * 2), () => ({
      postId: random.pick(posts).id,
      topicId: random.pick(topics).id,
    })).map((row) => ({ ...row, weight: random.int(0, 3) }))
    : [];
}

function fillRegions(random: Random, data: Data): void {
  const all = ["at", "ch"].flatMap((country) => [1, 2, 3].map((number) => ({ country, number })));
  const regions: Row[] = random.some(all, random.int(0, 5)).map((key) => ({
    ...key,
    name: random.chance(0.3) ? null : valueOf(random, "text"),
  }));
  data.Region = regions;
  data.borders = regions.length === 0 ? [] : pairs(random, random.int(0, 8), () => {
    const [from, to] = [random.pick(regions), random.pick(regions)];
    return {
      from_country: from.country,
      from_number: from.number,
      to_country: to.country,
      to_number: to.number,
    };
  });
  data.Town = ["at a", "at b", "ch a", "ch d", "ch e"].slice(0, random.int(0, 5)).map((key) => {
    const [country, name] = key.split(" ") as [string, string];
    const here = regions.filter((region) => region.country === country);
    return { country, name, regionNumber: maybe(random, here, "number") };
  });
}

/** The tables, parents first. */
const tables = {
  Author: "authors",
  follows: "follows",
  Profile: "profiles",
  Tag: "tags",
  Topic: "topics",
  Region: "regions",
  borders: "borders",
  Town: "towns",
  Post: "posts",
  Comment: "comments",
  post_tags: "post_tags",
  Labelling: "labellings",
} as const;

/** Replaces all that is in a database by these rows. */
export async function loadData(db: Database, data: Data): Promise<void> {
  await db.transaction(async (tx) => {
    for (const table of Object.values(tables).reverse()) await tx.execute(`DELETE FROM ${table}`);
    for (const [name, table] of Object.entries(tables)) {
      const rows = data[name] ?? [];
      const info = world.get(name);
      if (info) {
        await tx.repository(info.model).createMany(rows.map((row) => visible(name, row)) as never);
        continue;
      }
      for (const row of rows) {
        const names = Object.keys(row);
        const marks = names.map((_, i) => `$${i + 1}`);
        await tx.execute(
          `INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks.join(", ")})`,
          Object.values(row),
        );
      }
    }
    for (const post of data.Post ?? []) {
      if (post.editorId === null) continue;
      await tx.execute("UPDATE posts SET editor_id = $1 WHERE id = $2", [post.editorId, post.id]);
    }
  });
}

/** A row without its hidden columns. */
export function visible(name: string, row: Row): Row {
  const { columns } = infoOf(name);
  return Object.fromEntries(
    Object.entries(columns).filter(([, info]) => !info.hidden).map(([key]) => [key, row[key]]),
  );
}
