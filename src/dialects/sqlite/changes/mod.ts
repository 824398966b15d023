/**
 * Following changes on SQLite: triggers write each change of a row into a log, in the transaction of the change, so
 * that no writer goes unseen, whatever program it is. Sources read the log.
 *
 * @module
 */
import { UnsupportedError } from "../../../base/errors.ts";
import type { ImageForm } from "../../../change/source.ts";
import type { ChangeSupport } from "../../../dialect/change_support.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import { imageLoader } from "./image.ts";
import { sqliteChangeLog } from "./log.ts";
import { LogSource } from "./log_source.ts";

/** What SQLite brings for following changes. */
export const sqliteChangeSupport: ChangeSupport = Object.freeze({
  log: sqliteChangeLog,
  logSource: (...options: ConstructorParameters<typeof LogSource>) => new LogSource(...options),
  loader(form: ImageForm, type: ColumnType): (raw: unknown) => unknown {
    if (form === "json") return imageLoader(type);
    throw new UnsupportedError(
      `Cannot read changes: sqlite's images are never in the form ${form}`,
    );
  },
});
