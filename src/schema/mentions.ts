/**
 * Which names the text of SQL uses.
 *
 * @module
 */
import type { ViewSchema } from "./database_schema.ts";

/** Whether SQL uses one of these names; rather once too often than not. */
export function mentions(sql: string, names: ReadonlySet<string>): boolean {
  return (sql.match(/"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []).some((word) =>
    names.has(word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word)
  );
}

/** Views after those that they mention. */
export function byMention(views: readonly ViewSchema[]): ViewSchema[] {
  const ordered = new Set<ViewSchema>();
  const visiting = new Set<ViewSchema>();
  const visit = (view: ViewSchema): void => {
    if (visiting.has(view)) return;
    visiting.add(view);
    for (const other of views) {
      if (other !== view && mentions(view.sql, new Set([other.name]))) visit(other);
    }
    ordered.add(view);
  };
  views.forEach(visit);
  return [...ordered];
}
