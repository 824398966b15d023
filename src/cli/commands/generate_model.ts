/**
 * `generate:model`: writes a model.
 *
 * @module
 */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { ConfigError } from "../../base/errors.ts";
import { snakeCase } from "../../model/naming.ts";
import { type Call, defineCommand } from "../command.ts";
import { UsageError } from "../exit.ts";
import { ask } from "../prompt.ts";
import { type Field, fieldOf, type RelationField } from "../project/fields.ts";
import { fileOf, modelSource } from "../project/model_source.ts";
import { exists, loadProject, type Project, shown } from "../project/project.ts";

export default defineCommand({
  usage: "generate:model NAME [FIELD:TYPE …]",
  description:
    "Writes a model into the folder of models. Without fields it asks for them on a terminal.\n\n" +
    "  name:varchar(255)   a column        age:integer?    may be NULL     email:text!   unique\n" +
    "  views:integer=0     a default       state:enum(draft,sold)\n" +
    "  author:User         many-to-one     posts:Post[]    one-to-many     tags:many-to-many(Tag)\n\n" +
    "Put fields with signs in quotes: shells read (, ), ?, !, [ and ] in their own way.",
  args: [1, 1000],
  options: {},
  examples: [
    "generate:model User 'name:varchar(255)' 'email:text!' 'age:integer?'",
    "generate:model Post title:text views:integer=0 author:User",
  ],
  async run(call) {
    const { out, args: [name = "", ...written] } = call;
    if (!/^\p{Lu}[\p{L}\p{N}_]*$/u.test(name)) {
      throw new UsageError(`${name} is no name for a class`, { hint: "write it like BlogPost" });
    }
    const project = await loadProject(call);
    const folder = await folderOf(project);
    const path = join(folder, fileOf(name));
    if (await exists(path)) {
      throw new ConfigError(`Cannot write ${shown(call, path)}: it is there already`);
    }
    const fields = written.length > 0 ? written.map(fieldOf) : await askedFields(call);
    refuseTwice(fields);
    const others = await readOthers(folder, name, fields);
    await mkdir(folder, { recursive: true });
    await writeFile(path, modelSource(name, fields, others), { flag: "wx" });
    out.line(`${out.paint("green", "wrote")} ${shown(call, path)}`);
    const notes = notesOn(name, fields, others);
    for (const note of notes) out.line(`note: ${note}`);
    if (notes.length === 0) {
      out.line(`Next: rex-orm migration:create --auto create_${snakeCase.table(name)}`);
    }
    out.result({ path, notes });
  },
});

/** Where models are written: the first folder of the project's models, or the folder of the first file. */
async function folderOf({ models }: Project): Promise<string> {
  const [first = "models"] = models;
  const found = await stat(first).catch(() => undefined);
  if (found?.isFile() || (!found && extname(first) !== "")) return dirname(first);
  return first;
}

/** Asks until nothing is answered; where nobody can be asked, there are no fields. */
async function askedFields({ context, out }: Call): Promise<Field[]> {
  if (!context.interactive || out.json) return [];
  out.line("Fields, one a line, such as name:varchar(255); an empty line ends.");
  const fields: Field[] = [];
  for (;;) {
    const text = await ask(context, "field");
    if (text === "") return fields;
    try {
      fields.push(fieldOf(text));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      out.line(error.message);
    }
  }
}

function refuseTwice(fields: readonly Field[]): void {
  const seen = new Set(["id"]);
  for (const { name } of fields) {
    if (seen.has(name)) {
      throw new UsageError(`there is a field ${name} already`, {
        hint: name === "id" ? "every model gets a primary key `id`" : undefined,
      });
    }
    seen.add(name);
  }
}

/** The other models that fields lead to. */
interface Others {
  readonly missing: readonly string[];
  inverse(model: string, kind: RelationField["kind"]): string | undefined;
}

async function readOthers(folder: string, name: string, fields: readonly Field[]): Promise<Others> {
  const sources = new Map<string, string>();
  const targets = new Set(fields.flatMap((field) => "target" in field ? field.target : []));
  targets.delete(name);
  for (const target of targets) {
    const text = await readFile(join(folder, fileOf(target)), "utf8").catch(() => undefined);
    if (text !== undefined) sources.set(target, text);
  }
  return {
    missing: [...targets].filter((target) => !sources.has(target)),
    inverse(model, kind) {
      const many = kind === "one-to-many" ? `(?: \\| null)?` : `\\[\\]`;
      const back = new RegExp(`^\\s+(\\w+)!: ${name}${many};`, "m");
      return back.exec(sources.get(model) ?? "")?.[1];
    },
  };
}

/** What has to be done before the model compiles. */
function notesOn(name: string, fields: readonly Field[], others: Others): string[] {
  return fields.flatMap((field) => {
    if (field.kind === "column" || field.target === name) return [];
    const own = name.charAt(0).toLowerCase() + name.slice(1);
    const back = field.kind === "one-to-many" ? ` ${own}:${name}` : "";
    if (others.missing.includes(field.target)) {
      return [`it needs rex-orm generate:model ${field.target}${back}`];
    }
    if (field.kind !== "one-to-many" || others.inverse(field.target, field.kind)) return [];
    return [
      `it needs a field in ${basename(fileOf(field.target))}: ` +
      `@ManyToOne(() => ${name}, (${own}) => ${own}.${field.name}) ${own}!: ${name};`,
    ];
  });
}
