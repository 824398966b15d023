/**
 * Declarations of models: their names end up in DDL, where nothing can be bound.
 *
 * @module
 */
import type { Database } from "../../../src/database/database.ts";
import type { TransactionScope } from "../../../src/database/scope.ts";
import { sql } from "../../../src/query/sql.ts";
import { SchemaCreator } from "../../../src/migration/schema_creator.ts";
import type { ModelClass } from "../../../src/model/keys.ts";
import {
  BaseModel,
  Check,
  CreatedAt,
  DeletedAt,
  Index,
  ManyToMany,
  ManyToOne,
  OneToOne,
  PrimaryKey,
  Unique,
  UpdatedAt,
  Version,
} from "../../../src/model/mod.ts";
import type { Capabilities } from "../../../src/dialect/capabilities.ts";
import { harmless, type Position } from "../arena.ts";
import { loose, type Row } from "./loose.ts";

import { column, create, defaultOf, type Field, model, nullable } from "./made_models.ts";
/** A name in a model: its table is created, and one row goes in and comes out. */
function named(
  name: string,
  covers: readonly string[],
  make: (text: string) => ModelClass | readonly ModelClass[],
  more: Partial<Position> = {},
): Position {
  return {
    name: `schema: ${name}`,
    covers: [...covers, "SchemaCreator#create", "SchemaCreator#nodes"],
    expect: "name",
    attack: async (tx, text) => {
      const made = make(text);
      const models = Array.isArray(made) ? made : [made];
      await create(tx, ...models);
      for (const each of models) await loose(tx.repository(each)).create({});
      for (const each of models) await loose(tx.repository(each)).find({ where: { id: 1 } });
      return text;
    },
    ...more,
  };
}

const names: readonly Position[] = [
  named("table", ["Entity", "SchemaCreator#statements"], (text) => model({}, { tableName: text })),
  named("column", ["Column"], (text) => model({ made: column({ name: text, ...nullable }) })),
  named(
    "column of every kind",
    ["Column"],
    (text) => model({ made: column({ type: "varchar", length: 9, name: text, ...nullable }) }),
  ),
  named("column with a check of its form", ["Column"], (text) =>
    model({
      made: column({ type: "numeric", precision: 9, scale: 2, name: text, ...nullable }),
    })),
  named(
    "column of an enum",
    ["Column"],
    (text) => model({ made: column({ type: "enum", values: ["a"], name: text, ...nullable }) }),
  ),
  named(
    "primary key",
    ["PrimaryKey"],
    (text) => model({ id: loose(PrimaryKey({ name: text } as never)) }),
  ),
  named(
    "createdAt",
    ["CreatedAt"],
    (text) => model({ made: loose(CreatedAt({ name: text } as never)) }),
  ),
  named(
    "updatedAt",
    ["UpdatedAt"],
    (text) => model({ made: loose(UpdatedAt({ name: text } as never)) }),
  ),
  named(
    "deletedAt",
    ["DeletedAt"],
    (text) => model({ made: loose(DeletedAt({ name: text } as never)) }),
  ),
  named("version", ["Version"], (text) => model({ made: loose(Version({ name: text } as never)) })),
  named("index of a field", ["Index"], (text) =>
    model({
      made: both(column(nullable), loose(Index({ name: text } as never))),
    })),
  named(
    "index of a class",
    ["Entity"],
    (text) => model({ made: column(nullable) }, { indexes: [{ columns: ["made"], name: text }] }),
  ),
  named(
    "unique of a field",
    ["Unique"],
    (text) => model({ made: both(column(nullable), loose(Unique({ name: text } as never))) }),
  ),
  named(
    "unique of a class",
    ["Entity"],
    (text) => model({ made: column(nullable) }, { uniques: [{ columns: ["made"], name: text }] }),
  ),
  named("check of a field", ["Check"], (text) =>
    model({
      made: both(column(nullable), loose(Check("id > 0", { name: text } as never))),
    })),
  named(
    "check of a class",
    ["Entity"],
    (text) => model({}, { checks: [{ sql: "id > 0", name: text }] }),
  ),
  named("column of a foreign key", ["ManyToOne"], (text) => {
    const Target = model({}, { tableName: "hostile_target" });
    const relation = ManyToOne(() => Target as never, undefined, {
      column: text,
      ...nullable,
    } as never);
    return [Target, model({ target: loose(relation) })];
  }, { refuses: (text) => text in BaseModel.prototype }),
  named("column of a one-to-one foreign key", ["OneToOne"], (text) => {
    const Target = model({}, { tableName: "hostile_target" });
    const relation = OneToOne(() => Target as never, undefined, {
      column: text,
      ...nullable,
    } as never);
    return [Target, model({ target: loose(relation) })];
  }, { refuses: (text) => text in BaseModel.prototype }),
  named("join table", ["ManyToMany"], (text) => joined({ table: text })),
  named(
    "column of a join table",
    ["ManyToMany"],
    (text) => joined({ table: "hostile_join", local: text, foreign: "other" }),
  ),
  named("comment", ["Entity"], (text) =>
    model({ made: column({ ...nullable, comment: text }) }, {
      comment: text,
    }), { expect: "data", refuses: () => false }),
];

function joined(through: Row): readonly ModelClass[] {
  const Target = model({}, { tableName: "hostile_target" });
  const relation = ManyToMany(() => Target as never, undefined, { through } as never);
  return [Target, model({ targets: loose(relation) })];
}

/** Two decorators on one field. */
function both(first: Field, second: Field): Field {
  return (value, context) => {
    second(value, context);
    first(value, context);
  };
}

const values: readonly Position[] = [
  {
    name: "schema: default of a text",
    covers: ["Column"],
    expect: "data",
    attack: (tx, text) => defaultOf(tx, { type: "text", default: text }),
  },
  {
    name: "schema: default of a varchar",
    covers: ["Column"],
    expect: "data",
    attack: (tx, text) => defaultOf(tx, { type: "varchar", default: text }),
  },
  {
    name: "schema: default of a document",
    covers: ["Column"],
    expect: "data",
    attack: async (tx, text) => {
      const given = await defaultOf(tx, {
        type: "jsonb",
        default: Object.fromEntries([[text, [text]]]),
      });
      return Object.entries(given as Record<string, string[]>)
        .map(([key, list]) => key === list[0] ? key : list)[0];
    },
  },
  {
    name: "schema: default of a list of texts",
    covers: ["Column"],
    expect: "data",
    needs: (capabilities) => capabilities.supportsArrays,
    attack: async (tx, text) => {
      const given = await defaultOf(tx, { type: "text", array: true, default: [text, "x"] });
      return (given as string[])[0];
    },
  },
  {
    name: "schema: value of an enum, stored and as default",
    covers: ["Column"],
    expect: "data",
    // PostgreSQL keeps 63 bytes of it.
    refuses: (text) => new TextEncoder().encode(text).length > 63,
    attack: (tx, text) =>
      defaultOf(tx, {
        type: "enum",
        values: [text, "another"],
        enumName: "hostile_enum",
        default: text,
      }),
  },
  {
    name: "schema: name of an enum",
    covers: ["Column"],
    expect: "name",
    attack: async (tx, text) => {
      // A dot sets a schema apart.
      const enumName = text.replaceAll(".", "_");
      const values = ["a", "b"];
      const given = await defaultOf(tx, { type: "enum", values, enumName, default: "b" });
      return given === "b" ? text : given;
    },
  },
];

/** Drops what it names, quoted as it was created. */
const dropped: Position = {
  name: "schema: table that is dropped",
  covers: ["SchemaCreator#drop"],
  expect: "name",
  attack: async (tx: TransactionScope | Database, text: string) => {
    const Model = model({}, { tableName: text });
    const creator = new SchemaCreator(() => tx);
    await creator.create({ models: [Model] });
    await creator.create({ models: [Model], ifNotExists: true });
    await creator.drop({ models: [Model] });
    return text;
  },
};

/** A schema cannot be created by a model: the name is quoted, and the database has none of it. */
const schema: Position = {
  name: "schema: schema of a table",
  covers: ["Entity"],
  expect: "name",
  needs: (capabilities: Capabilities) => capabilities.supportsSchemas,
  attack: async (tx: TransactionScope, text: string) => {
    const { supportsSchemas } = tx.dialect.capabilities;
    // PostgreSQL keeps such names for itself.
    const name = text.startsWith("pg_") ? harmless : text;
    if (supportsSchemas) await sql`CREATE SCHEMA ${sql.id(name)}`.execute(tx);
    const Model = model({}, { schema: name });
    await create(tx, Model);
    await loose(tx.repository(Model)).create({});
    return text;
  },
};

/** All of them. */
export const schemaNames: readonly Position[] = [...names, ...values, dropped, schema];
