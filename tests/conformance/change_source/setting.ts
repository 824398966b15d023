/**
 * What the cases of a source of changes are given.
 *
 * @module
 */
import type { ChangeSource, ImageForm } from "../../../src/change/source.ts";
import type { Database } from "../../../src/database/database.ts";
import type { ColumnType } from "../../../src/schema/column_type.ts";

/** A connection that Rex-ORM knows nothing of. */
export interface Outside extends AsyncDisposable {
  /** Runs statements as one transaction. */
  run(statements: readonly string[]): Promise<void>;
}

/** The database of one case; disposing of it removes it, with what its sources hold. */
export interface SourceSetting extends AsyncDisposable {
  /** A database with the kit's tables, set up for the source. */
  readonly db: Database;
  /** A source of it, for a reader of its own. */
  source(): ChangeSource | Promise<ChangeSource>;
  /** Opens another way to write. */
  outside(): Promise<Outside>;
  /** Makes programs' values of those in row images. */
  loader(form: ImageForm, type: ColumnType): ((raw: unknown) => unknown) | null;
}

/** Makes the database of one case. */
export type SetUpSource = () => Promise<SourceSetting>;

/** What can be expected of a source. */
export interface SourceTraits {
  /** Its images, as the source itself says. Default: `rows`. */
  readonly images?: "rows" | "keys";
  /** Whether it tells what is written beside Rex-ORM. */
  readonly outside: boolean;
  /** Whether it goes on where an earlier reading ended. */
  readonly resumes: boolean;
  /** Whether it tells that a table was truncated. Default: `false`. */
  readonly truncates?: boolean;
  /** What it tells of tables without a key. */
  readonly keyless: "all" | "inserts" | "none";
  /** Whether a transaction keeps all others out, also those that read. Default: `false`. */
  readonly oneConnection?: boolean;
}

/** One thing that is expected. */
export interface SourceCase {
  /** A sentence. */
  readonly title: string;
  /** Fails where it is not so. */
  run(setting: SourceSetting): Promise<void>;
}
