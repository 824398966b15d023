import assert from "node:assert/strict";
import { type ByHand, postgresByHand, sqliteByHand } from "./by_hand.ts";
import { readDump } from "./load_postgres.ts";
import { Terminal } from "../terminal.ts";
import { askStore, printAnswers, printComparison } from "./print.ts";
import { type Line, type Question, questions } from "./questions.ts";
import { hasSampleData, openPostgresStore, openSqliteStore, type OpenStore } from "./store.ts";

const editions: readonly [string, () => Promise<OpenStore>, ByHand][] = [
  ["SQLite", openSqliteStore, sqliteByHand],
  ["PostgreSQL", openPostgresStore, postgresByHand],
];
const asked = Object.entries(questions) as [keyof typeof questions, Question][];
const needed = hasSampleData() ? "" : ", which needs ../shared/data (sample data)";

/** What the statement written by hand gives. */
async function byHand(store: OpenStore, sql: string): Promise<Line[]> {
  const { rows } = await store.db.execute<Record<string, string | number | null>>(sql);
  return rows.map((row) => Object.values(row));
}

for (const [name, open, statements] of editions) {
  Deno.test({
    name: `the models answer ten questions to Chinook as SQL by hand does (${name})${needed}`,
    ignore: !hasSampleData(),
    async fn(test) {
      await using store = await open();
      for (const [key, question] of asked) {
        await test.step(question.text, async () => {
          const expected = await byHand(store, statements[key]);
          assert.ok(expected.length >= 5, `${expected.length} rows are too few to prove anything`);
          assert.deepEqual(await question.ask(store.db, store.models), expected);
        });
      }
    },
  });
}

Deno.test({
  name: `both editions of Chinook give the same answers${needed}`,
  ignore: !hasSampleData(),
  async fn() {
    await using sqlite = await openSqliteStore();
    await using postgres = await openPostgresStore();
    for (const [, question] of asked) {
      assert.deepEqual(
        await question.ask(sqlite.db, sqlite.models),
        await question.ask(postgres.db, postgres.models),
        question.text,
      );
    }
  },
});

Deno.test({
  name: `the Chinook example prints every question and its answer${needed}`,
  ignore: !hasSampleData(),
  async fn() {
    await using store = await openSqliteStore();
    let text = "";
    const write = (part: string) => void (text += part);
    const out = new Terminal({ write, color: false, interactive: false });
    const answers = await askStore(store);
    printAnswers(store, answers, out);
    printComparison(store, { ...answers, answers: [] }, answers, out);
    for (const [, question] of asked) assert.ok(text.includes(question.text), question.text);
    assert.match(text, /Helena Holý +Czech Republic +7 +49\.62/);
    assert.match(text, /SQLite gives other answers/);
    assert.ok(!text.includes("\x1b"));
  },
});

Deno.test("readDump() gives statements and unescaped rows, and leaves psql's own commands out", () => {
  const dump = [
    "-- a comment",
    "\\restrict abc",
    "SET client_encoding = 'UTF8';",
    "CREATE TABLE public.notes (",
    "    id integer",
    ");",
    "COPY public.notes (id, text) FROM stdin;",
    "1\tone\\ttwo\\\\three",
    "2\t\\N",
    "\\.",
    "SELECT pg_catalog.setval('public.notes_id_seq', 2, true);",
    "",
  ].join("\n");
  assert.deepEqual([...readDump(dump)], [
    { kind: "statement", sql: "CREATE TABLE public.notes (\n    id integer\n)" },
    {
      kind: "rows",
      target: "public.notes (id, text)",
      rows: [["1", "one\ttwo\\three"], ["2", null]],
    },
    { kind: "statement", sql: "SELECT pg_catalog.setval('public.notes_id_seq', 2, true)" },
  ]);
});
