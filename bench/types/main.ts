/**
 * What the types cost: instantiations and time of the compiler for generated models and queries, beside other
 * libraries.
 *
 * ```
 * deno task bench:types                     all libraries, 100 models
 * deno task bench:types --models 20 rex     some libraries, by name
 * ```
 *
 * The import alone is subtracted, so that the figures are those of the models and queries; it is printed too.
 * Instantiations are the same in every run. The time is the median of several cold compilers.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { drizzle } from "./drizzle.ts";
import { prepareFolder, runDeno } from "./folder.ts";
import { kysely } from "./kysely.ts";
import type { CheckRequest, Measurement } from "./measure.ts";
import { prisma } from "./prisma.ts";
import { importProgram, rightProgram, wrongProgram } from "./programs.ts";
import { rex } from "./rex.ts";
import type { Library } from "./subject.ts";

const LIBRARIES: readonly Library[] = [rex, drizzle, kysely, prisma];
/** How many models the code with a mistake has. */
const MISTAKE_MODELS = 10;
const MEASURE = fileURLToPath(new URL("measure.ts", import.meta.url));

/** What was measured of one library. */
interface Result {
  readonly library: Library;
  readonly columns: Readonly<Record<string, number>>;
  readonly mistakes: ReadonlyMap<string, number | "compiles">;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { models: { type: "string" }, rounds: { type: "string" } },
    allowPositionals: true,
  });
  const count = Number(values.models ?? 100);
  const rounds = Number(values.rounds ?? 3);
  const names = positionals.map((each) => each.toLowerCase());
  const chosen = LIBRARIES.filter(({ name }) =>
    names.length === 0 || names.some((each) => name.toLowerCase().startsWith(each))
  );
  const results: Result[] = [];
  for (const library of chosen) results.push(await measureLibrary(library, count, rounds));
  console.log(`Instantiations of ${count} models and a find, a create and an update on each:`);
  console.table(Object.fromEntries(results.map((each) => [each.library.name, each.columns])));
  console.log(
    "Instantiations that one mistake adds to the code of 10 models; nothing where a library has no such thing:",
  );
  console.table(mistakeTable(results));
}

async function measureLibrary(library: Library, count: number, rounds: number): Promise<Result> {
  const folder = await prepareFolder(library, count);
  const whole = rightProgram(folder, library, count, "all");
  const right = await measureInChild(folder, [
    whole,
    rightProgram(folder, library, count, "finds"),
    rightProgram(folder, library, count, "none"),
    importProgram(folder, library),
  ]);
  for (const { errors } of right) {
    if (errors.length > 0) throw new Error(`Cannot measure wrong code: ${errors.slice(0, 3)}`);
  }
  const [all, finds, models, base] = right.map((each) => each.instantiations) as [
    number,
    number,
    number,
    number,
  ];
  const times = [right[0]!.milliseconds];
  while (times.length < rounds) {
    times.push((await measureInChild(folder, [whole]))[0]!.milliseconds);
  }
  const columns = {
    "import": base,
    "models": models - base,
    "+ finds": finds - base,
    "+ writes": all - base,
    "check (ms)": Math.round(times.sort((a, b) => a - b)[times.length >> 1]!),
  };
  return { library, columns, mistakes: await measureMistakes(folder, library) };
}

/** A mistake costs the same however many models there are, so few will do. */
async function measureMistakes(folder: string, library: Library): Promise<Result["mistakes"]> {
  const [right, ...wrong] = await measureInChild(folder, [
    rightProgram(folder, library, MISTAKE_MODELS, "all"),
    ...library.mistakes.map((each) => wrongProgram(folder, library, MISTAKE_MODELS, each)),
  ]);
  return new Map(wrong.map(({ errors, instantiations }, place) => {
    const { name } = library.mistakes[place]!;
    return [name, errors.length === 0 ? "compiles" : instantiations - right!.instantiations];
  }));
}

/** Measures in a process of its own. */
async function measureInChild(
  folder: string,
  requests: readonly CheckRequest[],
): Promise<Measurement[]> {
  const file = join(folder, "requests.json");
  await Deno.writeTextFile(file, JSON.stringify(requests));
  const options = ["--no-config", "--no-lock", "--no-prompt"];
  const permissions = ["--allow-read", "--allow-env", "--allow-sys"];
  return JSON.parse(await runDeno(["run", ...options, ...permissions, MEASURE, file]));
}

function mistakeTable(results: readonly Result[]): Record<string, Record<string, number | string>> {
  const names = new Set(results.flatMap(({ mistakes }) => [...mistakes.keys()]));
  const row = (name: string) =>
    Object.fromEntries(
      results.map(({ library, mistakes }) => [library.name, mistakes.get(name) ?? ""]),
    );
  return Object.fromEntries([...names].map((name) => [name, row(name)]));
}

if (import.meta.main) await main();
