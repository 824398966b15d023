/**
 * Reads `CREATE TABLE` as SQLite keeps it: what no pragma tells (checks, names of constraints, expressions,
 * comments behind types) stands only there. Grammar: https://www.sqlite.org/lang_createtable.html
 *
 * @module
 */
import type { Deferral, ReferentialAction } from "../../../schema/table.ts";
import { TokenReader } from "./tokens.ts";

/** A column as it is written. */
export interface ParsedColumn {
  readonly name: string;
  /** Its type, spaces single; empty where none is given. */
  readonly type: string;
  /** The comment right behind the type. */
  readonly comment?: string;
  notNull: boolean;
  autoincrement: boolean;
  default?: string;
  collation?: string;
  generated?: { readonly sql: string; readonly stored: boolean };
}

/** A foreign key as it is written; no `references`: the primary key there. */
export interface ParsedForeignKey {
  readonly name?: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly references?: readonly string[];
  readonly onDelete?: ReferentialAction;
  readonly onUpdate?: ReferentialAction;
  readonly deferrable?: Deferral;
}

/** A key as it is written. */
export interface ParsedKey {
  readonly name?: string;
  readonly columns: readonly string[];
}

/** A check as it is written. */
export interface ParsedCheck {
  readonly name?: string;
  readonly sql: string;
  /** The column behind which it stands. */
  readonly column?: string;
}

/** A table as it is written. */
export interface ParsedTable {
  readonly name: string;
  readonly columns: readonly ParsedColumn[];
  readonly primaryKey?: ParsedKey;
  readonly uniques: readonly ParsedKey[];
  readonly checks: readonly ParsedCheck[];
  readonly foreignKeys: readonly ParsedForeignKey[];
  readonly strict: boolean;
  readonly withoutRowid: boolean;
  /** Parts that have no form in schema data: `ON CONFLICT` clauses, the order and collation of a key's columns. */
  readonly leftOut: readonly string[];
}

const columnConstraints = new Set([
  "CONSTRAINT",
  "PRIMARY",
  "NOT",
  "NULL",
  "UNIQUE",
  "CHECK",
  "DEFAULT",
  "COLLATE",
  "REFERENCES",
  "GENERATED",
  "AS",
  ",",
  ")",
]);
const tableConstraints = new Set(["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]);

/** Reads a table's definition. */
export function parseTable(sql: string): ParsedTable {
  return new TableParser(sql).parse();
}

class TableParser {
  readonly #reader: TokenReader;
  readonly #columns: ParsedColumn[] = [];
  readonly #uniques: ParsedKey[] = [];
  readonly #checks: ParsedCheck[] = [];
  readonly #foreignKeys: ParsedForeignKey[] = [];
  readonly #leftOut: string[] = [];
  #primaryKey: ParsedKey | undefined;

  constructor(sql: string) {
    this.#reader = new TokenReader(sql);
  }

  parse(): ParsedTable {
    const reader = this.#reader;
    while (!reader.takes("TABLE")) if (reader.take() === undefined) break;
    reader.takes("IF", "NOT", "EXISTS");
    let name = reader.name();
    if (reader.takes(".")) name = reader.name();
    reader.takes("(");
    do {
      if (this.#atTableConstraint()) break;
      this.#column();
    } while (reader.takes(","));
    while (!reader.takes(")")) {
      if (reader.peek() === undefined) break;
      reader.takes(",");
      this.#tableConstraint();
    }
    const options = reader.rest().toUpperCase();
    return {
      name,
      columns: this.#columns,
      ...this.#primaryKey && { primaryKey: this.#primaryKey },
      uniques: this.#uniques,
      checks: this.#checks,
      foreignKeys: this.#foreignKeys,
      strict: /\bSTRICT\b/.test(options),
      withoutRowid: /\bWITHOUT\s+ROWID\b/.test(options),
      leftOut: this.#leftOut,
    };
  }

  #atTableConstraint(): boolean {
    const token = this.#reader.peek();
    return token?.kind === "word" && tableConstraints.has(token.text.toUpperCase());
  }

  #column(): void {
    const reader = this.#reader;
    const name = reader.name();
    const words: string[] = [];
    for (let next = reader.peek(); next !== undefined; next = reader.peek()) {
      if (next.kind !== "name" && columnConstraints.has(next.text.toUpperCase())) break;
      if (reader.sees("(")) words.push(`(${reader.parenthesised().replace(/\s+/g, "")})`);
      else words.push(reader.name());
    }
    const comment = words.length > 0 ? reader.takeComment() : undefined;
    const column: ParsedColumn = {
      name,
      type: words.join(" ").replaceAll(" (", "("),
      ...comment !== undefined && { comment },
      notNull: false,
      autoincrement: false,
    };
    this.#columns.push(column);
    while (this.#columnConstraint(column));
  }

  #columnConstraint(column: ParsedColumn): boolean {
    const reader = this.#reader;
    const named = this.#constraintName();
    if (reader.takes("PRIMARY", "KEY")) {
      if (!reader.takes("ASC")) reader.takes("DESC");
      this.#conflict();
      column.autoincrement = reader.takes("AUTOINCREMENT");
      this.#primaryKey = { ...named, columns: [column.name] };
    } else if (reader.takes("NOT", "NULL")) {
      column.notNull = true;
      this.#conflict();
    } else if (reader.takes("NULL")) this.#conflict();
    else if (reader.takes("UNIQUE")) {
      this.#uniques.push({ ...named, columns: [column.name] });
      this.#conflict();
    } else if (reader.takes("CHECK")) {
      this.#checks.push({ ...named, sql: reader.parenthesised(), column: column.name });
      this.#conflict();
    } else if (reader.takes("DEFAULT")) column.default = this.#default();
    else if (reader.takes("COLLATE")) column.collation = reader.name();
    else if (reader.sees("REFERENCES")) {
      this.#foreignKeys.push({ ...named, columns: [column.name], ...this.#references() });
    } else if (reader.takes("GENERATED", "ALWAYS", "AS") || reader.takes("AS")) {
      const sql = reader.parenthesised();
      const stored = reader.takes("STORED");
      if (!stored) reader.takes("VIRTUAL");
      column.generated = { sql, stored };
    } else return named.name !== undefined;
    return true;
  }

  /** SQLite takes a name without a constraint, and then the next name. */
  #constraintName(): { readonly name?: string } {
    let named: { readonly name?: string } = {};
    while (this.#reader.takes("CONSTRAINT")) named = { name: this.#reader.name() };
    return named;
  }

  #default(): string {
    const reader = this.#reader;
    if (reader.sees("(")) return reader.parenthesised();
    const first = reader.take();
    const signed = first?.kind === "sign";
    const last = signed ? reader.take() : first;
    return reader.sql.slice(first?.start, last?.end);
  }

  #tableConstraint(): void {
    const reader = this.#reader;
    const named = this.#constraintName();
    if (reader.takes("PRIMARY", "KEY")) {
      this.#primaryKey = { ...named, columns: this.#columnList() };
    } else if (reader.takes("UNIQUE")) {
      this.#uniques.push({ ...named, columns: this.#columnList() });
    } else if (reader.takes("CHECK")) {
      this.#checks.push({ ...named, sql: reader.parenthesised() });
    } else if (reader.takes("FOREIGN", "KEY")) {
      const columns = this.#columnList();
      this.#foreignKeys.push({ ...named, columns, ...this.#references() });
    } else reader.take();
    this.#conflict();
  }

  /** Names in parentheses; what an index part may say beside has no form in schema data. */
  #columnList(): string[] {
    const reader = this.#reader;
    const names: string[] = [];
    reader.takes("(");
    do {
      names.push(reader.name());
      while (!reader.sees(",") && !reader.sees(")") && reader.peek()) {
        // A column may be numbered in the constraint of a whole table too.
        if (reader.sees("AUTOINCREMENT")) {
          const column = this.#columns.find((each) => each.name === names[0]);
          if (column) column.autoincrement = true;
          reader.take();
        } else if (!reader.takes("ASC")) {
          this.#leftOut.push(
            reader.takes("COLLATE") ? `COLLATE ${reader.name()}` : reader.name().toUpperCase(),
          );
        }
      }
    } while (reader.takes(","));
    reader.takes(")");
    return names;
  }

  #references(): Omit<ParsedForeignKey, "columns" | "name"> {
    const reader = this.#reader;
    reader.takes("REFERENCES");
    const table = reader.name();
    const references = reader.sees("(") ? { references: this.#columnList() } : {};
    let actions: Pick<ParsedForeignKey, "onDelete" | "onUpdate"> = {};
    let deferral: Pick<ParsedForeignKey, "deferrable"> = {};
    for (;;) {
      if (reader.takes("ON", "DELETE")) actions = { ...actions, onDelete: this.#action() };
      else if (reader.takes("ON", "UPDATE")) actions = { ...actions, onUpdate: this.#action() };
      else if (reader.takes("MATCH")) reader.take();
      else if (reader.takes("NOT", "DEFERRABLE")) this.#initially();
      else if (reader.takes("DEFERRABLE")) deferral = { deferrable: this.#initially() };
      else break;
    }
    return { table, ...references, ...actions, ...deferral };
  }

  #action(): ReferentialAction {
    const reader = this.#reader;
    const first = reader.name().toLowerCase();
    return (first === "set" || first === "no"
      ? `${first} ${reader.name().toLowerCase()}`
      : first) as ReferentialAction;
  }

  #initially(): Deferral {
    const reader = this.#reader;
    if (!reader.takes("INITIALLY")) return "initially immediate";
    return reader.name().toUpperCase() === "DEFERRED"
      ? "initially deferred"
      : "initially immediate";
  }

  #conflict(): void {
    const reader = this.#reader;
    if (!reader.takes("ON", "CONFLICT")) return;
    this.#leftOut.push(`ON CONFLICT ${reader.name().toUpperCase()}`);
  }
}
