/**
 * The classes that are registered, each with what its and its parents' decorators declared.
 *
 * @module
 */
import { ModelError } from "../base/errors.ts";
import type { HookName } from "../schema/entity.ts";
import { checkColumn, type ColumnPlan, planColumn } from "./column_plan.ts";
import {
  type ConstraintDeclaration,
  type Declarations,
  type FieldDeclaration,
  lineage,
  type RelationDeclaration,
  type RuleDeclaration,
} from "./declarations.ts";
import type { EntityOptions } from "./entity_options.ts";
import type { ModelClass } from "./keys.ts";

/** A registered class: its own declarations and its parents', merged. Names are not derived yet. */
export interface DeclaredModel {
  readonly name: string;
  readonly model: ModelClass;
  readonly options: EntityOptions;
  readonly columns: ReadonlyMap<string, ColumnPlan>;
  readonly relations: ReadonlyMap<string, RelationDeclaration>;
  readonly rules: readonly RuleDeclaration[];
  readonly hooks: Readonly<Partial<Record<HookName, readonly string[]>>>;
  readonly constraints: readonly ConstraintDeclaration[];
}

const models = new Map<ModelClass, DeclaredModel>();

/**
 * Registers a class; throws a `ModelError` for declarations that cannot work.
 *
 * @param metadata The class's own, while it is being decorated
 */
export function declareModel(
  model: ModelClass,
  options: EntityOptions,
  metadata?: DecoratorMetadataObject,
): void {
  const lines = lineage(model, metadata);
  for (const own of lines) checkPlaces(model.name, own);
  const { columns, relations } = mergeFields(model.name, lines);
  checkKey(model.name, columns);
  checkRoles(model.name, columns);
  models.set(
    model,
    Object.freeze({
      name: model.name,
      model,
      options,
      columns,
      relations,
      rules: lines.flatMap((own) => own.rules),
      hooks: mergeHooks(lines),
      constraints: lines.flatMap((own) => own.constraints),
    }),
  );
}

/** Whether a class is registered. */
export function isDeclared(model: ModelClass): boolean {
  return models.has(model);
}

/** What is declared of a class; throws a `ModelError` for one that is not registered. */
export function declaredModel(model: ModelClass): DeclaredModel {
  const declared = models.get(model);
  if (declared !== undefined) return declared;
  const name = typeof model === "function" ? model.name || "(anonymous class)" : String(model);
  throw new ModelError(`Model ${name} is not registered`, {
    hint: typeof model === "function"
      ? `put @Entity() on the class, or call ModelRegistry.registerModel(${name})`
      : "a class is needed here; do its files import each other without an arrow function?",
  });
}

/** Every registered class, in the order of registration. */
export function declaredModels(): IterableIterator<ModelClass> {
  return models.keys();
}

/** An error about one property. */
export function propertyError(
  model: string,
  property: string,
  problem: string,
  hint?: string,
): ModelError {
  return new ModelError(`Cannot map ${model}.${property}: ${problem}`, { hint });
}

/** Names that a query reads as something other than a property. */
const reserved = new Set(["AND", "OR", "NOT", "_count"]);

function checkPlaces(model: string, own: Declarations): void {
  const [first] = own.misplaced;
  if (first) throw propertyError(model, first.property, first.problem);
  const seen = new Set<string>();
  for (const { property } of own.fields) {
    if (seen.has(property)) {
      throw propertyError(
        model,
        property,
        "it is declared twice",
        "one decorator of a column or relation per field",
      );
    }
    if (reserved.has(property)) {
      throw propertyError(
        model,
        property,
        "conditions and includes have a meaning of their own for that name",
        `name the property otherwise; its column can keep the name: name: "${property}"`,
      );
    }
    if (property in Object.prototype) {
      throw propertyError(
        model,
        property,
        "every object has something of that name, which would be taken for a value",
        `name the property otherwise; its column can keep the name: name: "${property}"`,
      );
    }
    seen.add(property);
  }
}

/** A child's declaration takes the place of its parent's for the same property. */
function mergeFields(
  model: string,
  lines: readonly Declarations[],
): Pick<DeclaredModel, "columns" | "relations"> {
  const fields = new Map<string, FieldDeclaration>();
  for (const own of lines) for (const field of own.fields) fields.set(field.property, field);
  const columns = new Map<string, ColumnPlan>();
  const relations = new Map<string, RelationDeclaration>();
  for (const [property, field] of fields) {
    if (field.kind !== "column") relations.set(property, field);
    else {
      const problem = checkColumn(field.settings);
      if (problem !== undefined) throw propertyError(model, property, problem);
      columns.set(property, planColumn(field));
    }
  }
  return { columns, relations };
}

function checkKey(model: string, columns: ReadonlyMap<string, ColumnPlan>): void {
  const numbered = [...columns.values()].filter((column) => column.primary && column.identity);
  const [, second] = numbered;
  if (second === undefined) return;
  throw propertyError(
    model,
    second.property,
    `${numbered[0]!.property} is a primary key that the database numbers already`,
    "write @PrimaryKey({ generated: false }) on the parts of a composite key",
  );
}

function checkRoles(model: string, columns: ReadonlyMap<string, ColumnPlan>): void {
  const taken = new Map<string, string>();
  for (const { role, property } of columns.values()) {
    if (role === undefined) continue;
    const other = taken.get(role);
    if (other !== undefined) {
      throw propertyError(model, property, `${other} is the ${role} column already`);
    }
    taken.set(role, property);
  }
}

function mergeHooks(lines: readonly Declarations[]): DeclaredModel["hooks"] {
  const hooks: Partial<Record<HookName, string[]>> = {};
  for (const { moment, method } of lines.flatMap((own) => own.hooks)) {
    const methods = hooks[moment] ??= [];
    // A child that overrides a hook and decorates it again has one hook, not two.
    if (!methods.includes(method)) methods.push(method);
  }
  for (const methods of Object.values(hooks)) Object.freeze(methods);
  return Object.freeze(hooks);
}
