/**
 * What a step can cost the data, on any database.
 *
 * @module
 */
import type { ColumnType, ColumnTypeName } from "../schema/column_type.ts";
import type { Step } from "../schema/step.ts";
import type { ColumnSchema } from "../schema/table.ts";

/**
 * Why a step is destructive: it loses data, or rows that are there make it fail. `undefined` when it is neither.
 */
export function dataLoss(step: Step): string | undefined {
  switch (step.kind) {
    case "dropTable":
      return `drops the table ${step.definition.name} and its rows`;
    case "dropColumn":
      return step.column.generated === undefined
        ? `drops the column ${step.table}.${step.column.name} and its values`
        : undefined;
    case "dropSchema":
      return `drops the schema ${step.name}`;
    case "dropSequence":
      return `drops the sequence ${step.sequence.name} and where it stands`;
    case "replaceEnum": {
      const kept = new Set(step.to.values);
      const gone = step.from.values.filter((value) => !kept.has(value));
      return gone.length > 0
        ? `takes values from ${step.to.name} (${gone.join(", ")}): fails where a row has one`
        : undefined;
    }
    case "addColumn":
      return needsValue(step.column)
        ? `adds ${step.table}.${step.column.name}, which is NOT NULL and has no default: fails where the table has rows`
        : undefined;
    case "alterColumn":
      return columnLoss(step.table, step.from, step.to);
    default:
      return undefined;
  }
}

function needsValue(column: ColumnSchema): boolean {
  return !column.nullable && column.default === undefined && column.identity === undefined &&
    column.generated === undefined;
}

function columnLoss(table: string, from: ColumnSchema, to: ColumnSchema): string | undefined {
  const name = `${table}.${to.name}`;
  if (narrows(from.type, to.type)) {
    return `makes the type of ${name} narrower: values that do not fit make it fail or are cut`;
  }
  if (from.nullable && !to.nullable && to.identity === undefined) {
    return `makes ${name} NOT NULL: fails where a row has NULL`;
  }
  return undefined;
}

/** Types that take every value of those before them. */
const integers: readonly ColumnTypeName[] = ["smallint", "integer", "bigint"];
const floats: readonly ColumnTypeName[] = ["real", "double"];
const texts: ReadonlySet<ColumnTypeName> = new Set(["text", "varchar", "char"]);

/** Whether a type does not take every value of another. */
export function narrows(from: ColumnType, to: ColumnType): boolean {
  if ((from.array ?? false) !== (to.array ?? false)) return true;
  if (texts.has(to.name)) {
    if (to.length === undefined) return false;
    return !(texts.has(from.name) && from.length !== undefined && from.length <= to.length) &&
      !(from.name === "enum" && (from.values ?? []).every((each) => each.length <= to.length!));
  }
  if (from.name === to.name) return sameNameNarrows(from, to);
  const [small, large] = [integers.indexOf(from.name), integers.indexOf(to.name)];
  if (small >= 0 && large >= 0) return large < small;
  if (small >= 0 && to.name === "numeric") return to.precision !== undefined;
  if (floats.includes(from.name) && floats.includes(to.name)) return to.name === "real";
  if (from.name === "date" && to.name.startsWith("timestamp")) return false;
  return !(from.name.startsWith("json") && to.name.startsWith("json"));
}

function sameNameNarrows(from: ColumnType, to: ColumnType): boolean {
  switch (to.name) {
    case "enum": {
      const allowed = new Set(to.values);
      return from.enumName !== to.enumName ||
        (from.values ?? []).some((each) => !allowed.has(each));
    }
    case "numeric": {
      if (to.precision === undefined) return false;
      if (from.precision === undefined) return true;
      const [before, after] = [from.scale ?? 0, to.scale ?? 0];
      return after < before || to.precision - after < from.precision - before;
    }
    case "other":
      return from.sql !== to.sql;
    default:
      return (to.precision ?? 6) < (from.precision ?? 6);
  }
}
