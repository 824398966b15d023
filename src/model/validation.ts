/**
 * Validation of records: what their columns ask for, then the rules of their classes.
 *
 * Every failure is found before any SQL is sent, and all of them are told together. Ranges and formats that
 * depend on the database are the codecs' matter.
 *
 * @module
 */
import { ValidationError, type ValidationIssue } from "../base/errors.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { quickTest, valueProblem } from "./column_check.ts";
import type { RuleDeclaration } from "./declarations.ts";
import { declaredModel } from "./declared_models.ts";
import type { ModelClass } from "./keys.ts";
import type { StandardSchemaResult } from "./standard_schema.ts";

/** What is validated. */
export interface ValidateOptions {
  /** Absent values are not missing: the record is an update, or was not loaded whole. */
  readonly partial?: boolean;
  /** Only these properties. */
  readonly only?: readonly string[];
  /** Properties (hidden ones by column) that the writer fills in later, such as the key of a parent. */
  readonly supplied?: readonly string[];
}

/** What is checked of one property. */
interface Step {
  readonly name: string;
  /** The column, unless the property is a relation or not stored. */
  readonly property: PropertySchema | undefined;
  /** Where its value stands among those of the entity; -1: it is no column. */
  readonly place: number;
  /** True for values, not NULL, that nothing is wrong with. */
  readonly fits: (value: unknown) => boolean;
  readonly nullable: boolean;
  readonly required: boolean;
  /** Relations whose record gives the property its value: it is their foreign key. */
  readonly filledBy: readonly string[];
  readonly rules: readonly RuleDeclaration[];
}

type Values = Readonly<Record<string, unknown>>;

/** What a run has found and still waits for. */
interface Findings {
  readonly issues: ValidationIssue[];
  readonly pending: Promise<void>[];
}

const plans = new WeakMap<EntitySchema, readonly Step[]>();

/**
 * Finds everything that is wrong with a record: an instance or plain values, by property. `undefined` is an
 * absent value; no rule is run on it, nor on `null`.
 *
 * @returns The issues in the order of the properties; a promise of them only where a rule is asynchronous
 */
export function validate(
  entity: EntitySchema,
  record: object,
  options: ValidateOptions = {},
): ValidationIssue[] | Promise<ValidationIssue[]> {
  const steps = planOf(entity);
  const found: Findings = { issues: [], pending: [] };
  for (const step of steps) {
    if (options.only?.includes(step.name) === false) continue;
    checkStep(step, (record as Values)[step.name], record as Values, options, found);
  }
  if (found.pending.length === 0) return found.issues;
  return Promise.all(found.pending).then(() => inOrder(steps, found.issues));
}

/**
 * Validates a record.
 *
 * @returns Nothing, or a promise where a rule is asynchronous
 * @throws {ValidationError} with every failure (or a rejection, where it is a promise)
 */
export function validateRecord(
  entity: EntitySchema,
  record: object,
  options?: ValidateOptions,
): void | Promise<void> {
  const issues = validate(entity, record, options);
  if (issues instanceof Promise) return issues.then((found) => refuse(entity, found));
  refuse(entity, issues);
}

/** Validates the values of records, which stand in the order of `EntitySchema.properties`. */
export class ValuesValidator {
  readonly #entity: EntitySchema;
  readonly #steps: readonly Step[];
  readonly #columns: readonly Step[];
  /** Whether a rule looks at the whole record. */
  readonly #wide: boolean;

  /** Finds out what is checked of the entity's records. */
  constructor(entity: EntitySchema) {
    this.#entity = entity;
    this.#steps = planOf(entity);
    this.#columns = this.#steps.filter((step) => step.place >= 0);
    this.#wide = this.#columns.some((step) =>
      step.rules.some((rule) => "test" in rule && rule.test.length !== 1)
    );
  }

  /**
   * Finds everything that is wrong with a record, as {@linkcode validate} does.
   *
   * @param values by place; `undefined` is an absent value
   */
  issues(
    values: readonly unknown[],
    options: ValidateOptions,
  ): readonly ValidationIssue[] | Promise<readonly ValidationIssue[]> {
    let found: Findings | undefined;
    let record = none;
    for (const step of this.#columns) {
      const value = values[step.place];
      if (value === undefined) {
        if (!step.required || options.partial) continue;
      } else if (value === null) {
        if (step.nullable) continue;
      } else if (step.rules.length === 0 && step.fits(value)) continue;
      if (this.#wide && record === none) record = recordOf(this.#entity, values);
      found ??= { issues: [], pending: [] };
      checkStep(step, value, record, options, found);
    }
    if (found === undefined) return noIssues;
    const { issues, pending } = found;
    if (pending.length === 0) return issues;
    return Promise.all(pending).then(() => inOrder(this.#steps, issues));
  }
}

const none: Values = Object.freeze({});
const noIssues: readonly ValidationIssue[] = Object.freeze([]);

function recordOf({ properties }: EntitySchema, values: readonly unknown[]): Values {
  const record: Record<string, unknown> = {};
  properties.forEach(({ name }, place) => {
    if (values[place] !== undefined) record[name] = values[place];
  });
  return record;
}

function refuse(entity: EntitySchema, issues: readonly ValidationIssue[]): void {
  if (issues.length > 0) throw new ValidationError(entity.name, issues);
}

function planOf(entity: EntitySchema): readonly Step[] {
  const known = plans.get(entity);
  if (known !== undefined) return known;
  const rules = Map.groupBy(
    entity.validated ? declaredModel(entity.model as ModelClass).rules : [],
    (rule) => rule.property,
  );
  const stored = entity.properties.filter((property) => !property.readonly);
  const names = new Set([...stored.map(({ name }) => name), ...rules.keys()]);
  const steps = [...names].map((name) => step(entity, name, rules.get(name) ?? []));
  plans.set(entity, steps);
  return steps;
}

function step(entity: EntitySchema, name: string, rules: readonly RuleDeclaration[]): Step {
  const property = entity.byName.get(name);
  const relations = property === undefined
    ? []
    : [...entity.relations.values()].filter((one) => one.owner && one.local.includes(property));
  return {
    name,
    property,
    place: property === undefined ? -1 : entity.properties.indexOf(property),
    fits: property === undefined ? () => false : quickTest(property.type),
    nullable: property?.column.nullable ?? true,
    required: property !== undefined && !property.column.nullable && !property.generated &&
      property.default === undefined,
    filledBy: relations.map((relation) => relation.name),
    rules,
  };
}

function checkStep(
  step: Step,
  value: unknown,
  values: Values,
  options: ValidateOptions,
  found: Findings,
): void {
  if (value === undefined) {
    if (!step.required || options.partial || options.supplied?.includes(step.name)) return;
    if (step.filledBy.some((relation) => values[relation] != null)) return;
    // A hidden foreign key is missing by the name of its relation.
    const name = step.property?.hidden ? step.filledBy[0] ?? step.name : step.name;
    found.issues.push({ path: [name], message: "is required" });
    return;
  }
  const problem = step.property && valueProblem(step.property.column, value);
  if (problem !== undefined) {
    found.issues.push({ path: [step.name], message: problem.message });
    // A rule expects values of the column's type.
    if (problem.unfit) return;
  }
  if (value === null) return;
  for (const rule of step.rules) runRule(rule, value, values, found);
}

function runRule(rule: RuleDeclaration, value: unknown, values: Values, found: Findings): void {
  if ("schema" in rule) {
    settle(rule.schema["~standard"].validate(value), found, (result) => {
      for (const { message, path = [] } of (result as StandardSchemaResult).issues ?? []) {
        found.issues.push({ path: [rule.property, ...path.map(pathPart)], message });
      }
    });
  } else {
    settle(rule.test(value as never, values as never), found, (good) => {
      if (!good) found.issues.push({ path: [rule.property], message: rule.message });
    });
  }
}

function settle<T>(result: T | Promise<T>, found: Findings, judge: (result: T) => void): void {
  if (result instanceof Promise) found.pending.push(result.then(judge));
  else judge(result);
}

function pathPart(part: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof part === "object" ? part.key : part;
  return typeof key === "number" ? key : String(key);
}

/** Asynchronous rules end in any order; sorting is stable, so those of one property keep theirs. */
function inOrder(steps: readonly Step[], issues: ValidationIssue[]): ValidationIssue[] {
  const ranks = new Map<unknown, number>();
  for (const { name } of steps) ranks.set(name, ranks.size);
  const rank = (issue: ValidationIssue): number => ranks.get(issue.path[0]) ?? ranks.size;
  return issues.sort((a, b) => rank(a) - rank(b));
}
