/**
 * Which columns hold the foreign key of a relation to one.
 *
 * @module
 */
import type { ColumnType } from "../schema/column_type.ts";
import type { PropertySchema } from "../schema/entity.ts";
import type { RelationDeclaration } from "./declarations.ts";
import { type DeclaredModel, declaredModel, propertyError } from "./declared_models.ts";
import { inverseDeclaration, targetOf } from "./inverse.ts";
import { capitalize } from "./naming.ts";
import { type NamedModel, namedModel } from "./own_properties.ts";

/** A foreign key: properties here and the properties there that they point to. */
export interface ForeignKeyPlan {
  readonly relation: RelationDeclaration;
  readonly target: NamedModel;
  readonly local: readonly PropertySchema[];
  readonly foreign: readonly PropertySchema[];
  readonly nullable: boolean;
}

const plans = new WeakMap<DeclaredModel, ReadonlyMap<string, ForeignKeyPlan>>();

/** The foreign keys of a class, by relation; derived once. */
export function foreignKeysOf(model: NamedModel): ReadonlyMap<string, ForeignKeyPlan> {
  const known = plans.get(model.declared);
  if (known !== undefined) return known;
  const found = new Map<string, ForeignKeyPlan>();
  // Relations may share a hidden column.
  const hidden = new Map<string, PropertySchema>();
  for (const relation of model.declared.relations.values()) {
    if (!ownsForeignKey(model.declared, relation)) continue;
    found.set(relation.property, planForeignKey(model, relation, hidden));
  }
  plans.set(model.declared, found);
  return found;
}

/** Whether the foreign key of a relation is on its side. */
export function ownsForeignKey(declared: DeclaredModel, relation: RelationDeclaration): boolean {
  if (relation.kind === "many-to-one") return true;
  if (relation.kind !== "one-to-one") return false;
  const said = saysOwner(relation);
  const inverse = inverseDeclaration(declared, relation);
  if (inverse === undefined) return said ?? true;
  const other = declaredModel(targetOf(declared, relation));
  const otherSaid = saysOwner(inverse);
  if (said !== undefined && said === otherSaid) {
    throw propertyError(
      declared.name,
      relation.property,
      `it and its inverse ${other.name}.${inverse.property} ${
        said ? "both own" : "both refuse"
      } the foreign key`,
      "write `owner: true` (or foreignKey, or column) on one of the two sides",
    );
  }
  if (said !== undefined) return said;
  if (otherSaid !== undefined) return !otherSaid;
  // Who does not name the other does not depend on it.
  if (relation.inverse === undefined) return true;
  if (inverse.inverse === undefined) return false;
  const here = declared.columns.has(`${relation.property}Id`);
  if (here !== other.columns.has(`${inverse.property}Id`)) return here;
  throw propertyError(
    declared.name,
    relation.property,
    `neither it nor its inverse ${other.name}.${inverse.property} says which has the foreign key`,
    "write `owner: true` in the options of one of the two sides",
  );
}

function saysOwner({ settings }: RelationDeclaration): boolean | undefined {
  if (settings.owner !== undefined) return settings.owner;
  return settings.foreignKey !== undefined || settings.column !== undefined ? true : undefined;
}

function planForeignKey(
  model: NamedModel,
  relation: RelationDeclaration,
  hidden: Map<string, PropertySchema>,
): ForeignKeyPlan {
  const name = model.declared.name;
  const target = namedModel(declaredModel(targetOf(model.declared, relation)));
  const foreign = referencedKey(model, relation, target);
  const declaredKey = declaredForeignKey(model, relation, foreign);
  const local = declaredKey ?? hiddenForeignKey(model, relation, foreign, hidden);
  const nullable = local.some((property) => property.column.nullable);
  if (declaredKey !== undefined) checkKeyTypes(name, relation, local, foreign);
  if (declaredKey !== undefined && nullable !== (relation.settings.nullable === true)) {
    throw propertyError(
      name,
      relation.property,
      nullable
        ? `its foreign key ${names(local)} is nullable and the relation is not`
        : `it is nullable and its foreign key ${names(local)} is not`,
      "write `nullable: true` on both or on neither",
    );
  }
  const { onDelete, onUpdate } = relation.settings;
  if (!nullable && (onDelete === "set null" || onUpdate === "set null")) {
    throw propertyError(
      name,
      relation.property,
      "`set null` needs a nullable foreign key",
      "write `nullable: true` and `| null`, or another action",
    );
  }
  return Object.freeze({ relation, target, local: Object.freeze(local), foreign, nullable });
}

function referencedKey(
  model: NamedModel,
  relation: RelationDeclaration,
  target: NamedModel,
): readonly PropertySchema[] {
  const references = list(relation.settings.references);
  if (references !== undefined) return Object.freeze(pick(model, relation, target, references));
  if (target.primaryKey.length > 0) return target.primaryKey;
  throw propertyError(
    model.declared.name,
    relation.property,
    `${target.declared.name} has no primary key to point to`,
    "declare one, or say which properties with `references`",
  );
}

/** The properties that hold the key, where the class declares them. */
function declaredForeignKey(
  model: NamedModel,
  relation: RelationDeclaration,
  foreign: readonly PropertySchema[],
): PropertySchema[] | undefined {
  const said = list(relation.settings.foreignKey);
  if (said !== undefined) {
    checkCount(model, relation, "foreignKey", said, foreign);
    return pick(model, relation, model, said);
  }
  if (relation.settings.column === undefined) {
    const byName = conventionalKey(model, relation, foreign);
    if (byName !== undefined) return byName;
  }
  const columns = keyColumns(model, relation, foreign);
  const byColumn = [...model.own.values()].filter(({ column }) => columns.includes(column.name));
  if (byColumn.length === 0) return undefined;
  const found = columns.flatMap((column) => byColumn.filter((own) => own.column.name === column));
  if (found.length === columns.length) return found;
  throw propertyError(
    model.declared.name,
    relation.property,
    `only a part of its foreign key (${columns.join(", ")}) is declared as properties`,
    "name all of them with `foreignKey`",
  );
}

/** `author` → `authorId`; for a key of several properties `authorTenant` and `authorId`. */
function conventionalKey(
  model: NamedModel,
  relation: RelationDeclaration,
  foreign: readonly PropertySchema[],
): PropertySchema[] | undefined {
  const found = foreign.map(({ name }) => model.own.get(relation.property + capitalize(name)));
  if (found.every((property) => property !== undefined)) return found;
  const short = foreign.length === 1 ? model.own.get(`${relation.property}Id`) : undefined;
  return short && [short];
}

function keyColumns(
  model: NamedModel,
  relation: RelationDeclaration,
  foreign: readonly PropertySchema[],
): readonly string[] {
  const said = list(relation.settings.column);
  if (said === undefined) {
    return foreign.map(({ name }) => model.naming.foreignKey(relation.property, name));
  }
  checkCount(model, relation, "column", said, foreign);
  return said;
}

function hiddenForeignKey(
  model: NamedModel,
  relation: RelationDeclaration,
  foreign: readonly PropertySchema[],
  hidden: Map<string, PropertySchema>,
): PropertySchema[] {
  const nullable = relation.settings.nullable === true;
  return keyColumns(model, relation, foreign).map((column, index) => {
    const { type } = foreign[index]!;
    // Records are asked for it by this name: what each of them inherits would be taken for a value.
    if (column in model.declared.model.prototype) {
      throw propertyError(
        model.declared.name,
        relation.property,
        `every record has something else called ${column}, which is the name of its column`,
        "name the column otherwise, or declare it as a property and name that with `foreignKey`",
      );
    }
    const shared = hidden.get(column);
    if (shared !== undefined) {
      if (shared.type === type && shared.column.nullable === nullable) return shared;
      throw propertyError(
        model.declared.name,
        relation.property,
        `its column ${column} is another relation's, of another type or nullable otherwise`,
      );
    }
    const property = Object.freeze({
      name: column,
      column: Object.freeze({ name: column, type, nullable }),
      type,
      primary: false,
      hidden: true,
      generated: false,
      readonly: false,
    });
    hidden.set(column, property);
    return property;
  });
}

function pick(
  model: NamedModel,
  relation: RelationDeclaration,
  from: NamedModel,
  properties: readonly string[],
): PropertySchema[] {
  return properties.map((property) => {
    const found = from.own.get(property);
    if (found !== undefined) return found;
    throw propertyError(
      model.declared.name,
      relation.property,
      `${from.declared.name}.${property} is not a column`,
    );
  });
}

function checkCount(
  model: NamedModel,
  relation: RelationDeclaration,
  option: string,
  said: readonly string[],
  foreign: readonly PropertySchema[],
): void {
  if (said.length === foreign.length) return;
  throw propertyError(
    model.declared.name,
    relation.property,
    `\`${option}\` names ${said.length} for a key of ${foreign.length} (${names(foreign)})`,
  );
}

function checkKeyTypes(
  model: string,
  relation: RelationDeclaration,
  local: readonly PropertySchema[],
  foreign: readonly PropertySchema[],
): void {
  local.forEach((property, index) => {
    const there = foreign[index]!;
    if (sameKeyType(property.type, there.type)) return;
    throw propertyError(
      model,
      relation.property,
      `its foreign key ${property.name} is ${property.type.name}, and ${there.name}, which it points to, is ${there.type.name}`,
    );
  });
}

const KEY_FAMILIES: Readonly<Record<string, string>> = {
  smallint: "integer",
  varchar: "text",
  char: "text",
};

/** Whether keys of these types are equal in JavaScript when they are in the database. */
export function sameKeyType(a: ColumnType, b: ColumnType): boolean {
  return (KEY_FAMILIES[a.name] ?? a.name) === (KEY_FAMILIES[b.name] ?? b.name) &&
    a.array === b.array;
}

function list(option: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof option === "string" ? [option] : option;
}

function names(properties: readonly PropertySchema[]): string {
  return properties.map(({ name }) => name).join(", ");
}
