/**
 * Checks the architecture of `src`: modules import only from lower layers, imports never go in a
 * circle, and the names of databases stay where they belong. Type imports count.
 *
 * ```
 * deno task layers
 * ```
 *
 * @module
 */

import { isAbsolute, join, relative } from "node:path";
import { lineAt, readSource, type SourceText } from "./source_text.ts";

/** Folders of `src` and their level. A module imports from lower levels and from its own folder. */
const LEVELS: Readonly<Record<string, number>> = {
  base: 0,
  schema: 1,
  change: 1,
  ast: 2,
  model: 2,
  dialect: 3,
  query: 3,
  engine: 4,
  repository: 5,
  migration: 5,
  dialects: 6,
  plugin: 6,
  features: 7,
  database: 8,
  cli: 9,
};

/** Folders each of whose own folders stands alone. */
const GROUPS: ReadonlySet<string> = new Set(["dialects", "features"]);
const HIGHEST_IMPORT_OF_DIALECTS = 3;
const TOP_LEVEL = 10;
const DATABASE_NAMES: ReadonlySet<string> = new Set(["sqlite", "postgres", "mysql", "mariadb"]);
const DATABASE_NAMES_ALLOWED = ["src/dialects/", "src/database/factory.ts", "src/cli/"];

/** A fault, written as `file:line: message`. */
export type Fault = string;

/** What a check of a source tree found. */
export interface LayerReport {
  /** How many files were read. */
  readonly files: number;
  /** How many imports between them there are. */
  readonly imports: number;
  /** The faults, none when all is well. */
  readonly faults: readonly Fault[];
}

interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

/** Where a file stands: the folder that is a unit, and its level. */
interface Place {
  readonly unit: string;
  readonly group: string;
  readonly level: number;
}

/** Checks `src` and `mod.ts` below a folder. */
export async function checkLayers(root: string): Promise<LayerReport> {
  const files = await sourceFiles(root);
  const imports: Import[] = [];
  const faults: Fault[] = [];
  for (const file of files) {
    const text = await Deno.readTextFile(join(root, file));
    const source = readSource(text);
    const own = importsOf(file, text, source);
    imports.push(...own);
    if (placeOf(file) === undefined) {
      faults.push(`${file}:1: its folder has no place among the layers`);
    }
    faults.push(...own.flatMap((found) => layerFault(found) ?? []));
    faults.push(...databaseNameFaults(file, text, source));
  }
  faults.push(...circles(imports));
  return { files: files.length, imports: imports.length, faults };
}

async function sourceFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  async function walk(folder: string): Promise<void> {
    for await (const entry of Deno.readDir(join(root, folder))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory && (folder !== "" || path === "src")) await walk(path);
      if (entry.isFile && isChecked(path)) files.push(path);
    }
  }
  await walk("");
  return files.sort();
}

function isChecked(path: string): boolean {
  if (!path.startsWith("src/")) return path === "mod.ts";
  return path.endsWith(".ts") && !path.endsWith("_test.ts") && !path.endsWith(".d.ts") &&
    !path.includes("/testdata/");
}

/** Finds `import … from "x"`, `export … from "x"`, `import "x"` and `import("x")`. */
function importsOf(file: string, text: string, source: SourceText): Import[] {
  const specifiers = new Map(source.literals.map(({ start, value }) => [start, value]));
  const found: Import[] = [];
  for (const match of source.code.matchAll(/(?:\bfrom\s*(?=["'])|\bimport\s*\(?\s*(?=["'`]))/g)) {
    const specifier = specifiers.get(match.index + match[0].length);
    if (specifier === undefined) continue;
    const to = resolve(file, specifier);
    if (to !== undefined) found.push({ from: file, to, line: lineAt(text, match.index) });
  }
  return found;
}

/** The path below the root of an imported file of the project; other modules are not our matter. */
function resolve(file: string, specifier: string): string | undefined {
  if (specifier === "@rex/orm" || specifier.startsWith("@rex/orm/")) return specifier;
  if (!specifier.startsWith(".") && !isAbsolute(specifier)) return undefined;
  return relative("/", join("/", file, "..", specifier)).replaceAll("\\", "/");
}

function placeOf(file: string): Place | undefined {
  if (file === "mod.ts") return { unit: file, group: "", level: TOP_LEVEL };
  const [top, folder, inner] = file.split("/");
  if (top !== "src" || folder === undefined || inner === undefined) return undefined;
  const level = LEVELS[folder];
  if (level === undefined) return undefined;
  return { unit: GROUPS.has(folder) ? `${folder}/${inner}` : folder, group: folder, level };
}

function layerFault({ from, to, line }: Import): Fault | undefined {
  const [source, target] = [placeOf(from), placeOf(to)];
  if (source === undefined) return undefined; // reported once for the file
  const start = `${from}:${line}: ${source.unit} (level ${source.level}) must not import ${to}`;
  if (target === undefined) return `${start}, which is not in a layer of src`;
  if (source.unit === target.unit) return undefined;
  const end = `of ${target.unit} (level ${target.level})`;
  if (source.group === "dialects" && target.level > HIGHEST_IMPORT_OF_DIALECTS) {
    return `${start} ${end}: dialects import levels 0 to ${HIGHEST_IMPORT_OF_DIALECTS} only`;
  }
  if (source.group === "features" && target.group === "dialects") {
    return `${start} ${end}: features know no dialect`;
  }
  if (source.group === "features" && target.group === "features") {
    return `${start} ${end}: features know no other feature`;
  }
  return target.level < source.level ? undefined : `${start} ${end}: only lower levels`;
}

function databaseNameFaults(file: string, text: string, source: SourceText): Fault[] {
  if (DATABASE_NAMES_ALLOWED.some((allowed) => file.startsWith(allowed))) return [];
  return source.literals
    .filter(({ value }) => DATABASE_NAMES.has(value))
    .map(({ start, value }) =>
      `${file}:${lineAt(text, start)}: the name "${value}" belongs to a dialect or the factory`
    );
}

/** Finds one circle per group of files that reach each other, with the way around it. */
function circles(imports: readonly Import[]): Fault[] {
  const edges = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const faults: Fault[] = [];
  function visit(file: string, path: readonly Import[]): void {
    const start = path.findIndex(({ from }) => from === file);
    if (start >= 0) return void faults.push(circleFault(path.slice(start)));
    if (done.has(file)) return;
    for (const edge of edges.get(file) ?? []) visit(edge.to, [...path, edge]);
    done.add(file);
  }
  for (const file of edges.keys()) visit(file, []);
  return faults;
}

function circleFault(circle: readonly Import[]): Fault {
  const [first] = circle;
  const way = [...circle.map(({ from }) => from), first!.from].join(" → ");
  return `${first!.from}:${first!.line}: imports go in a circle: ${way}`;
}

async function main(): Promise<void> {
  const { files, imports, faults } = await checkLayers(".");
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
  console.log(`layers: ${files} files, ${imports} imports, no fault`);
}

if (import.meta.main) await main();
