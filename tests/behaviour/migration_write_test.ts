/**
 * Changes of models become migrations that are written, loaded and run: forth, back and forth again.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  Index,
  ManyToMany,
  ManyToOne,
  PrimaryKey,
  Unique,
} from "@rex/orm";
import { MigrationProject } from "../support/migration_project.ts";
import { onEveryDatabase } from "../targets/databases.ts";

@Entity({ tableName: "authors" })
class AuthorBefore extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 80 })
  name!: string;
  @Column({ type: "text", nullable: true })
  bio!: string | null;
  @Column({ type: "enum", values: ["new", "active"], default: "new" })
  state!: "new" | "active";
  @Column({ type: "integer", default: 0, check: "score >= 0" })
  score!: number;
}

@Entity({ tableName: "tags", comment: "What posts are about" })
class TagBefore extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", unique: true })
  word!: string;
}

@Entity({ tableName: "posts", indexes: [{ columns: ["title"], where: "title <> ''" }] })
class PostBefore extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", comment: "Shown on top" })
  title!: string;
  @Column({ type: "numeric", precision: 8, scale: 2, default: "1.50" })
  price!: string;
  @Column({ type: "json", default: { draft: true, words: ["a", 'b "c"'] } })
  meta!: { draft: boolean; words: string[] };
  @Column({ type: "timestamp", defaultSql: "now" })
  made!: Generated<Date>;
  @ManyToOne(() => AuthorBefore, undefined, { onDelete: "cascade" })
  author!: AuthorBefore;
  @ManyToMany(() => TagBefore)
  tags!: TagBefore[];
}

@Entity({ tableName: "comments" })
class CommentBefore extends BaseModel {
  @PrimaryKey({ type: "uuid" })
  id!: Generated<string>;
  @Column({ type: "text" })
  body!: string;
  @ManyToOne(() => PostBefore, undefined, { nullable: true })
  post!: PostBefore | null;
}

const before = [AuthorBefore, TagBefore, PostBefore, CommentBefore];

@Entity({
  tableName: "writers",
  renamedFrom: "authors",
  checks: [{ name: "ck_named", sql: "name <> ''" }],
})
class WriterAfter extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 200 })
  @Index()
  name!: string;
  @Column({ type: "text", nullable: true, name: "about", renamedFrom: "bio" })
  about!: string | null;
  @Column({ type: "enum", values: ["new", "trusted", "active"], default: "trusted" })
  state!: "new" | "trusted" | "active";
  @Column({ type: "bigint", default: 10n })
  score!: bigint;
  @Column({ type: "varchar", length: 10, default: "it's" })
  quoted!: string;
}

@Entity({ tableName: "tags" })
class TagAfter extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  word!: string;
  @Column({ type: "text", nullable: true })
  @Unique()
  slug!: string | null;
}

@Entity({
  tableName: "posts",
  indexes: [{ columns: [{ property: "title", direction: "desc" }, "price"] }],
  uniques: [["title", "price"]],
})
class PostAfter extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", comment: "The headline" })
  title!: string;
  @Column({ type: "numeric", precision: 10, scale: 2, nullable: true })
  price!: string | null;
  @Column({ type: "json" })
  meta!: { draft: boolean; words: string[] };
  @Column({ type: "timestamp", defaultSql: "now" })
  made!: Generated<Date>;
  @Column({ type: "integer", generatedAs: "length(title)" })
  length!: Generated<number>;
  @ManyToOne(() => WriterAfter, undefined, { onDelete: "restrict", renamedFrom: "author_id" })
  writer!: WriterAfter;
}

@Entity({ tableName: "reviews" })
class ReviewAfter extends BaseModel {
  @PrimaryKey({ type: "uuid" })
  id!: Generated<string>;
  @Column({ type: "enum", values: ["good", "bad"] })
  verdict!: "good" | "bad";
  @ManyToOne(() => PostAfter, undefined, { nullable: true, onDelete: "set null" })
  post!: PostAfter | null;
  @ManyToMany(() => TagAfter)
  tags!: TagAfter[];
}

const after = [WriterAfter, TagAfter, PostAfter, ReviewAfter];

onEveryDatabase(
  "a change of models is written, applied, reverted and applied again; rows survive",
  { rewrite: false },
  async ({ db }) => {
    await using project = await MigrationProject.create(db);
    await project.migrate(before);
    await project.assertFits(before);
    const start = await project.read();
    await db.execute(
      "INSERT INTO authors (name, bio, state, score) VALUES ('Ada', 'x', 'active', 3)",
    );
    await db.execute("INSERT INTO tags (word) VALUES ('maths')");
    await db.execute("INSERT INTO posts (title, author_id) VALUES ('Notes', 1)");

    const comparison = await project.migrate(after);
    assert.ok(comparison.steps.length > 15);
    await project.assertFits(after);
    const { rows: writers } = await db.execute(
      "SELECT id, name, about, state, quoted FROM writers",
    );
    assert.deepEqual(writers, [{
      id: 1,
      name: "Ada",
      about: "x",
      state: "active",
      quoted: "it's",
    }]);
    const { rows: posts } = await db.execute("SELECT title, writer_id, length FROM posts");
    assert.deepEqual(posts, [{ title: "Notes", writer_id: 1, length: 5 }]);

    await project.down(comparison.parts.length);
    await project.assertIs(start);
    const { rows: authors } = await db.execute("SELECT id, name, bio, state FROM authors");
    assert.deepEqual(authors, [{ id: 1, name: "Ada", bio: "x", state: "active" }]);
    const { rows: old } = await db.execute("SELECT title, author_id FROM posts");
    assert.deepEqual(old, [{ title: "Notes", author_id: 1 }]);

    await project.up();
    await project.assertFits(after);
    await project.assertWellWritten();
  },
);
