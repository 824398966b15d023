/**
 * Where a text stops being JSON. The engine's own message may quote the text around the fault, which in a
 * configuration may be a password; this gives the place alone, the same on every runtime.
 *
 * @module
 */

/** A place in a text, counted from 1. */
export interface TextPlace {
  /** The line. */
  readonly line: number;
  /** The character in the line. */
  readonly column: number;
}

const TOKEN =
  // deno-lint-ignore no-control-regex -- JSON forbids them in strings
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end";

/** The place of the first token that cannot stand where it is; the end of the text when it ends too early. */
export function findJsonFault(text: string): TextPlace {
  const open: string[] = [];
  let expected: Expected = "value";
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [, mark = "", string] = match;
    const next = following(expected, mark, string !== undefined, open);
    if (next === undefined) break;
    expected = next;
    end = TOKEN.lastIndex;
  }
  return placeOf(text, end + text.slice(end).search(/[^ \t\r\n]|$/));
}

/** What may follow a token that is right here; `undefined` when it is wrong. */
function following(
  expected: Expected,
  mark: string,
  isString: boolean,
  open: string[],
): Expected | undefined {
  switch (expected) {
    case ":":
      return mark === ":" ? "value" : undefined;
    case "key":
      return isString ? ":" : undefined;
    case "key or }":
      return isString ? ":" : closed(mark, "{", "}", open);
    case "value or ]":
      return mark === "]" ? closed(mark, "[", "]", open) : afterValue(mark, open);
    case "value":
      return afterValue(mark, open);
    case ", or end":
      if (mark === "," && open.length > 0) return open.at(-1) === "{" ? "key" : "value";
      return closed(mark, "{", "}", open) ?? closed(mark, "[", "]", open);
  }
}

function afterValue(mark: string, open: string[]): Expected | undefined {
  if (mark === "") return ", or end";
  if (mark !== "{" && mark !== "[") return undefined;
  open.push(mark);
  return mark === "{" ? "key or }" : "value or ]";
}

function closed(
  mark: string,
  opening: string,
  closing: string,
  open: string[],
): Expected | undefined {
  if (mark !== closing || open.at(-1) !== opening) return undefined;
  open.pop();
  return ", or end";
}

function placeOf(text: string, index: number): TextPlace {
  const before = text.slice(0, index).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
