/**
 * The options of relation decorators.
 *
 * @module
 */
import type { LoadStrategy } from "../schema/entity.ts";
import type { Deferral, ReferentialAction } from "../schema/table.ts";
import type { ModelClass } from "./keys.ts";

/** What is passed on to related records: everything, nothing, or some of it. */
export type CascadeOption = boolean | readonly ("save" | "delete")[];

/** The options of every relation. */
export interface RelationOptions {
  /** What `save()` and `delete()` pass on to the related records. Default: nothing. */
  readonly cascade?: CascadeOption;
  /** How it is read, unless the query says so. Default: what suits the database. */
  readonly strategy?: LoadStrategy;
}

/** The options of a relation that has the foreign key on its side. `F` are properties of its class. */
export interface ForeignKeyOptions<
  N extends boolean = boolean,
  F extends string = string,
  R extends string = string,
> extends RelationOptions {
  /** The properties that hold the key. Default: `authorId` for a relation `author`, where declared. */
  readonly foreignKey?: F | readonly F[];
  /** The column(s) that hold the key, where no property does. Default: by the naming strategy. */
  readonly column?: string | readonly string[];
  /** The names of these columns before: a migration renames them where the database still has those. */
  readonly renamedFrom?: string | readonly string[];
  /** The properties there that it points to. Default: the primary key. */
  readonly references?: R | readonly R[];
  /** When the row it points to is deleted. Default: the database refuses. */
  readonly onDelete?: ReferentialAction;
  /** When the key it points to changes. Default: the database refuses. */
  readonly onUpdate?: ReferentialAction;
  /** Whether the foreign key is checked at commit; `true` is `"initially deferred"`. */
  readonly deferrable?: boolean | Deferral;
  /** How a key with NULLs in it is taken, when not the simple way. */
  readonly match?: "full";
  /** The name of the foreign key's constraint. Default: `fk_` with the table and the columns. */
  readonly constraintName?: string;
  /** Whether it can be absent; then the field's type has `| null`. */
  readonly nullable?: N;
  /** Whether no two rows point to the same one. One-to-one always is. */
  readonly unique?: boolean;
  /** Whether the foreign key is indexed. Default: `true`, unless a key or an index covers it. */
  readonly index?: boolean;
}

/** The options of `@OneToOne()`. */
export interface OneToOneOptions<
  N extends boolean = boolean,
  F extends string = string,
  R extends string = string,
> extends ForeignKeyOptions<N, F, R> {
  /** Whether the foreign key is on this side, where nothing else tells. */
  readonly owner?: boolean;
}

/** The options of `@ManyToMany()`. */
export interface ManyToManyOptions extends RelationOptions {
  /** The join table. Default: the names of both tables, sorted and joined by `_`. */
  readonly through?: ThroughOptions;
}

/** The join table of a many-to-many relation. */
export interface ThroughOptions {
  /** Its name. */
  readonly table?: string;
  /** Its name before: a migration renames it where the database still has that one. */
  readonly renamedFrom?: string;
  /** Its columns that point here; with `model`, the properties or the relation of that class. */
  readonly local?: string | readonly string[];
  /** Its columns that point to the target; with `model`, the properties or the relation of that class. */
  readonly foreign?: string | readonly string[];
  /** The class mapped to it, where it has columns of its own. */
  readonly model?: () => ModelClass;
}

/** Options as decorators store them: those of every kind. */
export interface RelationSettings extends OneToOneOptions, ManyToManyOptions {}
