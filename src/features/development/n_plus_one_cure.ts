/**
 * What to write in place of reads one by one, as the models' relations tell it.
 *
 * @module
 */
import { entityOf, ModelRegistry } from "../../model/registry.ts";
import type { EntitySchema, RelationSchema } from "../../schema/entity.ts";
import type { KeyedRead } from "./keyed_read.ts";
import { tablesOf } from "../../engine/query_summary.ts";

/** A relation by which the records that were read could have come with others. */
interface Way {
  readonly from: EntitySchema;
  readonly relation: RelationSchema;
}

/**
 * The advice for reads of a table by key.
 *
 * @param read what is read one by one
 * @param method the repository's method that reads it
 * @param lists statements of the same piece of work that gave several rows: whose relations are meant
 */
export function cureOf(
  read: KeyedRead,
  method: string | undefined,
  lists: readonly string[],
): string {
  const entities = ModelRegistry.getAllModels().map((model) => entityOf(model));
  const ways = waysTo(entities, read);
  const tables = new Set(lists.flatMap(tablesOf));
  const likely = ways.filter(({ from }) => tables.has(from.table.name));
  const meant = likely.length > 0 ? likely : ways;
  if (method === "load" && meant[0] !== undefined) {
    return `give load() all records at once: load(records, { ${meant[0].relation.name}: true })`;
  }
  const [first] = meant;
  if (first !== undefined && meant.every(({ from }) => from === first.from)) {
    const choices = meant.map(({ relation }) => included(relation.name, read.counts));
    return `find each ${first.from.name} with them: ${choices.join(" or ")}`;
  }
  return inOne(entities, read);
}

/** The relations that end where a statement reads. */
function waysTo(entities: readonly EntitySchema[], read: KeyedRead): Way[] {
  const wanted = read.columns.toSorted().join();
  return entities.flatMap((from) =>
    [...from.relations.values()].filter((relation) =>
      relation.through === undefined && relation.target.table.name === read.table &&
      relation.foreign.map(({ column }) => column.name).sort().join() === wanted
    ).map((relation) => ({ from, relation }))
  );
}

function included(relation: string, counts: boolean): string {
  return counts ? `include: { _count: { ${relation}: true } }` : `include: { ${relation}: true }`;
}

function inOne(entities: readonly EntitySchema[], { table, columns }: KeyedRead): string {
  const entity = entities.find((each) => each.table.name === table);
  const [column] = columns;
  const property = column === undefined || columns.length > 1
    ? undefined
    : entity?.byColumn.get(column)?.name;
  return property === undefined
    ? "read them all in one statement, by a list of keys"
    : `read them all at once: find({ where: { ${property}: { in: keys } } })`;
}
