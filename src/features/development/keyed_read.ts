/**
 * Tells reads by key from other statements: `SELECT … FROM t WHERE key = $1`, and the reads of a relation for
 * a list of keys. Pages, ranges and joins are none: they may be read in a loop for good reasons.
 *
 * @module
 */
import { type Token, wordsOf } from "../../engine/sql_tokens.ts";

/** A statement that reads the rows of one table by a key. */
export interface KeyedRead {
  /** The table. */
  readonly table: string;
  /** The columns that are compared with values. */
  readonly columns: readonly string[];
  /** Which parameter is a list of keys; -1 where there is one key. */
  readonly list: number;
  /** It gives only how many rows there are. */
  readonly counts: boolean;
}

/** What stands before a list of keys, after the column. */
const LISTS = [
  ["=", "any", "("],
  ["in", "(", "select", "value", "from", "json_each", "("],
] as const;

/** The words of `WHERE`, from left to right. */
class Words {
  readonly #words: readonly Token[];
  #at = 0;

  constructor(words: readonly Token[]) {
    this.#words = words;
  }

  get done(): boolean {
    return this.#at === this.#words.length;
  }

  /** Passes over words, where they stand there. */
  take(...texts: readonly string[]): boolean {
    const found = texts.every((text, i) => this.#words[this.#at + i]?.text.toLowerCase() === text);
    if (found) this.#at += texts.length;
    return found;
  }

  /** Passes over a word of a kind, and gives it. */
  takeKind(...kinds: readonly Token["kind"][]): string | undefined {
    const word = this.#words[this.#at];
    if (word === undefined || !kinds.includes(word.kind)) return undefined;
    this.#at++;
    return word.text;
  }

  /** Passes over everything up to the next of these words. */
  skipTo(...texts: readonly string[]): void {
    while (!this.done && !texts.includes(this.#words[this.#at]!.text.toLowerCase())) this.#at++;
  }

  /** A name with those it is qualified by; the last one counts. */
  takeName(): string | undefined {
    let name = this.takeKind("word", "name");
    while (name !== undefined && this.take(".")) name = this.takeKind("word", "name");
    return name?.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
  }
}

/** Takes a statement apart; `undefined` when it is no read by key. */
export function keyedRead(sql: string): KeyedRead | undefined {
  const all = wordsOf(sql);
  const [first, second] = all;
  if (first?.text.toLowerCase() !== "select") return undefined;
  const words = new Words(afterFrom(all));
  const table = words.takeName();
  words.skipTo("where");
  if (table === undefined || !words.take("where")) return undefined;
  const compared = readCondition(words);
  if (words.take("order")) words.skipTo("limit", "offset", "for");
  if (words.take("limit")) words.takeKind("parameter", "number");
  if (!words.done || compared === undefined || compared.columns.length === 0) return undefined;
  return { table, ...compared, counts: second?.text.toLowerCase() === "count" };
}

/** Equations with values, joined by `AND`; what is not deleted may be asked for beside. */
function readCondition(words: Words): Pick<KeyedRead, "columns" | "list"> | undefined {
  const columns: string[] = [];
  let list = -1;
  do {
    const column = words.takeName();
    if (column === undefined) return undefined;
    if (words.take("is", "null")) continue;
    const ofList = LISTS.some((form) => words.take(...form));
    if (!ofList && !words.take("=")) return undefined;
    const value = words.takeKind("parameter");
    if (value === undefined) return undefined;
    if (ofList) {
      list = Number(value.slice(1)) - 1;
      words.skipTo("order", "limit", "offset", "and", "or");
    }
    columns.push(column);
  } while (words.take("and"));
  return { columns, list };
}

/** The words after the `FROM` of the statement itself, those of sub-selects in its result left out. */
function afterFrom(words: readonly Token[]): readonly Token[] {
  let depth = 0;
  const from = words.findIndex(({ text }) => {
    if (text === "(") depth++;
    if (text === ")") depth--;
    return depth === 0 && text.toLowerCase() === "from";
  });
  return from < 0 ? [] : words.slice(from + 1);
}

/** Whether the list of keys that was bound, in any wire form, has one key. */
export function isSingle(list: unknown): boolean {
  if (Array.isArray(list)) return list.length === 1;
  if (typeof list !== "string") return false;
  return /^(?:\{(?:"(?:[^"\\]|\\.)*"|[^",{}]+)\}|\[(?:"(?:[^"\\]|\\.)*"|[^",[\]]+)\])$/.test(list);
}
