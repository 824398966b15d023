/**
 * Keeps the log right in a transaction that alters tables. A trigger names the columns of its table, so SQLite refuses
 * to drop one of them, a rebuild drops the trigger with the table, and a new name is not told. So the triggers of
 * a table are taken away before it is altered, and made anew at the end.
 *
 * @module
 */
import type { SourceConnection } from "../../../change/source.ts";
import type { LogGuard } from "../../../dialect/change_support.ts";
import { dropTriggers, folded, follow, noteAltered } from "./following.ts";
import { readTriggers, tagOf } from "./triggers.ts";

const comments = /('(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\])|--[^\n]*|\/\*[^]*?(?:\*\/|$)/g;
const name = String
  .raw`("(?:[^"]|"")*"|${"`"}[^${"`"}]*${"`"}|\[[^\]]*\]|'(?:[^']|'')*'|[\w$\u0080-\uffff]+)`;
const altering = new RegExp(
  String
    .raw`\b(?:alter|drop)\s+table\s+(?:if\s+exists\s+)?(?:"?main"?\s*\.\s*)?${name}(?:\s+rename\s+to\s+${name})?`,
  "giu",
);

/** Looks at the statements of one transaction. */
export class AlteringGuard implements LogGuard {
  /** The names, folded, of tables whose triggers were taken away; also new ones of theirs. */
  readonly #altered = new Set<string>();

  /** Takes the triggers of tables away that a statement alters. */
  async before(connection: SourceConnection, sql: string): Promise<void> {
    if (!/\btable\b/i.test(sql)) return;
    const text = sql.replace(comments, (_, kept?: string) => kept ?? " ");
    for (const [, from, to] of text.matchAll(altering)) {
      const table = folded(plain(from!));
      const triggers = await readTriggers(connection);
      const present = triggers.filter((each) => folded(each.table) === table);
      if (present.length > 0) {
        await dropTriggers(connection, present);
        this.#altered.add(table);
      }
      // Both names are kept: a savepoint may undo the renaming.
      if (to !== undefined && this.#altered.has(table)) this.#altered.add(folded(plain(to)));
    }
  }

  /** Gives the tables that are there their triggers again, and tells that they were altered. */
  async end(connection: SourceConnection): Promise<void> {
    if (this.#altered.size === 0) return;
    const { rows } = await connection.execute<{ name: string }>(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'",
    );
    for (const table of rows.filter((each) => this.#altered.has(folded(each.name)))) {
      await follow(connection, table);
    }
    const told = new Set<string>();
    for (const trigger of await readTriggers(connection)) {
      const tag = tagOf(trigger.name);
      if (!this.#altered.has(folded(trigger.table)) || told.has(tag)) continue;
      told.add(tag);
      await noteAltered(connection, tag);
    }
    this.#altered.clear();
  }
}

/** A name without its quotes. */
function plain(text: string): string {
  const first = text[0]!;
  if (first === "[") return text.slice(1, -1);
  return "\"'`".includes(first) ? text.slice(1, -1).replaceAll(first + first, first) : text;
}
