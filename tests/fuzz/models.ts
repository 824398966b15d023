/**
 * The models that random queries are about: every kind of relation, key and column.
 *
 * @module
 */
import {
  BaseModel,
  Column,
  DeletedAt,
  Entity,
  type Generated,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryKey,
} from "../../src/model/mod.ts";

/** Has a column of nearly every type, and every kind of relation. */
@Entity({ tableName: "authors" })
export class Author extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "varchar", length: 200, unique: true, nullable: true })
  email!: string | null;
  @Column({ type: "integer", nullable: true })
  age!: number | null;
  @Column({ type: "bigint", nullable: true })
  big!: bigint | null;
  @Column({ type: "numeric", precision: 20, scale: 2, nullable: true })
  price!: string | null;
  @Column({ type: "double", nullable: true })
  ratio!: number | null;
  @Column({ type: "boolean", nullable: true })
  active!: boolean | null;
  @Column({ type: "timestamptz", nullable: true })
  seenAt!: Date | null;
  @Column({ type: "date", nullable: true })
  day!: string | null;
  @Column({ type: "uuid", nullable: true })
  code!: string | null;
  @Column({ type: "enum", values: ["high", "low", "mid"], nullable: true })
  level!: "high" | "low" | "mid" | null;
  @Column({ type: "jsonb", nullable: true })
  meta!: Record<string, unknown> | null;
  @Column({ type: "bytes", nullable: true })
  blob!: Uint8Array | null;
  @Column({ type: "integer", nullable: true })
  mentorId!: number | null;
  @ManyToOne(() => Author, (author) => author.pupils, { nullable: true, onDelete: "set null" })
  mentor!: Author | null;
  @OneToMany(() => Author, (author) => author.mentor)
  pupils!: Author[];
  @ManyToMany(() => Author, (author) => author.followers, {
    through: { table: "follows", local: "follower_id", foreign: "followed_id" },
  })
  follows!: Author[];
  @ManyToMany(() => Author, (author) => author.follows)
  followers!: Author[];
  @OneToMany(() => Post, (post) => post.author)
  posts!: Post[];
  @OneToMany(() => Post, (post) => post.editor)
  edited!: Post[];
  @OneToOne(() => Profile, (profile) => profile.author)
  profile!: Profile | null;
  @OneToMany(() => Comment, (comment) => comment.writer)
  comments!: Comment[];
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
  @OneToOne(() => Author, (author) => author.profile, { onDelete: "cascade" })
  author!: Author;
}

/** Its author's key is a property, its editor's is not. */
@Entity({ tableName: "posts" })
export class Post extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 200 })
  title!: string;
  @Column({ type: "integer" })
  views!: number;
  @Column({ type: "bigint", nullable: true })
  size!: bigint | null;
  @Column({ type: "numeric", precision: 20, scale: 2, nullable: true, name: "cost" })
  price!: string | null;
  @Column({ type: "timestamptz", nullable: true })
  publishedAt!: Date | null;
  @Column({ type: "integer" })
  authorId!: number;
  @ManyToOne(() => Author, (author) => author.posts, { onDelete: "cascade" })
  author!: Author;
  @ManyToOne(() => Author, (author) => author.edited, { nullable: true, onDelete: "set null" })
  editor!: Author | null;
  @OneToMany(() => Comment, (comment) => comment.post)
  comments!: Comment[];
  @ManyToMany(() => Tag, (tag) => tag.posts, {
    through: { table: "post_tags", local: "post_id", foreign: "tag_name" },
  })
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
  @Column({ type: "integer", nullable: true })
  stars!: number | null;
  @Column({ type: "integer" })
  postId!: number;
  @ManyToOne(() => Post, (post) => post.comments, { onDelete: "cascade" })
  post!: Post;
  @Column({ type: "integer", nullable: true })
  writerId!: number | null;
  @ManyToOne(() => Author, (author) => author.comments, { nullable: true, onDelete: "set null" })
  writer!: Author | null;
  @Column({ type: "integer", nullable: true })
  parentId!: number | null;
  @ManyToOne(() => Comment, (comment) => comment.replies, { nullable: true, onDelete: "set null" })
  parent!: Comment | null;
  @OneToMany(() => Comment, (comment) => comment.parent)
  replies!: Comment[];
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
  @PrimaryKey({ type: "bigint", generated: false })
  id!: bigint;
  @Column({ type: "text" })
  title!: string;
  @ManyToMany(() => Post, (post) => post.topics)
  posts!: Post[];
}

/** The join table of posts and topics. */
@Entity({ tableName: "labellings" })
export class Labelling extends BaseModel {
  @PrimaryKey({ generated: false })
  postId!: number;
  @PrimaryKey({ type: "bigint", generated: false })
  topicId!: bigint;
  @Column({ type: "integer", default: 7 })
  weight!: Generated<number>;
  @ManyToOne(() => Post, undefined, { onDelete: "cascade" })
  post!: Post;
  @ManyToOne(() => Topic, undefined, { onDelete: "cascade" })
  topic!: Topic;
}

/** Has a key of two columns. */
@Entity({ tableName: "regions" })
export class Region extends BaseModel {
  @PrimaryKey({ type: "char", length: 2 })
  country!: string;
  @PrimaryKey({ generated: false })
  number!: number;
  @Column({ type: "text", nullable: true })
  name!: string | null;
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

/** All of them. */
export const models = [
  Author,
  Profile,
  Post,
  Comment,
  Tag,
  Topic,
  Labelling,
  Region,
  Town,
] as const;
