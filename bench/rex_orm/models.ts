/**
 * The tables as Rex-ORM's models.
 *
 * @module
 */
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  PrimaryKey,
} from "../../mod.ts";

/** A row of ten columns. */
@Entity({ tableName: "items" })
export class Item extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "text" })
  email!: string;
  @Column({ type: "text" })
  city!: string;
  @Column({ type: "text", nullable: true })
  bio!: string | null;
  @Column({ type: "integer" })
  age!: number;
  @Column({ type: "integer" })
  visits!: number;
  @Column({ type: "real" })
  score!: number;
  @Column({ type: "boolean" })
  active!: boolean;
  @Column({ type: "timestamptz" })
  createdAt!: Date;
}

/** The top of the nested rows. */
@Entity({ tableName: "authors" })
export class Author extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "text" })
  email!: string;
  @Column({ type: "text" })
  city!: string;
  @Column({ type: "timestamptz" })
  createdAt!: Date;
  @OneToMany(() => Post, (post) => post.author)
  posts!: Post[];
}

/** One of an author's posts. */
@Entity({ tableName: "posts" })
export class Post extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "integer" })
  authorId!: number;
  @Column({ type: "text" })
  title!: string;
  @Column({ type: "integer" })
  views!: number;
  @Column({ type: "boolean" })
  published!: boolean;
  @ManyToOne(() => Author, (author) => author.posts)
  author!: Author;
  @OneToMany(() => Comment, (comment) => comment.post)
  comments!: Comment[];
}

/** One of a post's comments. */
@Entity({ tableName: "comments" })
export class Comment extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "integer" })
  postId!: number;
  @Column({ type: "text" })
  writer!: string;
  @Column({ type: "text" })
  body!: string;
  @Column({ type: "integer" })
  likes!: number;
  @ManyToOne(() => Post, (post) => post.comments)
  post!: Post;
}
