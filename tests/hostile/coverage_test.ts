/**
 * The gate of the hostile suites: whatever the package exports that can be called is attacked, or it is said here why
 * there is nothing to attack.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as api from "../../mod.ts";
import { positions } from "./positions/mod.ts";
import { elsewhere, without } from "./positions/rest.ts";

function isClass(value: unknown): value is { readonly prototype: object } {
  return typeof value === "function" &&
    /^class\b/.test(Function.prototype.toString.call(value));
}

function methodsOf(holder: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(holder))
    .filter(([name, { value }]) => name !== "constructor" && typeof value === "function")
    .map(([name]) => name);
}

/** All that can be called, by `function`, `object.member`, `Class`, `Class.method` and `Class#method`. */
function callable(): string[] {
  return Object.entries<unknown>(api).flatMap(([name, value]) => {
    if (isClass(value)) {
      if (value.prototype instanceof Error) return [];
      return [
        name,
        ...methodsOf(value).filter((method) => method !== "prototype").map((each) =>
          `${name}.${each}`
        ),
        ...methodsOf(value.prototype).map((each) => `${name}#${each}`),
      ];
    }
    if (typeof value === "function" || (typeof value === "object" && value !== null)) {
      const members = methodsOf(value).map((each) => `${name}.${each}`);
      return typeof value === "function" ? [name, ...members] : members;
    }
    return [];
  });
}

Deno.test("everything that can be called is attacked with hostile text, or has a reason not to be", () => {
  const known = new Set([
    ...positions.flatMap(({ covers }) => covers),
    ...Object.keys(elsewhere),
    ...Object.keys(without),
  ]);
  assert.deepEqual(callable().filter((name) => !known.has(name)), []);
});

Deno.test("every position is about something that is there", () => {
  const there = new Set(callable());
  const named = [...positions.flatMap(({ covers }) => covers), ...Object.keys(without)];
  assert.deepEqual([...new Set(named)].filter((name) => !there.has(name)), []);
});

Deno.test("what is attacked elsewhere is named where it is said to be", async () => {
  for (const [name, file] of Object.entries(elsewhere)) {
    const text = await Deno.readTextFile(new URL(`./${file}`, import.meta.url));
    const last = name.split(/[.#]/).at(-1) as string;
    assert.ok(text.includes(last), `${name} is not in ${file}`);
  }
});
