/**
 * Measures whole programs that connect and read one row, those in `start/`: how long until it is there, and
 * how large they are when bundled.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DatabaseName, DriverName } from "./candidate.ts";
import { itemOf } from "./model.ts";
import { runDeno } from "./processes.ts";
import { summarise, type Summary } from "./statistics.ts";

/** A program of `start/`. */
export interface Program {
  readonly candidate: string;
  readonly driver: DriverName;
  /** The path of its file. */
  readonly file: string;
}

/** What a program took from its start to its first row, or the size of its bundle. */
export interface ProgramFigure {
  readonly candidate: string;
  readonly driver: DriverName;
  /** Milliseconds, or kilobytes of 1,000 bytes. */
  readonly value: Summary;
}

/** What every run needs: the configuration that says which packages are meant. */
export interface ProgramOptions {
  readonly config: string;
  readonly rounds: number;
}

/** The programs for one database: the raw driver's, ours, and the peers', which some of them have. */
export function programsFor(database: DatabaseName, peers: readonly string[]): Program[] {
  const file = (name: string) =>
    fileURLToPath(new URL(`start/${name}_${database}.ts`, import.meta.url));
  const driver = database === "sqlite" ? "node:sqlite" : "postgres.js";
  return [
    { candidate: driver, driver, file: file("raw") },
    { candidate: "Rex-ORM", driver, file: file("rex_orm") },
    ...peers.flatMap((peer) => {
      const program = peerPrograms[peer];
      if (program === undefined) return [];
      return [{ candidate: program.name, driver: program.drivers[database], file: file(peer) }];
    }),
  ];
}

type Drivers = Readonly<Record<DatabaseName, DriverName>>;

/** The peers that have programs in `start/`, by their module's name, and what these run on. */
const peerPrograms: Readonly<Record<string, { readonly name: string; readonly drivers: Drivers }>> =
  {
    drizzle: { name: "Drizzle", drivers: { sqlite: "node:sqlite", postgres: "pg" } },
    kysely: { name: "Kysely", drivers: { sqlite: "better-sqlite3", postgres: "pg" } },
  };

/**
 * Starts the programs in turn, each in a process of its own whose modules are in the cache.
 *
 * @param place the file or URL of a database with the rows of `model.ts`
 */
export async function measureStarts(
  programs: readonly Program[],
  place: string,
  { config, rounds }: ProgramOptions,
): Promise<ProgramFigure[]> {
  const times: number[][] = programs.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < programs.length; turn++) {
      const at = (turn + round) % programs.length;
      const time = await timeToFirstRow(config, programs[at]!, place);
      // The first round fills the cache.
      if (round > 0) times[at]!.push(time);
    }
  }
  return programs.map(({ candidate, driver }, at) => {
    return { candidate, driver, value: summarise(times[at]!) };
  });
}

async function timeToFirstRow(config: string, program: Program, place: string): Promise<number> {
  const { file } = program;
  const args = ["run", "--no-prompt", `--config=${config}`, ...permissionsOf(program, place), file];
  const start = performance.timeOrigin + performance.now();
  const [end, name] = JSON.parse(await runDeno({ args: [...args, place] }));
  if (name !== itemOf(1).name) throw new Error(`${file} read a wrong row`);
  return end - start;
}

function permissionsOf({ driver }: Program, place: string): string[] {
  if (place.includes("://")) return ["--allow-env", `--allow-net=${new URL(place).host}`];
  const folder = dirname(place);
  if (driver === "node:sqlite") return [`--allow-read=${folder}`, `--allow-write=${folder}`];
  // better-sqlite3 is a native add-on, which it looks for in many places.
  return ["--allow-read", `--allow-write=${folder}`, "--allow-env", "--allow-ffi", "--allow-sys"];
}

/** Bundles and minifies the programs, drivers left out. */
export async function measureBundles(
  programs: readonly Program[],
  { config }: ProgramOptions,
): Promise<ProgramFigure[]> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-bench-" });
  try {
    const figures: ProgramFigure[] = [];
    for (const { candidate, driver, file } of programs) {
      const bundle = join(folder, "bundle.js");
      const drivers = ["postgres", "pg", "better-sqlite3"].map((driver) => `--external=${driver}`);
      await runDeno({
        args: ["bundle", `--config=${config}`, "--minify", ...drivers, `--output=${bundle}`, file],
      });
      const { size } = await Deno.stat(bundle);
      figures.push({ candidate, driver, value: summarise([size / 1000]) });
    }
    return figures;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
