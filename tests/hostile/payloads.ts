/**
 * What is injected: a selection of our own, which is there everywhere, and the collections in `../shared` where
 * that folder is.
 *
 * - `REX_SOAK_SEED`: which of them the short form takes (1; another each day in a soak)
 *
 * @module
 */
import { Random } from "../fuzz/random.ts";

/** Each attacks in its own way; the short form takes all of these. */
const vital: readonly string[] = [
  "'; DROP TABLE canary; --",
  '"; DROP TABLE canary; --',
  "x\\'; DELETE FROM canary; --",
  "1; UPDATE canary SET word = 'gone'",
  "*/ DELETE FROM canary /*",
  "$$; DELETE FROM canary; $$",
];

/** Attacks that a driver, a parser or a terminal may fall for. */
const own: readonly string[] = [
  "",
  " ",
  "'",
  '"',
  "`",
  "\\",
  "\\\\",
  "'' OR ''=''",
  "' OR '1'='1",
  "') OR ('1'='1",
  '" OR "1"="1',
  "0 OR 1=1",
  "1=1",
  "name) FROM notes; DELETE FROM canary; --",
  "name, (SELECT word FROM canary LIMIT 1)",
  "asc; DROP TABLE canary",
  "asc, (SELECT 1 FROM canary)",
  "= 1 OR 1 = 1 --",
  "benign_word--",
  "benign_word/**/",
  "benign_word;",
  "benign_word UNION SELECT word FROM canary",
  "UNION ALL SELECT word, word FROM canary",
  "$1",
  "$2",
  "?",
  "?1",
  ":name",
  "@name",
  "$tag$; DELETE FROM canary; $tag$",
  "$rex$; DELETE FROM canary; $rex$",
  "E'\\''",
  "U&'\\0027'",
  "x'00'",
  "[0]",
  "a.b",
  "a.b.c.d",
  'a"."b',
  '$."a"',
  "\"]'; DELETE FROM canary; --",
  "{1,2}",
  '{"a": 1}',
  "NULL",
  "DEFAULT",
  "TRUE",
  "select",
  "*",
  "pg_sleep(10)",
  "COUNT(*)",
  "(SELECT word FROM canary)",
  "COPY canary FROM PROGRAM 'true'",
  "ATTACH DATABASE ':memory:' AS x",
  "PRAGMA writable_schema = 1",
  "%",
  "_",
  "%%",
  "[a-z]*",
  "100%_\\%",
  "a\nb",
  "a\r\n-- b",
  "a\tb",
  "\u0000",
  "a\u0000'; DROP TABLE canary; --",
  "\ud800",
  "a\udfff",
  "\ufeffa",
  "\u202etxt.exe",
  "\u001b[2J\u001b]0;title\u0007",
  "\u009b31m",
  "\u2028\u2029",
  "\u02bc OR 1=1",
  "\uff07 OR 1=1",
  "\u0130\u0131\u00df",
  "e\u0301",
  "\u{1f600}\u{1f468}\u200d\u{1f469}",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "length",
  "AND",
  "OR",
  "NOT",
  "_count",
  "x".repeat(63),
  "y".repeat(64),
  `${"z".repeat(62)}\u00e9`,
  "'".repeat(1000),
  '"'.repeat(99),
  "\\".repeat(99),
  "(".repeat(200),
];

/** Where the collections are, from the repository. */
const folder = new URL("../../../shared/data/bad-inputs/", import.meta.url);

function shared(): readonly string[] {
  try {
    const naughty = JSON.parse(Deno.readTextFileSync(new URL("naughty-strings.json", folder)));
    const injections = Deno.readTextFileSync(new URL("sql-injection.txt", folder)).split("\n");
    return [...naughty, ...injections];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Whether all payloads are tried at all positions. */
export const soaking: boolean = Deno.env.get("REX_SOAK") !== undefined;

/** The payloads, each once. */
export const payloads: readonly string[] = [...new Set([...vital, ...own, ...shared()])];

const day = Math.floor(Date.now() / 86_400_000);

/** Which of them are sampled. */
export const seed: number = Number(Deno.env.get("REX_SOAK_SEED") ?? (soaking ? day : 1));

const perPosition = 6;

/** The payloads for the position of that number: all in a soak, else the vital ones and a sample. */
export function payloadsFor(position: number): readonly string[] {
  if (soaking) return payloads;
  const random = new Random(seed * 10_000 + position);
  const sample = random.some(payloads.slice(vital.length), perPosition - 3);
  return [...random.some(vital, 3), ...sample];
}

/** Whether no database can hold a text: it has a NUL, or half of a surrogate pair. */
export function isUnstorable(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}
