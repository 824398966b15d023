/**
 * A small blog in a file, for pages to show, and another program that writes to it.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { SQLiteAdapter } from "@rex/orm";
import { models, Post, User } from "../../examples/blog/models.ts";

/** A blog with two authors, three drafts and one published post. */
export class Blog implements AsyncDisposable {
  readonly #folder: string;
  /** The file. */
  readonly file: string;
  /** The server's own connection to it. */
  db: SQLiteAdapter;

  private constructor(folder: string) {
    this.#folder = folder;
    this.file = `${folder}/blog.db`;
    this.db = new SQLiteAdapter(this.file);
  }

  /** Makes one. */
  static async create(): Promise<Blog> {
    const blog = new Blog(await Deno.makeTempDir({ prefix: "rex-orm-browser-" }));
    const { db } = blog;
    await db.schema.create({ models });
    const [ada, bob] = await db.repository(User).createManyReturning([
      { name: "Ada", email: "ada@example.org" },
      { name: "Bob", email: "bob@example.org" },
    ]);
    const texts = ["Red apples", "Green apples", "Blue plums", "Old news"];
    await db.repository(Post).createMany(texts.map((title, index) => ({
      title,
      body: `About ${title}`,
      published: index === 3,
      authorId: index === 2 ? bob!.id : ada!.id,
    })));
    return blog;
  }

  /** Writes as another program does: on a connection that Rex-ORM knows nothing of. */
  shell(sql: string): void {
    const connection = new DatabaseSync(this.file);
    try {
      connection.exec("PRAGMA busy_timeout = 1000");
      connection.exec(sql);
    } finally {
      connection.close();
    }
  }

  /** Opens the file anew, as a process that starts again does. */
  async reopen(between: () => void): Promise<void> {
    await this.db.disconnect();
    between();
    this.db = new SQLiteAdapter(this.file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.disconnect();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
