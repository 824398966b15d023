/**
 * SQL text, cut into words: enough to lay it out, to colour it and to tell what it is about.
 *
 * @module
 */

/** What a token is. */
export type TokenKind =
  | "space"
  | "comment"
  | "text"
  | "name"
  | "parameter"
  | "number"
  | "word"
  | "mark";

/** A piece of SQL text. */
export interface Token {
  /** What it is. `name` is a quoted identifier, `text` a literal, `word` a keyword or identifier. */
  readonly kind: TokenKind;
  /** As it stands there. */
  readonly text: string;
}

/** One group for each kind, in the order of {@linkcode KINDS}. */
const TOKEN = new RegExp(
  [
    String.raw`(\s+)`,
    String.raw`(--[^\n]*|/\*[\s\S]*?(?:\*/|$))`,
    String
      .raw`([eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|[xXbBnN]?'(?:[^']|'')*(?:'|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\4\$|$))`,
    String.raw`("(?:[^"]|"")*(?:"|$)|` + "`(?:[^`]|``)*(?:`|$))",
    String.raw`(\$\d+|\?\d*|[:@]\w+)`,
    String.raw`(0[xX][\da-fA-F]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)`,
    String.raw`([\p{L}_][\p{L}\p{N}_$]*)`,
    String.raw`(::|<=|>=|<>|!=|\|\||->>?|[\s\S])`,
  ].join("|"),
  "gu",
);
const KINDS: readonly (TokenKind | undefined)[] = [
  "space",
  "comment",
  "text",
  undefined,
  "name",
  "parameter",
  "number",
  "word",
  "mark",
];

/** Cuts SQL text into tokens; together they are the text again. */
export function tokensOf(sql: string): Token[] {
  return Array.from(sql.matchAll(TOKEN), ([text, ...groups]) => {
    const at = groups.findIndex((group, i) => group !== undefined && KINDS[i] !== undefined);
    return { kind: KINDS[at] ?? "mark", text };
  });
}

/** The tokens that mean something: neither space nor comment. */
export function wordsOf(sql: string): Token[] {
  return tokensOf(sql).filter(({ kind }) => kind !== "space" && kind !== "comment");
}
