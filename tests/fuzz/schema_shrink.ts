/**
 * Makes a pair that fails as small as it can be.
 *
 * @module
 */
import type { TableSchema } from "../../src/schema/table.ts";
import { fitting, type Pair } from "./schema_changer.ts";
import { isSame, settled, type World } from "./schema_world.ts";

const lists = ["uniques", "indexes", "checks", "foreignKeys", "columns"] as const;

/** A world without one of its parts, for each part. */
function* smaller(pair: Pair): Generator<Pair> {
  const { renames } = pair;
  for (const { from, to } of renames.tables) {
    yield without(pair, (world, side) => ({
      ...world,
      tables: world.tables.filter((each) => !isSame(each, side === "from" ? from : to)),
    }));
  }
  for (const key of ["tables", "views", "triggers", "enums"] as const) {
    const names = new Set([...pair.from[key], ...pair.to[key]].map(({ name }) => name));
    for (const gone of names) {
      yield without(pair, (world) => ({
        ...world,
        [key]: (world[key] as readonly { name: string }[]).filter(({ name }) => name !== gone),
      }));
    }
  }
  yield without(pair, (world) => ({ ...world, rest: { sequences: [], domains: [] } }));
  yield* smallerTables(pair);
}

function* smallerTables(pair: Pair): Generator<Pair> {
  const tables = [...pair.from.tables, ...pair.to.tables];
  for (const list of lists) {
    const texts = new Set(
      tables.flatMap((table) => table[list].map((each) => each.name ?? JSON.stringify(each))),
    );
    for (const gone of texts) {
      yield mapped(pair, (table) => ({
        ...table,
        [list]: (table[list] as readonly { name?: string }[]).filter((each) =>
          (each.name ?? JSON.stringify(each)) !== gone
        ),
      }));
    }
  }
  for (const key of ["exclusions", "comment", "options", "primaryKey", "schema"] as const) {
    yield mapped(pair, ({ [key]: _, ...rest }) => rest as TableSchema);
  }
  for (const column of new Set(tables.flatMap(({ columns }) => columns.map(({ name }) => name)))) {
    for (
      const key of ["default", "collation", "comment", "identity", "generated", "nullable"] as const
    ) {
      yield mapped(pair, (table) => ({
        ...table,
        columns: table.columns.map((each) => {
          if (each.name !== column) return each;
          const { [key]: _, ...rest } = each;
          return { ...rest, nullable: key === "nullable" ? true : each.nullable };
        }),
      }));
    }
  }
}

function mapped(pair: Pair, change: (table: TableSchema) => TableSchema): Pair {
  return without(pair, (world) => ({ ...world, tables: world.tables.map(change) }));
}

function without(pair: Pair, change: (world: World, side: "from" | "to") => World): Pair {
  return fitting({
    from: settled(change(pair.from, "from")),
    to: settled(change(pair.to, "to")),
    renames: pair.renames,
  });
}

/** A pair as text. */
export function pairText(pair: Pair): string {
  return JSON.stringify(pair, (_, value) => typeof value === "bigint" ? `${value}n` : value);
}

/**
 * The smallest pair found that still fails.
 *
 * @param fails whether a pair fails in the same way
 * @param milliseconds how long it may take
 */
export async function shrinkPair(
  pair: Pair,
  fails: (pair: Pair) => Promise<boolean>,
  milliseconds: number,
): Promise<Pair> {
  const end = performance.now() + milliseconds;
  let best = pair;
  for (let found = true; found;) {
    found = false;
    for (const candidate of smaller(best)) {
      if (performance.now() > end) return best;
      if (pairText(candidate).length >= pairText(best).length) continue;
      if (candidate.from.tables.some(({ columns }) => columns.length === 0)) continue;
      if (candidate.to.tables.some(({ columns }) => columns.length === 0)) continue;
      if (!await fails(candidate)) continue;
      best = candidate;
      found = true;
      break;
    }
  }
  return best;
}
