/**
 * How a database compares values: what somebody needs to know who evaluates a condition without it.
 *
 * @module
 */

/**
 * What is known of a collation: it sorts by code points (`bytes`); texts are equal when their bytes are, and only the
 * database knows their order (`equality`); or nothing (`none`).
 */
export type TextRule = "bytes" | "equality" | "none";

/** How values compare where databases differ. Frozen. */
export interface Semantics {
  /** What is known of a column's collation; `undefined` is the database's own. */
  textRule(collation: string | undefined): TextRule;
  /** The letters in which an insensitive pattern minds no case: those of ASCII, or those of a locale. */
  readonly insensitiveLetters: "ascii" | "locale";
  /** How the values of an enum sort: as its type declares them, or as text. */
  readonly enumOrder: "declared" | "text";
  /** `char` is padded to its length, and spaces at its end count in patterns only. */
  readonly padsChar: boolean;
  /** Days, times of day and UUIDs are text, and compare as the text that is stored. */
  readonly textualValues: boolean;
  /**
   * What a `real` is: 32 bits (`binary`), or the shortest decimal that stands for them in 64 bits (`decimal`), which other
   * programs need not keep to.
   */
  readonly singleFloats: "binary" | "decimal";
  /** How exactly numbers in JSON compare: by all their digits, which JavaScript does not keep, or as doubles. */
  readonly jsonNumbers: "decimal" | "double";
}

/** What reads a database's settings. */
export interface SemanticsConnection {
  /** Runs SQL; rows are objects keyed by column. */
  execute<Row = Record<string, unknown>>(sql: string): Promise<{ readonly rows: Row[] }>;
}
