import assert from "node:assert/strict";
import { SQLiteAdapter, StaleObjectError, UniqueViolationError, ValidationError } from "@rex/orm";
import { type BlogReport, runBlog } from "./blog.ts";
import { Comment, Post, Tag, User } from "./models.ts";
import { reading } from "./sections/reading.ts";
import { querying } from "./sections/querying.ts";
import { writing } from "./sections/writing.ts";
import { COUNTS } from "./seed.ts";
import { TAGS } from "./words.ts";

interface Run {
  readonly report: BlogReport;
  readonly text: string;
  readonly file: string;
}

/** Runs the demo into a text, on a database that is gone afterwards. */
async function withDemo(test: (run: Run) => Promise<void> | void, color = false): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-blog-" });
  try {
    const file = `${folder}/blog.db`;
    let text = "";
    const write = (part: string) => void (text += part);
    const report = await runBlog({ file, write, color, interactive: false });
    await test({ report, text, file });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What does not differ from run to run: everything but durations and places. */
function lasting(text: string): string {
  return text.replaceAll(/ *[\d.]+ ms/g, "").replace(/ · [\d.]+ s · .*/, "");
}

Deno.test("the blog demo fills its tables with the rows it says, and adds what its sections write", async () => {
  await withDemo(async ({ report, file }) => {
    await using db = new SQLiteAdapter(file);
    const links = await db.execute<{ count: number }>("SELECT count(*) AS count FROM posts_tags");
    assert.equal(await db.repository(User).count(), COUNTS.users + 1);
    assert.equal(await db.repository(Post).count(), COUNTS.posts + 1);
    assert.equal(await db.repository(Tag).count(), TAGS.length + 1);
    assert.equal(await db.repository(Comment).count(), COUNTS.comments + COUNTS.replies);
    const { users, posts, comments, replies } = COUNTS;
    const added = 2;
    const expected = users + posts + comments + replies + TAGS.length + links.rows[0]!.count -
      added;
    assert.equal(report.rows, expected);
    assert.ok(report.rows >= 10_000);
  });
});

Deno.test("the blog demo reads relations, pages and groups that fit its rows", async () => {
  await withDemo(({ report }) => {
    const authors = report.resultOf(reading.relations);
    assert.ok(authors.length > 0);
    for (const { posts, _count } of authors) {
      assert.equal(posts.length, 2);
      assert.ok(posts[0]!.views >= posts[1]!.views && _count.posts >= 2);
    }
    const { comments, tags } = report.resultOf(reading.thread);
    assert.ok(tags.length > 0 && comments.length > 0);
    assert.ok(comments.every(({ replies }) => replies.length > 0));
    const [first, second] = report.resultOf(reading.pages);
    assert.equal(new Set([...first!, ...second!].map(({ id }) => id)).size, 6);
    assert.ok(first!.at(-1)!.createdAt >= second![0]!.createdAt);
    const { all, roles } = report.resultOf(reading.totals);
    assert.equal(all.count, COUNTS.posts);
    assert.equal(roles.reduce((sum, { count }) => sum + count, 0), COUNTS.users);
    assert.ok(report.resultOf(querying.typed).every(({ posts }) => posts >= 15));
    assert.equal(report.resultOf(querying.untyped).length, 4);
    const months = report.resultOf(querying.byHand).map(({ month }) => month);
    assert.deepEqual(months, ["2025-10", "2025-11", "2025-12"]);
  });
});

Deno.test("the blog demo's refused writes leave nothing behind and say why", async () => {
  await withDemo(({ report, text }) => {
    const rollback = report.resultOf(writing.rollback);
    assert.equal(rollback.before, rollback.after);
    const stale = report.resultOf(writing.stale);
    assert.ok(stale instanceof StaleObjectError);
    assert.equal(stale.code, "REX_STALE_OBJECT");
    const invalid = report.resultOf(writing.invalid);
    assert.ok(invalid instanceof ValidationError);
    assert.deepEqual(invalid.issues.map(({ path }) => path.join()), ["name", "email", "country"]);
    const taken = report.resultOf(writing.taken);
    assert.ok(taken instanceof UniqueViolationError);
    assert.deepEqual([taken.table, taken.columns], ["tags", ["name"]]);
    for (const code of [stale.code, invalid.code, taken.code]) assert.ok(text.includes(code), code);
  });
});

Deno.test("the blog demo prints the same at each run, in fewer than 250 lines of at most 100 columns", async () => {
  const texts: string[] = [];
  await withDemo(({ text }) => void texts.push(text));
  await withDemo(({ text }) => void texts.push(text));
  const lines = texts[0]!.split("\n");
  assert.ok(lines.length < 250, `${lines.length} lines`);
  assert.deepEqual(lines.filter((line) => line.length > 100), []);
  assert.equal(lasting(texts[0]!), lasting(texts[1]!));
  assert.ok(!texts[0]!.includes("\x1b"));
});

Deno.test("the blog demo colours what it prints when it is told to", async () => {
  await withDemo(({ text }) => assert.ok(text.includes("\x1b[36mSELECT\x1b[0m")), true);
});
