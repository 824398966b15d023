import assert from "node:assert/strict";
import { type ColumnType, columnType } from "../schema/column_type.ts";
import type { Step } from "../schema/step.ts";
import type { ColumnSchema, TableSchema } from "../schema/table.ts";
import { dataLoss, narrows } from "./step_risk.ts";

const mood = (...values: string[]) => columnType("enum", { enumName: "mood", values });
const decimal = (precision: number, scale = 0) => columnType("numeric", { precision, scale });
const varchar = (length: number) => columnType("varchar", { length });

Deno.test("a type is narrower where it does not take every value", () => {
  const wider: [ColumnType, ColumnType][] = [
    [columnType("smallint"), columnType("bigint")],
    [columnType("integer"), columnType("numeric")],
    [columnType("real"), columnType("double")],
    [varchar(20), varchar(21)],
    [varchar(20), columnType("text")],
    [columnType("uuid"), columnType("text")],
    [mood("low", "high"), varchar(4)],
    [mood("low"), mood("high", "low")],
    [decimal(8, 2), decimal(9, 3)],
    [decimal(8, 2), columnType("numeric")],
    [columnType("timestamp", { precision: 3 }), columnType("timestamp")],
    [columnType("date"), columnType("timestamptz")],
    [columnType("json"), columnType("jsonb")],
  ];
  for (const [from, to] of wider) {
    assert.equal(narrows(from, to), false, `${JSON.stringify(from)} to ${JSON.stringify(to)}`);
  }
  const narrower: [ColumnType, ColumnType][] = [
    ...wider.slice(0, 4).map(([from, to]): [ColumnType, ColumnType] => [to, from]),
    [columnType("text"), varchar(20)],
    [columnType("text"), columnType("integer")],
    [mood("low", "high"), varchar(3)],
    [mood("high", "low"), mood("low")],
    [decimal(8, 2), decimal(9, 1)],
    [decimal(8, 2), decimal(8, 3)],
    [columnType("bigint"), decimal(9)],
    [columnType("timestamp"), columnType("date")],
    [columnType("timestamp"), columnType("timestamp", { precision: 3 })],
    [columnType("integer"), columnType("integer", { array: true })],
    [columnType("other", { sql: "inet" }), columnType("other", { sql: "cidr" })],
  ];
  for (const [from, to] of narrower) {
    assert.equal(narrows(from, to), true, `${JSON.stringify(from)} to ${JSON.stringify(to)}`);
  }
});

Deno.test("a step says what it can lose", () => {
  const table = (name: string): TableSchema => ({
    name,
    columns: [],
    uniques: [],
    indexes: [],
    checks: [],
    foreignKeys: [],
  });
  const column = (rest: Partial<ColumnSchema> = {}): ColumnSchema => ({
    name: "a",
    type: columnType("integer"),
    nullable: true,
    ...rest,
  });
  const add = (each: Partial<ColumnSchema>): Step => ({
    kind: "addColumn",
    table: "t",
    column: column(each),
  });
  const alter = (from: Partial<ColumnSchema>, to: Partial<ColumnSchema>): Step => ({
    kind: "alterColumn",
    table: "t",
    from: column(from),
    to: column(to),
  });
  const cases: [Step, RegExp | undefined][] = [
    [{ kind: "createTable", definition: table("t") }, undefined],
    [{ kind: "dropTable", definition: table("t") }, /drops the table t and its rows/],
    [{ kind: "dropColumn", table: "t", column: column() }, /drops the column t\.a/],
    [{
      kind: "dropColumn",
      table: "t",
      column: column({ generated: { sql: "b", stored: true } }),
    }, undefined],
    [add({}), undefined],
    [add({ nullable: false }), /NOT NULL and has no default/],
    [add({ nullable: false, default: { kind: "now" } }), undefined],
    [add({ nullable: false, identity: "always" }), undefined],
    [alter({}, { nullable: false }), /makes t\.a NOT NULL/],
    [alter({ nullable: false }, {}), undefined],
    [alter({}, { type: columnType("smallint") }), /narrower/],
    [alter({}, { type: columnType("bigint") }), undefined],
    [alter({}, { default: { kind: "value", value: 1 } }), undefined],
    [{ kind: "dropSchema", name: "audit" }, /drops the schema audit/],
    [{ kind: "dropSequence", sequence: { name: "s", sql: "" } }, /drops the sequence s/],
    [{
      kind: "replaceEnum",
      from: { name: "mood", values: ["low", "high"] },
      to: { name: "mood", values: ["high"] },
    }, /takes values from mood \(low\)/],
    [{
      kind: "replaceEnum",
      from: { name: "mood", values: ["low", "high"] },
      to: { name: "mood", values: ["high", "low"] },
    }, undefined],
    [{
      kind: "renameTable",
      from: { name: "t" },
      to: { name: "u" },
    }, undefined],
  ];
  for (const [step, reason] of cases) {
    const told = dataLoss(step);
    if (reason === undefined) assert.equal(told, undefined, JSON.stringify(step));
    else assert.match(told ?? "", reason);
  }
});
