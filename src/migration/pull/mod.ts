/**
 * Models written from the schema of a database.
 *
 * @module
 */
import type { DatabaseSchema } from "../../schema/database_schema.ts";
import type { ForeignKeySchema } from "../../schema/table.ts";
import { nameList } from "./code.ts";
import { columnSource } from "./column_source.ts";
import { documentation, remark } from "./documentation.ts";
import { entitySource } from "./entity_source.ts";
import { enumImportLine, enumSource, listName, planEnums, type PlannedEnum } from "./enum_plan.ts";
import { planModels, type PlannedModel } from "./model_plan.ts";
import { type Note, notesOf } from "./notes.ts";
import { type PlannedRelation, planRelations } from "./relation_plan.ts";
import { relationSource } from "./relation_source.ts";

/** A source file. */
export interface PulledFile {
  /** Its path, relative to the folder of the models. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
}

/** How models are written. */
export interface PullOptions {
  /** All in one file, `models.ts`. Default: a file for each table, and `mod.ts`, which exports them all. */
  readonly single?: boolean;
  /** Where the library is imported from. Default: `@rex/orm`. */
  readonly import?: string;
}

/** Models as source files. */
export interface PulledModels {
  /** The files. */
  readonly files: readonly PulledFile[];
  /** What the database has and models cannot say. */
  readonly notes: readonly string[];
}

/**
 * Writes models for the tables of a database: decorated classes, with relations in both directions. They compile as
 * they are and are laid out as `deno fmt` lays them out with lines of 100 columns.
 *
 * ```ts ignore
 * const { files, notes } = pullModels(await new SchemaReader(session).read());
 * for (const { path, text } of files) await Deno.writeTextFile(`models/${path}`, text);
 * ```
 *
 * @param schema the schema, as introspection gives it
 */
export function pullModels(schema: DatabaseSchema, options: PullOptions = {}): PulledModels {
  const enums = planEnums(schema);
  const names = [...enums.values()].flatMap((each) => [each.typeName, listName(each)]);
  const models = planModels(schema, names);
  const { relations, rest } = planRelations(models);
  const notes = notesOf(schema, models);
  const sources = [...models.values()].map((model) =>
    modelSource(model, {
      relations: relations.get(model)!,
      rest: rest.get(model)!,
      notes: notes.filter((note) => note.model === model),
      enums,
    })
  );
  const library = options.import ?? "@rex/orm";
  const files = options.single
    ? [oneFile(sources, enums, library)]
    : manyFiles(sources, enums, library);
  return { files, notes: notes.map(({ text }) => text) };
}

/** The source of one class, and what it imports. */
interface ModelSource {
  readonly model: PlannedModel;
  readonly text: string;
  readonly library: ReadonlySet<string>;
  readonly enums: ReadonlySet<PlannedEnum>;
  readonly models: ReadonlySet<PlannedModel>;
}

/** What a class is written from, beside its table. */
interface ModelParts {
  readonly relations: readonly PlannedRelation[];
  readonly rest: readonly ForeignKeySchema[];
  readonly notes: readonly Note[];
  readonly enums: ReadonlyMap<string, PlannedEnum>;
}

function modelSource(
  model: PlannedModel,
  { relations, rest, notes, enums }: ModelParts,
): ModelSource {
  const { table, className } = model;
  const key = table.primaryKey?.columns ?? [];
  const fields = [
    ...[...model.columns.values()].map((each) =>
      columnSource(each, key.includes(each.column.name), enums)
    ),
    ...relations.map((relation) => relationSource(model, relation)),
  ];
  const others = relations.flatMap(({ target, through }) =>
    through ? [target, through.model] : [target]
  );
  return {
    model,
    text: [
      ...notes.map(({ text }) => remark(`Not in the model: ${text}`)),
      table.comment === undefined ? "" : documentation(table.comment, 0),
      `${entitySource(model, relations, rest)}\n`,
      `export class ${className} extends BaseModel {\n`,
      ...fields.map(({ text }) => text),
      "}\n",
    ].join(""),
    library: new Set(["BaseModel", "Entity", ...fields.flatMap(({ imports }) => imports)]),
    enums: new Set(fields.flatMap((field) => field.enum ?? [])),
    models: new Set(others.filter((each) => each !== model)),
  };
}

function oneFile(
  sources: readonly ModelSource[],
  enums: ReadonlyMap<string, PlannedEnum>,
  library: string,
): PulledFile {
  const names = new Set(sources.flatMap((each) => [...each.library]));
  const parts = [
    ...names.size > 0 ? [libraryImport(names, library)] : [],
    ...enums.size > 0 ? [enumSource(enums.values())] : [],
    ...sources.map(({ text }) => text),
  ];
  return { path: "models.ts", text: parts.join("\n") };
}

function manyFiles(
  sources: readonly ModelSource[],
  enums: ReadonlyMap<string, PlannedEnum>,
  library: string,
): PulledFile[] {
  const files = sources.map((source): PulledFile => {
    const imports = [
      libraryImport(source.library, library),
      ...source.enums.size > 0 ? [`${enumImportLine([...source.enums])}\n`] : [],
      ...[...source.models].map(({ className, file }) =>
        `import { ${className} } from "./${file}.ts";\n`
      ),
    ];
    return { path: `${source.model.file}.ts`, text: `${imports.join("")}\n${source.text}` };
  });
  const exports = [
    ...enums.size > 0 ? ["enums"] : [],
    ...sources.map(({ model }) => model.file),
  ].map((file) => `export * from "./${file}.ts";\n`);
  return [
    ...files,
    ...enums.size > 0 ? [{ path: "enums.ts", text: enumSource(enums.values()) }] : [],
    { path: "mod.ts", text: exports.length === 0 ? "export {};\n" : exports.join("") },
  ];
}

function libraryImport(names: Iterable<string>, library: string): string {
  return `${nameList("import", [...names], ` from ${JSON.stringify(library)};`)}\n`;
}
