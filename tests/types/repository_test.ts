/**
 * Mistakes with repositories that the compiler finds, each at the line of the mistake, and the exact types of
 * what they give. Nothing here reaches a database.
 */
import assert from "node:assert/strict";
import type { Generated, Model, Repository } from "../../mod.ts";
import type {
  Author,
  Comment,
  Document,
  Item,
  Labelling,
  Listed,
  Post,
  Profile,
  Tag,
  Town,
} from "../behaviour/repository_models.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

/** Compiles for `true` only. */
function exactly<_Same extends true>(): void {}

declare const authors: Repository<Author>;
declare const posts: Repository<Post>;
declare const comments: Repository<Comment>;
declare const items: Repository<Item>;
declare const lists: Repository<Listed>;
declare const tags: Repository<Tag>;
declare const towns: Repository<Town>;
declare const labellings: Repository<Labelling>;
declare const documents: Repository<Document>;

/** A model with two required foreign keys, each of which its relation may stand for. */
interface Edge extends Model {
  id: Generated<number>;
  fromId: number;
  toId: number;
  from: Author;
  to: Author;
}
declare const edges: Repository<Edge>;

/** Only compiled: there is nothing to run it on. */
function compiled(check: () => Promise<void>): void {
  assert.equal(typeof check, "function");
}

Deno.test("what narrows a relation to many: mistakes are errors at their place", () => {
  compiled(async () => {
    await posts.find({
      where: {
        comments: {
          _count: { gt: 1 },
          where: {
            // @ts-expect-error there is no such column
            stras: 5,
          },
        },
      },
    });
    await posts.find({
      include: {
        _count: {
          comments: {
            where: {
              // @ts-expect-error there is no such column
              stras: 5,
              body: "x",
            },
          },
        },
      },
    });
    await posts.find({
      orderBy: {
        comments: {
          _count: "asc",
          where: {
            // @ts-expect-error there is no such column
            stras: 5,
          },
        },
      },
    });
    const [counted] = await posts.find({
      include: { _count: { comments: { where: { body: "x" } }, tags: true } },
    });
    exactly<Equal<NonNullable<typeof counted>["_count"]["comments"], number>>();
  });
});

Deno.test("conditions: wrong columns, operators and values are errors at their place", () => {
  compiled(async () => {
    await posts.find({
      where: {
        // @ts-expect-error there is no such column
        titel: "x",
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error a number column takes no text
        views: "10",
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error a number column has no `like`
        views: { like: "1%" },
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error there is no such operator
        title: { matches: "x" },
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error an operator takes the column's type
        title: { startsWith: 5 },
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error a list of the column's type
        views: { in: ["1"] },
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error a pair, not a single value
        views: { between: [1] },
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error booleans have no order
        published: { gt: false },
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error bigint columns take bigints
        bytes: { gt: 5 },
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error decimals are text
        price: 1.5,
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error a column that is never NULL is not compared with null
        title: null,
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error nor asked whether it is
        title: { isNull: true },
      },
    });
    await items.find({
      where: {
        // @ts-expect-error not one of the values of the enum
        level: "high",
      },
    });
    await items.find({
      where: {
        // @ts-expect-error nor in a list
        level: { in: ["low", "high"] },
      },
    });
    await items.find({
      where: {
        // @ts-expect-error documents are compared through operators
        data: { colour: "red" },
      },
    });
    await items.find({
      where: {
        // @ts-expect-error a moment is a Date
        at: "2020-01-01",
      },
    });
    await lists.find({
      where: {
        // @ts-expect-error a list contains elements of its type
        words: { contains: [1] },
      },
    });
    await authors.find({
      where: {
        // @ts-expect-error a method is no column
        shout: "X",
      },
    });
    await posts.find({
      where: {
        OR: [
          { title: "x" },
          {
            // @ts-expect-error inside OR too
            titel: "x",
          },
        ],
      },
    });
    await posts.find({
      where: {
        NOT: {
          // @ts-expect-error inside NOT too
          views: { contains: "x" },
        },
      },
    });
  });
});

Deno.test("conditions on relations: wrong operators and columns are errors at their place", () => {
  compiled(async () => {
    await authors.find({
      where: {
        posts: {
          // @ts-expect-error a relation to many has no `is`
          is: { title: "x" },
        },
      },
    });
    await posts.find({
      where: {
        author: {
          // @ts-expect-error a relation to one has no `some`
          some: { name: "x" },
        },
      },
    });
    await posts.find({
      where: {
        author: {
          // @ts-expect-error a relation to one is not counted
          _count: 1,
        },
      },
    });
    await authors.find({
      where: {
        posts: {
          some: {
            // @ts-expect-error the other model's columns are checked
            titel: "x",
          },
        },
      },
    });
    await authors.find({
      where: {
        // @ts-expect-error a relation to many is never null
        posts: null,
      },
    });
    await posts.find({
      where: {
        // @ts-expect-error a required relation is never null
        author: null,
      },
    });
    await authors.find({
      where: {
        // @ts-expect-error a count is a number
        posts: { _count: { gt: "1" } },
      },
    });
  });
});

Deno.test("select, include, orderBy and pages: mistakes are errors at their place", () => {
  compiled(async () => {
    await posts.find({
      // @ts-expect-error there is no such column
      select: ["titel"],
    });
    await posts.find({
      // @ts-expect-error a relation is included, not selected
      select: ["author"],
    });
    await authors.find({
      // @ts-expect-error a method is not selected
      select: ["shout"],
    });
    await posts.find({
      include: {
        // @ts-expect-error there is no such relation
        autor: true,
      },
    });
    await posts.find({
      include: {
        // @ts-expect-error a column is not included
        title: true,
      },
    });
    await authors.find({
      include: {
        posts: {
          // @ts-expect-error a typing error in an option
          limt: 3,
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          // @ts-expect-error an option of the wrong type
          limit: "3",
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          // @ts-expect-error only a whole query has a cursor
          cursor: { id: 1 },
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          // @ts-expect-error a wrong column in a nested select
          select: ["titel"],
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          where: {
            // @ts-expect-error a wrong column in a nested condition
            titel: "x",
          },
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          // @ts-expect-error a wrong direction in a nested order
          orderBy: {
            views: "up",
          },
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          where: {
            OR: [{
              views: 1,
              // @ts-expect-error a wrong column deep in a nested condition
              titel: "x",
            }],
          },
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          where: {
            comments: {
              some: {
                body: "x",
                // @ts-expect-error a wrong column of a relation in a nested condition
                bodi: "x",
              },
            },
          },
          orderBy: {
            title: "asc",
            // @ts-expect-error a wrong column in a nested order
            titel: "asc",
          },
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          // @ts-expect-error there is no such strategy
          strategy: "lazy",
        },
      },
    });
    await authors.find({
      include: {
        posts: {
          include: {
            // @ts-expect-error a wrong relation two levels down
            coments: true,
          },
        },
      },
    });
    await posts.find({
      include: {
        // @ts-expect-error relations to one are not counted
        _count: { author: true },
      },
    });
    await posts.find({
      orderBy: {
        // @ts-expect-error there is no such column
        titel: "asc",
      },
    });
    await posts.find({
      // @ts-expect-error there is no such direction
      orderBy: {
        title: "up",
      },
    });
    await posts.find({
      // @ts-expect-error NULLs go first or last
      orderBy: {
        price: { direction: "asc", nulls: "top" },
      },
    });
    await posts.find({
      // @ts-expect-error a relation to many is ordered by its count
      orderBy: {
        tags: "asc",
      },
    });
    await posts.find({
      cursor: {
        // @ts-expect-error there is no such column
        titel: "x",
      },
    });
    await posts.find({
      cursor: {
        // @ts-expect-error a value of another type
        views: "x",
      },
    });
    await posts.find({
      // @ts-expect-error a typing error in a query
      limt: 5,
    });
    await posts.findOne({
      // @ts-expect-error the same in findOne()
      were: {},
    });
    await posts.count({
      // @ts-expect-error a count has no limit
      limit: 5,
    });
    await posts.findById(1, {
      include: {
        // @ts-expect-error the same in findById()
        autor: true,
      },
    });
    // @ts-expect-error a key is no boolean
    await posts.findById(true);
    // @ts-expect-error a key that is a number is no text
    await posts.findById("1");
    // @ts-expect-error nor in an update
    await posts.update("1", {});
    // @ts-expect-error nor in a delete
    await posts.delete("1");
    // @ts-expect-error nor by property
    await posts.findById({ id: "1" });
    await towns.findById({
      // @ts-expect-error there is no such part of the key
      land: "at",
    });
  });
});

Deno.test("results: what was not loaded is not there", () => {
  compiled(async () => {
    const [post] = await posts.find();
    // @ts-expect-error the relation was not loaded
    post?.author;
    const [part] = await posts.find({ select: ["title"] });
    // @ts-expect-error the column was not selected
    part?.views;
    // @ts-expect-error selected rows are plain data
    part?.save;
    const [author] = await authors.find({ include: { posts: { select: ["title"] } } });
    // @ts-expect-error nor was this one, inside the include
    author?.posts[0]?.views;
    // @ts-expect-error a relation two levels down was not loaded
    author?.posts[0]?.comments;
    const [without] = await authors.find({ include: { posts: false } });
    // @ts-expect-error it was left out
    without?.posts;
    const found = await authors.findOne({ include: { profile: true } });
    // @ts-expect-error there may be none
    found.name;
    // @ts-expect-error a nullable relation may be null
    found?.profile.bio;
    const [counted] = await authors.find({ include: { _count: { posts: true } } });
    // @ts-expect-error this was not counted
    counted?._count.pupils;
    const sums = await posts.aggregate({ sum: ["views"] });
    // @ts-expect-error this was not asked for
    sums.avg;
    // @ts-expect-error there may be nothing to sum
    sums.sum.views.toFixed();
    const [group] = await posts.groupBy({ by: ["authorId"], count: true });
    // @ts-expect-error it is not grouped by this
    group?.title;
    const [loaded] = await posts.load([post!], { author: true });
    // @ts-expect-error this was not loaded
    loaded?.editor;
  });
});

Deno.test("writes: missing, unknown and wrong values are errors at their place", () => {
  compiled(async () => {
    await authors.create(
      // @ts-expect-error name is missing
      { email: "x" },
    );
    await authors.create({
      name: "x",
      // @ts-expect-error there is no such field
      nick: "x",
    });
    await authors.create({
      // @ts-expect-error a value of another type
      name: 5,
    });
    await authors.create({
      // @ts-expect-error null in a column that is never NULL
      name: null,
    });
    await items.create({
      // @ts-expect-error not one of the values of the enum
      level: "high",
    });
    await authors.create({
      name: "x",
      // @ts-expect-error a method is not written
      shout: () => "x",
    });
    await posts.create(
      // @ts-expect-error neither authorId nor author
      { title: "x" },
    );
    await edges.create({ fromId: 1, toId: 2 });
    await edges.create({ fromId: 1, to: { connect: { id: 2 } } });
    await edges.create({ from: { connect: { id: 1 } }, to: { connect: { id: 2 } } });
    // @ts-expect-error neither toId nor to
    await edges.create({ fromId: 1 });
    // @ts-expect-error neither of both
    await edges.create({});
    await posts.createMany([
      { title: "x", authorId: 1 },
      // @ts-expect-error one row lacks its title
      { authorId: 1 },
    ]);
    await authors.update(1, {
      // @ts-expect-error there is no such field
      nam: "x",
    });
    await authors.update(1, {
      // @ts-expect-error null in a column that is never NULL
      name: null,
    });
    await authors.update(1, {
      // @ts-expect-error a method is not changed
      shout: () => "x",
    });
    await authors.updateMany({}, {
      // @ts-expect-error many records take columns only
      posts: { create: { title: "x" } },
    });
    await authors.updateMany(
      {
        // @ts-expect-error a filter has no limit
        limit: 5,
      },
      { name: "x" },
    );
    await authors.deleteMany({
      // @ts-expect-error a condition is in `where`
      name: "x",
    });
    await authors.delete(1, {
      // @ts-expect-error there is no such option
      force: true,
    });
    await posts.increment(1, {
      // @ts-expect-error text does not grow
      title: 1,
    });
    await posts.increment(1, {
      // @ts-expect-error a bigint grows by a bigint
      bytes: 1,
    });
    await authors.upsert({
      where: { email: "x" },
      // @ts-expect-error name is missing
      create: { email: "x" },
      update: {},
    });
    await authors.upsert({
      where: { email: "x" },
      create: { name: "x", email: "x" },
      update: {
        // @ts-expect-error there is no such field
        nam: "x",
      },
    });
    // @ts-expect-error upsert() takes what to change
    await authors.upsert({ where: { email: "x" }, create: { name: "x" } });
    await documents.update(1, {
      // @ts-expect-error a document of another form
      body: { words: [1] },
    });
  });
});

Deno.test("nested writes: mistakes are errors at their place", () => {
  compiled(async () => {
    await authors.create({
      name: "x",
      posts: {
        create: {
          title: "x",
          // @ts-expect-error there is no such field
          nope: 1,
        },
      },
    });
    await authors.create({
      name: "x",
      posts: {
        // @ts-expect-error its title is missing
        create: { views: 1 },
      },
    });
    await authors.create({
      name: "x",
      posts: {
        connect: {
          // @ts-expect-error there is no such column
          titel: "x",
        },
      },
    });
    await authors.create({
      name: "x",
      posts: {
        // @ts-expect-error there is nothing yet to unlink
        disconnect: { id: 1 },
      },
    });
    await authors.create({
      name: "x",
      posts: {
        // @ts-expect-error there is no such nested write
        remove: { id: 1 },
      },
    });
    await authors.update(1, {
      posts: {
        set: [{
          // @ts-expect-error there is no such column
          titel: "x",
        }],
      },
    });
    await posts.update(1, {
      tags: {
        // @ts-expect-error its name is missing
        connectOrCreate: {
          where: { name: "x" },
          create: { note: "x" },
        },
      },
    });
    await authors.update(1, {
      // @ts-expect-error a list is no nested write
      posts: [{ title: "x" }],
    });
  });
});

Deno.test("aggregates: mistakes are errors at their place", () => {
  compiled(async () => {
    await posts.aggregate({
      // @ts-expect-error a boolean has no sum
      sum: ["published"],
    });
    await posts.aggregate({
      // @ts-expect-error a date has no average
      avg: ["publishedAt"],
    });
    await posts.aggregate({
      // @ts-expect-error there is no such function
      median: ["views"],
    });
    await posts.aggregate({
      // @ts-expect-error there is no such column
      min: ["titel"],
    });
    await posts.aggregate({
      // @ts-expect-error a boolean has no order
      max: ["published"],
    });
    await items.aggregate({
      // @ts-expect-error a document has no order
      min: ["data"],
    });
    await posts.aggregate({
      count: true,
      where: {
        // @ts-expect-error there is no such column
        titel: "x",
      },
    });
    await posts.groupBy({
      // @ts-expect-error there is no such column
      by: ["titel"],
    });
    await posts.groupBy({
      by: ["authorId"],
      orderBy: {
        // @ts-expect-error it is not grouped by this
        title: "asc",
      },
    });
    await posts.groupBy({
      by: ["authorId"],
      // @ts-expect-error there is no such option
      limt: 5,
    });
    await posts.groupBy({
      by: ["authorId"],
      having: {
        // @ts-expect-error groups are kept by their count
        sum: 5,
      },
    });
    await posts.groupBy({
      by: ["authorId"],
      having: {
        // @ts-expect-error a count is a number
        count: "5",
      },
    });
  });
});

Deno.test("load: mistakes are errors at their place", () => {
  compiled(async () => {
    await posts.load([], {
      // @ts-expect-error there is no such relation
      autor: true,
    });
    await posts.load([], {
      author: {
        // @ts-expect-error there is no such option
        limt: 1,
      },
    });
  });
});

Deno.test("results have exactly the types of what was asked for", () => {
  compiled(async () => {
    const selected = await posts.find({ select: ["title", "price", "bytes"] });
    exactly<
      Equal<
        { [K in keyof (typeof selected)[0]]: (typeof selected)[0][K] },
        { title: string; price: string | null; bytes: Generated<bigint> }
      >
    >();
    const nested = await authors.find({
      select: ["name"],
      include: {
        posts: { select: ["id", "title"], include: { editor: { select: ["age"] } } },
        profile: { select: ["bio"] },
        _count: { posts: true },
      },
    });
    type Nested = (typeof nested)[0];
    exactly<Equal<keyof Nested, "name" | "posts" | "profile" | "_count">>();
    exactly<Equal<Nested["posts"][0]["title"], string>>();
    exactly<Equal<keyof Nested["posts"][0], "id" | "title" | "editor">>();
    exactly<Equal<NonNullable<Nested["posts"][0]["editor"]>["age"], number | null>>();
    exactly<Equal<null extends Nested["posts"][0]["editor"] ? true : false, true>>();
    exactly<Equal<null extends Nested["profile"] ? true : false, true>>();
    exactly<Equal<NonNullable<Nested["profile"]>["bio"], string>>();
    exactly<Equal<Nested["_count"]["posts"], number>>();
    const whole = await posts.find({ include: { author: true, tags: true, editor: true } });
    type Whole = (typeof whole)[0];
    exactly<Equal<Whole["author"]["name"], string>>();
    exactly<Equal<null extends Whole["author"] ? true : false, false>>();
    exactly<Equal<null extends Whole["editor"] ? true : false, true>>();
    exactly<Equal<Whole["tags"][0]["note"], string | null>>();
    exactly<Equal<"comments" extends keyof Whole ? true : false, false>>();
    const filtered = await posts.find({ include: { author: { where: { age: 5 } } } });
    exactly<Equal<null extends (typeof filtered)[0]["author"] ? true : false, true>>();
    const shouted: string = whole[0]!.author.shout();
    await whole[0]!.save(undefined as never);
    return void shouted;
  });
});

Deno.test("a result is what was asked for, whatever it is assigned to", () => {
  compiled(async () => {
    let page = await posts.find({ orderBy: { id: "asc" }, limit: 5 });
    page = await posts.find({ orderBy: { id: "asc" }, limit: 5, cursor: page.at(-1)! });
    let one = await posts.findOne({ where: { id: 1 } });
    one = await posts.findOne({ where: { id: 2 } });
    let found = await posts.findById(1, { include: { author: true } });
    found = await posts.findById(2, { include: { author: true } });
    // @ts-expect-error a part of a record is no record
    page = await posts.find({ select: ["title"] });
    return void [one, found];
  });
});

Deno.test("aggregates and groups have exactly the types of their columns", () => {
  compiled(async () => {
    const all = await items.aggregate({
      count: true,
      sum: ["amount", "big", "price"],
      avg: ["amount", "price"],
      min: ["name", "at", "level"],
      max: ["day"],
    });
    exactly<Equal<(typeof all)["count"], number>>();
    exactly<Equal<(typeof all)["sum"]["amount"], number | null>>();
    exactly<Equal<(typeof all)["sum"]["big"], bigint | null>>();
    exactly<Equal<(typeof all)["sum"]["price"], string | null>>();
    exactly<Equal<(typeof all)["avg"]["price"], number | null>>();
    exactly<Equal<(typeof all)["min"]["at"], Date | null>>();
    exactly<Equal<(typeof all)["min"]["level"], "low" | "mid" | "top" | null>>();
    exactly<Equal<keyof (typeof all)["max"], "day">>();
    const groups = await posts.groupBy({
      by: ["authorId", "price"],
      count: true,
      sum: ["views"],
      orderBy: { _count: "desc", authorId: "asc" },
      having: { count: { gt: 1 } },
    });
    exactly<Equal<keyof (typeof groups)[0], "authorId" | "price" | "count" | "sum">>();
    exactly<Equal<(typeof groups)[0]["authorId"], number>>();
    exactly<Equal<(typeof groups)[0]["price"], string | null>>();
  });
});

Deno.test("what is right compiles", () => {
  compiled(async () => {
    await posts.find({
      where: {
        title: { startsWith: "a", ilike: "%b%" },
        views: { gte: 1, lt: 5 },
        bytes: { in: [1n, 2n] },
        price: { between: ["1", "2"] },
        publishedAt: { isNull: false },
        author: { name: "x", profile: { isNot: null } },
        editor: null,
        tags: { some: { name: "x" }, none: {}, _count: { gt: 1 } },
        OR: [{ title: "x" }, { NOT: { views: 1 } }],
      },
      orderBy: [
        { author: { name: "asc" } },
        { tags: { _count: "desc" } },
        { price: { direction: "desc", nulls: "last" } },
      ],
      limit: 5,
      offset: 1,
      strategy: "query",
    });
    await lists.find({ where: { words: { contains: ["a"], overlaps: ["b"] } } });
    await items.find({ where: { data: { contains: { colour: "red" } }, level: { ne: "low" } } });
    await posts.create({ title: "x", authorId: 1 });
    await posts.create({
      title: "x",
      author: { connect: { id: 1 } },
      tags: { create: { name: "a" } },
    });
    const author = await authors.create({
      name: "x",
      profile: { create: { bio: "b" } },
      mentor: null,
    });
    await posts.create({ title: "x", author });
    await authors.update(author.id, { posts: { set: [{ id: 1 }] }, mentor: { disconnect: true } });
    await tags.findById("x");
    await posts.findById({ id: 1 });
    await posts.delete(author.id);
    await towns.findById({ country: "at", name: "x" });
    await labellings.create({ postId: 1, topicId: "x" });
    await comments.restore({ where: { body: "x" } });
    await posts.increment(1, { views: 1, bytes: 1n });
    const profile: Pick<Profile, "bio"> = { bio: "x" };
    return void profile;
  });
});
