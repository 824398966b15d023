/**
 * Migrations in a folder: modules (`NAME.ts`) and folders of SQL (`NAME/up.sql`, `NAME/down.sql`), in the order of their names.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";
import type { SchemaSupport } from "../dialect/schema_support.ts";
import type { Session } from "../engine/session.ts";
import type { MigrationOf } from "./migration.ts";
import { migrationFailure, type Way } from "./failure.ts";
import type { Place } from "./failed_statement.ts";
import { compareNames } from "./order.ts";

/** A migration that is there to be run. */
export interface MigrationFile<S extends Session = Session> {
  /** Its name: that of the file, without the ending. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
  /** The SHA-256 of its text, line ends as `\n`, in hexadecimal. */
  readonly checksum: string;
  /** The migrations that it stands for, where others were squashed. */
  readonly replaces: readonly string[];
  /** Loads it. */
  load(): Promise<MigrationOf<S>>;
}

const module = /^(.+)\.(?:ts|mts|js|mjs)$/;
/** The first line of an `up.sql` or `down.sql` whose statements are to be committed one by one. */
const stepwiseMark = /^\s*--\s*rex:\s*no transaction\b/i;

/** How SQL is read. */
export type ScriptReader = Pick<SchemaSupport, "split" | "runsAlone">;

/**
 * Finds the migrations of a folder, in the order of their names.
 *
 * @param scripts takes SQL apart into statements
 * @throws {MigrationError} when the folder is not there, or two migrations have one name
 */
export async function readMigrations<S extends Session>(
  folder: string,
  scripts: ScriptReader,
): Promise<MigrationFile<S>[]> {
  const { readdir } = await import("node:fs/promises");
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new MigrationError(`Cannot read the migrations: there is no folder ${folder}`, {
      cause,
      hint: "`rex-orm migration:create NAME` makes it",
    });
  });
  const files: MigrationFile<S>[] = [];
  for (const entry of entries) {
    const [, stem] = module.exec(entry.name) ?? [];
    if (entry.isDirectory()) {
      const file = await sqlMigration<S>(`${folder}/${entry.name}`, entry.name, scripts);
      if (file) files.push(file);
    } else if (stem !== undefined && !entry.name.endsWith(".d.ts") && !/[._]test$/.test(stem)) {
      files.push(await moduleMigration<S>(`${folder}/${entry.name}`, stem));
    }
  }
  files.sort((a, b) => compareNames(a.name, b.name));
  const twice = files.find(({ name }, i) => files[i + 1]?.name === name);
  if (twice) throw new MigrationError(`Cannot use two migrations named ${twice.name} in ${folder}`);
  return files;
}

async function moduleMigration<S extends Session>(
  path: string,
  name: string,
): Promise<MigrationFile<S>> {
  const text = await read(path);
  const checksum = await checksumOf(text);
  return {
    name,
    path,
    checksum,
    replaces: replacedBy(text),
    async load() {
      const [{ pathToFileURL }, { resolve }] = [
        await import("node:url"),
        await import("node:path"),
      ];
      // A module that was edited while the program runs is another module.
      const loaded = await import(`${pathToFileURL(resolve(path)).href}?${checksum.slice(0, 16)}`);
      const migration = loaded.default;
      if (typeof migration?.up === "function") return migration;
      throw new MigrationError(`Cannot use ${path}: its default export has no \`up\``, {
        hint: "export default { async up(db) { … }, async down(db) { … } } satisfies Migration;",
      });
    },
  };
}

async function sqlMigration<S extends Session>(
  path: string,
  name: string,
  { split, runsAlone }: ScriptReader,
): Promise<MigrationFile<S> | undefined> {
  const up = await read(`${path}/up.sql`, true);
  if (up === undefined) return undefined;
  const down = await read(`${path}/down.sql`, true);
  const [forth, back] = [split(up), split(down ?? "")];
  const stepwise = stepwiseMark.test(up) || stepwiseMark.test(down ?? "") ||
    [...forth, ...back].some(runsAlone);
  const script = (text: string, statements: readonly string[], way: Way) => {
    const places = placesOf(text, statements, `${path}/${way}.sql`);
    return async (db: Session): Promise<void> => {
      for (const [i, sql] of statements.entries()) {
        await db.execute(sql).catch((error: unknown) => {
          throw migrationFailure(error, name, way, places[i]);
        });
      }
    };
  };
  const migration: MigrationOf<S> = {
    ...stepwise && { transaction: false },
    up: script(up, forth, "up"),
    ...down !== undefined && { down: script(down, back, "down") },
  };
  return {
    name,
    path,
    checksum: await checksumOf(down === undefined ? up : `${up}\0${down}`),
    replaces: replacedBy(up),
    load: () => Promise.resolve(migration),
  };
}

/** The names that a migration's text says it stands for. */
function replacedBy(text: string): string[] {
  const [, names = ""] = /^(?:\/\/|--) rex: replaces (.+)$/m.exec(text) ?? [];
  return names.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

/** Where the statements of a script stand: each is a piece of it, without the spaces around. */
function placesOf(script: string, statements: readonly string[], file: string): Place[] {
  let at = 0;
  return statements.map((sql) => {
    const start = script.indexOf(sql, at);
    at = start + sql.length;
    const before = script.slice(0, start);
    const lineStart = before.lastIndexOf("\n") + 1;
    return { file, line: before.split("\n").length, column: start - lineStart + 1 };
  });
}

async function read(path: string): Promise<string>;
async function read(path: string, mayBeMissing: true): Promise<string | undefined>;
async function read(path: string, mayBeMissing = false): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (mayBeMissing && cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
      return undefined;
    }
    throw new MigrationError(`Cannot read the migration ${path}`, { cause });
  }
}

async function checksumOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
