/**
 * Fills the blog with the same ten thousand rows at each run.
 *
 * @module
 */
import { type Database, QueryBuilder, type TransactionScope } from "@rex/orm";
import { Comment, Post, Tag, User } from "./models.ts";
import { Random } from "./random.ts";
import { body, person, remark, TAGS, title } from "./words.ts";

/** How many rows of each kind there are; links between posts and tags come on top. */
export const COUNTS = { users: 400, posts: 1_600, comments: 4_000, replies: 1_000 } as const;

const SEED = 20_260_101;
const FIRST_DAY = Date.UTC(2025, 0, 1);
const DAYS = 365;
const DAY = 86_400_000;
const BATCH = 500;

/** Told how many rows are written, and of how many as far as it is known. */
export type Progress = (written: number, expected: number) => void;

/**
 * Writes all rows in one transaction.
 *
 * @returns how many there are
 */
export function seed(db: Database, progress: Progress): Promise<number> {
  return db.transaction((tx) => new Seeder(tx, progress).run());
}

class Seeder {
  readonly #random = new Random(SEED);
  readonly #tx: TransactionScope;
  readonly #progress: Progress;
  #written = 0;

  constructor(tx: TransactionScope, progress: Progress) {
    this.#tx = tx;
    this.#progress = progress;
  }

  async run(): Promise<number> {
    const users = await this.#users();
    const posts = await this.#posts(users);
    await this.#tags(posts);
    await this.#comments(posts, users);
    return this.#written;
  }

  #users(): Promise<number[]> {
    const random = this.#random;
    const rows = list(COUNTS.users, (number) => ({
      ...person(random, number + 1),
      role: number % 40 === 0
        ? "editor" as const
        : number % 4 === 0
        ? "author" as const
        : "reader" as const,
      ...this.#moment(0),
    }));
    return this.#insert(rows, (batch) => this.#tx.repository(User).createManyReturning(batch));
  }

  #posts(users: readonly number[]): Promise<number[]> {
    const random = this.#random;
    const authors = users.filter((_, index) => index % 4 === 0);
    const rows = list(COUNTS.posts, (number) => ({
      title: title(random),
      body: body(random),
      published: random.below(5) > 0,
      views: random.skewed(5_000),
      authorId: authors[random.skewed(authors.length)]!,
      ...this.#moment(number / COUNTS.posts),
    }));
    return this.#insert(rows, (batch) => this.#tx.repository(Post).createManyReturning(batch));
  }

  async #tags(posts: readonly number[]): Promise<void> {
    const names = TAGS.map((name) => ({ name }));
    const tags = await this.#insert(
      names,
      (batch) => this.#tx.repository(Tag).createManyReturning(batch),
    );
    const links = posts.flatMap((post_id) =>
      this.#random.sample(tags, 1 + this.#random.below(3)).map((tag_id) => ({ post_id, tag_id }))
    );
    for (const batch of batches(links)) {
      await new QueryBuilder().insert("posts_tags", batch).execute(this.#tx);
      this.#advance(batch.length);
    }
  }

  async #comments(posts: readonly number[], users: readonly number[]): Promise<void> {
    const random = this.#random;
    const comment = (postId: number, parentId: number | null, time: number) => ({
      text: remark(random),
      postId,
      parentId,
      authorId: random.pick(users),
      createdAt: this.#moment(time).createdAt,
    });
    const insert = (rows: ReturnType<typeof comment>[]) =>
      this.#insert(rows, (batch) => this.#tx.repository(Comment).createManyReturning(batch));
    const placed = list(COUNTS.comments, () => posts[random.skewed(posts.length)]!);
    const threads = await insert(placed.map((postId) => comment(postId, null, 1)));
    await insert(list(COUNTS.replies, () => {
      const answered = random.skewed(threads.length);
      return comment(placed[answered]!, threads[answered]!, 1.01);
    }));
  }

  /** When a row was written, as a fraction of the year. */
  #moment(fraction: number): { readonly createdAt: Date; readonly updatedAt: Date } {
    const createdAt = new Date(
      FIRST_DAY + Math.floor(fraction * DAYS) * DAY + this.#random.below(DAY),
    );
    return { createdAt, updatedAt: createdAt };
  }

  /** Writes rows in batches and gives their ids, in order. */
  async #insert<T>(
    rows: readonly T[],
    write: (batch: readonly T[]) => Promise<readonly { readonly id: number }[]>,
  ): Promise<number[]> {
    const ids: number[] = [];
    for (const batch of batches(rows)) {
      for (const { id } of await write(batch)) ids.push(id);
      this.#advance(batch.length);
    }
    return ids;
  }

  #advance(rows: number): void {
    this.#written += rows;
    const { users, posts, comments, replies } = COUNTS;
    this.#progress(this.#written, users + posts * 3 + comments + replies + TAGS.length);
  }
}

function list<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}

function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += BATCH) yield rows.slice(start, start + BATCH);
}
