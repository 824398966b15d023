/**
 * The blog: people write posts, posts have tags, and comments answer posts and one another.
 *
 * @module
 */
import {
  BaseModel,
  Column,
  CreatedAt,
  Entity,
  type Generated,
  isEmail,
  ManyToMany,
  ManyToOne,
  matches,
  maxLength,
  minLength,
  OneToMany,
  PrimaryKey,
  UpdatedAt,
  Validate,
  ValidateMultiple,
  Version,
} from "@rex/orm";

/** Somebody who writes posts and comments. */
@Entity({ tableName: "users" })
export class User extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "varchar", length: 80 })
  @ValidateMultiple([
    { rule: minLength(2), message: "A name has at least two letters" },
    { rule: maxLength(80), message: "A name has at most 80 letters" },
  ])
  name!: string;

  @Column({ type: "varchar", length: 120, unique: true })
  @Validate(isEmail, "This is no email address")
  email!: string;

  @Column({ type: "enum", values: ["reader", "author", "editor"], default: "reader" })
  role!: Generated<"reader" | "author" | "editor">;

  @Column({ type: "varchar", nullable: true })
  @Validate(matches(/^[A-Z]{2}$/), "A country is two capital letters")
  country!: string | null;

  @CreatedAt()
  createdAt!: Generated<Date>;

  @UpdatedAt()
  updatedAt!: Generated<Date>;

  @OneToMany(() => Post, (post) => post.author)
  posts!: Post[];

  @OneToMany(() => Comment, (comment) => comment.author)
  comments!: Comment[];
}

/** An article. Its version catches two editors who change it at the same time. */
@Entity({ tableName: "posts", indexes: [{ columns: ["createdAt", "id"] }] })
export class Post extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "varchar", length: 160 })
  @Validate(minLength(3), "A title has at least three letters")
  title!: string;

  @Column({ type: "text" })
  body!: string;

  @Column({ type: "boolean", default: false })
  published!: Generated<boolean>;

  @Column({ type: "integer", default: 0 })
  views!: Generated<number>;

  @Column({ type: "integer" })
  authorId!: number;

  @Version()
  version!: Generated<number>;

  @CreatedAt()
  createdAt!: Generated<Date>;

  @UpdatedAt()
  updatedAt!: Generated<Date>;

  @ManyToOne(() => User, (user) => user.posts, { onDelete: "cascade" })
  author!: User;

  @OneToMany(() => Comment, (comment) => comment.post)
  comments!: Comment[];

  @ManyToMany(() => Tag, (tag) => tag.posts)
  tags!: Tag[];
}

/** An answer to a post, or to another comment of it. */
@Entity({ tableName: "comments" })
export class Comment extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "text" })
  @Validate(minLength(1), "A comment says something")
  text!: string;

  @Column({ type: "integer" })
  postId!: number;

  @Column({ type: "integer" })
  authorId!: number;

  @Column({ type: "integer", nullable: true })
  parentId!: number | null;

  @CreatedAt()
  createdAt!: Generated<Date>;

  @ManyToOne(() => Post, (post) => post.comments, { onDelete: "cascade" })
  post!: Post;

  @ManyToOne(() => User, (user) => user.comments, { onDelete: "cascade" })
  author!: User;

  @ManyToOne(() => Comment, (comment) => comment.replies, { nullable: true, onDelete: "cascade" })
  parent!: Comment | null;

  @OneToMany(() => Comment, (comment) => comment.parent)
  replies!: Comment[];
}

/** A subject. */
@Entity({ tableName: "tags" })
export class Tag extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "varchar", length: 40, unique: true })
  name!: string;

  @ManyToMany(() => Post, (post) => post.tags)
  posts!: Post[];
}

/** The models whose tables the blog needs. */
export const models = [User, Post, Comment, Tag] as const;
