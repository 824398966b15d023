/** What the types of live queries take and give: those of `find`. Compiling this file is the test. */
import type { Database } from "../../src/database/database.ts";
import type { LiveEvent } from "../../src/features/realtime/live/live_query.ts";
import { Author, Post } from "../behaviour/repository_models.ts";

declare const db: Database;

function takes<T>(_value: T): void {}

/** Never run. */
export async function checked(): Promise<void> {
  const board = db.live(Post, {
    where: { published: true, author: { name: { startsWith: "a" } } },
    select: ["title"],
    include: { author: { select: ["name"] } },
    orderBy: { views: "desc" },
    limit: 3,
  });
  for await (const posts of board) {
    takes<string | undefined>(posts[0]?.title);
    takes<string | undefined>(posts[0]?.author.name);
    // @ts-expect-error: it was not selected
    posts[0]?.views;
    // @ts-expect-error: it was not selected
    posts[0]?.author.age;
  }
  for await (const event of board.changes()) {
    takes<LiveEvent<{ title: string }>>(event);
    if (event.kind === "change") takes<readonly string[]>(event.drop);
  }
  takes<string | undefined>(board.value?.[0]?.title);
  takes<() => void>(board.subscribe((posts) => takes<number>(posts.length)));
  takes<string | undefined>(db.live(Author).value?.[0]?.shout());
  // @ts-expect-error: relations that were not included are absent
  db.live(Author).value?.[0]?.posts;
  // @ts-expect-error: there is no such column
  db.live(Post, { where: { colour: "red" } });
  // @ts-expect-error: a column of text
  db.live(Post, { where: { title: 5 } });
  // @ts-expect-error: there is no such relation
  db.live(Post, { include: { reader: true } });
  // @ts-expect-error: there is no such direction
  db.live(Post, { orderBy: { title: "up" } });
}

Deno.test("live queries are typed as find() is", () => {});
