/**
 * Makes a failing case smaller while it still fails, and prints it as code.
 *
 * @module
 */
import type { Case } from "./cases.ts";
import { type Data, references, type Row } from "./world.ts";

/** Whether a case over some data still fails. */
export type Fails = (data: Data, each: Case) => Promise<boolean>;

/** The smallest case and data that were found; tries for so many milliseconds. */
export async function shrink(
  data: Data,
  each: Case,
  fails: Fails,
  milliseconds: number,
): Promise<{ data: Data; each: Case }> {
  const end = performance.now() + milliseconds;
  let best = { data, each };
  for (let again = true; again && performance.now() < end;) {
    again = false;
    for (const candidate of candidates(best)) {
      if (performance.now() > end) break;
      if (!await fails(candidate.data, candidate.each)) continue;
      best = candidate;
      again = true;
      break;
    }
  }
  return best;
}

function* candidates(
  { data, each }: { data: Data; each: Case },
): Generator<{ data: Data; each: Case }> {
  for (const [i, argument] of each.args.entries()) {
    for (const smaller of without(argument)) {
      const args = each.args.map((old, at) => at === i ? smaller : old);
      yield { data, each: { ...each, args } };
    }
  }
  for (const [name, rows] of Object.entries(data)) {
    if (rows.length > 3) {
      const half = rows.slice(0, rows.length >> 1);
      yield { data: withoutRows(data, name, half), each };
      yield { data: withoutRows(data, name, rows.filter((row) => !half.includes(row))), each };
    }
    for (const row of rows) yield { data: withoutRows(data, name, [row]), each };
  }
}

/** Without these a part means nothing. */
const vital: ReadonlySet<string> = new Set([
  "alias",
  "model",
  "op",
  "source",
  "name",
  "from",
  "order",
  "method",
  "args",
  "steps",
]);

/** The same value with one key or element less, somewhere. */
function* without(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      yield value.filter((_, at) => at !== i);
      for (const smaller of without(value[i])) {
        yield value.map((old, at) => at === i ? smaller : old);
      }
    }
  } else if (isPlain(value)) {
    for (const [name, inner] of Object.entries(value)) {
      if (!vital.has(name)) {
        yield Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
      }
      // A window that loses terms of its order numbers rows as it likes: that is no fault.
      if (name === "order") continue;
      for (const smaller of without(inner)) yield { ...value, [name]: smaller };
    }
  }
}

function isPlain(value: unknown): value is Row {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** The data without some rows, and without what points to them. */
function withoutRows(data: Data, name: string, gone: readonly Row[]): Data {
  let result: Data = { ...data, [name]: (data[name] ?? []).filter((row) => !gone.includes(row)) };
  for (const { from, columns, to, keys } of references) {
    if (to !== name) continue;
    const hit = (result[from] ?? []).filter((row) =>
      gone.some((each) => columns.every((column, i) => row[column] === each[keys[i] as string]))
    );
    if (hit.length > 0) result = withoutRows(result, from, hit);
  }
  return result;
}

/** A value as TypeScript. */
export function code(value: unknown, indent = ""): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date) return `new Date("${value.toISOString()}")`;
  if (value instanceof Uint8Array) return `new Uint8Array([${[...value].join(", ")}])`;
  if (Array.isArray(value)) return `[${value.map((each) => code(each, indent)).join(", ")}]`;
  if (isPlain(value)) {
    const parts = Object.entries(value).map(([name, each]) => `${name}: ${code(each, indent)}`);
    return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
  }
  return value === undefined ? "undefined" : JSON.stringify(value);
}

/** A test that shows the fault. */
export function snippet(seed: string, data: Data, each: Case): string {
  const rows = Object.entries(data).filter(([, list]) => list.length > 0).map(([name, list]) =>
    `  ${name}: [\n${list.map((row) => `    ${code(row)},\n`).join("")}  ],\n`
  );
  const { model, method, args } = each;
  return [
    `// ${seed}`,
    'import { onEveryDatabase } from "../targets/databases.ts";',
    'import { loadData } from "./data.ts";',
    'import { models } from "./models.ts";',
    'import { infoOf } from "./world.ts";',
    'onEveryDatabase("shows the fault", { models }, async ({ db }) => {',
    `await loadData(db, {\n${rows.join("")}});`,
    `const repository = db.repository(infoOf(${JSON.stringify(model)}).model);`,
    `console.log(await repository.${method}(${args.map((arg) => code(arg)).join(", ")}));`,
    "});",
  ].join("\n");
}
