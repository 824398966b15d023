/**
 * The core, through its public interface: the cases that every runtime runs. Nothing here is of one runtime.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  CreatedAt,
  type Database,
  Entity,
  ForeignKeyViolationError,
  type Generated,
  isEmail,
  type Loaded,
  ManyToOne,
  OneToMany,
  PrimaryKey,
  QueryTimeoutError,
  sql,
  TransactionError,
  UniqueViolationError,
  Validate,
  ValidationError,
} from "@rex/orm";

/** Has posts. */
@Entity({ tableName: "runtime_users" })
export class User extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 255 })
  name!: string;
  @Column({ type: "varchar", unique: true })
  @Validate(isEmail, "Invalid email format")
  email!: string;
  @OneToMany(() => Post, (post) => post.user)
  posts!: Post[];
}

/** Has a column of each kind of value that runtimes and drivers might change. */
@Entity({ tableName: "runtime_posts" })
export class Post extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar" })
  title!: string;
  @Column({ type: "bigint", nullable: true })
  views!: bigint | null;
  @Column({ type: "numeric", precision: 38, scale: 10, nullable: true })
  price!: string | null;
  @Column({ type: "double", nullable: true })
  score!: number | null;
  @Column({ type: "boolean", default: false })
  draft!: Generated<boolean>;
  @Column({ type: "timestamptz", nullable: true })
  publishedAt!: Date | null;
  @Column({ type: "bytes", nullable: true })
  cover!: Uint8Array | null;
  @Column({ type: "json", nullable: true })
  meta!: unknown;
  @CreatedAt()
  createdAt!: Generated<Date>;
  @Column({ type: "integer" })
  userId!: number;
  @ManyToOne(() => User, (user) => user.posts)
  user!: User;
}

/** Something that the core does. */
export interface Case {
  /** A sentence about it. */
  readonly name: string;
  /** Throws unless it is so. The tables are there, and empty. */
  run(db: Database): Promise<void>;
}

const values = {
  views: 9_223_372_036_854_775_807n,
  price: "1234567890123456789012345678.0123456789",
  score: 0.1,
  draft: true,
  publishedAt: new Date("2024-02-29T23:59:59.123Z"),
  cover: new Uint8Array([0, 1, 127, 128, 255]),
  meta: { tags: ["a", "ü"], deep: { none: null, half: 0.5 } },
};

function ada(db: Database): Promise<Loaded<User>> {
  return db.repository(User).create({
    name: "Ada",
    email: "ada@example.org",
    posts: { create: [{ title: "One", ...values }, { title: "Two" }] },
  });
}

function picked(post: Loaded<Post>): unknown {
  const { views, price, score, draft, publishedAt, cover, meta } = post;
  return { views, price, score, draft, publishedAt, cover, meta };
}

async function titles(db: Database): Promise<string[]> {
  return (await db.repository(Post).find({ orderBy: { id: "asc" } })).map(({ title }) => title);
}

/** The cases. */
export const cases: readonly Case[] = [
  {
    name: "create(), findById(), update() and delete() write and read a record",
    async run(db) {
      const users = db.repository(User);
      const { id } = await users.create({ name: "Ada", email: "ada@example.org" });
      const found = await users.findById(id);
      assert(found instanceof User);
      assert.equal(found.name, "Ada");
      assert.equal((await users.update(id, { name: "Ada Lovelace" })).name, "Ada Lovelace");
      assert.equal(await users.delete(id), true);
      assert.equal(await users.findById(id), null);
      assert.equal(await users.count(), 0);
    },
  },
  {
    name: "find() filters by relations and includes them",
    async run(db) {
      await ada(db);
      await db.repository(User).create({ name: "Bob", email: "bob@example.org" });
      const found = await db.repository(User).find({
        where: { posts: { some: { title: { startsWith: "O" } } } },
        include: { posts: { orderBy: { title: "desc" } } },
      });
      assert.deepEqual(
        found.map(({ name, posts }) => [name, posts.map(({ title }) => title)]),
        [["Ada", ["Two", "One"]]],
      );
    },
  },
  {
    name: "values of every kind are exact, at the top and in a relation",
    async run(db) {
      const { id } = await ada(db);
      const [post] = await db.repository(Post).find({ where: { title: "One" } });
      assert.deepEqual(picked(post!), values);
      assert(post!.createdAt instanceof Date);
      const user = await db.repository(User).findById(id, {
        include: { posts: { where: { draft: true } } },
      });
      assert.deepEqual(user!.posts.map(picked), [values]);
    },
  },
  {
    name: "save() stores what was changed on an instance",
    async run(db) {
      const user = await ada(db);
      user.name = "Countess";
      await user.save(db);
      assert.equal((await db.repository(User).findOneOrThrow({})).name, "Countess");
    },
  },
  {
    name: "createMany() and aggregate() work on many rows, decimals exactly",
    async run(db) {
      const { id } = await db.repository(User).create({ name: "Ada", email: "ada@example.org" });
      const many = Array.from({ length: 250 }, (_, i) => ({
        title: `post ${i}`,
        price: "0.1000000001",
        userId: id,
      }));
      assert.equal(await db.repository(Post).createMany(many), 250);
      const all = await db.repository(Post).aggregate({ count: true, sum: ["price"] });
      assert.equal(all.count, 250);
      assert.match(String(all.sum.price), /^25\.0000000250*$/);
    },
  },
  {
    name: "transaction() commits, and rolls back what threw, down to a savepoint",
    async run(db) {
      const { id: userId } = await db.repository(User).create({ name: "A", email: "a@b.org" });
      await db.transaction(async (tx) => {
        await tx.repository(Post).create({ title: "kept", userId });
        await assert.rejects(
          tx.transaction(async (inner) => {
            await inner.repository(Post).create({ title: "lost", userId });
            throw new Error("inner");
          }),
          /inner/,
        );
      });
      await assert.rejects(
        db.transaction(async (tx) => {
          await tx.repository(Post).create({ title: "lost too", userId });
          throw new Error("outer");
        }),
        /outer/,
      );
      assert.deepEqual(await titles(db), ["kept"]);
    },
  },
  {
    name: "beginTransaction() opens a transaction for the caller, until rollback() or commit()",
    async run(db) {
      const { id: userId } = await db.repository(User).create({ name: "A", email: "a@b.org" });
      await db.beginTransaction();
      await db.repository(Post).create({ title: "lost", userId });
      await db.rollback();
      await db.beginTransaction();
      await db.repository(Post).create({ title: "kept", userId });
      await db.commit();
      assert.deepEqual(await titles(db), ["kept"]);
      await assert.rejects(db.commit(), TransactionError);
    },
  },
  {
    name: "errors have their class, code and constraint",
    async run(db) {
      const users = db.repository(User);
      await users.create({ name: "Ada", email: "ada@example.org" });
      await assert.rejects(
        users.create({ name: "B", email: "ada@example.org" }),
        (error: unknown) => {
          assert(error instanceof UniqueViolationError);
          assert.equal(error.code, "REX_UNIQUE_VIOLATION");
          assert(!error.message.includes("ada@example.org"));
          return true;
        },
      );
      await assert.rejects(users.create({ name: "B", email: "nobody" }), ValidationError);
      await assert.rejects(
        db.repository(Post).create({ title: "orphan", userId: -1 }),
        ForeignKeyViolationError,
      );
    },
  },
  {
    name: "the sql tag binds values, and execute() runs text",
    async run(db) {
      await ada(db);
      const name = "Ada'; DROP TABLE runtime_users --";
      const none = await sql`SELECT name FROM runtime_users WHERE name = ${name}`.execute(db);
      assert.deepEqual(none.rows, []);
      const { rows } = await db.execute("SELECT name FROM runtime_users WHERE name = $1", ["Ada"]);
      assert.deepEqual(rows.map((row) => ({ ...row })), [{ name: "Ada" }]);
    },
  },
  {
    name: "the typed builder joins, and streams rows to the last",
    async run(db) {
      const { id: userId } = await db.repository(User).create({ name: "A", email: "a@b.org" });
      const many = Array.from({ length: 95 }, (_, i) => ({ title: `${i}`, userId }));
      await db.repository(Post).createMany(many);
      let rows = 0;
      for await (const post of db.query(Post).orderBy("id").stream({ chunkSize: 10 })) {
        assert.equal(post.title, `${rows++}`);
      }
      assert.equal(rows, 95);
      for await (const post of db.query(Post).stream({ chunkSize: 10 })) {
        assert(post);
        break;
      }
      assert.equal(await db.repository(Post).count(), 95);
    },
  },
  {
    name: "signals and timeouts end a statement, and the database goes on",
    async run(db) {
      const aborted = AbortSignal.abort(new Error("left"));
      await assert.rejects(db.repository(User).find({}, { signal: aborted }), /left/);
      if (db.dialect.name === "postgres") {
        await assert.rejects(
          db.execute("SELECT pg_sleep(60)", [], { timeout: 50 }),
          QueryTimeoutError,
        );
        const leave = new AbortController();
        const asleep = db.execute("SELECT pg_sleep(60)", [], { signal: leave.signal });
        setTimeout(() => leave.abort(new Error("left again")), 50);
        await assert.rejects(asleep, /left again/);
      } else {
        await db.transaction(async () => {
          const late = db.execute("DELETE FROM runtime_users", [], { timeout: 20 });
          await assert.rejects(late, QueryTimeoutError);
        });
      }
      assert.equal(await db.repository(User).count(), 0);
    },
  },
  {
    name: "many callers share the pool",
    async run(db) {
      const users = db.repository(User);
      await Promise.all(
        Array.from({ length: 40 }, (_, i) => users.create({ name: "U", email: `u${i}@b.org` })),
      );
      const counts = await Promise.all(Array.from({ length: 40 }, () => users.count()));
      assert.deepEqual(new Set(counts), new Set([40]));
    },
  },
];
