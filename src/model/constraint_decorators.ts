/**
 * Decorators of fields that are indexed, unique or checked.
 *
 * @module
 */
import { place } from "./declarations.ts";
import type { IndexSettings, UniqueOptions } from "./entity_options.ts";

/** A decorator that fits every field. */
export type FieldDecorator = <This, V>(
  value: undefined,
  context: ClassFieldDecoratorContext<This, V>,
) => void;

/** Adds an index over the field's column, or over the foreign key of a relation. */
export function Index(options: Omit<IndexSettings, "columns"> = {}): FieldDecorator {
  return (_value, context) => {
    const here = place(context, "Index");
    here?.own.constraints.push({ kind: "index", property: here.property, settings: options });
  };
}

/** The options of a constraint written on a field. */
export interface ConstraintOptions {
  /** The constraint's name. Default: from the table and the column. */
  readonly name?: string;
}

/** Forbids two rows with the same value of the field's column, or foreign key of a relation. */
export function Unique(options: UniqueOptions = {}): FieldDecorator {
  return (_value, context) => {
    const here = place(context, "Unique");
    here?.own.constraints.push({ kind: "unique", property: here.property, settings: options });
  };
}

/** A condition in SQL, in the database's names, that every row meets. */
export function Check(sql: string, options: ConstraintOptions = {}): FieldDecorator {
  return (_value, context) => {
    const here = place(context, "Check");
    here?.own.constraints.push({ kind: "check", property: here.property, sql, name: options.name });
  };
}
