/**
 * From `LIKE` patterns to those of `GLOB`, which minds case where SQLite's `LIKE` does not.
 *
 * @module
 */
import type { LikeNode } from "../../ast/nodes.ts";

const special = /[*?[]/g;

/** Text in which `GLOB` sees nothing special. */
function literalGlob(text: string): string {
  return text.replace(special, "[$&]");
}

/** A `GLOB` pattern that matches what the `LIKE` pattern (with `\` as its escape) matches. */
export function globOf(match: LikeNode["match"], value: string): string {
  switch (match) {
    case "pattern":
      return value.replace(/\\([^])|[%_*?[]/g, (found, escaped?: string) => {
        if (escaped !== undefined) return literalGlob(escaped);
        if (found === "%") return "*";
        return found === "_" ? "?" : literalGlob(found);
      });
    case "prefix":
      return `${literalGlob(value)}*`;
    case "suffix":
      return `*${literalGlob(value)}`;
    case "infix":
      return `*${literalGlob(value)}*`;
  }
}
