/**
 * Plans as SQL to read, or to run by hand.
 *
 * @module
 */
import type { PlannedStep } from "../../dialect/schema_support.ts";
import { remark } from "./remark.ts";

/** Writes plans as SQL: what each can cost as a comment before it. */
export function writeSql(planned: readonly PlannedStep[]): string {
  return planned.filter(({ statements }) => statements.length > 0).map((each) =>
    [
      remark(each, "", "--"),
      each.transactional ? "" : "-- Outside of a transaction\n",
      ...each.statements.map((sql) => `${sql.trimEnd().replace(/;$/, "")};\n`),
    ].join("")
  ).join("\n");
}
