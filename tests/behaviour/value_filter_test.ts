/**
 * Values of every column type as operands: what equals them is found, what is ordered by them is in order.
 */
import assert from "node:assert/strict";
import type { Where } from "../../src/repository/types.ts";
import { fn } from "../../src/query/typed/functions.ts";
import { onEveryDatabase, type Target } from "../targets/databases.ts";
import {
  backOf,
  casesOn,
  type ColumnCases,
  columnCases,
  type DatabaseName,
  listRows,
  sampleRows,
} from "./value_cases.ts";
import { isSame, orderOf, shown } from "./value_compare.ts";
import { lists, ListSample, modelsOf, Sample, scalars } from "./value_models.ts";

const documents: ReadonlySet<string> = new Set(["json", "jsonb"]);

function nameOf(target: Target): DatabaseName {
  return target.name.startsWith("SQLite") ? "SQLite" : "PostgreSQL";
}

/** A condition on a column that is known by name only. */
function on(column: string, filter: Readonly<Record<string, unknown>>): Where<Sample> {
  return { [column]: filter } as Where<Sample>;
}

interface Operand {
  readonly id: number;
  readonly given: unknown;
  readonly back: unknown;
}

/** The values of a column, with the ids of the records that hold them: records are made in the order of the cases. */
function operands(column: ColumnCases, database: DatabaseName): readonly Operand[] {
  return casesOn(column, database).map((one, index) => ({
    id: index + 1,
    given: one.value,
    back: backOf(one, database),
  }));
}

function ids(records: readonly { readonly id: number }[]): number[] {
  return records.map(({ id }) => id).sort((a, b) => a - b);
}

onEveryDatabase("a value is found by eq, in, ne and notIn, for every type", {
  models: modelsOf(scalars),
}, async ({ db, target }) => {
  const database = nameOf(target);
  const rows = sampleRows(database);
  const samples = db.repository(Sample);
  await samples.createMany(rows.map(({ given }) => given as Partial<Pick<Sample, "text">>));
  const faults: string[] = [];
  for (const column of columnCases) {
    const all = operands(column, database);
    for (const { given, back, id } of all) {
      const equal = all.filter((other) => isSame(column.compares, other.back, back))
        .map((other) => other.id);
      const others = all.map((other) => other.id).filter((other) => !equal.includes(other));
      const expect = async (operator: string, operand: unknown, expected: readonly number[]) => {
        const where = on(column.column, { [operator]: operand });
        const found = await samples.find({ where, select: ["id"] }).then(ids, String);
        if (String(found) === String(expected)) return;
        faults.push(`${column.column} ${operator} ${shown(given)}, record ${id}: ${shown(found)}`);
      };
      await expect("eq", given, equal);
      await expect("eq", back, equal);
      await expect("ne", given, others);
      if (documents.has(column.column)) continue;
      await expect("in", [given], equal);
      await expect("in", [back, back], equal);
      await expect("notIn", [given], others);
    }
    const nulls = rows.map((_, index) => index + 1).slice(all.length);
    assert.deepEqual(
      ids(await samples.find({ where: on(column.column, { isNull: true }), select: ["id"] })),
      nulls,
      column.column,
    );
  }
  assert.equal(faults.length, 0, `${faults.length} filters are wrong:\n${faults.join("\n")}`);
});

onEveryDatabase("an array is found by eq, in and ne, for every element type", {
  models: modelsOf(lists),
  needs: (has) => has.supportsArrays,
}, async ({ db, target }) => {
  const rows = listRows(nameOf(target));
  const samples = db.repository(ListSample);
  await samples.createMany(rows.map(({ given }) => given as Partial<Pick<ListSample, "text">>));
  const faults: string[] = [];
  for (const { column, compares } of columnCases) {
    // JSON has no equality on PostgreSQL, and an array of it none either.
    if (column === "json") continue;
    for (const [index, { given, back }] of rows.entries()) {
      const list = given[column];
      if (list === null) continue;
      for (const [operator, operand] of [["eq", list], ["in", [list, list]]] as const) {
        const where = { [column]: { [operator]: operand } } as Where<ListSample>;
        const found = await samples.find({ where, select: ["id"] }).then(ids, String);
        const expected = rows.flatMap((other, at) =>
          isSameList(compares, other.back[column], back[column]) ? [at + 1] : []
        );
        if (String(found) === String(expected)) continue;
        faults.push(`${column} ${operator} ${shown(list)}, record ${index + 1}: ${shown(found)}`);
      }
    }
  }
  assert.equal(faults.length, 0, `${faults.length} filters are wrong:\n${faults.join("\n")}`);
});

function isSameList(compares: ColumnCases["compares"], a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((element, index) =>
    element === null || b[index] === null
      ? element === b[index]
      : isSame(compares, element, b[index])
  );
}

onEveryDatabase("records are ordered by every type that has an order, both ways, NULLs as asked", {
  models: modelsOf(scalars),
}, async ({ db, target }) => {
  const database = nameOf(target);
  const samples = db.repository(Sample);
  const rows = sampleRows(database);
  // Backwards, so that the order in which they were made is not the one asked for by chance.
  await samples.createMany(
    rows.map(({ given }) => given as Partial<Pick<Sample, "text">>).reverse(),
  );
  for (const { column, compares } of columnCases) {
    const compare = orderOf(compares);
    // Without enum types of the database's own an enum is text, and sorts as text.
    if (!compare || compares === "enum" && !target.capabilities.supportsEnumTypes) continue;
    const values = rows.map(({ back }) => back[column]).filter((value) => value !== null);
    const sorted = values.toSorted(compare);
    const nulls = rows.length - values.length;
    const read = async (order: unknown): Promise<unknown[]> => {
      const found = await samples.find({ orderBy: { [column]: order } as { id: "asc" } });
      return found.map((each) => (each as unknown as Record<string, unknown>)[column]);
    };
    const check = (label: string, found: readonly unknown[], expected: readonly unknown[]) => {
      const wrong = found.findIndex((value, i) => compare(value, expected[i]) !== 0);
      assert.equal(
        wrong,
        -1,
        `${column} ${label}: ${shown(found[wrong])} at ${wrong}, not ${shown(expected[wrong])}`,
      );
    };
    const ascending = await read("asc");
    check("asc", ascending.slice(0, sorted.length), sorted);
    assert.ok(ascending.slice(sorted.length).every((value) => value === null), column);
    const descending = await read({ direction: "desc", nulls: "last" });
    check("desc", descending.slice(0, sorted.length), sorted.toReversed());
    const first = await read({ direction: "asc", nulls: "first" });
    check("asc, NULLs first", first.slice(nulls), sorted);
  }
});

onEveryDatabase("gt, gte, lt, lte and between part the values where their order does", {
  models: modelsOf(scalars),
}, async ({ db, target }) => {
  const database = nameOf(target);
  const samples = db.repository(Sample);
  await samples.createMany(
    sampleRows(database).map(({ given }) => given as Partial<Pick<Sample, "text">>),
  );
  const faults: string[] = [];
  for (const column of columnCases) {
    const compare = orderOf(column.compares);
    // The types have no ranges of bytes and booleans; an enum is ordered by its declaration, not compared.
    if (!compare || ["bytes", "boolean", "enum"].includes(column.column)) continue;
    const all = operands(column, database);
    for (const { given, back } of all) {
      const expect = async (
        filter: Readonly<Record<string, unknown>>,
        holds: (value: unknown) => boolean,
      ) => {
        const where = on(column.column, filter);
        const found = await samples.find({ where, select: ["id"] }).then(ids, String);
        const expected = all.filter((other) => holds(other.back)).map(({ id }) => id);
        if (String(found) === String(expected)) return;
        faults.push(`${column.column} ${shown(filter)}: ${shown(found)}, not ${shown(expected)}`);
      };
      await expect({ gt: given }, (value) => compare(value, back) > 0);
      await expect({ gte: given }, (value) => compare(value, back) >= 0);
      await expect({ lt: given }, (value) => compare(value, back) < 0);
      await expect({ lte: given }, (value) => compare(value, back) <= 0);
      await expect({ between: [given, given] }, (value) => compare(value, back) === 0);
    }
  }
  assert.equal(faults.length, 0, `${faults.length} ranges are wrong:\n${faults.join("\n")}`);
});

onEveryDatabase("pages by cursor visit every record once, by every type that has an order", {
  models: modelsOf(scalars),
}, async ({ db, target }) => {
  const rows = sampleRows(nameOf(target));
  const samples = db.repository(Sample);
  await samples.createMany(rows.map(({ given }) => given as Partial<Pick<Sample, "text">>));
  for (const { column, compares } of columnCases) {
    if (!orderOf(compares)) continue;
    for (const direction of ["asc", "desc"] as const) {
      const orderBy = { [column]: direction } as { id: "asc" };
      const whole = (await samples.find({ orderBy: [orderBy, { id: direction }], select: ["id"] }))
        .map(({ id }) => id);
      const seen: number[] = [];
      let cursor: Sample | undefined;
      while (true) {
        const page = await samples.find({ orderBy, limit: 4, ...cursor && { cursor } });
        seen.push(...page.map(({ id }) => id));
        if (page.length < 4) break;
        cursor = page.at(-1) as Sample;
      }
      assert.deepEqual(seen, whole, `${column} ${direction}`);
    }
  }
});

onEveryDatabase("least and greatest values are exact", { models: modelsOf(scalars) }, async ({
  db,
  target,
}) => {
  const rows = sampleRows(nameOf(target));
  const samples = db.repository(Sample);
  await samples.createMany(rows.map(({ given }) => given as Partial<Pick<Sample, "text">>));
  for (const { column, compares } of columnCases) {
    const compare = orderOf(compares);
    if (!compare || ["bytes", "boolean", "enum"].includes(column)) continue;
    const sorted = rows.map(({ back }) => back[column]).filter((value) => value !== null)
      .toSorted(compare);
    const name = column as "bigint";
    const { min, max } = await samples.aggregate({ min: [name], max: [name] });
    assert.deepStrictEqual([min[name], max[name]], [sorted[0], sorted.at(-1)], column);
    const row = await db.query(Sample).select((c) => ({
      min: fn.min(c[name]),
      max: fn.max(c[name]),
    }))
      .firstOrThrow();
    assert.deepStrictEqual([row.min, row.max], [sorted[0], sorted.at(-1)], column);
  }
});
