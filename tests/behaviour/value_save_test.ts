/**
 * Values of every column type through instances: `save()` writes them exactly, and only where they have changed.
 */
import assert from "node:assert/strict";
import { PreciseDate } from "../../src/schema/precise_date.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { columnCases, sampleRows } from "./value_cases.ts";
import { assertRows, shown } from "./value_compare.ts";
import { modelsOf, Sample, scalars } from "./value_models.ts";
import { watched } from "./repository_support.ts";

const columns = columnCases.map(({ column }) => column);

onEveryDatabase("values of instances are inserted and updated by save() as they were set", {
  models: modelsOf(scalars),
}, async ({ db, target }) => {
  const rows = sampleRows(target.name.startsWith("SQLite") ? "SQLite" : "PostgreSQL");
  const samples = db.repository(Sample);
  const inserted: object[] = [];
  const updated: object[] = [];
  const changing = new Sample();
  await changing.save(db);
  for (const { given } of rows) {
    const sample = Object.assign(new Sample(), given);
    await sample.save(db);
    inserted.push(await samples.findById(sample.id) ?? assert.fail());
    Object.assign(changing, given);
    await changing.save(db);
    updated.push(await samples.findById(changing.id) ?? assert.fail());
  }
  const back = rows.map((row) => row.back);
  assertRows("inserted", inserted, back);
  assertRows("updated", updated, back);
});

onEveryDatabase("save() of what was loaded and not changed sends nothing, for every value", {
  models: modelsOf(scalars),
}, async ({ db, target }) => {
  const rows = sampleRows(target.name.startsWith("SQLite") ? "SQLite" : "PostgreSQL");
  const samples = db.repository(Sample);
  await samples.createMany(rows.map(({ given }) => given as Partial<Pick<Sample, "text">>));
  for (const sample of await samples.find()) {
    const again = Object.fromEntries(
      columns.map((name) => [name, copied(sample[name as keyof typeof sample])]),
    );
    for (const change of [{}, again]) {
      Object.assign(sample, change);
      const { events } = await watched(db, () => (sample as Sample).save(db));
      assert.deepEqual(events.map(({ sql }) => sql), [], shown(again));
    }
  }
});

/** An equal value that is another object. */
function copied(value: unknown): unknown {
  if (value instanceof PreciseDate) return new PreciseDate(value, value.microsecond);
  return typeof value === "object" ? structuredClone(value) : value;
}

onEveryDatabase("save() sees what was changed inside a value, and writes that column alone", {
  models: modelsOf(scalars),
}, async ({ db }) => {
  const samples = db.repository(Sample);
  const { id } = await samples.create({
    text: "kept",
    jsonb: { list: [1, 2], deep: { a: 1n } },
    bytes: new Uint8Array([1, 2, 3]),
    timestamptz: new PreciseDate(1_000, 1),
  });
  const changes: readonly ((sample: Sample) => string)[] = [
    (sample) => ((sample.jsonb as { list: number[] }).list.push(3), "jsonb"),
    (sample) => ((sample.bytes as Uint8Array)[1] = 9, "bytes"),
    (sample) => ((sample.timestamptz as Date).setTime(2_000), "timestamptz"),
    (sample) => (sample.timestamptz = new PreciseDate(2_000, 2), "timestamptz"),
    (sample) => (sample.double = 0.5, "double"),
    (sample) => (sample.text = null, "text"),
  ];
  for (const change of changes) {
    const sample = await samples.findById(id) as Sample;
    const column = change(sample);
    const { events } = await watched(db, () => sample.save(db));
    assert.equal(events.length, 1, column);
    const sql = events[0]?.sql ?? "";
    assert.match(sql, new RegExp(`^UPDATE value_samples SET "?${column}"? = \\$1 WHERE`), column);
    const stored = await samples.findById(id) as Sample;
    const name = column as "text";
    assert.deepStrictEqual(stored[name], sample[name], column);
  }
});
