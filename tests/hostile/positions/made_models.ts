/**
 * Models that are made at run time, with hostile declarations.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import { SchemaCreator } from "../../../src/migration/schema_creator.ts";
import type { ModelClass } from "../../../src/model/keys.ts";
import { BaseModel, Column, Entity, PrimaryKey } from "../../../src/model/mod.ts";
import { loose, type Row } from "./loose.ts";

/** A field that is declared: its decorator, and whether it is a relation. */
export type Field = (value: undefined, context: never) => void;

/** A model with these fields beside an `id`. */
export function model(fields: Readonly<Record<string, Field>>, options: Row = {}): ModelClass {
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

/** Creates their tables. */
export async function create(
  tx: TransactionScope,
  ...models: readonly ModelClass[]
): Promise<void> {
  await new SchemaCreator(() => tx).create({ models });
}

/** A column with these options. */
export function column(options: Row): Field {
  return loose(Column({ type: "text", ...options } as never));
}

/** What a row holds that was stored with nothing given. */
export async function defaultOf(tx: TransactionScope, options: Row): Promise<unknown> {
  const Model = model({ made: column(options) });
  await create(tx, Model);
  await tx.execute("INSERT INTO hostile_made (id) VALUES (1)");
  const [row] = await loose(tx.repository(Model)).find();
  return row.made;
}

/** The option of most columns here. */
export const nullable = { nullable: true };
