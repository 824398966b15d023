/**
 * Names of classes, properties and files for the names of tables and columns, whatever those are.
 *
 * @module
 */
import { capitalize, plural, singular, toSnake } from "../../model/naming.ts";

/** The words of a name, in lower case, each of characters that an identifier may have. */
export function words(name: string): string[] {
  return toSnake(name.normalize("NFC"))
    .split(/[^\p{ID_Continue}]+|_+/u)
    .filter((word) => word !== "");
}

/** `order_items` → `OrderItem`. */
export function classNameOf(table: string): string {
  const parts = words(table);
  const last = parts.pop();
  if (last === undefined) return "Table";
  return identifier([...parts, singularNoun(last)].map(capitalize).join(""), "T");
}

/** `created_at` → `createdAt`. */
export function propertyNameOf(column: string): string {
  const [first, ...rest] = words(column);
  return first === undefined ? "column" : identifier(first + rest.map(capitalize).join(""), "_");
}

/** `OrderItem` → `orderItem`. */
export function propertyOfClass(className: string): string {
  return propertyNameOf(toSnake(className));
}

/** `orderItem` → `orderItems`. */
export function pluralProperty(property: string): string {
  const parts = words(property);
  return propertyNameOf([...parts.slice(0, -1), plural(parts.at(-1) ?? "")].join("_"));
}

/** `authors` → `author`, and what ends in an s without being a plural as it is. */
export function singularNoun(noun: string): string {
  const known = irregular.get(noun);
  if (known !== undefined) return known;
  if (/(?:us|is|ss|news|series|species|data|media|as)$/.test(noun)) return noun;
  if (/(?:stat|vir|bon|camp|cens|b|ali|ga|len|corp|foc)(?:us|as|s)es$/.test(noun)) {
    return noun.slice(0, -2);
  }
  return singular(noun);
}

const irregular: ReadonlyMap<string, string> = new Map([
  ["aliases", "alias"],
  ["analyses", "analysis"],
  ["caches", "cache"],
  ["cookies", "cookie"],
  ["gases", "gas"],
  ["indices", "index"],
  ["lenses", "lens"],
  ["matrices", "matrix"],
  ["movies", "movie"],
  ["vertices", "vertex"],
  ["women", "woman"],
  ["zombies", "zombie"],
]);

/** A name that is an identifier: one that begins with a digit, say, gets a beginning. */
function identifier(name: string, beginning: string): string {
  return /^[\p{ID_Start}]/u.test(name) ? name : `${beginning}${name}`;
}

/** Names that are given once. */
export class UniqueNames {
  readonly #taken: Set<string>;
  readonly #key: (name: string) => string;

  /**
   * Starts with names that are taken.
   *
   * @param key what has to be different; by default the name
   */
  constructor(taken: Iterable<string>, key: (name: string) => string = (name) => name) {
    this.#key = key;
    this.#taken = new Set([...taken].map(key));
  }

  /** Whether a name is free. */
  isFree(name: string): boolean {
    return !this.#taken.has(this.#key(name));
  }

  /** Takes the first that is free, or else the last of them with a number. */
  take(...candidates: string[]): string {
    const last = candidates.at(-1)!;
    let free = candidates.find((each) => this.isFree(each));
    for (let number = 2; free === undefined; number++) {
      const numbered = `${last}${number}`;
      if (this.isFree(numbered)) free = numbered;
    }
    this.#taken.add(this.#key(free));
    return free;
  }
}

/** What a class of a model must not be called: what its file imports, and what the language has at hand. */
export const takenClassNames: readonly string[] = [
  ..."AfterLoad BaseModel Column Entity Generated Json ManyToMany ManyToOne OneToMany OneToOne PrimaryKey Models"
    .split(" "),
  ...("AggregateError Array ArrayBuffer AsyncFunction Atomics BigInt BigInt64Array BigUint64Array Blob Boolean Buffer " +
    "Crypto DataView Date Deno Document Element Error EvalError Event File Float32Array Float64Array FormData " +
    "Function Generator Headers Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Node Number Object " +
    "Performance Promise Proxy RangeError Readonly Partial Pick Omit Record Exclude Extract Required Awaited NonNullable " +
    "ReferenceError Reflect RegExp Request Response Set SharedArrayBuffer String Symbol SyntaxError Temporal TypeError " +
    "URIError URL Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet Window Worker")
    .split(" "),
];

/** What a property of a model must not be called: what every instance has, and what makes it a promise. */
export const takenProperties: readonly string[] = (
  "constructor delete save validate validateAsync then toJSON toString toLocaleString valueOf hasOwnProperty " +
  "isPrototypeOf propertyIsEnumerable __proto__ __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__"
).split(" ");
