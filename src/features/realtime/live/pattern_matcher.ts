/**
 * `LIKE` without a database. A regular expression could take time without end on a pattern that a client made; this takes
 * at most the length of the text times that of the pattern.
 *
 * @module
 */

/** Any number of characters. */
const MANY = -1;
/** One character. */
const ONE = -2;

/** Tells whether a text matches a pattern in which `\` escapes; a last `\` stands for itself. */
export function patternMatcher(pattern: string, insensitive: boolean): (text: string) => boolean {
  const tokens = tokensOf(insensitive ? foldAscii(pattern) : pattern);
  if (!tokens.some((token) => token < 0)) {
    const plain = tokens.map((point) => String.fromCodePoint(point)).join("");
    return (text) => (insensitive ? foldAscii(text) : text) === plain;
  }
  return (text) => matches(tokens, codePoints(insensitive ? foldAscii(text) : text));
}

function tokensOf(pattern: string): number[] {
  const tokens: number[] = [];
  const points = codePoints(pattern);
  for (let at = 0; at < points.length; at++) {
    const point = points[at] as number;
    if (point === 92 && at + 1 < points.length) tokens.push(points[++at] as number);
    else if (point === 37) { if (tokens.at(-1) !== MANY) tokens.push(MANY); }
    else tokens.push(point === 95 ? ONE : point);
  }
  return tokens;
}

function codePoints(text: string): number[] {
  const points: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at) as number;
    if (point > 0xffff) at++;
    points.push(point);
  }
  return points;
}

/** Goes on greedily; where it cannot, the last `%` takes one character more. */
function matches(tokens: readonly number[], points: readonly number[]): boolean {
  let [token, at] = [0, 0];
  let [many, from] = [-1, 0];
  while (at < points.length) {
    const wanted = tokens[token];
    if (wanted === MANY) {
      many = token++;
      from = at;
    } else if (wanted === ONE || wanted === points[at]) {
      token++;
      at++;
    } else if (many >= 0) {
      token = many + 1;
      at = ++from;
    } else return false;
  }
  while (tokens[token] === MANY) token++;
  return token === tokens.length;
}

/** In lower case, as far as letters are ASCII's. */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
