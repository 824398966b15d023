import assert from "node:assert/strict";
import { applySteps } from "../../schema/apply_step.ts";
import { columnType } from "../../schema/column_type.ts";
import { type DatabaseSchema, emptySchema } from "../../schema/database_schema.ts";
import type { TableSchema } from "../../schema/table.ts";
import { diffSchemas, inverseRenames, type Renames } from "./mod.ts";

const key = { primaryKey: { columns: ["id"] } };

/** A table, with its key where its columns are left as they are. */
function table(name: string, rest: Partial<TableSchema> = {}): TableSchema {
  return {
    name,
    columns: [{ name: "id", type: columnType("integer"), nullable: false }],
    ...!rest.columns && key,
    uniques: [],
    indexes: [],
    checks: [],
    foreignKeys: [],
    ...rest,
  };
}

function schemaWith(...tables: TableSchema[]): DatabaseSchema {
  return { ...emptySchema, tables };
}

/** The steps by kind; they have to lead to `to`. */
function kinds(from: DatabaseSchema, to: DatabaseSchema, renames?: Renames): string[] {
  const steps = diffSchemas(from, to, { ...renames && { renames } });
  assert.deepEqual(diffSchemas(applySteps(from, steps), to), []);
  return steps.map((step) => {
    switch (step.kind) {
      case "renameTable":
        return `${step.from.name} > ${step.to.name}`;
      case "renameColumn":
        return `${step.table}.${step.from} > ${step.to}`;
      case "createTable":
      case "dropTable":
        return `${step.kind} ${step.definition.name}`;
      default:
        return "table" in step ? `${step.kind} ${step.table}` : step.kind;
    }
  });
}

const column = (name: string, type = columnType("text")) => ({ name, type, nullable: true });

Deno.test("names change in chains and change places", () => {
  const text = (name: string, its: string) => table(name, { columns: [column(its)] });
  const [a, b] = [text("a", "of_a"), text("b", "of_b")];
  const from = schemaWith(a, b);
  const names = (...pairs: [string, string][]): Renames => ({
    tables: pairs.map(([from, to]) => ({ from: { name: from }, to: { name: to } })),
    columns: [],
  });
  const swapped = schemaWith({ ...a, name: "b" }, { ...b, name: "a" });
  assert.deepEqual(kinds(from, swapped, names(["a", "b"], ["b", "a"])), [
    "a > rex_moving_1",
    "b > a",
    "rex_moving_1 > b",
  ]);
  const moved = schemaWith({ ...a, name: "b" }, { ...b, name: "c" });
  const chain = names(["a", "b"], ["b", "c"]);
  assert.deepEqual(kinds(from, moved, chain), ["b > c", "a > b"]);
  assert.deepEqual(kinds(moved, from, inverseRenames(chain)), ["b > a", "c > b"]);
});

Deno.test("one takes the name of another that goes", () => {
  const from = schemaWith(table("t", { columns: [column("a"), column("b", columnType("date"))] }));
  const to = schemaWith(table("t", { columns: [column("b")] }));
  const renames = { tables: [], columns: [{ table: { name: "t" }, from: "a", to: "b" }] };
  assert.deepEqual(kinds(from, to, renames), [
    "t.b > rex_moving_1",
    "t.a > b",
    "dropColumn t",
  ]);
});

Deno.test("a foreign key goes while its columns change type, and while its key does", () => {
  const child = (type = columnType("integer")) =>
    table("child", {
      columns: [column("of", type)],
      foreignKeys: [{ name: "f", columns: ["of"], table: "parent", references: ["id"] }],
    });
  const id = (type = columnType("integer")) => ({ name: "id", type, nullable: false });
  assert.deepEqual(
    kinds(
      schemaWith(table("parent"), child()),
      schemaWith(
        table("parent", { columns: [id(columnType("text"))], ...key }),
        child(columnType("text")),
      ),
    ),
    [
      "dropForeignKey child",
      "alterColumn parent",
      "alterColumn child",
      "addForeignKey child",
    ],
  );
  assert.deepEqual(
    kinds(
      schemaWith(table("parent"), child()),
      schemaWith(table("parent", { columns: [id()], uniques: [{ columns: ["id"] }] }), child()),
    ),
    ["dropForeignKey child", "dropPrimaryKey parent", "addUnique parent", "addForeignKey child"],
  );
});

Deno.test("tables go before the keys that they point to, and come after them", () => {
  const parent = (unique: boolean) =>
    table("parent", {
      columns: [{ name: "id", type: columnType("integer"), nullable: false }, column("code")],
      ...key,
      uniques: unique ? [{ columns: ["code"] }] : [],
    });
  const child = table("child", {
    columns: [column("code")],
    foreignKeys: [{ columns: ["code"], table: "parent", references: ["code"] }],
  });
  const [without, both] = [schemaWith(parent(false)), schemaWith(parent(true), child)];
  assert.deepEqual(kinds(without, both), ["addUnique parent", "createTable child"]);
  assert.deepEqual(kinds(both, without), ["dropTable child", "dropUnique parent"]);
});

Deno.test("what is computed comes anew where it stands on what changes, with its index", () => {
  const computed = (type = columnType("integer")) =>
    table("t", {
      columns: [
        column("a", type),
        { ...column("b"), generated: { sql: "a::text", stored: true } },
      ],
      indexes: [{ name: "i", parts: [{ column: "b" }], unique: false }],
    });
  assert.deepEqual(kinds(schemaWith(computed()), schemaWith(computed(columnType("bigint")))), [
    "dropIndex t",
    "dropColumn t",
    "alterColumn t",
    "addColumn t",
    "createIndex t",
  ]);
});

Deno.test("an enum with a new value that is used at once is made anew", () => {
  const withValues = (values: string[], sql?: string): DatabaseSchema => ({
    ...schemaWith(table("t", {
      columns: [{
        ...column("m", columnType("enum", { enumName: "mood", values })),
        ...sql !== undefined && { default: { kind: "sql" as const, sql } },
      }],
    })),
    enums: [{ name: "mood", values }],
  });
  const from = withValues(["low", "high"]);
  assert.deepEqual(kinds(from, withValues(["low", "it's so", "high"])), ["addEnumValue"]);
  assert.deepEqual(kinds(from, withValues(["low", "it's so", "high"], "'it''s so'::mood")), [
    "replaceEnum",
    "alterColumn t",
  ]);
});
