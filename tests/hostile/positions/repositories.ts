/**
 * The methods of repositories and models.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import { Repository } from "../../../src/repository/repository.ts";
import { Label, Note, Person, type Position } from "../arena.ts";
import { digits } from "./typed.ts";
import { type Loose, loose, only, repository, type Row, stored } from "./loose.ts";

const select = ["name"];

/** An object with one key, whatever its name. */
function keyed(key: string, value: unknown): Row {
  return Object.fromEntries([[key, value]]);
}

function word(
  name: string,
  method: string,
  benign: string,
  call: (notes: Loose, text: string, tx: TransactionScope) => unknown,
): Position {
  return {
    name: `repository: ${name}`,
    covers: [`Repository#${method}`],
    expect: "word",
    benign,
    attack: (tx, text) => call(repository(tx), text, tx),
  };
}

/** Keys of queries. */
const keys: readonly Position[] = [
  word("key of where", "find", "name", (notes, text) => notes.find({ where: keyed(text, "x") })),
  word(
    "key of where in AND",
    "find",
    "name",
    (notes, text) => notes.find({ where: { AND: [{ OR: [keyed(text, "x")] }] } }),
  ),
  word(
    "key of where of a relation",
    "find",
    "name",
    (notes, text) => notes.find({ where: { person: keyed(text, "x") } }),
  ),
  word(
    "operator of where",
    "find",
    "like",
    (notes, text) => notes.find({ where: { name: keyed(unlessOperator(text), "x") } }),
  ),
  word(
    "operator of a relation to many",
    "find",
    "some",
    (notes, text) => notes.find({ where: { labels: keyed(text, {}) } }),
  ),
  word("select", "find", "name", (notes, text) => notes.find({ select: [text] })),
  word("include", "find", "person", (notes, text) => notes.find({ include: keyed(text, true) })),
  word(
    "option of include",
    "find",
    "limit",
    (notes, text) => notes.find({ include: { labels: keyed(text, 1) } }),
  ),
  word(
    "select of include",
    "find",
    "name",
    (notes, text) => notes.find({ include: { person: { select: [text] } } }),
  ),
  word(
    "counted relation",
    "find",
    "labels",
    (notes, text) => notes.find({ include: { _count: keyed(text, true) } }),
  ),
  word(
    "strategy",
    "find",
    "join",
    (notes, text) =>
      notes.find({ include: { person: true }, strategy: text === "query" ? "" : text }),
  ),
  word(
    "strategy of include",
    "find",
    "query",
    (notes, text) => notes.find({ include: { person: { strategy: text === "join" ? "" : text } } }),
  ),
  word(
    "key of orderBy",
    "find",
    "name",
    (notes, text) => notes.find({ orderBy: keyed(text, "asc") }),
  ),
  word("direction", "find", "desc", (notes, text) => notes.find({ orderBy: { name: text } })),
  word(
    "direction in an object",
    "find",
    "asc",
    (notes, text) => notes.find({ orderBy: { name: { direction: text } } }),
  ),
  word(
    "NULLs",
    "find",
    "first",
    (notes, text) => notes.find({ orderBy: { mark: { direction: "asc", nulls: text } } }),
  ),
  word(
    "direction of a count",
    "find",
    "asc",
    (notes, text) => notes.find({ orderBy: { labels: { _count: text } } }),
  ),
  word("key of a query", "find", "where", (notes, text) => notes.find(keyed(text, {}))),
  word("limit", "find", "5", (notes, text) => notes.find({ limit: digits(text) })),
  word("offset", "find", "5", (notes, text) => notes.find({ offset: digits(text) })),
  word("limit of findAll()", "findAll", "5", (notes, text) => notes.findAll(digits(text))),
  word("offset of findAll()", "findAll", "5", (notes, text) => notes.findAll(1, digits(text))),
  word(
    "limit of include",
    "find",
    "5",
    (notes, text) => notes.find({ include: { labels: { limit: digits(text) } } }),
  ),
  word(
    "flag of isNull",
    "find",
    "5",
    (notes, text) => notes.find({ where: { mark: { isNull: text === "5" ? true : text } } }),
  ),
  word(
    "key of findOne()",
    "findOne",
    "name",
    (notes, text) => notes.findOne({ where: keyed(text, "decoy one") }),
  ),
  word(
    "key of findOneOrThrow()",
    "findOneOrThrow",
    "name",
    (notes, text) => notes.findOneOrThrow({ where: keyed(text, "decoy one") }),
  ),
  word(
    "include of findById()",
    "findById",
    "person",
    (notes, text) => notes.findById(1, { include: keyed(text, true) }),
  ),
  word(
    "key of count()",
    "count",
    "name",
    (notes, text) => notes.count({ where: keyed(text, "x") }),
  ),
  word(
    "key of exists()",
    "exists",
    "name",
    (notes, text) => notes.exists({ where: keyed(text, "x") }),
  ),
  ...["sum", "avg", "min", "max"].map((name) =>
    word(
      `column of ${name}`,
      "aggregate",
      "count",
      (notes, text) => notes.aggregate(keyed(name, [text])),
    )
  ),
  word(
    "key of aggregate()",
    "aggregate",
    "count",
    (notes, text) => notes.aggregate(keyed(text, true)),
  ),
  word("by of groupBy()", "groupBy", "name", (notes, text) => notes.groupBy({ by: [text] })),
  word(
    "key of having",
    "groupBy",
    "count",
    (notes, text) => notes.groupBy({ by: ["name"], count: true, having: keyed(text, 1) }),
  ),
  word(
    "operator of having",
    "groupBy",
    "gt",
    (notes, text) =>
      notes.groupBy({ by: ["name"], count: true, having: { count: keyed(text, 1) } }),
  ),
  word(
    "order of groups",
    "groupBy",
    "name",
    (notes, text) =>
      notes.groupBy({ by: ["name"], orderBy: keyed(text === "_count" ? "" : text, "asc") }),
  ),
  word(
    "direction of groups",
    "groupBy",
    "desc",
    (notes, text) => notes.groupBy({ by: ["name"], orderBy: { name: text } }),
  ),
  word(
    "relation of load()",
    "load",
    "person",
    async (notes, text) => notes.load(await notes.find({}), keyed(text, true)),
  ),
];

/** Keys of writes. */
const writes: readonly Position[] = [
  word(
    "key of create()",
    "create",
    "mark",
    (notes, text) => notes.create({ name: "x", ...keyed(text, "x") }),
  ),
  word(
    "key of createMany()",
    "createMany",
    "mark",
    (notes, text) => notes.createMany([{ name: "x", ...keyed(text, "x") }]),
  ),
  word(
    "key of createManyReturning()",
    "createManyReturning",
    "mark",
    (notes, text) => notes.createManyReturning([{ name: "x", ...keyed(text, "x") }]),
  ),
  word("key of update()", "update", "mark", (notes, text) => notes.update(1, keyed(text, "x"))),
  word(
    "key of updateMany()",
    "updateMany",
    "mark",
    (notes, text) => notes.updateMany({ where: { id: 1 } }, keyed(text, "x")),
  ),
  word(
    "filter of updateMany()",
    "updateMany",
    "name",
    (notes, text) => notes.updateMany({ where: keyed(text, "x") }, { mark: "x" }),
  ),
  word(
    "key of upsert()",
    "upsert",
    "name",
    (notes, text) => notes.upsert({ where: keyed(text, "x"), create: {}, update: { mark: "x" } }),
  ),
  word(
    "created key of upsert()",
    "upsert",
    "mark",
    (notes, text) =>
      notes.upsert({ where: { name: "x" }, create: keyed(text, "x"), update: { mark: "x" } }),
  ),
  word(
    "updated key of upsert()",
    "upsert",
    "mark",
    (notes, text) => notes.upsert({ where: { name: "x" }, create: {}, update: keyed(text, "x") }),
  ),
  word(
    "key of increment()",
    "increment",
    "count",
    (notes, text) => notes.increment(1, keyed(text, 1)),
  ),
  word(
    "key of incrementMany()",
    "incrementMany",
    "count",
    (notes, text) => notes.incrementMany({ where: { id: 1 } }, keyed(text, 1)),
  ),
  word(
    "filter of deleteMany()",
    "deleteMany",
    "name",
    (notes, text) => notes.deleteMany({ where: keyed(text, "x") }),
  ),
  word(
    "key of a composite id of delete()",
    "delete",
    "id",
    (notes, text) => notes.delete(keyed(text, 1)),
  ),
  word(
    "nested write",
    "update",
    "connect",
    (notes, text) =>
      notes.update(1, { person: keyed(unlessWrite(text), { name: "decoy person" }) }),
  ),
  word(
    "key of connect",
    "update",
    "name",
    (notes, text) => notes.update(1, { person: { connect: keyed(text, "decoy person") } }),
  ),
  word(
    "key of a nested create",
    "update",
    "word",
    (notes, text) => notes.update(1, { labels: { create: [keyed(text, "x")] } }),
  ),
];

/** Other operators are no fault. */
function unlessOperator(text: string): string {
  return /^(eq|ne|lt|gt|lte|gte|contains|in|between)$/.test(text) ? "" : text;
}

function unlessWrite(text: string): string {
  return /^(create|disconnect|set)$/.test(text) ? "" : text;
}

const escaped = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

function value(
  name: string,
  method: string,
  call: (notes: Loose, text: string, tx: TransactionScope) => unknown,
): Position {
  return {
    name: `repository: ${name}`,
    covers: [`Repository#${method}`],
    expect: "data",
    attack: (tx, text) => call(repository(tx), text, tx),
  };
}

function finding(name: string, where: (text: string) => Row): Position {
  return value(name, "find", async (notes, text, tx) => {
    await stored(tx, text);
    return only(await notes.find({ where: where(text), select }));
  });
}

const nameOf = (record: Row | null): unknown => record?.name ?? record;

/** Values. */
const values: readonly Position[] = [
  finding("bare value", (text) => ({ name: text })),
  finding("eq", (text) => ({ name: { eq: text } })),
  finding("in", (text) => ({ name: { in: [text, "nobody"] } })),
  finding("notIn and ne", (text) => ({
    NOT: [{ name: { notIn: [text] } }, { name: { ne: text } }],
  })),
  finding("gte and lte", (text) => ({ name: { gte: text, lte: text } })),
  finding("between", (text) => ({ name: { between: [text, text] } })),
  finding("like", (text) => ({ name: { like: escaped(text) } })),
  finding("ilike", (text) => ({ name: { ilike: escaped(text) } })),
  finding("startsWith", (text) => ({ name: { startsWith: text, notIn: decoyNames } })),
  finding("endsWith", (text) => ({ name: { endsWith: text, notIn: decoyNames } })),
  finding("contains", (text) => ({ name: { contains: text, notIn: decoyNames } })),
  value("value of a relation's condition", "find", async (notes, text, tx) => {
    await tx.insertInto(Person).values({ name: text }).execute();
    await notes.update(1, { person: { connect: { name: text } } });
    const [found] = await notes.find({
      where: { person: { name: text } },
      include: { person: true },
    });
    return nameOf(found.person);
  }),
  value("value of some", "find", async (notes, text) => {
    await notes.update(1, { labels: { create: [{ word: text }] } });
    const found = await notes.find({
      where: { labels: { some: { word: text } } },
      include: { labels: { strategy: "join" } },
    });
    return found[0].labels[0].word;
  }),
  value("where of include", "find", async (notes, text) => {
    await notes.update(1, { labels: { create: [{ word: text }] } });
    const [found] = await notes.find({
      where: { id: 1 },
      include: { labels: { where: { word: text }, strategy: "query" } },
    });
    return found.labels[0].word;
  }),
  value("cursor", "find", async (notes, text, tx) => {
    await stored(tx, text);
    const [next] = await notes.find({
      orderBy: [{ name: "asc" }, { id: "asc" }],
      cursor: { name: text, id: 0 },
      limit: 1,
      select,
    });
    return next.name;
  }),
  value("key of findById()", "findById", async (_notes, text, tx) => {
    await tx.insertInto(Person).values({ name: text }).execute();
    return nameOf(await repository(tx, Person).findById(text));
  }),
  value("value of findOne()", "findOne", async (notes, text, tx) => {
    await stored(tx, text);
    return nameOf(await notes.findOne({ where: { name: text } }));
  }),
  value("value of groupBy()", "groupBy", async (notes, text, tx) => {
    await stored(tx, text);
    return only(await notes.groupBy({ by: ["name"], where: { name: text } }));
  }),
  value("value of aggregate()", "aggregate", async (notes, text, tx) => {
    await stored(tx, text);
    return (await notes.aggregate({ min: ["name"], where: { name: text } })).min.name;
  }),
  value(
    "value of create()",
    "create",
    async (notes, text) => nameOf(await notes.create({ name: text })),
  ),
  value("key and value of a document", "create", async (notes, text) => {
    const data = keyed(text, { list: [text, null], [`${text}.`]: true });
    const found = await notes.create({ name: "x", data });
    const [key, inner] = Object.entries(found.data)[0] as [string, { list: string[] }];
    return key === inner.list[0] ? key : found;
  }),
  value("value of createMany()", "createMany", async (notes, text) => {
    await notes.createMany([{ name: text }, { name: "x" }]);
    return only(await notes.find({ where: { name: text }, select }));
  }),
  value("value of createMany() of many", "createMany", async (notes, text) => {
    await notes.createMany([
      { name: text, mark: text },
      ...Array.from({ length: 300 }, (_, i) => ({ name: `many ${i}` })),
    ]);
    return only(await notes.find({ where: { name: text }, select: ["mark"] }));
  }),
  value(
    "value of createManyReturning()",
    "createManyReturning",
    async (notes, text) => nameOf((await notes.createManyReturning([{ name: text }]))[0]),
  ),
  value(
    "value of update()",
    "update",
    async (notes, text) => (await notes.update(1, { mark: text })).mark,
  ),
  value("id of update()", "update", async (_notes, text, tx) => {
    await tx.insertInto(Person).values({ name: text }).execute();
    return nameOf(await repository(tx, Person).update(text, { name: text }));
  }),
  value("value of updateMany()", "updateMany", async (notes, text) => {
    await notes.updateMany({ where: { id: 1 } }, { mark: text });
    return only(await notes.find({ where: { mark: text }, select: ["mark"] }));
  }),
  value("values of upsert()", "upsert", async (notes, text) => {
    await notes.upsert({ where: { name: text }, create: { mark: text }, update: {} });
    return (await notes.upsert({ where: { name: text }, create: {}, update: { mark: text } })).mark;
  }),
  value("value of incrementMany()'s filter", "incrementMany", async (notes, text, tx) => {
    await stored(tx, text);
    return await notes.incrementMany({ where: { name: text } }, { count: 1 }) === 1 ? text : null;
  }),
  value("id of delete()", "delete", async (_notes, text, tx) => {
    await tx.insertInto(Person).values({ name: text }).execute();
    return await repository(tx, Person).delete(text) ? text : null;
  }),
  value("value of deleteMany()", "deleteMany", async (notes, text, tx) => {
    await stored(tx, text);
    return await notes.deleteMany({ where: { name: text } }) === 1 ? text : null;
  }),
  value("value of exists() and count()", "exists", async (notes, text, tx) => {
    await stored(tx, text);
    const filter = { where: { name: text } };
    return await notes.exists(filter) && await notes.count(filter) === 1 ? text : null;
  }),
  value("document in eq and contains", "find", async (notes, text) => {
    const data = keyed(text, [text]);
    await notes.create({ name: "x", data });
    const found = await notes.find({
      where: { AND: [{ data: { eq: data } }, { data: { contains: data } }] },
    });
    return found.length === 1 ? Object.keys(found[0].data)[0] : found;
  }),
  {
    name: "copy(): value",
    covers: ["Scope#copy"],
    expect: "data",
    needs: (capabilities) => capabilities.supportsCopy,
    attack: async (tx, text) => {
      const { columns } = repository(tx).entity.table;
      const column = columns.find((each: { name: string }) => each.name === "name");
      await tx.copy({ table: "hostile_notes", columns: [column] }, [[text]]);
      return only(await repository(tx).find({ where: { name: text }, select }));
    },
  },
  {
    name: "save() of an instance",
    covers: ["BaseModel#save", "BaseModel.from"],
    expect: "data",
    attack: async (tx, text) => {
      const note = loose(Note).from({ name: text });
      await note.save(tx);
      return note.name;
    },
  },
  {
    name: "delete() of an instance",
    covers: ["BaseModel#delete"],
    expect: "data",
    attack: async (tx, text) => {
      await tx.insertInto(Label).values({ word: text }).execute();
      const [label] = await repository(tx, Label).find({ where: { word: text } });
      await label.delete(tx);
      return label.word;
    },
  },
];

const decoyNames = ["decoy one", "decoy two"];

/** All of them. */
export const repositories: readonly Position[] = [
  // It has to come before models that cannot be mapped are made.
  {
    name: "repository of a table's name",
    covers: ["Repository"],
    expect: "word",
    benign: "hostile_notes",
    attack: (tx, text) => new Repository(tx, text).find(),
  },
  ...keys,
  ...writes,
  ...values,
];
