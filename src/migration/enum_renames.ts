/**
 * Finds enum types that have another name because their table or column has.
 *
 * @module
 */
import {
  type DatabaseSchema,
  type EnumSchema,
  nameKey,
  type QualifiedName,
} from "../schema/database_schema.ts";
import { applyRenames, type EnumRename, type Renames } from "./diff/renames.ts";
import { pairsBy } from "./diff/pairs.ts";

/** The name of an enum type as columns tell it. */
export function enumNameOf({ name, schema }: QualifiedName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** Types that went, where all columns that had them have one that came. */
export function enumRenames(
  from: DatabaseSchema,
  to: DatabaseSchema,
  renames: Renames,
): EnumRename[] {
  const { schema } = applyRenames(from, renames);
  const enums = pairsBy(schema.enums, to.enums, nameKey);
  if (enums.removed.length === 0) return [];
  const added = new Map(enums.added.map((each) => [enumNameOf(each), each]));
  const tables = pairsBy(schema.tables, to.tables, nameKey).kept;
  const found: EnumRename[] = [];
  for (const old of enums.removed) {
    const next = new Set<EnumSchema | undefined>();
    for (const [before, after] of tables) {
      for (const { name, type } of before.columns) {
        if (type.enumName !== enumNameOf(old)) continue;
        const now = after.columns.find((each) => each.name === name)?.type.enumName;
        next.add(now === undefined ? undefined : added.get(now));
      }
    }
    const [only] = next;
    if (next.size !== 1 || only === undefined || only.schema !== old.schema) continue;
    added.delete(enumNameOf(only));
    found.push({ from: named(old), to: named(only) });
  }
  return found;
}

function named({ name, schema }: QualifiedName): QualifiedName {
  return { name, ...schema !== undefined && { schema } };
}
