/**
 * Declarations of models: words, numbers and defaults.
 *
 * @module
 */
import {} from "../../../src/query/sql.ts";
import { SchemaCreator } from "../../../src/migration/schema_creator.ts";
import type { ModelClass } from "../../../src/model/keys.ts";
import { CreatedAt, ManyToOne, ModelRegistry, PrimaryKey } from "../../../src/model/mod.ts";
import type { Position } from "../arena.ts";
import { digits, loose, type Row } from "./loose.ts";

import { column, create, model, nullable } from "./made_models.ts";
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

/** All of them. */
export const schemaWords: readonly Position[] = [
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
    shape:
      /^CREATE TABLE hostile_made \( id .* , made .* DEFAULT (‹text›|-? ?[\d.]+([eE][+-]?\d+)?) NOT NULL /,
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
