/**
 * What a database has and models have no words for: a comparison with models leaves it alone.
 *
 * @module
 */
import { type DatabaseSchema, nameKey } from "../schema/database_schema.ts";
import type { TableSchema } from "../schema/table.ts";
import { pairsBy } from "./diff/pairs.ts";
import { applyRenames, type Renames } from "./diff/renames.ts";
import { enumNameOf } from "./enum_renames.ts";

/**
 * The schema that models want, with what they cannot say as the database has it.
 *
 * @param wanted made of models
 * @param found what is there
 */
export function keepUnmodelled(
  wanted: DatabaseSchema,
  found: DatabaseSchema,
  renames: Renames,
): DatabaseSchema {
  const { schema: old } = applyRenames(found, renames);
  const before = new Map(old.tables.map((table) => [nameKey(table), table]));
  const tables = wanted.tables.map((table) => withUnmodelled(table, before.get(nameKey(table))));
  const wholes = new Set(tables.map(nameKey));
  const parts = pairsBy(old.tables, tables, nameKey).removed.filter(({ partition }) =>
    partition?.kind === "of" && wholes.has(nameKey({ ...partition, name: partition.table }))
  );
  const used = new Set(
    old.tables.flatMap(({ columns }) => columns.map(({ type }) => type.enumName)),
  );
  const enums = pairsBy(old.enums, wanted.enums, nameKey).removed.filter((each) =>
    !used.has(enumNameOf(each))
  );
  return {
    ...wanted,
    schemas: [...new Set([...old.schemas, ...wanted.schemas])],
    enums: [...wanted.enums, ...enums],
    domains: old.domains,
    sequences: old.sequences,
    tables: [...tables, ...parts],
    views: old.views,
    triggers: old.triggers.filter(({ table, schema }) => {
      const on = nameKey({ name: table, ...schema !== undefined && { schema } });
      return wholes.has(on) || [...parts, ...old.views].some((each) => nameKey(each) === on);
    }),
    others: old.others,
  };
}

function withUnmodelled(wanted: TableSchema, found: TableSchema | undefined): TableSchema {
  if (!found) return wanted;
  const options = wanted.options ?? found.options;
  return { ...wanted, ...options !== undefined && { options } };
}
