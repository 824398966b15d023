/**
 * The models of the soak of live data, who may see what of them, and what is subscribed to.
 *
 * What a record may show is written into its own text, in the statement that changes it: a client that is sent a record
 * that its policy hides shows that by itself, whenever it was sent.
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
} from "@rex/orm";
import { Policies } from "../../../src/repository/policy/mod.ts";

/** Someone who writes posts. The name begins with `A` while active, and with `I` otherwise. */
@Entity({ tableName: "soak_authors" })
export class Author extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "boolean" })
  active!: boolean;
  @Column({ type: "text" })
  secret!: string;
  @Column({ type: "text", nullable: true })
  bio!: string | null;
  @OneToMany(() => Post, (post) => post.author)
  posts!: Post[];
}

/** A post. The title begins with `T`, the tenant, and `o` or `c` for open or closed. */
@Entity({ tableName: "soak_posts" })
export class Post extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  title!: string;
  @Column({ type: "integer" })
  tenant!: number;
  @Column({ type: "boolean" })
  open!: boolean;
  @Column({ type: "integer" })
  rank!: number;
  @Column({ type: "text", nullable: true })
  body!: string | null;
  @Column({ type: "integer", nullable: true })
  authorId!: number | null;
  @ManyToOne(() => Author, (author) => author.posts, {
    nullable: true,
    onDelete: "set null",
  })
  author!: Author | null;
}

/** All of them. */
export const models = [Author, Post];

/** Who asks. */
export interface Visitor {
  readonly tenant: number;
}

/** The first tenant's policy looks at the record alone; that of the second also at the author. */
export const policies: Policies<Visitor> = new Policies<Visitor>()
  .allow(Author, {
    read: ({ tenant }) => tenant === 1 || { active: true },
    fields: ["id", "name", "bio", "posts"],
  })
  .allow(Post, {
    read: ({ tenant }) => ({
      OR: [{ tenant }, tenant === 1 ? { open: true } : { open: true, author: { active: true } }],
    }),
    fields: ["id", "title", "open", "rank", "body", "authorId", "author"],
    create: ({ tenant }) => ({ tenant }),
    update: ({ tenant }) => ({ tenant }),
    delete: ({ tenant }) => ({ tenant }),
    writable: (_, write) =>
      write === "create" ? ["id", "title", "open", "rank"] : ["title", "open", "rank", "body"],
    preset: ({ tenant }) => ({ tenant }),
  });

/** A subscription. */
export interface Asked {
  readonly model: "Author" | "Post";
  readonly query: Readonly<Record<string, unknown>>;
}

/** Subscriptions of every way: by an index, by evaluating, by running the query again. */
export const subscriptions: readonly Asked[] = [
  { model: "Post", query: {} },
  { model: "Post", query: { where: { rank: 3 } } },
  { model: "Post", query: { where: { authorId: { in: [1, 2] } } } },
  {
    model: "Post",
    query: { where: { id: { in: [3, 7, 11, 103] } }, select: ["id", "title", "body"] },
  },
  { model: "Post", query: { where: { rank: { gt: 5 } }, orderBy: { id: "asc" } } },
  {
    model: "Post",
    query: { where: { NOT: { body: null } }, orderBy: [{ rank: "desc" }, { id: "asc" }] },
  },
  { model: "Post", query: { orderBy: [{ rank: "desc" }, { id: "desc" }], limit: 5 } },
  { model: "Post", query: { where: { open: true }, include: { author: true } } },
  {
    model: "Post",
    query: { where: { author: { name: { startsWith: "A" } } }, select: ["id", "title"] },
  },
  { model: "Author", query: {} },
  { model: "Author", query: { include: { posts: { orderBy: { id: "asc" }, limit: 3 } } } },
  {
    model: "Author",
    query: { where: { posts: { some: { open: true } } }, select: ["id", "name"] },
  },
];

const columns = {
  Author: new Set(["id", "name", "bio", "posts"]),
  Post: new Set(["id", "title", "open", "rank", "body", "authorId", "author"]),
};

/** What is wrong with a record that a tenant was sent; `undefined`: nothing. */
export function faultOf(
  tenant: number,
  row: Readonly<Record<string, unknown>>,
): string | undefined {
  const model = "title" in row ? "Post" : "Author";
  const hidden = Object.keys(row).find((name) => !columns[model].has(name));
  if (hidden !== undefined) return `the field ${hidden} is hidden`;
  if (model === "Author") {
    if (tenant === 2 && !String(row.name).startsWith("A")) return "the author is not active";
  } else {
    const [, owner, state] = /^T(\d)([oc]) /.exec(String(row.title)) ?? [];
    if (owner === undefined) return "nobody wrote this title";
    if (Number(owner) !== tenant && state !== "o") {
      return "the post is closed, and another tenant's";
    }
    if (row.open !== undefined && row.open !== (state === "o")) return "the post was never so";
  }
  const related = [row.author, row.posts].flat().filter((each) =>
    each !== undefined && each !== null
  );
  for (const each of related) {
    const fault = faultOf(tenant, each as Readonly<Record<string, unknown>>);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
