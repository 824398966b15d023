/**
 * The tables and columns that classes declare themselves, with their names derived.
 *
 * @module
 */
import type { ColumnType } from "../schema/column_type.ts";
import { columnType } from "../schema/column_type.ts";
import type { PropertySchema } from "../schema/entity.ts";
import type { ColumnPlan } from "./column_plan.ts";
import { shortName } from "./constraint_names.ts";
import { type DeclaredModel, propertyError } from "./declared_models.ts";
import { type NamingStrategy, snakeCase } from "./naming.ts";

/** A declared class with the names of its table and columns. */
export interface NamedModel {
  readonly declared: DeclaredModel;
  readonly naming: NamingStrategy;
  readonly table: string;
  readonly schema: string | undefined;
  /** By property, in the order of declaration. */
  readonly own: ReadonlyMap<string, PropertySchema>;
  readonly primaryKey: readonly PropertySchema[];
}

const named = new WeakMap<DeclaredModel, NamedModel>();
let defaultNaming: NamingStrategy = snakeCase;
let anyNamed = false;

/** Sets how names are derived where a class does not say; `false` when names were derived already. */
export function setDefaultNaming(naming: NamingStrategy): boolean {
  if (anyNamed) return naming === defaultNaming;
  defaultNaming = naming;
  return true;
}

/** Derives the names of a declared class, once. */
export function namedModel(declared: DeclaredModel): NamedModel {
  const known = named.get(declared);
  if (known !== undefined) return known;
  anyNamed = true;
  const naming = declared.options.naming ?? defaultNaming;
  const table = declared.options.tableName ?? naming.table(declared.name);
  const own = new Map<string, PropertySchema>();
  const columns = new Map<string, string>();
  for (const plan of declared.columns.values()) {
    const property = ownProperty(plan, table, plan.settings.name ?? naming.column(plan.property));
    const other = columns.get(property.column.name);
    if (other !== undefined) {
      throw propertyError(
        declared.name,
        plan.property,
        `its column ${property.column.name} is that of ${other} too`,
      );
    }
    columns.set(property.column.name, plan.property);
    own.set(plan.property, property);
  }
  const primaryKey = Object.freeze([...own.values()].filter((property) => property.primary));
  const { schema } = declared.options;
  const model = Object.freeze({ declared, naming, table, schema, own, primaryKey });
  named.set(declared, model);
  return model;
}

function ownProperty(plan: ColumnPlan, table: string, column: string): PropertySchema {
  const { settings, identity, stored, make, computed, role } = plan;
  const type = withEnumName(plan.type, table, column);
  return Object.freeze({
    name: plan.property,
    column: Object.freeze({
      name: column,
      type,
      nullable: settings.nullable === true,
      ...(stored && { default: stored }),
      ...(identity && { identity }),
      ...(computed && { generated: computed }),
      ...(settings.collation !== undefined && { collation: settings.collation }),
      ...(settings.comment !== undefined && { comment: settings.comment }),
    }),
    type,
    primary: plan.primary,
    hidden: false,
    generated: stored !== undefined || identity !== undefined || computed !== undefined,
    readonly: computed !== undefined,
    ...(make && { default: make }),
    ...(role && { role }),
  });
}

function withEnumName(type: ColumnType, table: string, column: string): ColumnType {
  if (type.name !== "enum" || type.enumName !== undefined) return type;
  const { name, ...rest } = type;
  // A dot would set a schema apart.
  const enumName = `${table}_${column}`.replaceAll(".", "_");
  return columnType(name, { ...rest, enumName: shortName(enumName) });
}
