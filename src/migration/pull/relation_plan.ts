/**
 * The relations between pulled models: what foreign keys become, seen from both sides.
 *
 * @module
 */
import { nameKey } from "../../schema/database_schema.ts";
import { sameKeyType } from "../../model/foreign_keys.ts";
import { capitalize, snakeCase } from "../../model/naming.ts";
import type { RelationKind } from "../../schema/entity.ts";
import type { ForeignKeySchema, TableSchema } from "../../schema/table.ts";
import { type PlannedModel, type PlannedModels, propertiesOf } from "./model_plan.ts";
import { pluralProperty, propertyNameOf, propertyOfClass } from "./names.ts";

/** One relation of a model. */
export interface PlannedRelation {
  readonly kind: RelationKind;
  readonly property: string;
  readonly target: PlannedModel;
  /** The relation there that leads back. */
  readonly inverse: string;
  /** The foreign key, on the side that has it. */
  readonly foreignKey?: ForeignKeySchema;
  /** Whether the field may be null. */
  readonly nullable: boolean;
  /** The model of the join table, on the side that describes it. */
  readonly through?: {
    readonly model: PlannedModel;
    readonly local: string;
    readonly foreign: string;
  };
}

/** The relations of each model, and the foreign keys that are none. */
export interface PlannedRelations {
  readonly relations: ReadonlyMap<PlannedModel, readonly PlannedRelation[]>;
  readonly rest: ReadonlyMap<PlannedModel, readonly ForeignKeySchema[]>;
}

/** Plans the relations of all models. */
export function planRelations(models: PlannedModels): PlannedRelations {
  const planner = new RelationPlanner(models);
  // The sides with the keys have the first choice of names.
  const owned = [...models.values()].map((model) => planner.own(model));
  for (const keys of owned) planner.inverses(keys);
  for (const keys of owned) planner.join(keys);
  return { relations: planner.relations, rest: planner.rest };
}

/** A foreign key that becomes a relation. */
interface OwnedKey {
  readonly model: PlannedModel;
  readonly target: PlannedModel;
  readonly foreignKey: ForeignKeySchema;
  readonly property: string;
  readonly single: boolean;
}

class RelationPlanner {
  readonly relations = new Map<PlannedModel, PlannedRelation[]>();
  readonly rest = new Map<PlannedModel, ForeignKeySchema[]>();
  readonly #models: PlannedModels;

  constructor(models: PlannedModels) {
    this.#models = models;
    for (const model of models.values()) {
      this.relations.set(model, []);
      this.rest.set(model, []);
    }
  }

  /** The foreign keys of a model that can be relations, named. */
  own(model: PlannedModel): OwnedKey[] {
    const taken = new Set<string>();
    return model.table.foreignKeys.flatMap((foreignKey) => {
      const target = this.#models.get(nameKey({ ...foreignKey, name: foreignKey.table }));
      const key = foreignKey.columns.join("\n");
      if (target === undefined || taken.has(key) || !isRelation(model, target, foreignKey)) {
        this.rest.get(model)!.push(foreignKey);
        return [];
      }
      taken.add(key);
      const property = model.properties.take(...relationNames(model, target, foreignKey));
      return [{ model, target, foreignKey, property, single: isSingle(model.table, foreignKey) }];
    });
  }

  /** Relations of both sides for the keys of one model. */
  inverses(keys: readonly OwnedKey[]): void {
    for (const key of keys) {
      const { model, target, foreignKey, property, single } = key;
      const rivals = keys.filter((each) => each.target === target);
      const inverse = target.properties.take(...inverseNames(key, rivals.length > 1));
      const nullable = foreignKey.columns.some((name) =>
        model.columns.get(name)?.nullable === true
      );
      this.#add(model, {
        kind: single ? "one-to-one" : "many-to-one",
        property,
        target,
        inverse,
        foreignKey,
        nullable,
      });
      this.#add(target, {
        kind: single ? "one-to-one" : "one-to-many",
        property: inverse,
        target: model,
        inverse: property,
        nullable: single,
      });
    }
  }

  /** Many-to-many relations through a table whose primary key is two foreign keys. */
  join(keys: readonly OwnedKey[]): void {
    const ends = joinEnds(keys);
    if (ends === undefined) return;
    const [left, right] = ends;
    const names = (from: OwnedKey, to: OwnedKey): string[] => {
      const plural = pluralProperty(to.property);
      const through = propertyOfClass(from.model.className);
      return [plural, through + capitalize(plural)];
    };
    const there = left.target.properties.take(...names(left, right));
    const back = right.target.properties.take(...names(right, left));
    this.#add(left.target, {
      kind: "many-to-many",
      property: there,
      target: right.target,
      inverse: back,
      nullable: false,
      through: { model: left.model, local: left.property, foreign: right.property },
    });
    this.#add(right.target, {
      kind: "many-to-many",
      property: back,
      target: left.target,
      inverse: there,
      nullable: false,
    });
  }

  #add(model: PlannedModel, relation: PlannedRelation): void {
    this.relations.get(model)!.push(relation);
  }
}

/** Whether the models can say a foreign key as a relation. */
function isRelation(
  model: PlannedModel,
  target: PlannedModel,
  { columns, references, onDelete, onUpdate }: ForeignKeySchema,
): boolean {
  const local = columns.map((name) => model.columns.get(name)?.column);
  const foreign = references.map((name) => target.columns.get(name)?.column);
  if (local.length !== foreign.length || local.length === 0) return false;
  const fits = local.every((column, i) =>
    column !== undefined && foreign[i] !== undefined && sameKeyType(column.type, foreign[i].type)
  );
  const sets = onDelete === "set null" || onUpdate === "set null";
  return fits && (!sets || columns.some((name) => model.columns.get(name)?.nullable === true));
}

/** Whether no two rows have the same key. */
function isSingle(table: TableSchema, { columns }: ForeignKeySchema): boolean {
  const wanted = columns.join("\n");
  const primary = table.primaryKey?.columns ?? [];
  if (primary.length === columns.length && columns.every((name) => primary.includes(name))) {
    return true;
  }
  return table.uniques.some((key) => key.columns.join("\n") === wanted) ||
    table.indexes.some(({ unique, where, parts }) =>
      unique && where === undefined && parts.map(({ column }) => column ?? "").join("\n") === wanted
    );
}

/** `author_id` → `author`; where the column's name says nothing, the name of the target. */
function relationNames(
  model: PlannedModel,
  target: PlannedModel,
  { columns, references }: ForeignKeySchema,
): string[] {
  const byClass = propertyOfClass(target.className);
  const shared = (name: string): boolean =>
    model.table.foreignKeys.filter((each) => each.columns.includes(name)).length > 1;
  const own = columns.length === 1 ? columns : columns.filter((name) => !shared(name));
  if (own.length !== 1) return [byClass, `${byClass}Relation`];
  const column = own[0]!;
  const there = references[columns.indexOf(column)]!;
  const whole = model.columns.get(column)!.property;
  const stripped = withoutKey(propertyNameOf(column), propertyNameOf(there));
  return stripped === undefined
    ? [...columns.length > 1 ? [byClass] : [], whole + capitalize(byClass), `${whole}Relation`]
    : [stripped, stripped + capitalize(byClass), `${whole}Relation`];
}

/** A name without the end that says that it is a key. */
function withoutKey(name: string, key: string): string | undefined {
  for (const end of [capitalize(key), "Id", "Uuid", "Guid", "Fk", "Key", "Code", "No"]) {
    if (name.length > end.length && name.endsWith(end)) return name.slice(0, -end.length);
  }
  return undefined;
}

/** `posts`; of several foreign keys to one table `editorPosts`; of a tree `children`. */
function inverseNames(key: OwnedKey, several: boolean): string[] {
  const { model, target, property, single } = key;
  const own = propertyOfClass(model.className);
  const plain = single ? own : pluralProperty(own);
  const byKey = property + capitalize(plain);
  if (model === target && property === "parent") {
    return [single ? "child" : "children", byKey, `${byKey}Back`];
  }
  const isPlain = !several || property === propertyOfClass(target.className);
  return [...isPlain ? [plain] : [], byKey, `${byKey}Back`];
}

/** The two keys of a join table: they make up its primary key. */
function joinEnds(keys: readonly OwnedKey[]): readonly [OwnedKey, OwnedKey] | undefined {
  const [left, right, ...more] = keys.filter(({ model, target, foreignKey }) => {
    const primary = model.table.primaryKey?.columns ?? [];
    return foreignKey.columns.every((name) => primary.includes(name)) &&
      same(foreignKey.references, target.table.primaryKey?.columns ?? []);
  });
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  const columns = [...left.foreignKey.columns, ...right.foreignKey.columns];
  const primary = left.model.table.primaryKey!.columns;
  return columns.length === primary.length && primary.every((name) => columns.includes(name))
    ? [left, right]
    : undefined;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

/** The options of the relation on the side that has the foreign key, as far as they do not follow from names. */
export function keyOption(
  model: PlannedModel,
  relation: PlannedRelation,
): readonly string[] | undefined {
  const { columns, references } = relation.foreignKey!;
  const [property, ...more] = propertiesOf(model, columns);
  const there = relation.target.columns.get(references[0]!)?.property ?? "";
  const declared = [...model.columns.values()].map((each) => each.property);
  const long = relation.property + capitalize(there);
  const follows = more.length === 0 && property === `${relation.property}Id` &&
    (long === property || !declared.includes(long));
  return follows ? undefined : [property!, ...more];
}

/** Whether a table's name follows from its class's. */
export function tableFollows(model: PlannedModel): boolean {
  return snakeCase.table(model.className) === model.table.name;
}
