/**
 * The join tables of many-to-many relations: those without a class are made here, one for both sides.
 *
 * @module
 */
import type { EntitySchema, PropertySchema, ThroughSchema } from "../schema/entity.ts";
import type { ColumnSchema, ForeignKeySchema, TableSchema } from "../schema/table.ts";
import { constraintName } from "./constraint_names.ts";
import type { RelationDeclaration } from "./declarations.ts";
import { declaredModel, propertyError } from "./declared_models.ts";
import { foreignKeysOf } from "./foreign_keys.ts";
import { inverseDeclaration, targetOf } from "./inverse.ts";
import type { ModelClass } from "./keys.ts";
import { singular, toSnake } from "./naming.ts";
import { type NamedModel, namedModel } from "./own_properties.ts";

/** Finds the schema of a class. */
export type EntityLookup = (model: ModelClass) => EntitySchema;

/** A join table as the side that describes it sees it. */
interface JoinTable {
  readonly table: TableSchema;
  readonly local: readonly string[];
  readonly foreign: readonly string[];
}

/** By the relation that describes the table, per class: parents may share the declaration. */
const made = new WeakMap<NamedModel, Map<string, JoinTable>>();
/** Which relation made a table of a name, for both ends: two different ones must not. */
const makers = new WeakMap<NamedModel, Map<string, RelationDeclaration>>();

/** The join table of a many-to-many relation, seen from its side. */
export function throughSchema(
  model: NamedModel,
  relation: RelationDeclaration,
  lookup: EntityLookup,
): ThroughSchema {
  const target = namedModel(declaredModel(targetOf(model.declared, relation)));
  const inverse = inverseDeclaration(model.declared, relation);
  const described = describesTable(model, relation, target, inverse);
  const through = (described ? relation : inverse!).settings.through;
  if (through?.model !== undefined) {
    const entity = lookup(through.model());
    return described
      ? mappedThrough(model, relation, target, entity)
      : turned(mappedThrough(target, inverse!, model, entity));
  }
  return described
    ? Object.freeze(joinTable(model, relation, target))
    : turned(joinTable(target, inverse!, model));
}

function turned(through: ThroughSchema): ThroughSchema {
  return Object.freeze({ ...through, local: through.foreign, foreign: through.local });
}

/** Of both sides the one with options describes the table; without any, the one that sorts first. */
function describesTable(
  model: NamedModel,
  relation: RelationDeclaration,
  target: NamedModel,
  inverse: RelationDeclaration | undefined,
): boolean {
  // A symmetric relation, such as friends, is its own inverse.
  if (inverse === undefined || inverse === relation) return true;
  const [here, there] = [relation.settings.through, inverse.settings.through];
  if (here !== undefined && there !== undefined) {
    throw propertyError(
      model.declared.name,
      relation.property,
      `it and its inverse ${target.declared.name}.${inverse.property} both have \`through\``,
      "describe the join table on one of the two sides",
    );
  }
  if (here !== undefined) return true;
  if (there !== undefined) return false;
  const key = (side: NamedModel, property: string): string => `${side.table}\n${property}`;
  return key(model, relation.property) < key(target, inverse.property);
}

function joinTable(
  model: NamedModel,
  relation: RelationDeclaration,
  target: NamedModel,
): JoinTable {
  const known = made.get(model)?.get(relation.property);
  if (known !== undefined) return known;
  const through = relation.settings.through ?? {};
  const toSelf = target === model;
  const { naming } = model;
  const name = through.table ??
    (toSelf
      ? `${model.table}_${naming.column(relation.property)}`
      : naming.joinTable(model.table, target.table));
  const ends = { model, target, relation };
  const local = endColumns(ends, model, through.local, model.declared.name, "local");
  const foreignName = toSelf ? singular(toSnake(relation.property)) : target.declared.name;
  const foreign = endColumns(ends, target, through.foreign, foreignName, "foreign");
  claim(model, relation, target, name);
  const join = Object.freeze({
    table: joinTableSchema(name, model, [
      { end: model, columns: local },
      { end: target, columns: foreign },
    ]),
    local: Object.freeze(local.map((column) => column.name)),
    foreign: Object.freeze(foreign.map((column) => column.name)),
  });
  if (!made.has(model)) made.set(model, new Map());
  made.get(model)!.set(relation.property, join);
  return join;
}

function claim(
  model: NamedModel,
  relation: RelationDeclaration,
  target: NamedModel,
  table: string,
): void {
  for (const end of [model, target]) {
    const makersHere = makers.get(end) ?? new Map<string, RelationDeclaration>();
    makers.set(end, makersHere);
    const other = makersHere.get(table);
    if (other !== undefined && other !== relation) {
      throw propertyError(
        model.declared.name,
        relation.property,
        `its join table ${table} is that of ${other.property} too`,
        "write `through: { table }` on one of them, or name the inverse on both sides",
      );
    }
    makersHere.set(table, relation);
  }
}

function endColumns(
  { model, relation }: { readonly model: NamedModel; readonly relation: RelationDeclaration },
  end: NamedModel,
  said: string | readonly string[] | undefined,
  name: string,
  option: "local" | "foreign",
): ColumnSchema[] {
  const key = primaryKeyOf(model, relation, end);
  const columns = said === undefined
    ? key.map((property) => model.naming.foreignKey(name, property.name))
    : typeof said === "string"
    ? [said]
    : said;
  if (columns.length !== key.length) {
    throw propertyError(
      model.declared.name,
      relation.property,
      `\`through.${option}\` names ${columns.length} for a key of ${key.length}`,
    );
  }
  return columns.map((column, index) =>
    Object.freeze({ name: column, type: key[index]!.type, nullable: false })
  );
}

function primaryKeyOf(
  model: NamedModel,
  relation: RelationDeclaration,
  end: NamedModel,
): readonly PropertySchema[] {
  if (end.primaryKey.length > 0) return end.primaryKey;
  throw propertyError(
    model.declared.name,
    relation.property,
    `${end.declared.name} has no primary key for a join table to point to`,
  );
}

interface JoinEnd {
  readonly end: NamedModel;
  readonly columns: readonly ColumnSchema[];
}

function joinTableSchema(
  name: string,
  { schema }: NamedModel,
  ends: readonly [JoinEnd, JoinEnd],
): TableSchema {
  const names = ends.map(({ columns }) => columns.map((column) => column.name));
  return Object.freeze({
    name,
    ...(schema !== undefined && { schema }),
    columns: Object.freeze(ends.flatMap(({ columns }) => columns)),
    primaryKey: Object.freeze({ columns: Object.freeze(names.flat()) }),
    uniques: Object.freeze([]),
    // The primary key finds rows by its first columns only.
    indexes: Object.freeze([Object.freeze({
      name: constraintName("ix", name, names[1]!),
      parts: Object.freeze(names[1]!.map((column) => Object.freeze({ column }))),
      unique: false,
    })]),
    checks: Object.freeze([]),
    foreignKeys: Object.freeze(
      ends.map(({ end }, index) => joinForeignKey(name, end, names[index]!)),
    ),
  });
}

function joinForeignKey(
  table: string,
  end: NamedModel,
  columns: readonly string[],
): ForeignKeySchema {
  return Object.freeze({
    name: constraintName("fk", table, columns),
    columns: Object.freeze(columns),
    table: end.table,
    ...(end.schema !== undefined && { schema: end.schema }),
    references: Object.freeze(end.primaryKey.map(({ column }) => column.name)),
    onDelete: "cascade",
  });
}

function mappedThrough(
  model: NamedModel,
  relation: RelationDeclaration,
  target: NamedModel,
  entity: EntitySchema,
): ThroughSchema {
  const join = namedModel(declaredModel(entity.model as ModelClass));
  const through = relation.settings.through!;
  const local = joinColumns(model, relation, join, model, through.local, "local");
  const foreign = joinColumns(model, relation, join, target, through.foreign, "foreign");
  if (local.join() === foreign.join()) {
    throw propertyError(
      model.declared.name,
      relation.property,
      `both ends of the join model ${entity.name} are ${local.join(", ")}`,
      "say which is which with `through: { local, foreign }`",
    );
  }
  return Object.freeze({ table: entity.table, entity, local, foreign });
}

/** The columns of a mapped join table that point to one end. */
function joinColumns(
  model: NamedModel,
  relation: RelationDeclaration,
  join: NamedModel,
  end: NamedModel,
  said: string | readonly string[] | undefined,
  option: "local" | "foreign",
): readonly string[] {
  const plans = [...foreignKeysOf(join).values()];
  const names = typeof said === "string" ? [said] : said;
  const properties = names === undefined
    ? onlyOne(plans.filter((plan) => plan.target === end))?.local
    : names.flatMap((name) =>
      plans.find((plan) => plan.relation.property === name)?.local ?? join.own.get(name) ?? []
    );
  if (properties !== undefined && properties.length === end.primaryKey.length) {
    return Object.freeze(properties.map(({ column }) => column.name));
  }
  throw propertyError(
    model.declared.name,
    relation.property,
    `the columns of its join model ${join.declared.name} that point to ${end.declared.name} are not clear`,
    `write \`through: { ${option}: "…" }\` with the name of the relation there`,
  );
}

function onlyOne<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}
