/**
 * Decorators of fields that are relations.
 *
 * @module
 */
import type { RelationKind } from "../schema/entity.ts";
import type { Mismatch } from "./column_options.ts";
import { type Place, place, type RelationDeclaration } from "./declarations.ts";
import type { Model, ModelClass } from "./keys.ts";
import type {
  ForeignKeyOptions,
  ManyToManyOptions,
  OneToOneOptions,
  RelationOptions,
} from "./relation_options.ts";

/** `unknown` where `F` are properties of `This`. */
export type PropertyCheck<F, This> = [F] extends [keyof This] ? unknown
  : Mismatch<"foreignKey names a property that this class does not have">;

/** `unknown` where the inverse of a relation leads back to `This`. */
export type BackCheck<This, I> = [I] extends [never] ? unknown
  : [This] extends [I extends readonly (infer U)[] ? U : NonNullable<I>] ? unknown
  : Mismatch<"the inverse does not lead back to this class">;

/** `unknown` where the field's type has `| null` as `N` says. */
export type NullCheck<V, N> = null extends V ? [N] extends [true] ? unknown
  : Mismatch<"the field can be null: add `nullable: true`, or drop `| null`">
  : [N] extends [true] ? Mismatch<"the relation is nullable: add `| null` to the field's type">
  : unknown;

/** `unknown` where a field of type `V` holds a `T`. */
export type OneCheck<V, T> = [T, NonNullable<V>] extends [NonNullable<V>, T] ? unknown
  : Mismatch<"the field's type is not the class that the relation leads to">;

/** `unknown` where a field of type `V` holds a list of `T`. */
export type ManyCheck<V, T> = [T[], NonNullable<V>] extends [NonNullable<V>, readonly T[]] ? unknown
  : Mismatch<"the field's type is not a list of the class that the relation leads to">;

/** A decorator that fits fields that hold a `T` (or null as `N` says), seen from there as `I`. */
export type ManyToOneDecorator<T, I, N, F> = <This, V>(
  value: undefined,
  context:
    & ClassFieldDecoratorContext<This, V>
    & OneCheck<V, T>
    & NullCheck<V, N>
    & BackCheck<This, I>
    & PropertyCheck<F, This>,
) => void;

/** A decorator that fits fields that hold a `T`; nullable ones may do so only with `| null`. */
export type OneToOneDecorator<T, I, N, F> = <This, V>(
  value: undefined,
  context:
    & ClassFieldDecoratorContext<This, V>
    & OneCheck<V, T>
    & ([N] extends [true] ? NullCheck<V, N> : unknown)
    & BackCheck<This, I>
    & PropertyCheck<F, This>,
) => void;

/** A decorator that fits fields that hold a list of `T`. */
export type ToManyDecorator<T, I> = <This, V>(
  value: undefined,
  context: ClassFieldDecoratorContext<This, V> & ManyCheck<V, T> & BackCheck<This, I>,
) => void;

/**
 * Many of this class belong to one of the target. The foreign key is on this side: the property named by
 * `foreignKey`, else a declared property such as `authorId` for a relation `author`, else a column
 * (`author_id`) that is no property of the class. It is indexed unless told otherwise.
 *
 * ```ts ignore
 * @ManyToOne(() => User, (user) => user.posts, { onDelete: "cascade" }) author!: User;
 * ```
 *
 * The arrow functions let models import each other. The inverse may be left out.
 */
export function ManyToOne<
  T extends Model,
  I extends readonly Model[] | Model | null | undefined = never,
  const N extends boolean = false,
  const F extends string = never,
>(
  target: () => ModelClass<T>,
  inverse?: (target: T) => I,
  options: ForeignKeyOptions<N, F, keyof T & string> = {},
): ManyToOneDecorator<T, I, N, F> {
  return (_value, context) =>
    declareRelation(context, "ManyToOne", "many-to-one", target, inverse, options);
}

/**
 * One of this class goes with one of the target. The side that has the foreign key is the owner: the one with
 * `foreignKey`, `column` or `owner: true`, else the one that declares a property such as `userId` for a
 * relation `user`; where no inverse is given, this one. The field of the other side should have `| null`:
 * nothing makes the other record exist.
 */
export function OneToOne<
  T extends Model,
  I extends Model | null | undefined = never,
  const N extends boolean = false,
  const F extends string = never,
>(
  target: () => ModelClass<T>,
  inverse?: (target: T) => I,
  options: OneToOneOptions<N, F, keyof T & string> = {},
): OneToOneDecorator<T, I, N, F> {
  return (_value, context) =>
    declareRelation(context, "OneToOne", "one-to-one", target, inverse, options);
}

/** One of this class has many of the target; `inverse` is the relation there that has the foreign key. */
export function OneToMany<T extends Model, I extends Model | null | undefined>(
  target: () => ModelClass<T>,
  inverse: (target: T) => I,
  options: RelationOptions = {},
): ToManyDecorator<T, I> {
  return (_value, context) =>
    declareRelation(context, "OneToMany", "one-to-many", target, inverse, options);
}

/**
 * Many of this class go with many of the target, by a join table that both sides share. Its name and columns
 * follow from the tables unless `through` says otherwise; with `through.model` it is a class with columns of
 * its own.
 */
export function ManyToMany<T extends Model, I extends readonly Model[] | undefined = never>(
  target: () => ModelClass<T>,
  inverse?: (target: T) => I,
  options: ManyToManyOptions = {},
): ToManyDecorator<T, I> {
  return (_value, context) =>
    declareRelation(context, "ManyToMany", "many-to-many", target, inverse, options);
}

function declareRelation(
  context: Place,
  decorator: string,
  kind: RelationKind,
  target: () => ModelClass,
  inverse: RelationDeclaration["inverse"],
  settings: RelationDeclaration["settings"],
): void {
  const here = place(context, decorator);
  if (here === undefined) return;
  here.own.fields.push({ kind, property: here.property, target, inverse, settings });
}
