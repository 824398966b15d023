/**
 * The schemas that commands compare: of models, a database, or a snapshot file.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseDatabaseUrl } from "../../base/database_url.ts";
import type { Database } from "../../database/database.ts";
import { noRenames, type Renames } from "../../migration/diff/renames.ts";
import { renamesOfModels, schemaOfModels } from "../../migration/models.ts";
import { SchemaReader } from "../../migration/reader.ts";
import { readSnapshot } from "../../migration/snapshot.ts";
import type { ModelClass } from "../../model/keys.ts";
import type { DatabaseSchema } from "../../schema/database_schema.ts";
import type { Call } from "../command.ts";
import { UsageError } from "../exit.ts";
import { openDatabase } from "./database.ts";
import { loadModels } from "./models.ts";
import { exists, type Project } from "./project.ts";

/** One side of a comparison. */
export interface Side {
  /** Its schema. */
  readonly schema: DatabaseSchema;
  /** The models it is made of. */
  readonly models?: readonly ModelClass[];
}

/**
 * Reads one side: `models`, `database`, a URL, or the path of a snapshot.
 *
 * @throws {UsageError} for what is none of these
 */
export async function readSide(
  call: Call,
  project: Project,
  db: Database,
  side: string,
): Promise<Side> {
  if (side === "models") {
    const models = await loadModels(call, project);
    return { models, schema: schemaOfModels(models, db.dialect.capabilities) };
  }
  if (side === "database") return { schema: await new SchemaReader(db).read() };
  if (/^[a-z][a-z0-9+.-]*:/i.test(side) && !await exists(resolve(call.context.cwd, side))) {
    const other = await openDatabase(parseDatabaseUrl(side));
    call.atEnd(() => other.disconnect());
    return { schema: await new SchemaReader(other).read() };
  }
  const text = await readFile(resolve(call.context.cwd, side), "utf8").catch((cause) => {
    throw new UsageError(`Cannot compare ${side}: there is no such file`, {
      cause,
      hint:
        "name `models`, `database`, the URL of a database, or a file that `rex-orm snapshot` wrote",
    });
  });
  return { schema: readSnapshot(text) };
}

/** What models say was renamed since. */
export function saidRenames({ models }: Side, from: DatabaseSchema): Renames {
  return models ? renamesOfModels(models, from) : noRenames;
}
