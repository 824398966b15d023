/**
 * Text as a constant of TypeScript.
 *
 * @module
 */

/** In double quotes, unless single ones save escapes: as `deno fmt` has it. */
export function textLiteral(text: string): string {
  const doubled = JSON.stringify(text);
  const count = (quote: string): number => text.split(quote).length;
  if (count('"') <= count("'")) return doubled;
  return `'${doubled.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
