/**
 * The data that every candidate reads and writes: the same rows, made without chance.
 *
 * @module
 */

/** A row to insert: ten columns with the key that the database gives. */
export interface NewItem {
  readonly name: string;
  readonly email: string;
  readonly city: string;
  readonly bio: string | null;
  readonly age: number;
  readonly visits: number;
  readonly score: number;
  readonly active: boolean;
  readonly createdAt: Date;
}

/** A row of ten columns. */
export interface Item extends NewItem {
  readonly id: number;
}

/** The top of the nested rows. */
export interface Author {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly city: string;
  readonly createdAt: Date;
  readonly posts: Post[];
}

/** One of an author's posts. */
export interface Post {
  readonly id: number;
  readonly authorId: number;
  readonly title: string;
  readonly views: number;
  readonly published: boolean;
  readonly comments: Comment[];
}

/** One of a post's comments. */
export interface Comment {
  readonly id: number;
  readonly postId: number;
  readonly writer: string;
  readonly body: string;
  readonly likes: number;
}

/** How many rows `items` holds whenever a batch begins. */
export const seededItems = 1_000;
/** How many rows a page has. */
export const pageSize = 100;
/** How many rows are written in bulk. */
export const bulkSize = 10_000;

const authorCount = 100;
const postsPerAuthor = 10;
const commentsPerPost = 5;
const cities = ["Berlin", "Lisbon", "Nairobi", "Osaka", "Quito", "Zürich"];
const bio =
  "Writes about databases, keeps bees, and answers letters within the week, mostly on paper.";

/** The item with one number, counted from 1. Every seventh has no bio. Frozen: some peers write into it. */
export function itemOf(number: number): NewItem {
  return Object.freeze({
    name: `Person ${number}`,
    email: `person${number}@example.org`,
    city: cities[number % cities.length]!,
    bio: number % 7 === 0 ? null : bio,
    age: 18 + number % 60,
    visits: number * 37 % 10_000,
    score: number % 100 / 4,
    active: number % 3 !== 0,
    createdAt: new Date(Date.UTC(2024, 0, 1) + number * 61_234),
  });
}

/** Items with the numbers from `first` on. */
export function itemsFrom(first: number, count: number): NewItem[] {
  return Array.from({ length: count }, (_, i) => itemOf(first + i));
}

/** The nested rows: 100 authors of 10 posts of 5 comments. */
export function nestedRows(): Author[] {
  return Array.from({ length: authorCount }, (_, i) => authorOf(i + 1));
}

function authorOf(id: number): Author {
  const first = (id - 1) * postsPerAuthor + 1;
  return {
    id,
    name: `Author ${id}`,
    email: `author${id}@example.org`,
    city: cities[id % cities.length]!,
    createdAt: new Date(Date.UTC(2023, 5, 1) + id * 86_400_123),
    posts: Array.from({ length: postsPerAuthor }, (_, i) => postOf(first + i, id)),
  };
}

function postOf(id: number, authorId: number): Post {
  const first = (id - 1) * commentsPerPost + 1;
  return {
    id,
    authorId,
    title: `Post ${id}: what we learned`,
    views: id * 13 % 5_000,
    published: id % 4 !== 0,
    comments: Array.from({ length: commentsPerPost }, (_, i) => commentOf(first + i, id)),
  };
}

function commentOf(id: number, postId: number): Comment {
  return {
    id,
    postId,
    writer: `Reader ${id % 211}`,
    body: `Comment ${id}: I tried this at home, and it works.`,
    likes: id % 17,
  };
}
