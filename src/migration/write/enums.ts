/**
 * What databases with enum types need beside, where the comparison was made on one without: there a column says it all, and
 * these calls do nothing.
 *
 * @module
 */
import type { PlannedStep } from "../../dialect/schema_support.ts";
import { type DatabaseSchema, nameKey } from "../../schema/database_schema.ts";
import type { Step } from "../../schema/step.ts";
import type { ColumnSchema, TableSchema } from "../../schema/table.ts";
import type { ComparisonPart } from "../compare.ts";

/** Adds what makes, changes and drops enum types to a part of a comparison that knows of none. */
export function withEnumTypes(part: ComparisonPart, declared: DatabaseSchema): ComparisonPart {
  if (declared.enums.length > 0) return part;
  const steps = part.planned.flatMap((each) => each.steps);
  const columns = declared.tables.flatMap((table) =>
    table.columns.filter(({ type }) => type.enumName !== undefined).map((column) => ({
      column,
      change: steps.find((step) => brings(step, table, column)),
    }))
  );
  const types = [...Map.groupBy(columns, ({ column }) => column.type.enumName!)];
  const created = types.filter(([, all]) => all.every(({ change }) => isNew(change)));
  const replaced = types.flatMap(([name, all]) => {
    const change = all.find((each) => each.change?.kind === "alterColumn")?.change;
    if (change?.kind !== "alterColumn" || change.from.type.name !== "enum") return [];
    const [from, to] = [change.from.type.values ?? [], change.to.type.values ?? []];
    return from.join("\0") === to.join("\0") ? [] : [{ name, from, to }];
  });
  const type = (name: string, values: readonly string[] = []) => ({ ...nameOf(name), values });
  return {
    ...part,
    planned: [
      ...created.map(([name, [first]]) =>
        planned({ kind: "createEnum", enum: type(name, first?.column.type.values) })
      ),
      ...replaced.map(({ name, from, to }) =>
        planned({ kind: "replaceEnum", from: type(name, from), to: type(name, to) })
      ),
      ...part.planned,
    ],
    plannedBack: [
      ...replaced.map(({ name, from, to }) =>
        planned({ kind: "replaceEnum", from: type(name, to), to: type(name, from) })
      ),
      ...part.plannedBack,
      ...created.map(([name]) => planned({ kind: "dropEnum", enum: type(name) })),
    ],
  };
}

/** Whether a step makes a column, or makes it another. */
function brings(step: Step, table: TableSchema, column: ColumnSchema): boolean {
  switch (step.kind) {
    case "createTable":
      return nameKey(step.definition) === nameKey(table);
    case "addColumn":
      return step.table === table.name && step.column.name === column.name;
    case "alterColumn":
      return step.table === table.name && step.to.name === column.name;
    default:
      return false;
  }
}

function isNew(change: Step | undefined): boolean {
  return change !== undefined &&
    (change.kind !== "alterColumn" || change.from.type.name !== "enum");
}

function planned(step: Step): PlannedStep {
  return { steps: [step], statements: [], risk: "safe", reason: "", transactional: true };
}

function nameOf(enumName: string): { readonly name: string; readonly schema?: string } {
  const [schema, name] = enumName.split(".");
  return name === undefined ? { name: enumName } : { name, schema: schema! };
}
