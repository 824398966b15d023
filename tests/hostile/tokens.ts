/**
 * The shape of a statement: its tokens, with names, texts and placeholders told by kind alone. Two statements of
 * one shape do the same to different data. Knows the quotes and comments of PostgreSQL and SQLite.
 *
 * @module
 */

const pattern = new RegExp(
  [
    /(?<space>\s+)/,
    /(?<comment>--[^\n]*|\/\*[^]*?(?:\*\/|$))/,
    /(?<escaped>[eE]'(?:[^'\\]|\\[^]|'')*')/,
    /(?<text>(?:[xXbBnN]|[uU]&)?'(?:[^']|'')*')/,
    /(?<dollar>\$(?<tag>[A-Za-z_\x80-\uffff]*)\$[^]*?\$\k<tag>\$)/,
    /(?<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`)/,
    /(?<placeholder>\$\d+|\?\d*)/,
    /(?<word>[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*)/,
    /(?<number>\d[\d.]*(?:[eE][+-]?\d+)?)/,
    /(?<sign><=|>=|<>|!=|\|\||::|->>|->|#>>|#>|@>|<@|@@|[^])/,
  ].map((part) => part.source).join("|"),
  "gy",
);

/** One token. */
export interface SqlToken {
  /** What it is. */
  readonly kind: "comment" | "text" | "quoted" | "placeholder" | "word" | "number" | "sign";
  /** As it is written. */
  readonly text: string;
}

/** The tokens of a statement, without the spaces. */
export function tokensOf(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const match of sql.matchAll(pattern)) {
    const found = Object.entries(match.groups ?? {}).find(([name, part]) =>
      part !== undefined && name !== "tag"
    );
    const [name = "sign", text = ""] = found ?? [];
    if (name === "space") continue;
    const kind = name === "escaped" || name === "dollar" ? "text" : name;
    tokens.push({ kind: kind as SqlToken["kind"], text });
  }
  return tokens;
}

/** Whether an unquoted word is one of the names, or made from one: `ix_table_name`. */
function isNamed(word: string, names: readonly string[]): boolean {
  return names.some((name) => {
    const plain = name.replaceAll(".", "_");
    const start = plain.slice(0, 30);
    if (!/^[a-z0-9_$]+$/i.test(start)) return false;
    // Long names are cut.
    return plain === start ? `_${word}_`.includes(`_${plain}_`) : word.includes(start);
  });
}

/**
 * The shape of a statement.
 *
 * @param sql the statement
 * @param names texts that count as names where they stand unquoted
 */
export function shapeOf(sql: string, names: readonly string[]): string {
  return tokensOf(sql).map(({ kind, text }) => {
    if (kind === "quoted") return "‹name›";
    if (kind === "text") return "‹text›";
    if (kind === "placeholder") return "‹value›";
    if (kind === "comment") return "‹comment›";
    return kind === "word" && isNamed(text, names) ? "‹name›" : text;
  }).join(" ");
}
