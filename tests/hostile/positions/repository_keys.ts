/**
 * The keys and words of queries and writes of repositories.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import { Repository } from "../../../src/repository/repository.ts";
import type { Position } from "../arena.ts";
import { digits, type Loose, repository, type Row } from "./loose.ts";

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

/** All of them. */
export const repositoryKeys: readonly Position[] = [
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
];
