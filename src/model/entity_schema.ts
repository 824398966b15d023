/**
 * The resolved form of a class.
 *
 * @module
 */
import type {
  EntitySchema,
  PropertyRole,
  PropertySchema,
  RelationSchema,
} from "../schema/entity.ts";
import type { TableSchema } from "../schema/table.ts";
import { propertyError } from "./declared_models.ts";
import type { EntityLookup } from "./join_table.ts";
import type { NamedModel } from "./own_properties.ts";
import { resolveRelations } from "./relations.ts";
import { allProperties, tableSchema } from "./table_schema.ts";

/** What the registry tells of a model: its schema, with the names of the specification beside. */
export interface ModelMetadata extends EntitySchema {
  /** The table's name. */
  readonly tableName: string;
  /** Every mapped property: the same as `properties`. */
  readonly columns: readonly PropertySchema[];
}

/** Resolves the columns of a class at once and its relations when they are first asked for. */
export class ResolvedEntity implements ModelMetadata {
  readonly name: string;
  readonly model: EntitySchema["model"];
  readonly table: TableSchema;
  readonly properties: readonly PropertySchema[];
  readonly byName: ReadonlyMap<string, PropertySchema>;
  readonly byColumn: ReadonlyMap<string, PropertySchema>;
  readonly primaryKey: readonly PropertySchema[];
  readonly roles: Readonly<Partial<Record<PropertyRole, PropertySchema>>>;
  readonly hooks: EntitySchema["hooks"];
  readonly validated: boolean;
  #relations: ReadonlyMap<string, RelationSchema> | undefined;
  readonly #named: NamedModel;
  readonly #lookup: EntityLookup;

  constructor(named: NamedModel, lookup: EntityLookup) {
    const { declared } = named;
    this.name = declared.name;
    this.model = declared.model;
    this.properties = allProperties(named);
    this.table = tableSchema(named, this.properties);
    this.byName = index(named, this.properties, (property) => property.name);
    this.byColumn = index(named, this.properties, (property) => property.column.name);
    this.primaryKey = named.primaryKey;
    this.roles = roles(this.properties);
    this.hooks = declared.hooks;
    this.validated = declared.rules.length > 0;
    this.#named = named;
    this.#lookup = lookup;
    Object.freeze(this);
  }

  get relations(): ReadonlyMap<string, RelationSchema> {
    return this.#relations ??= resolveRelations(this.#named, this.#lookup);
  }

  get tableName(): string {
    return this.table.name;
  }

  get columns(): readonly PropertySchema[] {
    return this.properties;
  }
}

function index(
  named: NamedModel,
  properties: readonly PropertySchema[],
  key: (property: PropertySchema) => string,
): ReadonlyMap<string, PropertySchema> {
  const found = new Map<string, PropertySchema>();
  for (const property of properties) {
    if (found.has(key(property))) {
      throw propertyError(named.declared.name, property.name, "another column has the same name");
    }
    found.set(key(property), property);
  }
  return found;
}

function roles(properties: readonly PropertySchema[]): EntitySchema["roles"] {
  const found: Partial<Record<PropertyRole, PropertySchema>> = {};
  for (const property of properties) if (property.role) found[property.role] = property;
  return Object.freeze(found);
}
