/**
 * The values of repositories and models.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import {} from "../../../src/repository/repository.ts";
import { Label, Note, Person, type Position } from "../arena.ts";
import { type Loose, loose, only, repository, type Row, stored } from "./loose.ts";

const select = ["name"];

/** An object with one key, whatever its name. */
function keyed(key: string, value: unknown): Row {
  return Object.fromEntries([[key, value]]);
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
export const repositoryValues: readonly Position[] = [
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
