/**
 * PostgreSQL's text form of arrays: `{1,NULL,"a \"b\""}`, nested, and with bounds (`[0:1]={a,b}`).
 *
 * @module
 */
import { DataError } from "../../base/errors.ts";

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

/**
 * Reads an array.
 *
 * @param text the array as PostgreSQL writes it
 * @param load reads one element that is not NULL; `null`: elements stay text
 * @throws {DataError} when `text` is not an array
 */
export function parseArrayText(
  text: string,
  load: ((element: string) => unknown) | null,
): unknown[] {
  const reader = new ArrayReader(text, load);
  const result = reader.read();
  reader.end();
  return result;
}

class ArrayReader {
  readonly #text: string;
  readonly #load: ((element: string) => unknown) | null;
  #at: number;

  constructor(text: string, load: ((element: string) => unknown) | null) {
    this.#text = text;
    this.#load = load;
    this.#at = text.startsWith("[") ? text.indexOf("=") + 1 : 0;
  }

  read(): unknown[] {
    if (this.#text.charCodeAt(this.#at) !== OPEN) throw malformed();
    const items: unknown[] = [];
    if (this.#text.charCodeAt(++this.#at) === CLOSE) {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(this.#item());
      const next = this.#text.charCodeAt(this.#at++);
      if (next === CLOSE) return items;
      if (next !== COMMA) throw malformed();
    }
  }

  end(): void {
    if (this.#at !== this.#text.length) throw malformed();
  }

  #item(): unknown {
    const first = this.#text.charCodeAt(this.#at);
    if (first === OPEN) return this.read();
    const element = first === QUOTE ? this.#quoted() : this.#bare();
    if (element === null) return null;
    return this.#load ? this.#load(element) : element;
  }

  #bare(): string | null {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === COMMA || code === CLOSE) break;
    }
    const element = this.#text.slice(start, this.#at);
    if (element === "") throw malformed();
    return element === "NULL" ? null : element;
  }

  #quoted(): string {
    let result = "";
    let start = ++this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) return result + this.#text.slice(start, this.#at++);
      if (code === BACKSLASH) {
        result += this.#text.slice(start, this.#at++);
        start = this.#at;
      }
    }
    throw malformed();
  }
}

function malformed(): DataError {
  return new DataError("Cannot read an array: its text is malformed");
}

/**
 * Writes an array. Every element is quoted, so that no element needs to be looked at for its type.
 *
 * @param items the elements; `null` and `undefined` become NULL
 * @param dump turns an element that is not NULL into PostgreSQL's text form
 * @param nests whether an element that is itself an array is a further dimension
 */
export function arrayText(
  items: readonly unknown[],
  dump: (element: unknown) => string,
  nests: boolean,
): string {
  let text = "{";
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (index > 0) text += ",";
    if (item === null || item === undefined) text += "NULL";
    else if (nests && Array.isArray(item)) text += arrayText(item, dump, nests);
    else text += quote(dump(item));
  }
  return text + "}";
}

const special = /["\\]/g;

function quote(element: string): string {
  const escaped = element.includes('"') || element.includes("\\")
    ? element.replace(special, "\\$&")
    : element;
  return `"${escaped}"`;
}
