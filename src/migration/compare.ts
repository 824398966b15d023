/**
 * Compares any two schemas on a database: what makes the one into the other, what that costs, and the way back.
 *
 * @module
 */
import type { PlannedStep, SchemaPlanner } from "../dialect/schema_support.ts";
import type { Session } from "../engine/session.ts";
import { applySteps } from "../schema/apply_step.ts";
import type { DatabaseSchema } from "../schema/database_schema.ts";
import type { Step } from "../schema/step.ts";
import { type RenameCandidates, renameCandidates } from "./diff/candidates.ts";
import { diffSchemas } from "./diff/diff.ts";
import { inverseRenames, noRenames, type Renames } from "./diff/renames.ts";
import { enumRenames } from "./enum_renames.ts";
import { SchemaReader } from "./reader.ts";
import { keepUnmodelled } from "./unmodelled.ts";

/** How schemas are compared. */
export interface CompareOptions {
  /** What has another name now. Default: nothing. */
  readonly renames?: Renames;
  /** Choose forms that do not lock for long, even if they cannot be in a transaction. Default: `false`. */
  readonly online?: boolean;
  /**
   * `to` is made of models: what they have no words for (views, triggers, domains, sequences, partitions, …) stays as it is.
   * Default: `false`.
   */
  readonly models?: boolean;
}

/** A part of a comparison that is one migration. */
export interface ComparisonPart {
  /** Whether it runs in a transaction; `false` where its statements cannot. */
  readonly transaction: boolean;
  /** The way there. */
  readonly planned: readonly PlannedStep[];
  /** The way back. */
  readonly plannedBack: readonly PlannedStep[];
}

/** What a comparison found. */
export interface Comparison {
  /** What is, in the database's own spelling. */
  readonly from: DatabaseSchema;
  /** What shall be, in the database's own spelling. */
  readonly to: DatabaseSchema;
  /** The steps there; none when both say the same. */
  readonly steps: readonly Step[];
  /** The steps back. */
  readonly back: readonly Step[];
  /** The steps there as statements, with what they cost. */
  readonly planned: readonly PlannedStep[];
  /** The same, cut where transactions end: one migration each. */
  readonly parts: readonly ComparisonPart[];
  /** What may have been renamed beside what is known to be. */
  readonly candidates: RenameCandidates;
}

/**
 * Compares two schemas. Both are brought into the database's own spelling first, unless they were read from it.
 *
 * ```ts ignore
 * const found = await new SchemaReader(db).read();
 * const wanted = schemaOfModels(ModelRegistry.getAllModels(), db.dialect.capabilities);
 * const { steps } = await compareSchemas(db, found, wanted, { models: true });
 * ```
 *
 * @throws {MigrationError} when the database does not take one of the schemas
 * @throws {QueryError} when a rename is of what is not there, or the new name is taken
 */
export async function compareSchemas(
  session: Session,
  from: DatabaseSchema,
  to: DatabaseSchema,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { renames: asked = noRenames, online = false, models = false } = options;
  const reader = new SchemaReader(session);
  const { planner } = await session.dialect.schemaSupport();
  const old = await reader.canonical(from);
  const wanted = await reader.canonical(to);
  const next = models ? keepUnmodelled(wanted, old, asked) : wanted;
  const renames = { ...asked, enums: enumRenames(old, next, asked) };
  const steps = diffSchemas(old, next, { renames });
  const planned = planner.plan(steps, old, { online });
  const parts = partsOf(planner, planned, old, renames);
  return {
    from: old,
    to: next,
    steps,
    back: [...parts].reverse().flatMap(({ plannedBack }) =>
      plannedBack.flatMap((each) => each.steps)
    ),
    planned,
    parts,
    candidates: renameCandidates(old, next, asked),
  };
}

function partsOf(
  planner: SchemaPlanner,
  planned: readonly PlannedStep[],
  from: DatabaseSchema,
  renames: Renames,
): ComparisonPart[] {
  const parts: ComparisonPart[] = [];
  let before = from;
  for (const part of cut(planned)) {
    const steps = part.flatMap((each) => each.steps);
    const after = applySteps(before, steps);
    // All renames come together.
    const renamed = steps.some(({ kind }) => /^rename(?:Table|Column|Enum)$/.test(kind));
    const back = diffSchemas(after, before, {
      renames: renamed ? inverseRenames(renames) : noRenames,
    });
    const { transactional: transaction } = part[0]!;
    parts.push({
      transaction,
      planned: part,
      plannedBack: planner.plan(back, after, { online: !transaction }),
    });
    before = after;
  }
  return parts;
}

/** Cuts where what runs in a transaction and what cannot take turns. */
function cut(planned: readonly PlannedStep[]): PlannedStep[][] {
  const parts: PlannedStep[][] = [];
  for (const each of planned) {
    const last = parts.at(-1);
    if (last?.[0]?.transactional === each.transactional) last.push(each);
    else parts.push([each]);
  }
  return parts;
}
