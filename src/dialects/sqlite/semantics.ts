/**
 * How SQLite compares values.
 *
 * @module
 */
import type { Semantics, TextRule } from "../../dialect/semantics.ts";

/** The semantics of SQLite: text compares by its bytes unless its column has a collation of its own. */
export const sqliteSemantics: Semantics = Object.freeze({
  textRule: (collation: string | undefined): TextRule =>
    collation === undefined || collation.toUpperCase() === "BINARY" ? "bytes" : "none",
  insensitiveLetters: "ascii",
  enumOrder: "text",
  padsChar: false,
  textualValues: true,
  singleFloats: "decimal",
  jsonNumbers: "double",
});
