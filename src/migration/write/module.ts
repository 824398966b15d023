/**
 * Comparisons as the text of migrations.
 *
 * @module
 */
import type { PlannedStep } from "../../dialect/schema_support.ts";
import { isOneTableStep, type OneTableStep, tableOfStep } from "../../schema/apply_step.ts";
import { type DatabaseSchema, nameKey } from "../../schema/database_schema.ts";
import type { Step } from "../../schema/step.ts";
import type { Comparison, ComparisonPart } from "../compare.ts";
import { schemaCall, tableCall } from "./calls.ts";
import { DeclaredWords } from "./declared.ts";
import { withEnumTypes } from "./enums.ts";
import { Callback, callText } from "./literal.ts";
import { remark } from "./remark.ts";
import { nameWord } from "./words.ts";

/** How migrations are written. */
export interface WriteOptions {
  /** The wanted schema in the words of who declared it; its words are taken where the database has its own. */
  readonly declared?: DatabaseSchema;
  /** Where `Migration` is imported from. Default: `@rex/orm`. */
  readonly import?: string;
}

/**
 * Writes what a comparison found as migrations in TypeScript: as a rule one; several where statements that a transaction cannot
 * hold have to be in one of their own (`transaction: false`).
 *
 * @returns the texts in the order in which they are to be applied; none when there is nothing to do
 */
export function writeMigrations(
  { parts }: Pick<Comparison, "parts">,
  options: WriteOptions = {},
): string[] {
  const { declared } = options;
  return parts.map((part) =>
    migrationText(declared ? withEnumTypes(part, declared) : part, options)
  );
}

const indent = "    ";

function migrationText(part: ComparisonPart, options: WriteOptions): string {
  const words = options.declared && new DeclaredWords(options.declared);
  return [
    `import type { Migration } from ${JSON.stringify(options.import ?? "@rex/orm")};`,
    "",
    "export default {",
    ...part.transaction ? [] : ["  transaction: false,"],
    ...method("up", part.planned, words),
    ...method("down", part.plannedBack),
    "} satisfies Migration;",
    "",
  ].join("\n");
}

function method(name: string, planned: readonly PlannedStep[], words?: DeclaredWords): string[] {
  const body = statements(planned, words);
  return body.length === 0 ? [`  ${name}() {},`] : [`  async ${name}(db) {`, ...body, "  },"];
}

/** A step with the remark that stands before it. */
interface Remarked {
  readonly step: Step;
  readonly before?: PlannedStep;
}

function statements(planned: readonly PlannedStep[], words?: DeclaredWords): string[] {
  const steps = planned.flatMap((each) =>
    each.steps.map((step, i): Remarked => i === 0 ? { step, before: each } : { step })
  );
  return grouped(steps).map((group) => {
    const [first] = group;
    return isOneTableStep(first.step)
      ? alterTable(first.step, group as TableGroup, words)
      : `${remark(first.before, indent, "//")}${schemaStatement(first.step, words)}`;
  });
}

type Group = readonly [Remarked, ...Remarked[]];
type TableGroup = readonly (Remarked & { readonly step: OneTableStep })[];

/** All that follows each other on one table is one call; any other step is one for itself. */
function grouped(steps: readonly Remarked[]): Group[] {
  const groups: [Remarked, ...Remarked[]][] = [];
  let open: string | undefined;
  for (const each of steps) {
    const key = isOneTableStep(each.step) ? nameKey(tableOfStep(each.step)) : undefined;
    if (key !== undefined && key === open) groups.at(-1)?.push(each);
    else groups.push([each]);
    open = key;
  }
  return groups;
}

function schemaStatement(
  step: Exclude<Step, OneTableStep>,
  words: DeclaredWords | undefined,
): string {
  const declared = words?.step(step) as typeof step | undefined;
  const { method, args } = schemaCall(declared ?? step);
  return callText(`await db.schema.${method}`, args, indent);
}

function alterTable(on: OneTableStep, group: TableGroup, words: DeclaredWords | undefined): string {
  const body = (inner: string) =>
    group.map(({ step, before }) => {
      const column = step.kind === "alterColumn"
        ? words?.column(tableOfStep(step), step.to.name)
        : undefined;
      const { method, args } = tableCall(words?.step(step) as OneTableStep ?? step, column);
      return `${remark(before, inner, "//")}${callText(`table.${method}`, args, inner)}`;
    }).join("\n");
  const name = nameWord(tableOfStep(on));
  return callText("await db.schema.alterTable", [name, new Callback("table", body)], indent);
}
