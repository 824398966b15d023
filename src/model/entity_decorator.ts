/**
 * The decorator of classes.
 *
 * @module
 */
import type { Mismatch } from "./column_options.ts";
import { declareModel } from "./declared_models.ts";
import type { EntityOptions } from "./entity_options.ts";
import type { Model, ModelClass } from "./keys.ts";

/** The names in `K`. It's `string` where the compiler met only objects, which name no property in `K`. */
export type Named<K extends string> = string extends K ? never : K;

/** A decorator that fits classes of models that have the properties `K`. */
export type EntityDecorator<K> = <C extends ModelClass<Model>>(
  value: C,
  context:
    & ClassDecoratorContext<C>
    & ([K] extends [keyof InstanceType<C>] ? unknown
      : Mismatch<"an index or unique names a property that the class does not have">),
) => void;

/**
 * Maps a class to a table and registers it.
 *
 * ```ts ignore
 * @Entity({ tableName: "users", uniques: [["tenantId", "email"]] })
 * export class User extends BaseModel { … }
 * ```
 *
 * An abstract parent class needs no decorator: its columns, relations, rules and hooks become its children's.
 * A child that declares a column again takes its parent's place; the compiler wants an initializer there:
 * `@Column({ … }) override name: string = undefined!`.
 * A class without primary key can be read, but its records cannot be written one by one.
 *
 * @throws {ModelError} for fields that are declared in a way that cannot work
 */
export function Entity<const K extends string = never, const P extends string = never>(
  options: EntityOptions<K, P> = {},
): EntityDecorator<Named<K> | Named<P>> {
  return (value, context) => declareModel(value, options, context.metadata);
}
