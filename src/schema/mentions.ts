/**
 * Which names the text of SQL uses.
 *
 * @module
 */
import type { DomainSchema, QualifiedName, ViewSchema } from "./database_schema.ts";

/** Whether SQL uses one of these names; rather once too often than not. */
export function mentions(sql: string, names: ReadonlySet<string>): boolean {
  return (sql.match(/"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []).some((word) =>
    names.has(word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word)
  );
}

/** Whether data has one of these names in it, as a whole string or in the SQL of one. */
export function mentionsAnywhere(data: unknown, names: ReadonlySet<string>): boolean {
  if (typeof data === "string") return names.has(data) || mentions(data, names);
  if (typeof data !== "object" || data === null) return false;
  return Object.values(data).some((each) => mentionsAnywhere(each, names));
}

/** Those of a list after those that they mention. */
function byMention<T extends QualifiedName>(
  all: readonly T[],
  text: (each: T) => string,
): T[] {
  const ordered = new Set<T>();
  const visiting = new Set<T>();
  const visit = (each: T): void => {
    if (visiting.has(each)) return;
    visiting.add(each);
    for (const other of all) {
      if (other !== each && mentions(text(each), new Set([other.name]))) visit(other);
    }
    ordered.add(each);
  };
  all.forEach(visit);
  return [...ordered];
}

/** Views after those that they read. */
export function viewsInOrder(views: readonly ViewSchema[]): ViewSchema[] {
  return byMention(views, ({ sql }) => sql);
}

/** Domains after those that they are made of. */
export function domainsInOrder(domains: readonly DomainSchema[]): DomainSchema[] {
  return byMention(domains, ({ type }) => type.sql ?? "");
}
