/**
 * Text from elsewhere, made fit for messages and terminals.
 *
 * @module
 */

/** What moves a cursor, hides text or turns it round: control characters but tab and line feed, and their kin. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const unseen = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/**
 * The text with every character that a terminal would obey, or nobody would see, written as `\u001b`; tabs and line
 * feeds stay.
 *
 * @param longest in UTF-16 units: what is longer ends in `…`
 */
export function visible(text: string, longest = Infinity): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return short.replace(
    unseen,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
