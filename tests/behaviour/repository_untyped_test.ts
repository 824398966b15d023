/** Queries that no compiler has seen, as they come from JSON: each mistake is a QueryError that names its place. */
import assert from "node:assert/strict";
import { QueryError } from "../../src/base/errors.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, fillBlog, Item, Post } from "./repository_models.ts";
import { plain, sends, untyped } from "./repository_support.ts";

const mistakes: readonly (readonly [json: string, message: RegExp])[] = [
  ['{"were": {}}', /Cannot use were: a query has where,/],
  ['{"where": []}', /Cannot read where/],
  [
    '{"where": {"comments": {"where": {}}}}',
    /where\.comments: it needs some, every, none or _count/,
  ],
  ['{"where": {"comments": {"some": {}, "where": {"x": 1}}}}', /"x" in where\.comments\.where/],
  ['{"include": {"_count": {"comments": {}}}}', /comments: it must be true or { where }/],
  ['{"include": {"_count": {"comments": {"where": {"x": 1}}}}}', /"x" in where/],
  ['{"orderBy": {"comments": {"where": {}}}}', /Cannot order by orderBy\.comments/],
  ['{"orderBy": {"comments": {"_count": "asc", "where": 5}}}', /orderBy\.comments\.where/],
  ['{"where": "1 = 1"}', /Cannot read where/],
  ['{"where": null}', /Cannot read where/],
  ['{"where": {"nope": 1}}', /"nope" in where: Post has id, title/],
  ['{"where": {"author_id": {"$gt": 1}}}', /"author_id" in where/],
  ['{"where": {"__proto__": {}}}', /"__proto__" in where/],
  ['{"where": {"constructor": 1}}', /"constructor" in where/],
  ['{"where": {"toString": 1}}', /"toString" in where/],
  [
    '{"where": {"title": {"regex": "x"}}}',
    /Cannot use where\.title\.regex: a column of type varchar takes eq, ne/,
  ],
  ['{"where": {"title": {}}}', /where\.title: it has no operator/],
  ['{"where": {"title": {"constructor": 1}}}', /where\.title\.constructor/],
  ['{"where": {"views": {"like": "1%"}}}', /where\.views\.like: a column of type integer takes/],
  ['{"where": {"views": {"contains": "1"}}}', /where\.views\.contains/],
  [
    '{"where": {"published": {"gt": false}}}',
    /where\.published\.gt: a column of type boolean takes/,
  ],
  ['{"where": {"title": {"overlaps": ["a"]}}}', /where\.title\.overlaps/],
  ['{"where": {"views": {"gt": null}}}', /where\.views\.gt with null/],
  ['{"where": {"views": {"in": 5}}}', /where\.views\.in: it must be a list/],
  ['{"where": {"views": {"in": [1, null]}}}', /where\.views\.in\[1\]/],
  ['{"where": {"views": {"between": [1]}}}', /where\.views\.between: it must be a pair/],
  ['{"where": {"views": {"between": [1, null]}}}', /where\.views\.between\[1\]/],
  ['{"where": {"price": {"isNull": "yes"}}}', /where\.price\.isNull: it must be true or false/],
  ['{"where": {"OR": [{"nope": 1}]}}', /"nope" in where\.OR\[0\]/],
  ['{"where": {"AND": [1]}}', /Cannot read where\.AND\[0\]/],
  ['{"where": {"NOT": {"title": {"nope": 1}}}}', /where\.NOT\[0\]\.title\.nope/],
  ['{"where": {"author": 5}}', /Cannot read where\.author/],
  ['{"where": {"author": {"nope": 1}}}', /"nope" in where\.author/],
  [
    '{"where": {"author": {"is": {}, "name": "x"}}}',
    /where\.author\.name: a relation to one takes is, isNot/,
  ],
  ['{"where": {"tags": null}}', /where\.tags with null: it is a list/],
  [
    '{"where": {"tags": {"any": {}}}}',
    /where\.tags\.any: a relation to many takes some, every, none, _count/,
  ],
  ['{"where": {"tags": {"some": {"nope": 1}}}}', /"nope" in where\.tags\.some/],
  ['{"where": {"tags": {"_count": {"like": "1"}}}}', /where\.tags\._count\.like: a count takes/],
  ['{"select": "title"}', /Cannot read select: it must be a list/],
  ['{"select": ["nope"]}', /"nope" in select/],
  ['{"select": ["author"]}', /"author" in select/],
  ['{"select": []}', /Cannot read select: it names no column/],
  ['{"select": [{"sql": "1"}]}', /in select/],
  ['{"include": ["author"]}', /Cannot read include/],
  ['{"include": {"nope": true}}', /"nope" in include: Post has/],
  ['{"include": {"title": true}}', /"title" in include/],
  ['{"include": {"author": 1}}', /Cannot read include\.author/],
  ['{"include": {"author": {"were": {}}}}', /Cannot use include\.author\.were/],
  ['{"include": {"author": {"where": {"nope": 1}}}}', /"nope" in include\.author\.where/],
  [
    '{"include": {"author": {"include": {"posts": {"select": ["nope"]}}}}}',
    /"nope" in include\.author\.include\.posts\.select/,
  ],
  ['{"include": {"tags": {"orderBy": {"nope": "asc"}}}}', /"nope" in include\.tags\.orderBy/],
  ['{"include": {"tags": {"limit": -1}}}', /Cannot use include\.tags\.limit/],
  ['{"include": {"tags": {"cursor": {"name": "x"}}}}', /include\.tags\.cursor/],
  ['{"include": {"tags": {"strategy": "lazy"}}}', /include\.tags\.strategy/],
  ['{"include": {"_count": {"nope": true}}}', /"nope" in include\._count/],
  ['{"include": {"_count": {"author": true}}}', /include\._count\.author: it is a relation to one/],
  ['{"include": {"_count": true}}', /Cannot read include\._count/],
  ['{"orderBy": "title"}', /Cannot read orderBy/],
  ['{"orderBy": {"nope": "asc"}}', /"nope" in orderBy/],
  ['{"orderBy": {"_count": "asc"}}', /"_count" in orderBy/],
  ['{"orderBy": {"title": "up"}}', /orderBy\.title: the direction is "asc" or "desc"/],
  ['{"orderBy": {"title": "asc; DROP TABLE posts"}}', /orderBy\.title/],
  ['{"orderBy": {"title": {"direction": "asc", "nulls": "top"}}}', /orderBy\.title: nulls/],
  ['{"orderBy": {"title": {"directon": "desc"}}}', /orderBy\.title\.directon/],
  ['{"orderBy": {"tags": "asc"}}', /orderBy\.tags: use \{ _count/],
  ['{"orderBy": {"author": {"nope": "asc"}}}', /"nope" in orderBy\.author/],
  ['{"limit": "5"}', /Cannot use limit/],
  ['{"limit": -1}', /Cannot use limit/],
  ['{"limit": 1.5}', /Cannot use limit/],
  ['{"offset": null}', /Cannot use offset/],
  ['{"withDeleted": "yes"}', /Cannot use withDeleted/],
  ['{"strategy": "lazy"}', /Cannot use strategy/],
];

onEveryDatabase(
  "every mistake in a query is refused where it is, before any SQL",
  { models: blog },
  async ({ db }) => {
    const posts = db.repository(Post);
    await sends(db, 0, async () => {
      for (const [json, message] of mistakes) {
        await assert.rejects(
          async () => await posts.find(untyped(JSON.parse(json))),
          (error: Error) => {
            assert.ok(error instanceof QueryError, `${json}: ${error}`);
            assert.match(error.message, message, json);
            return true;
          },
          json,
        );
      }
    });
  },
);

onEveryDatabase(
  "documents are compared through operators only",
  { models: [Item] },
  async ({ db }) => {
    const items = db.repository(Item);
    const refused = (where: unknown, message: RegExp) =>
      assert.rejects(
        async () => await items.find(untyped({ where })),
        (error: Error) => error instanceof QueryError && message.test(error.message),
      );
    await refused({ data: { colour: "red" } }, /where\.data\.colour: a column of type jsonb takes/);
    await refused({ data: [1] }, /where\.data with a bare value: write \{ eq: value \}/);
    await refused({ data: { gt: {} } }, /where\.data\.gt/);
    await refused({ data: { in: [{}] } }, /where\.data\.in/);
    assert.deepEqual(await items.find(untyped({ where: { data: null } })), []);
  },
);

onEveryDatabase(
  "a foreign key without a property is not shown",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const query = untyped({ select: ["editor_id", "title"], where: { title: "one" } });
    assert.deepEqual(await db.repository(Post).find(query), [{ title: "one" }]);
  },
);

onEveryDatabase("a query survives JSON", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  const query = {
    where: { posts: { some: { views: { gt: 15 } } }, OR: [{ age: null }, { age: { gt: 30 } }] },
    include: { posts: { orderBy: { views: "desc" }, limit: 1 }, _count: { posts: true } },
    orderBy: [{ name: "asc" }],
    limit: 10,
  } as const;
  const authors = db.repository(Author);
  const direct = await authors.find(query);
  const parsed = await authors.find(untyped(JSON.parse(JSON.stringify(query))));
  assert.deepEqual(plain(parsed), plain(direct));
  assert.deepEqual(direct.map((each) => [each.name, each._count.posts]), [["ada", 3], ["bob", 1]]);
});

onEveryDatabase(
  "a filter of a write takes where and withDeleted alone",
  { models: blog },
  async ({ db }) => {
    const posts = db.repository(Post);
    await sends(db, 0, async () => {
      for (const filter of [{ limit: 1 }, { title: "x" }, "x", null, []]) {
        for (
          const run of [
            () => posts.deleteMany(untyped(filter)),
            () => posts.updateMany(untyped(filter), { views: 1 }),
            () => posts.incrementMany(untyped(filter), { views: 1 }),
            () => posts.count(untyped(filter)),
          ]
        ) {
          await assert.rejects(async () => await run(), QueryError, JSON.stringify(filter));
        }
      }
    });
  },
);
