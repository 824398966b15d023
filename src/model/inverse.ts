/**
 * The other side of a relation.
 *
 * @module
 */
import type { RelationKind } from "../schema/entity.ts";
import type { RelationDeclaration } from "./declarations.ts";
import { type DeclaredModel, declaredModel, isDeclared, propertyError } from "./declared_models.ts";
import type { ModelClass } from "./keys.ts";

/** What the inverse of a relation of each kind has to be. */
const INVERSE_KINDS: Readonly<Record<RelationKind, readonly RelationKind[]>> = {
  "one-to-one": ["one-to-one"],
  "one-to-many": ["many-to-one"],
  "many-to-one": ["one-to-many"],
  "many-to-many": ["many-to-many"],
};

/** The class that a relation leads to; throws a `ModelError` for one that is not registered. */
export function targetOf(declared: DeclaredModel, relation: RelationDeclaration): ModelClass {
  const target = relation.target();
  if (typeof target === "function" && isDeclared(target)) return target;
  const name = typeof target === "function" ? target.name : String(target);
  throw propertyError(
    declared.name,
    relation.property,
    `the class that it leads to, ${name}, is not registered`,
    typeof target === "function"
      ? `put @Entity() on the class ${name}`
      : "is its file imported, and the name exported from it?",
  );
}

/**
 * The relation that leads back: the one that this one names, else one that names this one. Throws a
 * `ModelError` for a wrong name.
 */
export function inverseDeclaration(
  declared: DeclaredModel,
  relation: RelationDeclaration,
): RelationDeclaration | undefined {
  if (relation.inverse === undefined) return namingDeclaration(declared, relation);
  const target = declaredModel(targetOf(declared, relation));
  const name = namedProperty(relation.inverse);
  const inverse = name === undefined ? undefined : target.relations.get(name);
  const fault = (problem: string): Error =>
    propertyError(
      declared.name,
      relation.property,
      `its inverse ${target.name}.${name ?? "?"} ${problem}`,
      `name the relation of ${target.name} that leads back to ${declared.name}`,
    );
  if (inverse === undefined) throw fault("is not a relation");
  if (!INVERSE_KINDS[relation.kind].includes(inverse.kind)) {
    throw fault(`is ${inverse.kind}, and this is ${relation.kind}`);
  }
  const back = targetOf(target, inverse);
  if (back !== declared.model) throw fault(`leads to ${back.name}, not to ${declared.name}`);
  return inverse;
}

/** The relation of the target that names this one as its inverse. */
function namingDeclaration(
  declared: DeclaredModel,
  relation: RelationDeclaration,
): RelationDeclaration | undefined {
  for (const other of declaredModel(targetOf(declared, relation)).relations.values()) {
    if (
      other.inverse !== undefined && INVERSE_KINDS[relation.kind].includes(other.kind) &&
      other.target() === declared.model && namedProperty(other.inverse) === relation.property
    ) return other;
  }
  return undefined;
}

/** The name of the property that `t => t.inverse` reads. */
function namedProperty(inverse: (target: never) => unknown): string | undefined {
  let found: string | undefined;
  const recorder: object = new Proxy({}, {
    get(_target, property): object {
      found = found === undefined ? String(property) : `${found}.${String(property)}`;
      return recorder;
    },
  });
  inverse(recorder as never);
  return found;
}
