/**
 * How names of classes and properties become names of tables and columns.
 *
 * @module
 */

/** Derives the names that a model does not spell out. */
export interface NamingStrategy {
  /** The table of a class: `BlogPost` → `blog_posts`. */
  table(className: string): string;
  /** The column of a property: `createdAt` → `created_at`. */
  column(property: string): string;
  /** The join table between two tables, the same whichever comes first: `posts_tags`. */
  joinTable(a: string, b: string): string;
  /** The column of a relation (or class) that holds a key of its target: `author`, `id` → `author_id`. */
  foreignKey(relation: string, key: string): string;
}

/** `createdAt` → `created_at`, `BlogPost` → `blog_posts`: what every database reads without quotes. */
export const snakeCase: NamingStrategy = Object.freeze({
  table: (className: string): string => plural(toSnake(className)),
  column: toSnake,
  joinTable: (a: string, b: string): string => [a, b].sort().join("_"),
  foreignKey: (relation: string, key: string): string => `${toSnake(relation)}_${toSnake(key)}`,
});

/** Names stay as they are written; a foreign key is `authorId`. */
export const asIs: NamingStrategy = Object.freeze({
  table: (className: string): string => className,
  column: (property: string): string => property,
  joinTable: (a: string, b: string): string => [a, b].sort().join(""),
  foreignKey: (relation: string, key: string): string => uncapitalize(relation) + capitalize(key),
});

/** `HTMLPage` → `html_page`, `addressLine2` → `address_line2`. */
export function toSnake(name: string): string {
  return name
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1_$2")
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1_$2")
    .toLowerCase();
}

/** `name` → `Name`. */
export function capitalize(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function uncapitalize(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

const IRREGULAR: readonly (readonly [one: string, many: string])[] = [
  ["person", "people"],
  ["child", "children"],
  ["man", "men"],
  ["mouse", "mice"],
];

/** The plural of an English noun; what it gets wrong, `tableName` puts right. */
export function plural(noun: string): string {
  for (const [one, many] of IRREGULAR) {
    if (endsInWord(noun, one)) return noun.slice(0, -one.length) + many;
  }
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  // A plural already: `settings`; but `status`, `alias` and `class` are not.
  if (/[^aious]s$/.test(noun)) return noun;
  return /(?:s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** The singular of an English noun, for `friends` → `friend`. */
export function singular(noun: string): string {
  for (const [one, many] of IRREGULAR) {
    if (endsInWord(noun, many)) return noun.slice(0, -many.length) + one;
  }
  if (/[^aeiou]ies$/.test(noun)) return `${noun.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(noun)) return noun.slice(0, -2);
  return /[^s]s$/.test(noun) ? noun.slice(0, -1) : noun;
}

/** A noun ends a name as a word of its own: `human` does not end in `man`. */
function endsInWord(name: string, word: string): boolean {
  return name === word || name.endsWith(`_${word}`);
}
