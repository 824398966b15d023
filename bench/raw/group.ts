/**
 * Puts the rows of three statements together.
 *
 * @module
 */
import type { Author, Comment, Post } from "../model.ts";

type Bare<T, K extends keyof T> = Omit<T, K> & { -readonly [P in K]?: T[P] };

/** Gives each author its posts and each post its comments, in the order in which they came. */
export function group(
  authors: readonly Bare<Author, "posts">[],
  posts: readonly Bare<Post, "comments">[],
  comments: readonly Comment[],
): Author[] {
  const authorById = new Map<number, Author>();
  for (const author of authors) {
    author.posts = [];
    authorById.set(author.id, author as Author);
  }
  const postById = new Map<number, Post>();
  for (const post of posts) {
    post.comments = [];
    postById.set(post.id, post as Post);
    authorById.get(post.authorId)!.posts.push(post as Post);
  }
  for (const comment of comments) postById.get(comment.postId)!.comments.push(comment);
  return authors as Author[];
}
