import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { serveBoard } from "../../examples/blog/board/server.ts";
import { Post } from "../../examples/blog/models.ts";
import { Blog } from "./blog.ts";
import { browserTest, type Tab, type TestBrowser } from "./browser.ts";

/** A blog whose board is served. */
class ServedBlog implements AsyncDisposable {
  readonly blog: Blog;
  #board: Awaited<ReturnType<typeof serveBoard>>;

  private constructor(blog: Blog, board: Awaited<ReturnType<typeof serveBoard>>) {
    this.blog = blog;
    this.#board = board;
  }

  static async start(): Promise<ServedBlog> {
    const blog = await Blog.create();
    return new ServedBlog(blog, await serveBoard({ db: blog.db, port: 0, shell: "SHELL" }));
  }

  get url(): string {
    return this.#board.url;
  }

  /** Ends the server, lets others write, and starts another one on the same port. */
  async restart(between: () => void): Promise<void> {
    const port = Number(new URL(this.url).port);
    await this.#board.close();
    await this.blog.reopen(between);
    this.#board = await serveBoard({ db: this.blog.db, port, shell: "SHELL" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#board.close();
    await this.blog[Symbol.asyncDispose]();
  }
}

/** The card of a post that the server has confirmed. */
function card({ page }: Tab, title: string, list = "#drafts"): Locator {
  return page.locator(`${list} li:not(.pending)`).filter({ hasText: title });
}

/** Waits until a list shows these titles, in this order. */
async function shows({ page }: Tab, list: string, titles: readonly string[]): Promise<void> {
  const wanted = JSON.stringify(titles);
  await page.waitForFunction(`
    JSON.stringify([...document.querySelectorAll("${list} li button")]
      .map((button) => button.firstChild.textContent)) === ${JSON.stringify(wanted)}
  `);
}

async function openTwo(browser: TestBrowser, url: string): Promise<[Tab, Tab]> {
  const tabs: [Tab, Tab] = [await browser.open(url), await browser.open(url)];
  for (const tab of tabs) await shows(tab, "#drafts", ["Blue plums", "Green apples", "Red apples"]);
  return tabs;
}

async function rename(tab: Tab, from: string, to: string): Promise<void> {
  await card(tab, from).getByRole("button").click();
  await tab.page.locator("#title").fill(to);
  await tab.page.locator("#save").click();
}

browserTest(
  "what one tab creates, changes, publishes and deletes is in another tab",
  async (browser) => {
    await using served = await ServedBlog.start();
    const [a, b] = await openTwo(browser, served.url);
    await rename(a, "Green apples", "Sour apples");
    await shows(b, "#drafts", ["Blue plums", "Sour apples", "Red apples"]);
    await card(a, "Sour apples").waitFor();

    await b.page.locator("#new").click();
    await b.page.locator("#title").fill("White lies");
    await b.page.locator("#body").fill("Told by a tab");
    await b.page.locator("#save").click();
    await shows(a, "#drafts", ["White lies", "Blue plums", "Sour apples", "Red apples"]);

    await card(a, "White lies").getByRole("button").click();
    await a.page.locator("#publish").click();
    for (const tab of [a, b]) await shows(tab, "#published", ["White lies", "Old news"]);
    await card(b, "Red apples").getByRole("button").click();
    await b.page.locator("#remove").click();
    for (const tab of [a, b]) await shows(tab, "#drafts", ["Blue plums", "Sour apples"]);

    const titles = await served.blog.db.repository(Post).find({ orderBy: { id: "asc" } });
    assert.deepEqual(titles.map(({ title, published }) => [title, published]), [
      ["Sour apples", false],
      ["Blue plums", false],
      ["Old news", true],
      ["White lies", true],
    ]);
  },
);

browserTest("what another program writes into the file is in the page", async (browser) => {
  await using served = await ServedBlog.start();
  const tab = await browser.open(served.url);
  await shows(tab, "#drafts", ["Blue plums", "Green apples", "Red apples"]);
  served.blog.shell("UPDATE posts SET title = 'From a shell' WHERE title = 'Blue plums'");
  await shows(tab, "#drafts", ["From a shell", "Green apples", "Red apples"]);
  served.blog.shell(`
    BEGIN;
    DELETE FROM posts WHERE title = 'Red apples';
    UPDATE users SET name = 'Ada Lovelace' WHERE name = 'Ada';
    COMMIT;
  `);
  await shows(tab, "#drafts", ["From a shell", "Green apples"]);
  await card(tab, "Green apples").filter({ hasText: "Ada Lovelace" }).waitFor();
});

browserTest("a filter shows what matches it, and goes on following that", async (browser) => {
  await using served = await ServedBlog.start();
  const tab = await browser.open(served.url);
  await tab.page.locator("#search").fill("apples");
  await shows(tab, "#drafts", ["Green apples", "Red apples"]);
  await shows(tab, "#published", []);
  served.blog.shell(`
    UPDATE posts SET title = CASE title WHEN 'Red apples' THEN 'Red pears' ELSE 'Blue apples' END
    WHERE title IN ('Red apples', 'Blue plums')
  `);
  await shows(tab, "#drafts", ["Blue apples", "Green apples"]);
  await tab.page.locator("#author").selectOption({ label: "Bob" });
  await shows(tab, "#drafts", ["Blue apples"]);
  await tab.page.locator("#search").fill("");
  await tab.page.locator("#author").selectOption({ label: "Every author" });
  await shows(tab, "#drafts", ["Blue apples", "Green apples", "Red pears"]);
});

browserTest(
  "a write that the server refuses is taken back, and the page says why",
  async (browser) => {
    await using served = await ServedBlog.start();
    const [a, b] = await openTwo(browser, served.url);
    await rename(a, "Blue plums", "No");
    await a.page.locator("#refused").filter({ hasText: "A title has at least three letters" })
      .waitFor();
    await a.page.locator("#cancel").click();
    await shows(a, "#drafts", ["Blue plums", "Green apples", "Red apples"]);
    // What comes after it shows that nothing of it came.
    await rename(a, "Red apples", "Black apples");
    await shows(b, "#drafts", ["Blue plums", "Green apples", "Black apples"]);
  },
);

browserTest(
  "a page that was offline gets what it missed, and sends what it wrote",
  async (browser) => {
    await using served = await ServedBlog.start();
    const [a, b] = await openTwo(browser, served.url);
    await a.context.setOffline(true);
    await a.page.locator("#state.offline").waitFor();
    served.blog.shell("UPDATE posts SET title = 'Missed' WHERE title = 'Green apples'");
    await shows(b, "#drafts", ["Blue plums", "Missed", "Red apples"]);
    await rename(a, "Red apples", "Written offline");
    await a.page.locator("#drafts li.pending").filter({ hasText: "Written offline" }).waitFor();
    await shows(a, "#drafts", ["Blue plums", "Green apples", "Written offline"]);

    await a.context.setOffline(false);
    for (const tab of [a, b]) {
      await shows(tab, "#drafts", [
        "Blue plums",
        "Missed",
        "Written offline",
      ]);
    }
    await card(a, "Written offline").waitFor();
    assert.equal(await a.page.locator("#notice").textContent(), "", "it went on where it was");
  },
);

browserTest(
  "a page whose server started again is told that it reads anew, and is right",
  async (browser) => {
    await using served = await ServedBlog.start();
    const tab = await browser.open(served.url);
    await shows(tab, "#drafts", ["Blue plums", "Green apples", "Red apples"]);
    await served.restart(() =>
      served.blog.shell(`
      UPDATE posts SET title = 'Changed while down' WHERE title = 'Green apples';
      DELETE FROM posts WHERE title = 'Red apples';
    `)
    );
    await shows(tab, "#drafts", ["Blue plums", "Changed while down"]);
    await tab.page.locator("#notice").filter({ hasText: "changes were missed" }).waitFor();
    served.blog.shell("UPDATE posts SET title = 'And after' WHERE title = 'Blue plums'");
    await shows(tab, "#drafts", ["And after", "Changed while down"]);
  },
);
