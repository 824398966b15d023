/**
 * Row images: the values that reading gives, whatever their type, and no NULL where nothing is known.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ChangeSource, RowChange } from "../../../src/change/source.ts";
import type { ModelClass } from "../../../src/model/keys.ts";
import { entityOf } from "../../../src/model/registry.ts";
import { listRows, type SampleRow, sampleRows } from "../../behaviour/value_cases.ts";
import { assertRows, pickColumns } from "../../behaviour/value_compare.ts";
import { ListSample, Sample } from "../../behaviour/value_models.ts";
import { caughtUp, Reading } from "./reading.ts";
import type { SourceCase, SourceSetting, SourceTraits } from "./setting.ts";

/** Cases of values; a source of keys has none. */
export function valueCases({ images = "rows" }: SourceTraits): SourceCase[] {
  if (images === "keys") return [];
  return [
    {
      title: "images hold the values that find() gives, of every type",
      run: (setting) => compareImages(setting, Sample, sampleRows(databaseOf(setting))),
    },
    {
      title: "images hold the arrays that find() gives, of every type",
      async run(setting) {
        if (!setting.db.dialect.capabilities.supportsArrays) return;
        await compareImages(
          setting,
          ListSample as unknown as typeof Sample,
          listRows(databaseOf(setting)),
        );
      },
    },
    {
      title: "an update that leaves a column alone never makes it NULL",
      async run(setting) {
        const { db } = setting;
        const samples = db.repository(Sample);
        const source = await setting.source();
        await using reading = await Reading.open(source);
        // Long enough, and hard enough to compress, to be stored apart from its row.
        const text = Array.from({ length: 4_000 }, () => crypto.randomUUID()).join();
        const jsonb = { text };
        const bytes = crypto.getRandomValues(new Uint8Array(60_000));
        const { id } = await samples.create({ text, jsonb, bytes, integer: 1 });
        await samples.update(id, { integer: 2 });
        await samples.update(id, { integer: null });
        await caughtUp(db, reading);
        const [insert, ...updates] = changesOf(reading, "value_samples");
        assert.deepEqual(loaded(setting, source, Sample, insert!.after!).text, text);
        assert.equal(updates.length, 2);
        for (const [index, { after }] of updates.entries()) {
          const row = loaded(setting, source, Sample, after!);
          for (const [name, value] of Object.entries({ text, jsonb, bytes })) {
            if (name in row) assert.deepEqual(row[name], value, name);
          }
          assert.equal(row.integer, index === 0 ? 2 : null);
        }
      },
    },
  ];
}

async function compareImages(
  setting: SourceSetting,
  model: typeof Sample,
  rows: readonly SampleRow[],
): Promise<void> {
  const { db } = setting;
  const repository = db.repository(model);
  const { table } = entityOf(model as ModelClass);
  const source = await setting.source();
  await using reading = await Reading.open(source);
  const { id } = await repository.create({});
  const found: object[] = [];
  for (const { given } of rows) {
    const { id } = await repository.create(given as Partial<Pick<Sample, "text">>);
    found.push(await repository.findById(id) ?? assert.fail());
  }
  for (const { given } of rows) {
    await repository.update(id, given as Partial<Pick<Sample, "text">>);
    found.push(await repository.findById(id) ?? assert.fail());
  }
  await repository.delete(id);
  await caughtUp(db, reading);
  const [empty, ...changes] = changesOf(reading, table.name);
  const last = changes.pop();
  const images = changes.map(({ after }) => loaded(setting, source, model, after!));
  const names = Object.keys(rows[0]!.back);
  const nothing = Object.fromEntries(names.map((name) => [name, null]));
  assertRows("an empty row", [loaded(setting, source, model, empty!.after!)], [nothing]);
  assertRows("images", images, found.map((record) => pickColumns(record, names)));
  assert.equal(last?.kind, "delete");
  assert.equal(Number(last?.before?.id), id);
}

function changesOf(reading: Reading, table: string): RowChange[] {
  return reading.batches.flatMap(({ changes }) => changes.filter((each) => each.table === table));
}

/** An image by property; what it has not is left out. */
function loaded(
  { loader }: SourceSetting,
  { form }: ChangeSource,
  model: typeof Sample,
  image: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const { name, column } of entityOf(model as ModelClass).properties) {
    if (!(column.name in image)) continue;
    const raw = image[column.name];
    const load = loader(form, column.type);
    row[name] = raw === null || load === null ? raw : load(raw);
  }
  return row;
}

function databaseOf({ db }: SourceSetting): "SQLite" | "PostgreSQL" {
  return db.dialect.name === "sqlite" ? "SQLite" : "PostgreSQL";
}
