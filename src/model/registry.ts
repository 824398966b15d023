/**
 * The registered models and their schemas.
 *
 * @module
 */
import { ModelError } from "../base/errors.ts";
import type { EntitySchema } from "../schema/entity.ts";
import { declaredModel, declaredModels, declareModel, isDeclared } from "./declared_models.ts";
import { type ModelMetadata, ResolvedEntity } from "./entity_schema.ts";
import type { ModelClass } from "./keys.ts";
import type { NamingStrategy } from "./naming.ts";
import { namedModel, setDefaultNaming } from "./own_properties.ts";

const entities = new Map<ModelClass, ResolvedEntity>();

/**
 * The schema of a registered class, resolved once.
 *
 * @param model The class
 * @throws {ModelError} for a class that is not registered, or is declared in a way that cannot work
 */
export function entityOf(model: ModelClass): EntitySchema {
  return resolved(model);
}

/**
 * The schema of the registered class that is stored in a table.
 *
 * @param table The table's name
 * @throws {ModelError} when no class, or more than one, is stored there
 */
export function entityOfTable(table: string): EntitySchema {
  const found = [...declaredModels()].map(resolved).filter((each) => each.table.name === table);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const models = found.map((each) => each.name).join(", ");
  throw new ModelError(
    only
      ? `Cannot tell which model ${table} is: ${models}`
      : `Cannot find a model for table ${table}`,
    { hint: "pass the model's class" },
  );
}

/** The models that are in use in this process: those whose schema was asked for. */
export function usedEntities(): readonly EntitySchema[] {
  return [...entities.values()];
}

function resolved(model: ModelClass): ResolvedEntity {
  const known = entities.get(model);
  if (known !== undefined) return known;
  const entity = new ResolvedEntity(namedModel(declaredModel(model)), resolved);
  entities.set(model, entity);
  return entity;
}

/** What applies to all models. */
export interface ModelDefaults {
  /** How names are derived where a class does not say. Default: `snakeCase`. */
  readonly naming?: NamingStrategy;
}

/** Knows every model class. `@Entity()` registers; nothing has to be called by hand. */
export class ModelRegistry {
  /**
   * Registers a class that has no `@Entity()`, as if it had one without options. A class that is registered
   * already stays as it is.
   *
   * @throws {ModelError} for fields that are declared in a way that cannot work
   */
  static registerModel(model: ModelClass): void {
    if (isDeclared(model)) return;
    declareModel(model, {});
  }

  /**
   * The schema of a registered class, and the names of the specification beside: `tableName`, `columns`,
   * `primaryKey`, `relations`.
   *
   * @throws {ModelError} for a class that is not registered
   */
  static getModelMetadata(model: ModelClass): ModelMetadata {
    return resolved(model);
  }

  /** Every registered class, in the order of registration. */
  static getAllModels(): ModelClass[] {
    return [...declaredModels()];
  }

  /**
   * Sets what applies to all models.
   *
   * @throws {ModelError} when the names of a model were derived already
   */
  static configure(defaults: ModelDefaults): void {
    if (defaults.naming === undefined || setDefaultNaming(defaults.naming)) return;
    throw new ModelError("Cannot change how names are derived: models are in use already", {
      hint: "call ModelRegistry.configure() before anything else uses a model",
    });
  }
}
