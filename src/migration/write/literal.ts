/**
 * Data as the text of TypeScript, laid out as `deno fmt` would at 100 columns.
 *
 * @module
 */

import { textLiteral } from "../text_literal.ts";

const width = 100;
const step = "  ";

/** A function as the last argument of a call, with the lines of its body. */
export class Callback {
  /** Its parameter. */
  readonly parameter: string;
  /** Its body: each line of it as it is at a given indent. */
  readonly body: (indent: string) => string;

  /** `(parameter) => { body }`. */
  constructor(parameter: string, body: (indent: string) => string) {
    this.parameter = parameter;
    this.body = body;
  }
}

/**
 * A call as a statement, with `;` and indent.
 *
 * @param head what is called: `await db.schema.createTable`
 */
export function callText(head: string, args: readonly unknown[], indent: string): string {
  const flat = args.map(flatText);
  if (flat.every((text) => text !== undefined)) {
    const line = `${indent}${head}(${flat.join(", ")});`;
    if (line.length <= width || args.length === 0) return line;
  }
  return hugged(head, args, indent) ?? [
    `${indent}${head}(`,
    ...args.map((arg) => {
      const inner = indent + step;
      return `${inner}${fitted(arg, inner, inner.length, 1)},`;
    }),
    `${indent});`,
  ].join("\n");
}

/** The form in which the last argument opens on the first line and closes on the last. */
function hugged(head: string, args: readonly unknown[], indent: string): string | undefined {
  const last = args.at(-1);
  const broken = brokenText(last, indent);
  if (broken === undefined) return undefined;
  const before = args.slice(0, -1);
  const flat = before.map(flatText);
  if (flat.some((text) => text === undefined)) return undefined;
  const [opening = ""] = broken.split("\n");
  const start = `${indent}${head}(${flat.map((text) => `${text}, `).join("")}`;
  if (start.length + opening.length <= width) return `${start}${broken});`;
  if (!(last instanceof Callback) || typeof before[0] !== "object") return undefined;
  return `${indent}${head}(${brokenText(before[0], indent)}, ${broken});`;
}

/** The text of a value, on one line where there is room for it. */
function fitted(value: unknown, indent: string, used: number, after: number): string {
  const flat = flatText(value);
  if (flat !== undefined && used + flat.length + after <= width) return flat;
  return brokenText(value, indent) ?? flat ?? templateText(value as string);
}

/** A value over several lines, where it has such a form. */
function brokenText(value: unknown, indent: string): string | undefined {
  const inner = indent + step;
  if (value instanceof Callback) {
    return `(${value.parameter}) => {\n${value.body(inner)}\n${indent}}`;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return undefined;
    const lines = value.map((each) => `${inner}${fitted(each, inner, inner.length, 1)},\n`);
    return `[\n${lines.join("")}${indent}]`;
  }
  if (!isRecord(value)) return undefined;
  const lines = entries(value).map(([key, each]) => `${inner}${propertyText(key, each, inner)},\n`);
  return lines.length === 0 ? undefined : `{\n${lines.join("")}${indent}}`;
}

function propertyText(key: string, value: unknown, indent: string): string {
  const start = `${keyText(key)}: `;
  const text = fitted(value, indent, indent.length + start.length, 1);
  if (typeof value !== "string") return start + text;
  const [first = ""] = text.split("\n");
  const comma = first === text ? 1 : 0;
  return indent.length + start.length + first.length + comma <= width
    ? start + text
    : `${start.trimEnd()}\n${indent}${step}${text}`;
}

/** A value on one line; `undefined` for one that has several. */
function flatText(value: unknown): string | undefined {
  if (typeof value === "string") return isTemplate(value) ? undefined : textLiteral(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date) return `new Date(${textLiteral(value.toISOString())})`;
  if (value instanceof Uint8Array) return `new Uint8Array([${value.join(", ")}])`;
  if (value instanceof Callback) return undefined;
  if (Array.isArray(value)) {
    const flat = value.map(flatText);
    return flat.includes(undefined) ? undefined : `[${flat.join(", ")}]`;
  }
  if (!isRecord(value)) return Object.is(value, -0) ? "-0" : String(value);
  const flat: string[] = [];
  for (const [key, each] of entries(value)) {
    const text = flatText(each);
    if (text === undefined) return undefined;
    flat.push(`${keyText(key)}: ${text}`);
  }
  return flat.length === 0 ? "{}" : `{ ${flat.join(", ")} }`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date) && !(value instanceof Uint8Array) && !(value instanceof Callback);
}

function entries(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).filter(([, each]) => each !== undefined);
}

function keyText(key: string): string {
  // In a literal this name would set the prototype.
  if (key === "__proto__") return '["__proto__"]';
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : textLiteral(key);
}

/** Text of several lines is a template. */
function isTemplate(text: string): boolean {
  return text.includes("\n") && text.isWellFormed() && !/[^\P{Cc}\n\t]|[\u2028\u2029]/u.test(text);
}

function templateText(text: string): string {
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}
