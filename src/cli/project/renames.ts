/**
 * Renames: given on the command line, said by models, or asked for.
 *
 * @module
 */
import type { Comparison } from "../../migration/compare.ts";
import type { ColumnRename, Renames, TableRename } from "../../migration/diff/renames.ts";
import type { DatabaseSchema, QualifiedName } from "../../schema/database_schema.ts";
import type { Call } from "../command.ts";
import { UsageError } from "../exit.ts";
import { confirm } from "../prompt.ts";

/** The options of commands that compare. */
export const renameOptions = {
  rename: {
    type: "string",
    multiple: true,
    value: "OLD=NEW",
    summary: "a rename: users=people, users.name=full_name; as often as needed",
  },
  "no-renames": { type: "boolean", summary: "what looks renamed is not" },
} as const;

/**
 * Reads `users=people` and `users.name=full_name`; a table of a column can have its old or its new name.
 *
 * @throws {UsageError} when one is written wrongly
 */
export function readRenames(given: readonly string[], from: DatabaseSchema): Renames {
  const tables: TableRename[] = [];
  const columns: ColumnRename[] = [];
  const has = (name: QualifiedName) => from.tables.some((table) => sameName(table, name));
  for (const text of given) {
    const [, path = "", to = ""] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
    const words = path.split(".");
    if (to === "" || words.length > 3) throw wrong(text);
    const table = tableName(words);
    if (words.length < 3 && has(table)) {
      const name = to.split(".").at(-1)!;
      tables.push({ from: table, to: { ...table, name } });
    } else {
      const column = words.pop()!;
      if (words.length === 0) throw wrong(text);
      columns.push({ table: tableName(words), from: column, to: to.split(".").at(-1)! });
    }
  }
  return {
    tables,
    columns: columns.map((each) => ({
      ...each,
      table: tables.find((renamed) => sameName(renamed.from, each.table))?.to ?? each.table,
    })),
  };
}

/** Both together; what is in the first stands before what contradicts it. */
export function joined(first: Renames, second: Renames): Renames {
  return {
    tables: [
      ...first.tables,
      ...second.tables.filter(({ from, to }) =>
        !first.tables.some((each) => sameName(each.from, from) || sameName(each.to, to))
      ),
    ],
    columns: [
      ...first.columns,
      ...second.columns.filter(({ table, from, to }) =>
        !first.columns.some((each) =>
          sameName(each.table, table) && (each.from === from || each.to === to)
        )
      ),
    ],
  };
}

/** A comparison with given renames. */
export type Compare = (renames: Renames) => Promise<Comparison>;

/**
 * Compares, and asks of each likely rename whether it is one.
 *
 * @throws {UsageError} when nobody can be asked and the command line does not say
 */
export async function compareAsking(
  { context, out }: Pick<Call, "context" | "out">,
  known: Renames,
  refused: boolean,
  compare: Compare,
): Promise<Comparison> {
  let renames = known;
  const denied = new Set<string>();
  for (;;) {
    const comparison = await compare(renames);
    const open = questionsOf(comparison).filter(({ text }) => !denied.has(text));
    const [next] = open;
    if (refused || next === undefined) return comparison;
    if (!context.interactive || out.json) throw undecided(open);
    if (await confirm(context, `Was ${next.text.replace("=", " renamed to ")}?`)) {
      renames = joined(renames, next.renames);
    } else denied.add(next.text);
  }
}

/** Likely renames, as the command line writes them: tables before columns. */
export function questionsOf(
  { candidates: { tables, columns } }: Pick<Comparison, "candidates">,
): { readonly text: string; readonly renames: Renames }[] {
  return [
    ...tables.map((table) => ({
      text: `${textOf(table.from)}=${textOf(table.to)}`,
      renames: { tables: [table], columns: [] },
    })),
    ...columns.map((column) => ({
      text: `${textOf(column.table)}.${column.from}=${column.to}`,
      renames: { tables: [], columns: [column] },
    })),
  ];
}

function undecided(open: readonly { readonly text: string }[]): UsageError {
  const flags = open.map(({ text }) => `--rename ${text}`).join(" ");
  return new UsageError(
    `Cannot tell whether this was renamed: ${open.map(({ text }) => text).join(", ")}`,
    { hint: `say ${flags}, or --no-renames where old is dropped and new is made` },
  );
}

function tableName(words: readonly string[]): QualifiedName {
  const [first = "", second] = words;
  return second === undefined ? { name: first } : { name: second, schema: first };
}

function sameName(a: QualifiedName, b: QualifiedName): boolean {
  return a.name === b.name && a.schema === b.schema;
}

function textOf({ name, schema }: QualifiedName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function wrong(text: string): UsageError {
  return new UsageError(`Cannot read the rename ${text}`, {
    hint: "write --rename users=people for a table, --rename users.name=full_name for a column",
  });
}
