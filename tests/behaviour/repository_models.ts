/**
 * The models of the repository's tests, and rows of them.
 *
 * @module
 */
import {
  BaseModel,
  Column,
  CreatedAt,
  DeletedAt,
  Entity,
  type Generated,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryKey,
  UpdatedAt,
  Version,
} from "../../src/model/mod.ts";
import type { Database } from "../../src/database/database.ts";

/** One column of every type that has operators of its own. */
@Entity({ tableName: "items" })
export class Item extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", nullable: true })
  name!: string | null;
  @Column({ type: "integer", nullable: true })
  amount!: number | null;
  @Column({ type: "bigint", nullable: true })
  big!: bigint | null;
  @Column({ type: "numeric", precision: 30, scale: 4, nullable: true })
  price!: string | null;
  @Column({ type: "double", nullable: true })
  ratio!: number | null;
  @Column({ type: "boolean", nullable: true })
  active!: boolean | null;
  @Column({ type: "timestamptz", nullable: true })
  at!: Date | null;
  @Column({ type: "date", nullable: true })
  day!: string | null;
  @Column({ type: "uuid", nullable: true })
  code!: string | null;
  @Column({ type: "jsonb", nullable: true })
  data!: { colour?: string; sizes?: number[]; inner?: { deep?: boolean } } | null;
  @Column({ type: "json", nullable: true })
  notes!: { list: number[] } | null;
  @Column({ type: "enum", values: ["low", "mid", "top"], nullable: true })
  level!: "low" | "mid" | "top" | null;
  @Column({ type: "bytes", nullable: true })
  bytes!: Uint8Array | null;
}

/** A column that holds a list: not on every database. */
@Entity({ tableName: "listed" })
export class Listed extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", array: true })
  words!: string[];
  @Column({ type: "integer", array: true, nullable: true })
  numbers!: number[] | null;
}

/** Has every kind of relation. */
@Entity({ tableName: "authors" })
export class Author extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 100 })
  name!: string;
  @Column({ type: "varchar", length: 200, unique: true, nullable: true })
  email!: string | null;
  @Column({ type: "integer", nullable: true })
  age!: number | null;
  @Column({ type: "boolean", default: true })
  active!: Generated<boolean>;
  @OneToMany(() => Post, (post) => post.author)
  posts!: Post[];
  @OneToMany(() => Post, (post) => post.editor)
  edited!: Post[];
  @OneToOne(() => Profile, (profile) => profile.author)
  profile!: Profile | null;
  @ManyToOne(() => Author, (author) => author.pupils, { nullable: true })
  mentor!: Author | null;
  @OneToMany(() => Author, (author) => author.mentor)
  pupils!: Author[];
  @ManyToMany(() => Author, (author) => author.followers, {
    through: { table: "follows", local: "follower_id", foreign: "followed_id" },
  })
  follows!: Author[];
  @ManyToMany(() => Author, (author) => author.follows)
  followers!: Author[];

  /** A method is no column. */
  shout(): string {
    return this.name.toUpperCase();
  }
}

/** The owner of a one-to-one relation. */
@Entity({ tableName: "profiles" })
export class Profile extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  bio!: string;
  @Column({ type: "integer" })
  authorId!: number;
  @OneToOne(() => Author, (author) => author.profile)
  author!: Author;
}

/** Its author's key is a property, its editor's is not. */
@Entity({ tableName: "posts" })
export class Post extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 200 })
  title!: string;
  @Column({ type: "integer", default: 0 })
  views!: Generated<number>;
  @Column({ type: "bigint", default: 0n })
  bytes!: Generated<bigint>;
  @Column({ type: "numeric", precision: 20, scale: 2, nullable: true })
  price!: string | null;
  @Column({ type: "boolean", default: false })
  published!: Generated<boolean>;
  @Column({ type: "timestamptz", nullable: true })
  publishedAt!: Date | null;
  @Column({ type: "integer" })
  authorId!: number;
  @ManyToOne(() => Author, (author) => author.posts)
  author!: Author;
  @ManyToOne(() => Author, (author) => author.edited, { nullable: true })
  editor!: Author | null;
  @OneToMany(() => Comment, (comment) => comment.post)
  comments!: Comment[];
  @ManyToMany(() => Tag, (tag) => tag.posts)
  tags!: Tag[];
  @ManyToMany(() => Topic, (topic) => topic.posts, {
    through: { model: () => Labelling, local: "post", foreign: "topic" },
  })
  topics!: Topic[];
}

/** Is deleted softly. */
@Entity({ tableName: "comments" })
export class Comment extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  body!: string;
  @Column({ type: "integer" })
  postId!: number;
  @ManyToOne(() => Post, (post) => post.comments)
  post!: Post;
  @ManyToOne(() => Author, undefined, { nullable: true })
  writer!: Author | null;
  @DeletedAt()
  deletedAt!: Date | null;
}

/** Has a natural key. */
@Entity({ tableName: "tags" })
export class Tag extends BaseModel {
  @PrimaryKey({ type: "varchar", length: 40 })
  name!: string;
  @Column({ type: "text", nullable: true })
  note!: string | null;
  @ManyToMany(() => Post, (post) => post.tags)
  posts!: Post[];
}

/** Is tied to posts by a join table with columns of its own. */
@Entity({ tableName: "topics" })
export class Topic extends BaseModel {
  @PrimaryKey({ type: "uuid" })
  id!: Generated<string>;
  @Column({ type: "varchar", length: 60, unique: true })
  title!: string;
  @ManyToMany(() => Post, (post) => post.topics)
  posts!: Post[];
}

/** The join table of posts and topics. */
@Entity({ tableName: "labellings" })
export class Labelling extends BaseModel {
  @PrimaryKey({ generated: false })
  postId!: number;
  @PrimaryKey({ type: "uuid", generated: false })
  topicId!: string;
  @Column({ type: "integer", default: 7 })
  weight!: Generated<number>;
  @CreatedAt()
  createdAt!: Generated<Date>;
  @ManyToOne(() => Post)
  post!: Post;
  @ManyToOne(() => Topic)
  topic!: Topic;
}

/** The models that hang together. */
export const blog = [Author, Profile, Post, Comment, Tag, Topic, Labelling] as const;

/** Has a key of two columns. */
@Entity({ tableName: "regions" })
export class Region extends BaseModel {
  @PrimaryKey({ type: "char", length: 2 })
  country!: string;
  @PrimaryKey({ generated: false })
  number!: number;
  @Column({ type: "text" })
  name!: string;
  @OneToMany(() => Town, (town) => town.region)
  towns!: Town[];
  @ManyToMany(() => Region, (region) => region.touchedBy, {
    through: {
      table: "borders",
      local: ["from_country", "from_number"],
      foreign: ["to_country", "to_number"],
    },
  })
  touches!: Region[];
  @ManyToMany(() => Region, (region) => region.touches)
  touchedBy!: Region[];
}

/** Points to a key of two columns, of which one is part of its own key. */
@Entity({ tableName: "towns" })
export class Town extends BaseModel {
  @PrimaryKey({ type: "char", length: 2 })
  country!: string;
  @PrimaryKey({ type: "varchar", length: 40 })
  name!: string;
  @Column({ type: "integer", nullable: true })
  regionNumber!: number | null;
  @ManyToOne(() => Region, (region) => region.towns, {
    foreignKey: ["country", "regionNumber"],
    nullable: true,
  })
  region!: Region | null;
}

/** Has a key beyond what a number holds. */
@Entity({ tableName: "genres" })
export class Genre extends BaseModel {
  @PrimaryKey({ type: "bigint", generated: false })
  id!: bigint;
  @Column({ type: "text" })
  name!: string;
  @ManyToMany(() => Film, (film) => film.genres)
  films!: Film[];
}

/** Is tied to genres by a join table. */
@Entity({ tableName: "films" })
export class Film extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  title!: string;
  @ManyToMany(() => Genre, (genre) => genre.films)
  genres!: Genre[];
}

/** The models with a wide key. */
export const wide = [Genre, Film] as const;

/** Counts its writes and notes when they were. */
@Entity({ tableName: "documents" })
export class Document extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  title!: string;
  @Column({ type: "jsonb", nullable: true })
  body!: { words: string[]; done?: boolean } | null;
  @Column({ type: "timestamptz", nullable: true })
  due!: Date | null;
  @Column({ type: "integer", default: 0 })
  reads!: Generated<number>;
  @Version()
  version!: Generated<number>;
  @CreatedAt()
  createdAt!: Generated<Date>;
  @UpdatedAt()
  updatedAt!: Generated<Date>;
}

/** What {@linkcode fillBlog} stored. */
export interface Blog {
  readonly ada: number;
  readonly bob: number;
  readonly cyd: number;
  readonly posts: readonly number[];
}

/** Three authors, four posts, comments (one deleted), tags and topics. */
export async function fillBlog(db: Database): Promise<Blog> {
  const authors = db.repository(Author);
  const ada = await authors.create({ name: "ada", email: "ada@x.org", age: 36 });
  const bob = await authors.create({ name: "bob", email: "bob@x.org", mentor: ada });
  const cyd = await authors.create({ name: "cyd", age: 20, active: false, mentor: ada });
  await authors.update(bob.id, { follows: { connect: [{ id: ada.id }, { id: cyd.id }] } });
  await authors.update(cyd.id, { follows: { connect: { id: ada.id } } });
  await db.repository(Profile).create({ bio: "counts", author: ada });
  const posts = db.repository(Post);
  await db.repository(Tag).createMany([
    { name: "sql", note: "databases" },
    { name: "js" },
    { name: "idle" },
  ]);
  const ids: number[] = [];
  for (
    const [title, author, editor, views, tags] of [
      ["one", ada, bob, 10, ["sql", "js"]],
      ["two", ada, null, 20, ["sql"]],
      ["three", bob, ada, 30, []],
      ["four", ada, bob, 40, ["js"]],
    ] as const
  ) {
    const post = await posts.create({
      title,
      author,
      editor,
      views,
      published: views > 15,
      tags: { connect: tags.map((name) => ({ name })) },
    });
    ids.push(post.id);
  }
  const [one, two, three] = ids as [number, number, number];
  const comments = db.repository(Comment);
  await comments.createMany([
    { body: "first", postId: one },
    { body: "second", postId: one },
    { body: "lone", postId: two },
    { body: "gone", postId: three },
  ]);
  await comments.update((await comments.findOneOrThrow({ where: { body: "first" } })).id, {
    writer: { connect: { id: bob.id } },
  });
  await comments.deleteMany({ where: { body: "gone" } });
  await posts.update(one, { topics: { create: [{ title: "maths" }, { title: "art" }] } });
  await posts.update(two, { topics: { connect: { title: "maths" } } });
  return { ada: ada.id, bob: bob.id, cyd: cyd.id, posts: ids };
}
