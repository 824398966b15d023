/**
 * Values written as TypeScript, laid out as `deno fmt` lays them out.
 *
 * @module
 */

import { textLiteral } from "../text_literal.ts";

/** The longest line. */
const width = 100;

/** A piece of source that is written as it is. */
export class Code {
  /** Holds `text`. */
  constructor(readonly text: string) {}
}

/** What is written: constants, pieces of source, lists and objects of them. */
export type Written =
  | string
  | number
  | bigint
  | boolean
  | null
  | Code
  | readonly Written[]
  | { readonly [key: string]: Written | undefined };

/** Where something is written. */
export interface Place {
  /** The column at which the line that it is on begins. */
  readonly indent: number;
  /** The column at which it begins. */
  readonly from: number;
  /** How many characters follow on the line where it ends. */
  readonly after: number;
}

/** Writes a value: on one line where that fits, else each of its parts on a line of its own. */
export function written(value: Written, place: Place): string {
  const line = inline(value);
  if (place.from + columns(line) + place.after <= width) return line;
  const { indent } = place;
  const [inner, outer] = [" ".repeat(indent + 2), " ".repeat(indent)];
  if (Array.isArray(value)) {
    if (value.length === 0) return line;
    const parts = value.map((each: Written) =>
      `${inner}${written(each, { indent: indent + 2, from: indent + 2, after: 1 })},\n`
    );
    return `[\n${parts.join("")}${outer}]`;
  }
  if (!isObject(value)) return line;
  const parts = entries(value).map(([key, each]) => {
    const from = indent + 2 + key.length + 2;
    const text = written(each, { indent: indent + 2, from, after: 1 });
    // What cannot be taken apart and is too long begins on the next line.
    const whole = !text.includes("\n") && from + columns(text) + 1 > width;
    return whole ? `${inner}${key}:\n${inner}  ${text},\n` : `${inner}${key}: ${text},\n`;
  });
  return parts.length === 0 ? line : `{\n${parts.join("")}${outer}}`;
}

/** Writes a decorator of a class (`indent` 0) or a field: the last argument is the one that is taken apart. */
export function decorator(name: string, args: readonly Written[], indent: number): string {
  const before = `@${name}(`;
  const line = `${before}${args.map(inline).join(", ")})`;
  if (indent + columns(line) <= width || args.length === 0) return line;
  const first = [before + args.slice(0, -1).map(inline).join(", "), ""].join(
    args.length > 1 ? ", " : "",
  );
  const last = args.at(-1)!;
  if (isObject(last) && indent + columns(first) < width) {
    return `${first}${written(last, { indent, from: width, after: 0 })})`;
  }
  const inner = " ".repeat(indent + 2);
  const parts = args.map((each) =>
    `${inner}${written(each, { indent: indent + 2, from: indent + 2, after: 1 })},\n`
  );
  return `${before}\n${parts.join("")}${" ".repeat(indent)})`;
}

/** Names in braces, as `import` and `export` have them. */
export function nameList(keyword: string, names: readonly string[], rest: string): string {
  const bare = (name: string): string => name.replace(/^type /, "").toLowerCase();
  const sorted = [...names].sort((a, b) => bare(a) < bare(b) ? -1 : bare(a) > bare(b) ? 1 : 0);
  const line = `${keyword} { ${sorted.join(", ")} }${rest}`;
  if (columns(line) <= width) return line;
  return `${keyword} {\n${sorted.map((name) => `  ${name},\n`).join("")}}${rest}`;
}

function inline(value: Written): string {
  if (value instanceof Code) return value.text;
  if (typeof value === "string") return textLiteral(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `[${value.map((each: Written) => inline(each)).join(", ")}]`;
  if (!isObject(value)) return String(value);
  const parts = entries(value).map(([key, each]) => `${key}: ${inline(each)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

function entries(value: { readonly [key: string]: Written | undefined }): [string, Written][] {
  return Object.entries(value).filter((entry): entry is [string, Written] =>
    entry[1] !== undefined
  );
}

function isObject(value: Written): value is { readonly [key: string]: Written | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Code);
}

/** A field with its type, which begins on the next line where it does not fit. */
export function field(property: string, type: string): string {
  const line = `  ${property}!: ${type};\n`;
  return columns(line) - 1 <= width ? line : `  ${property}!:\n    ${type};\n`;
}

/** How many columns a text takes: characters of East Asia take two, marks on others none. */
function columns(text: string): number {
  let count = 0;
  for (const character of text) {
    count += wide.test(character) ? 2 : /\p{Mn}|\p{Me}|\u200d/u.test(character) ? 0 : 1;
  }
  return count;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
