import assert from "node:assert/strict";
import { patternMatcher } from "./pattern_matcher.ts";

function matches(pattern: string, text: string, insensitive = false): boolean {
  return patternMatcher(pattern, insensitive)(text);
}

Deno.test("% stands for any text, _ for one character, whatever its length in UTF-16", () => {
  assert.ok(matches("%", ""));
  assert.ok(matches("a%c", "ac"));
  assert.ok(matches("a%b%c", "aXbbYbc"));
  assert.ok(!matches("a%b%c", "acb"));
  assert.ok(matches("_", "𝄞"));
  assert.ok(!matches("__", "𝄞"));
  assert.ok(matches("%\n_", "x\n\n"));
  assert.ok(!matches("", "a"));
});

Deno.test("a backslash escapes what follows; the last one stands for itself", () => {
  assert.ok(matches("100\\%", "100%"));
  assert.ok(!matches("100\\%", "1000"));
  assert.ok(matches("a\\\\%", "a\\b"));
  assert.ok(matches("a\\x", "ax"));
  assert.ok(matches("%\\", "a\\"));
});

Deno.test("an insensitive pattern minds no case of ASCII's letters, and that of others", () => {
  assert.ok(matches("aB_", "AbZ", true));
  assert.ok(matches("ab", "AB", true));
  assert.ok(!matches("ä", "Ä", true));
});

Deno.test("a pattern that would take a regular expression for ever is answered", () => {
  const text = "a".repeat(5000);
  assert.ok(!matches(`${"%a".repeat(200)}%b`, text));
});
