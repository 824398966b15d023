/**
 * The programs that are compiled for a library: its import alone, its models, its queries, and the queries
 * with one mistake.
 *
 * @module
 */
import { join } from "node:path";
import type { CheckRequest } from "./measure.ts";
import { each, type Library, type Mistake } from "./subject.ts";

/** Which queries a program has. */
export type Queries = "none" | "finds" | "all";

/** The program that only imports the library. */
export function importProgram(folder: string, library: Library): CheckRequest {
  return program(folder, { "models.ts": library.imports });
}

/** The program with so many models and queries on each of them. */
export function rightProgram(
  folder: string,
  library: Library,
  count: number,
  queries: Queries,
): CheckRequest {
  return queriesProgram(folder, library, count, queries, (n) => code(library, n, count, queries));
}

/** The program with all queries, of which the ones on a model in the middle have a mistake. */
export function wrongProgram(
  folder: string,
  library: Library,
  count: number,
  { name, right, wrong }: Mistake,
): CheckRequest {
  return queriesProgram(folder, library, count, "all", (n) => {
    const text = code(library, n, count, "all");
    if (n !== count >> 1) return text;
    const mistaken = text.replace(right, wrong);
    if (mistaken === text) {
      throw new Error(`${library.name} has no place for the mistake "${name}"`);
    }
    return mistaken;
  });
}

function queriesProgram(
  folder: string,
  library: Library,
  count: number,
  queries: Queries,
  text: (n: number) => string,
): CheckRequest {
  const models = { "models.ts": library.models(count) };
  if (queries === "none") return program(folder, models);
  return program(folder, {
    ...models,
    "queries.ts": `${library.header(count)}\n${each(count, text)}\n`,
  });
}

function code(library: Library, n: number, count: number, queries: Queries): string {
  const find = library.find(n, count);
  return queries === "all" ? `${find}\n${library.write(n)}` : find;
}

function program(folder: string, files: Readonly<Record<string, string>>): CheckRequest {
  const texts = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [join(folder, name), text]),
  );
  return { files: Object.keys(texts), texts };
}
