/**
 * What decorators wrote down about one class, before it is known what it means.
 *
 * Each class keeps its own list in its decorator metadata, so children never change what their parents have.
 *
 * @module
 */
import type { HookName, PropertyRole, RelationKind } from "../schema/entity.ts";
import type { ColumnSettings } from "./column_options.ts";
import type { ModelClass } from "./keys.ts";
import type { IndexSettings, UniqueOptions } from "./entity_options.ts";
import type { RelationSettings } from "./relation_options.ts";
import type { StandardSchema } from "./standard_schema.ts";

// Outside Deno the symbol may be missing, and then decorators would get no metadata.
(Symbol as { metadata?: symbol }).metadata ??= Symbol.for("Symbol.metadata");

/** A field that is a column. */
export interface ColumnDeclaration {
  readonly kind: "column";
  readonly property: string;
  readonly settings: ColumnSettings;
  readonly role?: PropertyRole;
}

/** A field that is a relation. */
export interface RelationDeclaration {
  readonly kind: RelationKind;
  readonly property: string;
  readonly target: () => ModelClass;
  readonly inverse: ((target: never) => unknown) | undefined;
  readonly settings: RelationSettings;
}

/** A field that is mapped. */
export type FieldDeclaration = ColumnDeclaration | RelationDeclaration;

/** A rule on a property: a function with the message of its failure, or a schema. */
export type RuleDeclaration =
  & { readonly property: string }
  & (
    | {
      readonly test: (value: never, record: never) => boolean | Promise<boolean>;
      readonly message: string;
    }
    | { readonly schema: StandardSchema }
  );

/** A method that runs at a moment. */
export interface HookDeclaration {
  readonly moment: HookName;
  readonly method: string;
}

/** A constraint written on a field. */
export type ConstraintDeclaration =
  & { readonly property: string }
  & (
    | { readonly kind: "index"; readonly settings: Omit<IndexSettings, "columns"> }
    | { readonly kind: "unique"; readonly settings: UniqueOptions }
    | { readonly kind: "check"; readonly sql: string; readonly name: string | undefined }
  );

/** All that the decorators of one class wrote down, in order. */
export interface Declarations {
  readonly fields: FieldDeclaration[];
  readonly rules: RuleDeclaration[];
  readonly hooks: HookDeclaration[];
  readonly constraints: ConstraintDeclaration[];
  /** Decorators at places where they cannot work; told when the class's name is known. */
  readonly misplaced: { readonly property: string; readonly problem: string }[];
}

const declarations: unique symbol = Symbol("rex.declarations");

type Metadata = DecoratorMetadataObject & { [declarations]?: Declarations };

/** The list of the class that is being decorated; only decorators add to it. */
export function declarationsOf(metadata: DecoratorMetadataObject): Declarations {
  const own: Metadata = metadata;
  if (!Object.hasOwn(own, declarations)) {
    own[declarations] = { fields: [], rules: [], hooks: [], constraints: [], misplaced: [] };
  }
  return own[declarations]!;
}

/**
 * The lists of a class and its parents, the root first.
 *
 * The way leads over the classes, not over the metadata: in Deno the metadata of a class that has no class
 * decorator does not inherit from its parent's.
 *
 * @param metadata The class's own, which the class does not have yet while it is being decorated
 */
export function lineage(
  model: ModelClass,
  metadata: Metadata | null | undefined,
): Declarations[] {
  const found: Declarations[] = [];
  for (let at: ModelClass | null = model; at !== null; at = Object.getPrototypeOf(at)) {
    const own = at === model && metadata ? metadata : ownMetadata(at);
    if (own && Object.hasOwn(own, declarations)) found.unshift(own[declarations]!);
  }
  return found;
}

function ownMetadata(model: ModelClass): Metadata | null | undefined {
  return Object.hasOwn(model, Symbol.metadata) ? model[Symbol.metadata] : undefined;
}

/** The part of a decorator's context that says where it was put. */
export interface Place {
  readonly kind: string;
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
  readonly metadata: DecoratorMetadataObject;
}

/**
 * The declarations to add to and the property's name, or nothing where the decorator cannot work. The
 * class's name is not known yet, so the problem is told when the class itself is decorated.
 */
export function place(
  context: Place,
  decorator: string,
  kind: "field" | "method" = "field",
): { readonly own: Declarations; readonly property: string } | undefined {
  const own = declarationsOf(context.metadata);
  const property = String(context.name);
  const what = context.static
    ? "static"
    : context.private
    ? "private"
    : typeof context.name === "symbol"
    ? "named by a symbol"
    : context.kind !== kind
    ? `a ${context.kind}, not a ${kind}`
    : undefined;
  if (what === undefined) return { own, property };
  own.misplaced.push({ property, problem: `@${decorator} cannot be used here: it is ${what}` });
  return undefined;
}
