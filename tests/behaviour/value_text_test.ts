/**
 * Strings that break software, as values of every column that holds text: they come back as they went in, are
 * found, and change nothing else.
 */
import assert from "node:assert/strict";
import type { ModelClass } from "../../src/model/keys.ts";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { sql } from "../../src/query/sql.ts";
import { QueryBuilder } from "../../src/query/query_builder.ts";
import { onEveryDatabase } from "../targets/databases.ts";

const folder = new URL("../../../shared/data/bad-inputs/", import.meta.url);

/** The strings, or none where the shared data is not there. */
function badInputs(): readonly string[] {
  try {
    const naughty = JSON.parse(Deno.readTextFileSync(new URL("naughty-strings.json", folder)));
    const injections = Deno.readTextFileSync(new URL("sql-injection.txt", folder)).split("\n");
    return [...new Set<string>([...naughty, ...injections])].filter((text) => !text.includes("\0"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const own = [
  "",
  "'",
  '"',
  "\\",
  "%_",
  "a\nb",
  "__proto__",
  "😀",
  "NULL",
  "'); DROP TABLE value_texts; --",
];
const shared = badInputs();
const strings = [...new Set([...own, ...shared])];

@Entity({ tableName: "value_texts" })
class Note extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  text!: string;
  @Column({ type: "varchar" })
  varchar!: string;
  @Column({ type: "json" })
  json!: unknown;
  @Column({ type: "jsonb" })
  jsonb!: unknown;
  @ManyToOne(() => Book, (book) => book.notes, { nullable: true })
  book!: Book | null;
}

@Entity({ tableName: "value_books" })
class Book extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", unique: true })
  title!: string;
  @OneToMany(() => Note, (note) => note.book)
  notes!: Note[];
}

const models: ModelClass[] = [Book, Note];

Deno.test({
  name: "the strings that break software are there (skipped without ../shared/data/bad-inputs)",
  ignore: shared.length === 0,
  fn: () => assert.ok(shared.length > 500),
});

onEveryDatabase("strings that break software come back as they went in, at every depth", {
  models,
}, async ({ db }) => {
  const book = await db.repository(Book).create({ title: "one" });
  const given = strings.map((text) => ({
    text,
    varchar: text,
    json: { [text]: text, list: [text] },
    jsonb: { [text]: text, list: [text] },
  }));
  const notes = db.repository(Note);
  await notes.createMany(given.map((each) => ({ ...each, book: { connect: { id: book.id } } })));
  const whole = await notes.find({ orderBy: { id: "asc" } });
  const picked = (
    { text, varchar, json, jsonb }: Pick<Note, "text" | "varchar" | "json" | "jsonb">,
  ) => ({
    text,
    varchar,
    json,
    jsonb,
  });
  assert.deepStrictEqual(whole.map(picked), given);
  for (const strategy of ["join", "query"] as const) {
    const [found] = await db.repository(Book).find({
      include: { notes: { strategy, orderBy: { id: "asc" } } },
    });
    assert.deepStrictEqual(found?.notes.map(picked), given, strategy);
  }
});

onEveryDatabase("strings that break software are found by every way to ask, and only they", {
  models,
}, async ({ db }) => {
  const books = db.repository(Book);
  await books.createMany(strings.map((title) => ({ title })));
  for (const title of strings) {
    const one = [{ title }];
    const select = ["title"] as const;
    assert.deepEqual(await books.find({ where: { title }, select }), one);
    assert.deepEqual(await books.find({ where: { title: { in: [title] } }, select }), one);
    const starting = await books.find({ where: { title: { startsWith: title } }, select });
    assert.deepEqual(
      starting.map((each) => each.title).sort(),
      strings.filter((each) => each.startsWith(title)).sort(),
      `startsWith ${JSON.stringify(title)}`,
    );
    assert.deepEqual(
      await db.query(Book).where("title", "=", title).select("title").execute(),
      one,
    );
    const built = new QueryBuilder().select("title").from("value_books").where("title", "=", title);
    assert.deepEqual((await built.execute(db)).rows, one);
    const tagged = sql`SELECT title FROM value_books WHERE title = ${title}`;
    assert.deepEqual((await tagged.execute(db)).rows, one);
    const raw = await db.execute("SELECT title FROM value_books WHERE title = $1", [title]);
    assert.deepEqual(raw.rows, one);
  }
  assert.equal(await books.count(), strings.length);
});

onEveryDatabase("literal operators take text literally, whatever is in it", { models }, async ({
  db,
}) => {
  const books = db.repository(Book);
  await books.createMany(strings.map((title) => ({ title })));
  const needles = ["%", "_", "\\", "'", '"', "[a-z]", "*", "?", "--", "$1", "😀", "\n", "\\%", "ﷺ"];
  for (const needle of needles) {
    for (
      const [operator, holds] of [
        ["contains", (text: string) => text.includes(needle)],
        ["startsWith", (text: string) => text.startsWith(needle)],
        ["endsWith", (text: string) => text.endsWith(needle)],
      ] as const
    ) {
      const found = await books.find({
        where: { title: { [operator]: needle } },
        select: ["title"],
      });
      assert.deepEqual(
        found.map(({ title }) => title).sort(),
        strings.filter(holds).sort(),
        `${operator} ${JSON.stringify(needle)}`,
      );
    }
  }
});
