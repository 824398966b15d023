/**
 * Writes new migrations into their folder.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";

/** How a migration is written. */
export interface GeneratorOptions {
  /** Where it goes; made if it is not there. Default: `./migrations`. */
  readonly folder?: string;
  /** What is in it. Default: an `up` and a `down` that do nothing yet. */
  readonly text?: string;
  /** The time in its name. Default: now. */
  readonly now?: Date;
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
    const { folder = "./migrations", text = emptyMigration, now = new Date() } = options;
    const word = migrationWord(name);
    const { mkdir, readdir, writeFile } = await import("node:fs/promises");
    await mkdir(folder, { recursive: true });
    const taken = new Set((await readdir(folder)).map((each) => /^\d{14}(?=_)/.exec(each)?.[0]));
    for (let time = now.getTime();; time += 1000) {
      const stamp = stampOf(new Date(time));
      if (taken.has(stamp)) continue;
      const path = `${folder}/${stamp}_${word}.ts`;
      try {
        await writeFile(path, text, { flag: "wx" });
        return path;
      } catch (cause) {
        if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
      }
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
