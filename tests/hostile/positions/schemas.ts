/**
 * Declarations of models: their texts end up in DDL, where nothing can be bound.
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
  Column,
  CreatedAt,
  DeletedAt,
  Entity,
  Index,
  ManyToMany,
  ManyToOne,
  ModelRegistry,
  OneToOne,
  PrimaryKey,
  Unique,
  UpdatedAt,
  Version,
} from "../../../src/model/mod.ts";
import type { Capabilities } from "../../../src/dialect/capabilities.ts";
import type { Position } from "../arena.ts";
import { digits } from "./typed.ts";
import { loose, type Row } from "./loose.ts";

/** A field that is declared: its decorator, and whether it is a relation. */
type Field = (value: undefined, context: never) => void;

/** A model with these fields beside an `id`. */
function model(fields: Readonly<Record<string, Field>>, options: Row = {}): ModelClass {
  const Model = class extends BaseModel {} as unknown as ModelClass;
  const metadata = {};
  const { tableName = "hostile_made" } = options;
  const name = tableName === "hostile_target" ? "Target" : "Made";
  Object.defineProperty(Model, "name", { value: name });
  Object.defineProperty(Model, Symbol.metadata ?? Symbol.for("Symbol.metadata"), {
    value: metadata,
    configurable: true,
  });
  const all = { id: loose(PrimaryKey()) as Field, ...fields };
  for (const [name, decorate] of Object.entries(all)) {
    decorate(undefined, { kind: "field", name, static: false, private: false, metadata } as never);
  }
  loose(Entity({ ...options, tableName } as never))(Model, {
    kind: "class",
    name: Model.name,
    metadata,
  });
  return Model;
}

async function create(tx: TransactionScope, ...models: readonly ModelClass[]): Promise<void> {
  await new SchemaCreator(() => tx).create({ models });
}

/** A column with these options. */
function column(options: Row): Field {
  return loose(Column({ type: "text", ...options } as never));
}

/** What a row holds that was stored with nothing given. */
async function defaultOf(tx: TransactionScope, options: Row): Promise<unknown> {
  const Model = model({ made: column(options) });
  await create(tx, Model);
  await tx.execute("INSERT INTO hostile_made (id) VALUES (1)");
  const [row] = await loose(tx.repository(Model)).find();
  return row.made;
}

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

const nullable = { nullable: true };

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

/** Options that are words or numbers. */
function option(
  name: string,
  covers: readonly string[],
  benign: string,
  make: (text: string) => ModelClass | readonly ModelClass[],
  more: Partial<Position> = {},
): Position {
  return {
    name: `schema: ${name}`,
    covers,
    expect: "word",
    benign,
    attack: async (tx, text) => {
      const made = make(text);
      await create(tx, ...(Array.isArray(made) ? made : [made]));
    },
    ...more,
  };
}

function related(options: Row): readonly ModelClass[] {
  const Target = model({}, { tableName: "hostile_target" });
  const relation = ManyToOne(
    () => Target as never,
    undefined,
    { ...nullable, ...options } as never,
  );
  return [Target, model({ target: loose(relation) })];
}

const numbers: readonly (readonly [string, string])[] = [
  ["integer", "5"],
  ["smallint", "5"],
  ["bigint", "5"],
  ["double", "5"],
  ["real", "5"],
  ["boolean", "true"],
  ["uuid", "00000000-0000-4000-8000-000000000000"],
  ["date", "2020-01-01"],
  ["time", "10:00:00"],
];

function typed(type: string, text: string): unknown {
  if (type === "boolean") return text === "true" ? true : text;
  if (type === "bigint") return text === "5" ? 5n : text;
  return ["integer", "smallint", "double", "real"].includes(type) ? digits(text) : text;
}

const words: readonly Position[] = [
  option(
    "type of a column",
    ["Column"],
    "integer",
    (text) => model({ made: column({ type: text, ...nullable }) }),
  ),
  option(
    "length",
    ["Column"],
    "5",
    (text) => model({ made: column({ type: "varchar", length: digits(text) }) }),
  ),
  option(
    "precision",
    ["Column"],
    "5",
    (text) => model({ made: column({ type: "numeric", precision: digits(text), scale: 2 }) }),
  ),
  option(
    "scale",
    ["Column"],
    "5",
    (text) => model({ made: column({ type: "numeric", precision: 9, scale: digits(text) }) }),
  ),
  option(
    "precision of a time",
    ["CreatedAt"],
    "5",
    (text) => model({ made: loose(CreatedAt({ precision: digits(text) } as never)) }),
  ),
  option(
    "identity",
    ["PrimaryKey"],
    "by default",
    (text) => model({ id: loose(PrimaryKey({ type: "integer", identity: text } as never)) }),
  ),
  option("onDelete", ["ManyToOne"], "cascade", (text) => related({ onDelete: text })),
  option("onUpdate", ["ManyToOne"], "set null", (text) => related({ onUpdate: text })),
  option(
    "deferrable",
    ["ManyToOne"],
    "initially deferred",
    (text) => related({ deferrable: text }),
  ),
  option("property of a foreign key", ["ManyToOne"], "made", (text) => {
    const Target = model({}, { tableName: "hostile_target" });
    const relation = ManyToOne(() => Target as never, undefined, {
      foreignKey: text,
      ...nullable,
    } as never);
    return [
      Target,
      model({
        made: column({ type: "integer", ...nullable }),
        target: loose(relation),
      }),
    ];
  }),
  {
    name: "schema: method of an index",
    covers: ["Entity"],
    expect: "form",
    benign: "btree",
    shape: /^CREATE INDEX ix_hostile_made_made ON hostile_made (USING ‹name› )?\( made \)$/,
    attack: (tx, text) => {
      const indexes = [{ columns: ["made"], method: text }];
      const Model = model({ made: column(nullable) }, { indexes });
      return new SchemaCreator(() => tx).statements({ models: [Model] }).at(-1)?.sql;
    },
  },
  option("direction of an index", ["Entity"], "desc", (text) =>
    model({ made: column(nullable) }, {
      indexes: [{ columns: [{ property: "made", direction: text }] }],
    })),
  option(
    "property of an index",
    ["Entity"],
    "made",
    (text) => model({ made: column(nullable) }, { indexes: [{ columns: [text] }] }),
  ),
  option(
    "property of a unique",
    ["Entity"],
    "made",
    (text) => model({ made: column(nullable) }, { uniques: [[text]] }),
  ),
  ...numbers.map(([type, benign]) =>
    option(
      `default of ${type}`,
      ["Column"],
      benign,
      (text) => model({ made: column({ type, default: typed(type, text) }) }),
    )
  ),
  {
    name: "schema: default of numeric",
    covers: ["Column"],
    expect: "form",
    benign: "5",
    shape: /^CREATE TABLE hostile_made \( id .* , made .* DEFAULT (‹text›|-? ?[\d.]+) NOT NULL /,
    attack: (tx, text) => {
      const Model = model({ made: column({ type: "numeric", default: text }) });
      return new SchemaCreator(() => tx).statements({ models: [Model] })[0]?.sql;
    },
  },
  {
    name: "schema: a class that is not registered",
    covers: ["ModelRegistry.registerModel", "ModelRegistry.getModelMetadata", "entityOf"],
    expect: "word",
    benign: "5",
    attack: (_tx, text) => ModelRegistry.getModelMetadata(text === "5" ? model({}) : loose(text)),
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
    if (supportsSchemas) await sql`CREATE SCHEMA ${sql.id(text)}`.execute(tx);
    const Model = model({}, { schema: text });
    await create(tx, Model);
    await loose(tx.repository(Model)).create({});
    return text;
  },
};

/** All of them. */
export const schemas: readonly Position[] = [...names, ...values, ...words, dropped, schema];
