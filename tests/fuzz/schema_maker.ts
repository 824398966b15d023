/**
 * Random schemas.
 *
 * @module
 */
import { columnType } from "../../src/schema/column_type.ts";
import type { EnumSchema } from "../../src/schema/database_schema.ts";
import type { ColumnSchema, ForeignKeySchema, TableSchema } from "../../src/schema/table.ts";
import type { Random } from "./random.ts";
import {
  type Flavour,
  isInteger,
  isKeyable,
  isOrdered,
  isText,
  randomDeclared,
  randomDefault,
  randomType,
} from "./schema_columns.ts";
import { constraintMakers } from "./schema_constraints.ts";
import { quoted, settled, type World } from "./schema_world.ts";

const words = ["name", "title", "size", "order", "Group", "käse", "a b", 'q"q', "it's", "b\\s"];
const actions = [undefined, "cascade", "set null", "restrict", "set default", "no action"] as const;

/** Makes schemas and parts of them; no name comes twice. */
export class SchemaMaker {
  /** The database. */
  readonly flavour: Flavour;
  /** Where choices come from. */
  readonly random: Random;
  #names = 0;

  /** Takes its choices from `random`. */
  constructor(random: Random, flavour: Flavour) {
    this.random = random;
    this.flavour = flavour;
  }

  /** A schema of one to five tables. */
  world(): World {
    const { random, flavour } = this;
    const postgres = flavour === "PostgreSQL";
    const schemas = postgres && random.chance(0.4)
      ? ["audit", "Log book"].slice(random.int(0, 1))
      : [];
    let world: World = {
      flavour,
      schemas,
      enums: postgres ? Array.from({ length: random.int(0, 2) }, () => this.enum(schemas)) : [],
      tables: [],
      views: [],
      triggers: [],
      rest: this.#rest(),
    };
    for (let i = random.int(1, 5); i > 0; i--) {
      world = { ...world, tables: [...world.tables, this.table(world)] };
    }
    world = {
      ...world,
      tables: world.tables.map((table) =>
        random.chance(0.4) ? this.addReference(table, world.tables) : table
      ),
    };
    for (let i = random.int(0, 2); i > 0; i--) world = this.addView(world);
    if (random.chance(0.4)) world = this.addTrigger(world);
    return settled(world);
  }

  /** A name that no other has; now and then as long as names can be. */
  name(word: string): string {
    const name = `${word}${++this.#names}`;
    return this.random.chance(0.05)
      ? name.padEnd(63 - new TextEncoder().encode(name).length + name.length, "_")
      : name;
  }

  /** An enum. */
  enum(schemas: readonly string[]): EnumSchema {
    const schema = this.random.pick([undefined, ...schemas.filter((name) => name === "audit")]);
    return {
      name: this.name("mood"),
      ...schema !== undefined && { schema },
      values: ["low", "it's", "so so", "high"].slice(0, this.random.int(2, 4)),
    };
  }

  #rest(): World["rest"] {
    const { random } = this;
    if (this.flavour === "SQLite" || random.chance(0.7)) return { sequences: [], domains: [] };
    return {
      sequences: [{ name: this.name("seq"), sql: `AS bigint INCREMENT BY ${random.int(1, 3)}` }],
      domains: [{
        name: this.name("dom"),
        type: columnType("text"),
        nullable: random.chance(0.5),
        checks: [{ name: this.name("ck"), sql: "VALUE <> 'never'" }],
      }],
    };
  }

  /** A table. */
  table({ tables, schemas, enums }: World): TableSchema {
    const { random, flavour } = this;
    const uuid = random.chance(0.2);
    const composite = random.chance(0.15);
    const loose = flavour === "SQLite" && random.chance(0.2);
    const schema = random.pick([undefined, ...schemas]);
    const keyType = columnType(uuid ? "uuid" : random.pick(["integer", "bigint"]));
    const id: ColumnSchema = {
      name: "id",
      type: loose ? columnType("integer") : keyType,
      nullable: false,
      ...!uuid && !composite && !loose && random.chance(0.7) && {
        identity: flavour === "PostgreSQL" && random.chance(0.3)
          ? "always" as const
          : "by default" as const,
      },
      ...loose && { declared: "INTEGER" },
    };
    const second: ColumnSchema = { ...id, name: "id2" };
    let table: TableSchema = {
      name: this.name(random.chance(0.2) ? random.pick(words) : "t"),
      ...schema !== undefined && { schema },
      columns: composite ? [id, second] : [id],
      primaryKey: { columns: composite ? ["id", "id2"] : ["id"] },
      uniques: [],
      indexes: [],
      checks: [],
      foreignKeys: [],
      ...loose && { loose: true as const },
      ...flavour === "SQLite" && id.identity === undefined && random.chance(0.15) &&
        { options: "WITHOUT ROWID" },
      ...flavour === "PostgreSQL" && random.chance(0.1) && { options: "WITH (fillfactor=70)" },
      ...flavour === "PostgreSQL" && random.chance(0.1) && { comment: "what it's for" },
    };
    for (let i = random.int(1, 5); i > 0; i--) table = this.addColumn(table, enums);
    for (let i = random.int(0, 3); i > 0; i--) table = this.addConstraint(table, tables);
    return table;
  }

  /** A table with one more column. */
  addColumn(table: TableSchema, enums: readonly EnumSchema[]): TableSchema {
    const { random, flavour } = this;
    const generated = this.#generated(table);
    if (generated) return { ...table, columns: [...table.columns, generated] };
    const typed = table.loose
      ? randomDeclared(random)
      : { type: randomType(random, flavour, enums) };
    const nullable = random.chance(0.5);
    const value = randomDefault(random, flavour, typed.type);
    const collation = isText(typed.type) && random.chance(0.1)
      ? flavour === "SQLite" ? "NOCASE" : "C"
      : undefined;
    return {
      ...table,
      columns: [...table.columns, {
        name: this.name(random.pick(words)),
        ...typed,
        nullable,
        ...value && (!nullable || random.chance(0.4)) && { default: value },
        ...collation && { collation },
        ...flavour === "PostgreSQL" && random.chance(0.1) && { comment: "it's so" },
      }],
    };
  }

  #generated(table: TableSchema): ColumnSchema | undefined {
    const { random } = this;
    const sources = table.columns.filter(({ type, generated, identity }) =>
      generated === undefined && identity === undefined && (isInteger(type) || isText(type))
    );
    if (sources.length === 0 || !random.chance(0.15)) return undefined;
    const { name, type } = random.pick(sources);
    return {
      name: this.name("gen"),
      type: isText(type) ? columnType("text") : columnType("bigint"),
      nullable: true,
      generated: {
        sql: isText(type) ? `upper(${quoted(name)})` : `${quoted(name)} * 2`,
        stored: random.chance(0.5),
      },
      ...table.loose && { declared: isText(type) ? "TEXT" : "BIGINT" },
    };
  }

  /** A table with one more constraint or index. */
  addConstraint(table: TableSchema, tables: readonly TableSchema[]): TableSchema {
    if (this.random.chance(0.25)) return this.addReference(table, tables);
    const columns = table.columns.filter(({ generated }) => generated?.stored !== false);
    const make = this.random.pick(constraintMakers(this.flavour));
    return make(this, table, {
      any: columns.map(({ name }) => name),
      ordered: columns.filter(({ type }) => isOrdered(type)).map(({ name }) => name),
      keyable: columns.filter(({ type, generated }) => isKeyable(type) && !generated)
        .map(({ name }) => name),
      texts: columns.filter(({ type, generated }) => isText(type) && !generated)
        .map(({ name }) => name),
      numbers: columns.filter(({ type, generated }) => isInteger(type) && !generated)
        .map(({ name }) => name),
    });
  }

  /** A table with a foreign key to another, or to itself. */
  addReference(table: TableSchema, tables: readonly TableSchema[]): TableSchema {
    const { random } = this;
    const target = random.chance(0.2) ? table : random.pick([table, ...tables]);
    const keys = [
      ...target.primaryKey ? [target.primaryKey] : [],
      ...target.uniques.filter(({ deferrable }) => deferrable === undefined),
    ];
    if (keys.length === 0 || Boolean(target.loose) !== Boolean(table.loose)) return table;
    const { columns: references } = random.pick(keys);
    const columns = references.map((each): ColumnSchema => {
      const { type, declared } = target.columns.find(({ name }) => name === each) as ColumnSchema;
      return {
        name: this.name("ref"),
        type,
        nullable: true,
        ...declared !== undefined && { declared },
      };
    });
    const [onDelete, onUpdate] = [random.pick(actions), random.pick(actions)];
    const deferrable = random.chance(0.2)
      ? random.pick(["initially deferred", "initially immediate"] as const)
      : undefined;
    const key: ForeignKeySchema = {
      name: this.name("fk"),
      columns: columns.map(({ name }) => name),
      table: target.name,
      ...target.schema !== undefined && { schema: target.schema },
      references,
      ...onDelete && onDelete !== "no action" && { onDelete },
      ...onUpdate && onUpdate !== "no action" && { onUpdate },
      ...deferrable && { deferrable },
      ...this.flavour === "PostgreSQL" && random.chance(0.1) && { match: "full" as const },
    };
    return {
      ...table,
      columns: [...table.columns, ...columns],
      foreignKeys: [...table.foreignKeys, key],
    };
  }

  /** A world with one more view. */
  addView(world: World): World {
    const { random } = this;
    const below = random.chance(0.3) ? world.views.filter((each) => !each.materialized) : [];
    if (world.tables.length === 0) return world;
    const over = below.length > 0 ? { over: { name: random.pick(below).name } } : undefined;
    const table = random.pick(world.tables);
    const columns = over
      ? world.views.find(({ name }) => name === over.over.name)?.columns ?? []
      : table.columns.map(({ name }) => name);
    const { name, schema } = table;
    return {
      ...world,
      views: [...world.views, {
        name: this.name("v"),
        over: over?.over ?? { name, ...schema !== undefined && { schema } },
        columns: random.some(columns, random.int(1, 3)),
        materialized: this.flavour === "PostgreSQL" && random.chance(0.3),
      }],
    };
  }

  /** A world with one more trigger. */
  addTrigger(world: World): World {
    const { random } = this;
    if (world.tables.length === 0) return world;
    const { name, schema, columns } = random.pick(world.tables);
    const plain = columns.filter(({ generated }) => generated === undefined);
    return {
      ...world,
      triggers: [...world.triggers, {
        name: this.name("tr"),
        table: { name, ...schema !== undefined && { schema } },
        column: random.pick(plain).name,
      }],
    };
  }
}
