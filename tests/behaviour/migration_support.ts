/**
 * What the tests of migrations share.
 *
 * @module
 */
import type { Database } from "../../src/database/database.ts";
import type { TransactionScope } from "../../src/database/scope.ts";
import { MigrationError } from "../../src/base/errors.ts";
import { MigrationManager, type MigrationOptions } from "../../src/migration/manager.ts";

/** A folder of migrations, removed at the end. */
export interface Folder extends AsyncDisposable {
  /** Where it is. */
  readonly path: string;
  /** Writes files: by name, with their text. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Removes a file or folder. */
  remove(name: string): Promise<void>;
  /** A manager of its migrations. */
  manager(db: Database, options?: MigrationOptions): MigrationManager<TransactionScope>;
}

/** Makes a folder of migrations. */
export async function folderOf(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "rex-orm-migrations-" });
  const folder: Folder = {
    path,
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        const at = name.lastIndexOf("/");
        if (at > 0) await Deno.mkdir(`${path}/${name.slice(0, at)}`, { recursive: true });
        await Deno.writeTextFile(`${path}/${name}`, text);
      }
    },
    remove: (name) => Deno.remove(`${path}/${name}`, { recursive: true }),
    manager: (db, options) =>
      new MigrationManager<TransactionScope>(db, { folder: path, ...options }),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
  await folder.write(files);
  return folder;
}

/** The files of a migration in SQL that makes a table and drops it. */
export function tableFiles(name: string, table: string): Record<string, string> {
  return {
    [`${name}/up.sql`]: `CREATE TABLE ${table} (id INTEGER PRIMARY KEY);\n`,
    [`${name}/down.sql`]: `DROP TABLE ${table};\n`,
  };
}

/** Whether the database has a table. */
export async function hasTable(db: Database, table: string): Promise<boolean> {
  return await db.execute(`SELECT count(*) FROM ${table}`).then(() => true, () => false);
}

/** A migration error whose message and hint match. */
export function migrationError(message: RegExp, hint?: RegExp): (error: Error) => boolean {
  return (error) =>
    error instanceof MigrationError && message.test(error.message) &&
    (hint === undefined || hint.test(error.hint ?? ""));
}
