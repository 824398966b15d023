/**
 * Following the changes of PostgreSQL.
 *
 * @module
 */
import type {
  ChangeSupport,
  LogSourceOptions,
  SourceHost,
} from "../../../dialect/change_support.ts";
import type { ChangeSource, ImageForm } from "../../../change/source.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import { postgresCodecs } from "../codecs.ts";
import { LogSource } from "./log_source.ts";
import { postgresChangeLog } from "./log_tables.ts";
import { replicationSource } from "./replication.ts";

/** What PostgreSQL brings for following changes. */
export const postgresChangeSupport: ChangeSupport = Object.freeze({
  loader(form: ImageForm, type: ColumnType): ((raw: unknown) => unknown) | null {
    if (form === "value") return null;
    const codec = postgresCodecs.codec(type);
    return form === "text" ? codec.load : codec.loadNested;
  },
  log: postgresChangeLog,
  replicationSource,
  logSource: (host: SourceHost, options?: LogSourceOptions): ChangeSource =>
    new LogSource(host, options),
});
