/**
 * Values of every type, compared by predicates and orders as the database compares them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { DatabaseError, DataError, QueryError } from "../../src/base/errors.ts";
import type { Semantics } from "../../src/dialect/semantics.ts";
import { orderingOf } from "../../src/features/realtime/live/ordering.ts";
import { predicateOf, type ReadValue } from "../../src/features/realtime/live/predicate.ts";
import { entityOf } from "../../src/model/mod.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import type { PropertySchema } from "../../src/schema/entity.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";
import { columnCases, type DatabaseName } from "./value_cases.ts";
import { lists, modelsOf, type Sample, scalars } from "./value_models.ts";

type Row = Record<string, unknown>;
type Where = Record<string, unknown>;

/** The semantics of the kind of database, and of the one at hand, which know more. */
async function semanticsOf(db: Database): Promise<Set<Semantics>> {
  const { semantics } = db.dialect;
  return new Set([semantics, await db.dialect.readSemantics?.(db) ?? semantics]);
}

function readerOf(row: Row): ReadValue {
  return ({ name }) => row[name] ?? null;
}

/** The ids of the rows that a condition lets through; none where the database refuses the condition. */
async function idsOf(
  db: Database,
  model: ModelClass<Sample>,
  where: Where,
): Promise<Set<unknown> | undefined> {
  try {
    const found = await db.repository(model).find({ where, select: ["id"] } as never) as Row[];
    return new Set(found.map((row) => row.id));
  } catch (error) {
    const refused = error instanceof DataError || error instanceof DatabaseError;
    if (refused || error instanceof QueryError) return undefined;
    throw error;
  }
}

function short(value: unknown): string {
  const text = Deno.inspect(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Conditions on a column; each value is used by each operator. */
function conditionsOf(property: PropertySchema, values: readonly unknown[]): Where[] {
  const { name, type } = property;
  const [first, second = first] = values;
  const pair = { in: [first, second], notIn: [first, second], between: [first, second] };
  const json = type.name === "json" || type.name === "jsonb";
  const names = type.array
    ? ["eq", "ne", "contains", "overlaps"]
    : json
    ? ["eq", "ne", "contains"]
    : ["eq", "ne", "gt", "gte", "lt", "lte"];
  const conditions: unknown[] = values.flatMap((value) => names.map((each) => ({ [each]: value })));
  if (!json) conditions.push(...Object.entries(pair).map(([each, value]) => ({ [each]: value })));
  conditions.push({ isNull: true }, { isNull: false }, { in: [] }, { notIn: [] });
  for (const text of values) {
    if (typeof text !== "string" || text.length > 100 || type.array || json) continue;
    const patterns = [text, `${text.slice(0, 2)}%`, `_${text.slice(1)}`, `%${text.slice(-1)}`];
    conditions.push(...patterns.flatMap((like) => [{ like }, { ilike: like.toUpperCase() }]));
    conditions.push({ startsWith: text.slice(0, 1) }, { endsWith: text.slice(-1) });
    conditions.push({ contains: text.slice(1, 2) });
  }
  return conditions.flatMap((each): Where[] => [{ [name]: each }, { NOT: { [name]: each } }]);
}

interface Tally {
  told: number;
  untold: number;
}

async function checkConditions(
  db: Database,
  model: ModelClass<Sample>,
  property: PropertySchema,
  rows: readonly Row[],
  values: readonly unknown[],
): Promise<Tally> {
  const tally = { told: 0, untold: 0 };
  const entity = entityOf(model);
  const known = await semanticsOf(db);
  const conditions = conditionsOf(property, values);
  const found = await Promise.all(conditions.map((where) => idsOf(db, model, where)));
  for (const [index, where] of conditions.entries()) {
    const ids = found[index];
    if (!ids) continue;
    for (const semantics of known) {
      const predicate = predicateOf(entity, where, semantics);
      for (const row of rows) {
        const told = predicate.test(readerOf(row));
        tally[told === undefined ? "untold" : "told"]++;
        const right = told === undefined ? !predicate.exact : told === ids.has(row.id);
        assert.ok(
          right,
          `${short(where)} is ${told} (exact: ${predicate.exact}) for ${short(row[property.name])}`,
        );
      }
    }
  }
  return tally;
}

async function checkOrder(
  db: Database,
  model: ModelClass<Sample>,
  property: PropertySchema,
): Promise<void> {
  for (const order of ["asc", "desc", { direction: "asc", nulls: "first" }]) {
    const orderBy = [{ [property.name]: order }, { id: "asc" }];
    for (const semantics of await semanticsOf(db)) {
      const ordering = orderingOf(entityOf(model), orderBy, semantics);
      if (!ordering.exact) continue;
      const rows = await db.repository(model).find({ orderBy } as never) as Row[];
      const sorted = [...rows].sort((a, b) => ordering.compare(readerOf(a), readerOf(b)));
      assert.deepEqual(sorted.map((row) => row.id), rows.map((row) => row.id), short(orderBy));
    }
  }
}

/** Types of which predicates tell nothing, or not everything, whatever the database. */
const untold: ReadonlySet<string> = new Set(["other", "json", "jsonb"]);

for (const column of columnCases.map((each) => each.column)) {
  onEveryDatabase(`${column}: predicates and orders tell what the database does`, {
    models: modelsOf(scalars),
    rewrite: false,
  }, async ({ db, target }) => {
    const model = scalars.sample;
    const cases = columnCases.find((each) => each.column === column)!.cases;
    const values = cases.filter(({ only }) => !only || only === target.name as DatabaseName)
      .map(({ value }) => value);
    await db.repository(model).createMany([
      ...values.map((value) => ({ [column]: value })),
      { [column]: null },
    ] as never);
    const rows = await db.repository(model).find({}) as unknown as Row[];
    assert.equal(rows.length, values.length + 1);
    const property = entityOf(model).byName.get(column)!;
    const tally = await checkConditions(db, model, property, rows, values);
    assert.ok(tally.told > 0);
    if (target.name === "SQLite" && !untold.has(column)) assert.equal(tally.untold, 0);
    await checkOrder(db, model, property);
  });

  onEveryDatabase(`lists of ${column}: predicates tell nothing that the database does not`, {
    models: modelsOf(lists),
    needs: (has) => has.supportsArrays,
    rewrite: false,
  }, async ({ db }) => {
    const model = lists.sample;
    const cases = columnCases.find((each) => each.column === column)!.cases;
    const values = cases.map(({ value }) => value).slice(0, 8);
    const all = [[], ...values.map((value) => [value]), values.slice(0, 2), [null, values[0]]];
    await db.repository(model).createMany(all.map((value) => ({ [column]: value })) as never);
    const rows = await db.repository(model).find({}) as unknown as Row[];
    const property = entityOf(model).byName.get(column)!;
    const tally = await checkConditions(db, model, property, rows, all.slice(0, 5));
    assert.ok(tally.told > 0);
  });
}

/** Texts that sort, and fold, in another way than their bytes do. */
const words = [
  "a",
  "A",
  "b",
  "B",
  "ä",
  "Ä",
  "z",
  "ß",
  "ss",
  "co-op",
  "coop",
  "I",
  "i",
  "ı",
  "_",
  "",
];

for (
  const { name, locale, sorted } of [
    { name: "ICU's", locale: "LOCALE_PROVIDER icu ICU_LOCALE 'en'", sorted: false },
    {
      name: "a built-in",
      locale: "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
      sorted: true,
    },
  ]
) {
  Deno.test(`predicates tell of ${name} locale only what they know (PostgreSQL)`, async () => {
    await using fresh = await freshPostgresDatabase();
    await using admin = new PostgresAdapter({ url: fresh.url, poolSize: 1 });
    await admin.connect();
    const url = new URL(fresh.url);
    url.pathname = `${url.pathname}_locale`;
    const other = url.pathname.slice(1);
    await admin.execute(`CREATE DATABASE ${other} ${locale} LOCALE 'C' TEMPLATE template0`);
    try {
      await using db = new PostgresAdapter({ url: url.href });
      await db.connect();
      await db.schema.create({ models: modelsOf(scalars) });
      const semantics = await db.dialect.readSemantics!(db);
      assert.equal(semantics.textRule(undefined), sorted ? "bytes" : "equality");
      assert.equal(semantics.insensitiveLetters, "locale");
      const model = scalars.sample;
      await db.repository(model).createMany(words.map((text) => ({ text })) as never);
      const rows = await db.repository(model).find({}) as unknown as Row[];
      const property = entityOf(model).byName.get("text")!;
      const tally = await checkConditions(db, model, property, rows, words);
      assert.ok(tally.told > 0 && tally.untold > 0);
      await checkOrder(db, model, property);
    } finally {
      await admin.execute(`DROP DATABASE ${other} WITH (FORCE)`);
    }
  });
}
