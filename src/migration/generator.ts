/**
 * Writes new migrations into their folder.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";

/** Where a migration is written. */
export interface GeneratorPlace {
  /** Where it goes; made if it is not there. Default: `./migrations`. */
  readonly folder?: string;
  /** The time in its name. Default: now. */
  readonly now?: Date;
}

/** How a migration in TypeScript is written. */
export interface GeneratorOptions extends GeneratorPlace {
  /** What is in it. Default: an `up` and a `down` that do nothing yet. */
  readonly text?: string;
}

/** How a migration in SQL is written. */
export interface SqlGeneratorOptions extends GeneratorPlace {
  /** The statements that apply it. Default: none. */
  readonly up?: string;
  /** The statements that revert it. Default: none. */
  readonly down?: string;
}

const emptyMigration = `import type { Migration } from "@rex/orm";

export default {
  async up(db) {
    // await db.schema.createTable("users", { columns: { name: { type: "text" } } });
  },
  async down(db) {
    // await db.schema.dropTable("users");
  },
} satisfies Migration;
`;

/** Writes new migrations into their folder. */
export class MigrationGenerator {
  /**
   * Writes a migration, `YYYYMMDDHHMMSS_name.ts`, the time in UTC. Nothing is ever overwritten: a second one in the same
   * second is a second later.
   *
   * ```ts ignore
   * await MigrationGenerator.createMigration("Add email!"); // "./migrations/20260101120000_add_email.ts"
   * ```
   *
   * @returns the path of the file
   * @throws {MigrationError} for a name without letters and digits
   */
  static async createMigration(name: string, options: GeneratorOptions = {}): Promise<string> {
    const { text = emptyMigration } = options;
    const { writeFile } = await import("node:fs/promises");
    return await place(name, options, async (stem) => {
      await writeFile(`${stem}.ts`, text, { flag: "wx" });
      return `${stem}.ts`;
    });
  }

  /**
   * Writes a migration in SQL: the folder `YYYYMMDDHHMMSS_name` with `up.sql` and `down.sql`.
   *
   * @returns the path of the folder
   * @throws {MigrationError} for a name without letters and digits
   */
  static async createSqlMigration(
    name: string,
    options: SqlGeneratorOptions = {},
  ): Promise<string> {
    const { up = "", down = "" } = options;
    const { mkdir, writeFile } = await import("node:fs/promises");
    return await place(name, options, async (stem) => {
      await mkdir(stem);
      await writeFile(`${stem}/up.sql`, up);
      await writeFile(`${stem}/down.sql`, down);
      return stem;
    });
  }
}

/**
 * Finds a name that is free: a second one in the same second is a second later.
 *
 * @param write writes to a path without ending; fails with `EEXIST` when it is taken
 */
async function place(
  name: string,
  { folder = "./migrations", now = new Date() }: GeneratorPlace,
  write: (stem: string) => Promise<string>,
): Promise<string> {
  const word = migrationWord(name);
  const { mkdir, readdir } = await import("node:fs/promises");
  await mkdir(folder, { recursive: true });
  const taken = new Set((await readdir(folder)).map((each) => /^\d{14}(?=_)/.exec(each)?.[0]));
  for (let time = now.getTime();; time += 1000) {
    const stamp = stampOf(new Date(time));
    if (taken.has(stamp)) continue;
    try {
      return await write(`${folder}/${stamp}_${word}`);
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
    }
  }
}

/** A name that fits every file system: `Add email!` is `add_email`. */
function migrationWord(name: string): string {
  const word = name.normalize("NFC").replace(/(?<=[\p{Ll}\d])(?=\p{Lu})/gu, "_").toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 100);
  if (word !== "") return word;
  throw new MigrationError(`Cannot name a migration ${JSON.stringify(name)}`, {
    hint: "A name says in a few words what changes: add_email_to_users",
  });
}

function stampOf(time: Date): string {
  return time.toISOString().replace(/\D/g, "").slice(0, 14);
}
