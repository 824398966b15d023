/**
 * Resolves the relations of a class to properties on both ends.
 *
 * @module
 */
import type { RelationSchema } from "../schema/entity.ts";
import type { RelationDeclaration } from "./declarations.ts";
import { declaredModel, propertyError } from "./declared_models.ts";
import { foreignKeysOf } from "./foreign_keys.ts";
import { inverseDeclaration, targetOf } from "./inverse.ts";
import { type EntityLookup, throughSchema } from "./join_table.ts";
import { type NamedModel, namedModel } from "./own_properties.ts";
import type { CascadeOption } from "./relation_options.ts";

/** Resolves every relation of a class. */
export function resolveRelations(
  model: NamedModel,
  lookup: EntityLookup,
): ReadonlyMap<string, RelationSchema> {
  const relations = new Map<string, RelationSchema>();
  for (const relation of model.declared.relations.values()) {
    relations.set(relation.property, resolveRelation(model, relation, lookup));
  }
  return relations;
}

type Ends = Pick<
  RelationSchema,
  "many" | "owner" | "nullable" | "local" | "foreign" | "through"
>;

function resolveRelation(
  model: NamedModel,
  relation: RelationDeclaration,
  lookup: EntityLookup,
): RelationSchema {
  const target = lookup(targetOf(model.declared, relation));
  const inverse = inverseDeclaration(model.declared, relation);
  const { strategy, cascade } = relation.settings;
  return Object.freeze({
    name: relation.property,
    kind: relation.kind,
    ...ends(model, relation, inverse, lookup),
    target,
    // Only asked for when needed: the other side's relations resolve by asking for this one's.
    get inverse(): RelationSchema | undefined {
      return inverse && target.relations.get(inverse.property);
    },
    cascade: cascades(cascade),
    ...(strategy && { strategy }),
  });
}

function ends(
  model: NamedModel,
  relation: RelationDeclaration,
  inverse: RelationDeclaration | undefined,
  lookup: EntityLookup,
): Ends {
  const own = foreignKeysOf(model).get(relation.property);
  if (own !== undefined) {
    const { local, foreign, nullable } = own;
    return { many: false, owner: true, nullable, local, foreign };
  }
  const target = namedModel(declaredModel(targetOf(model.declared, relation)));
  if (relation.kind === "many-to-many") {
    const through = throughSchema(model, relation, lookup);
    const [local, foreign] = [model.primaryKey, target.primaryKey];
    return { many: true, owner: false, nullable: false, local, foreign, through };
  }
  const there = inverse && foreignKeysOf(target).get(inverse.property);
  if (there === undefined) {
    throw propertyError(
      model.declared.name,
      relation.property,
      `neither it nor ${target.declared.name} has its foreign key`,
      `name the relation of ${target.declared.name} that leads back, as in (target) => target.inverse`,
    );
  }
  const many = relation.kind === "one-to-many";
  return { many, owner: false, nullable: !many, local: there.foreign, foreign: there.local };
}

function cascades(option: CascadeOption = false): RelationSchema["cascade"] {
  const some = typeof option === "boolean" ? undefined : option;
  return Object.freeze({
    save: some ? some.includes("save") : option === true,
    delete: some ? some.includes("delete") : option === true,
  });
}
