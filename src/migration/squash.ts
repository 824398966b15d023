/**
 * Many migrations as one. The file that stands for them names them in its first line (`// rex: replaces a, b`), so every database
 * that has them all takes it for applied, and a new one runs it in their place.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";
import type { MigrationFile } from "./folder.ts";
import type { MigrationStatus } from "./status.ts";
import type { AppliedMigration, MigrationTracker } from "./tracker.ts";

/** How migrations are squashed. */
export interface SquashOptions {
  /** Delete the old files instead of moving them to `squashed/`. Default: `false`. */
  readonly remove?: boolean;
}

/**
 * The history with one entry for what one file stands for.
 *
 * @throws {MigrationError} when some of what a file stands for is applied, and some is not
 */
export function withSquashed(
  history: readonly AppliedMigration[],
  files: readonly MigrationFile[],
): AppliedMigration[] {
  let all = [...history];
  for (const file of files.filter(({ replaces }) => replaces.length > 0)) {
    const names = new Set(file.replaces);
    const old = all.filter(({ name, state }) => names.has(name) && state === "applied");
    const last = old.at(-1);
    if (last === undefined) continue;
    if (old.length < names.size) throw partError(file, old);
    const one = { ...last, name: file.name, checksum: file.checksum };
    all = [...all.filter(({ name }) => !names.has(name) && name !== file.name), one];
  }
  return all;
}

/** Writes into the history what {@linkcode withSquashed} finds. */
export async function adoptSquashed(
  tracker: MigrationTracker,
  history: readonly AppliedMigration[],
  files: readonly MigrationFile[],
): Promise<void> {
  const after = withSquashed(history, files);
  const kept = new Set(after.map(({ name }) => name));
  const known = new Set(history.map(({ name }) => name));
  for (const { name } of history) if (!kept.has(name)) await tracker.removeMigration(name);
  for (const { name, checksum } of after) {
    if (!known.has(name)) await tracker.recordMigration(name, { checksum });
  }
}

/**
 * Puts a file with `text` in the place of others.
 *
 * @returns what undoes it
 */
export async function replaceFiles(
  folder: string,
  name: string,
  text: string,
  files: readonly MigrationFile[],
  { remove = false }: SquashOptions,
): Promise<() => Promise<void>> {
  const { mkdir, rename, rm, rmdir, writeFile } = await import("node:fs/promises");
  const { basename } = await import("node:path");
  const aside = `${folder}/squashed`;
  const path = `${folder}/${name}.ts`;
  const moved: [from: string, to: string][] = [];
  let written = false;
  const undo = async (): Promise<void> => {
    if (written) await rm(path);
    for (const [from, to] of moved.reverse()) await rename(to, from);
  };
  try {
    await mkdir(aside, { recursive: true });
    for (const file of files) {
      const to = `${aside}/${basename(file.path)}`;
      await rename(file.path, to);
      moved.push([file.path, to]);
    }
    const header = `// rex: replaces ${files.map((file) => file.name).join(", ")}\n`;
    await writeFile(path, header + text, { flag: "wx" });
    written = true;
    if (remove) {
      for (const [, to] of moved.splice(0)) await rm(to, { recursive: true });
      // Fails where an earlier squash has left files, which stay.
      await rmdir(aside).catch(() => {});
    }
    return undo;
  } catch (error) {
    await undo();
    throw error;
  }
}

/**
 * Refuses to squash while files and history differ.
 *
 * @throws {MigrationError} with the first that is not plainly applied
 */
export function refuseUnapplied(status: readonly MigrationStatus[]): void {
  const odd = status.find(({ state }) => state !== "applied");
  if (odd) {
    throw new MigrationError(`Cannot squash: ${odd.name} is ${odd.state}`, {
      hint: "Squash when every migration is applied and has its file",
    });
  }
  if (status.length === 0) throw new MigrationError("Cannot squash: no migration is applied");
}

function partError(file: MigrationFile, old: readonly AppliedMigration[]): MigrationError {
  const applied = new Set(old.map(({ name }) => name));
  const open = file.replaces.filter((name) => !applied.has(name));
  return new MigrationError(
    `Cannot migrate: ${file.name} stands for ${file.replaces.length} migrations, of which ${
      open.join(", ")
    } ${open.length === 1 ? "is" : "are"} not applied here`,
    { hint: "Bring this database up with the version of the program that still has their files" },
  );
}
