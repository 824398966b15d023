/**
 * Changes of what is no table and no view: schemas, names of enum types, domains, sequences, triggers.
 *
 * @module
 */
import { MigrationError } from "../../base/errors.ts";
import type { Capabilities } from "../../dialect/capabilities.ts";
import type {
  DatabaseSchema,
  DomainSchema,
  QualifiedName,
  TriggerSchema,
} from "../../schema/database_schema.ts";
import type { Step } from "../../schema/step.ts";

/** A name, or a name with its schema. */
export type TableName = string | QualifiedName;

/** A domain as migrations write it. */
export type DomainDefinition =
  & Pick<DomainSchema, "name" | "type">
  & Partial<Omit<DomainSchema, "name" | "type">>;

/** The methods of a schema editor that tables have no part in. */
export abstract class ObjectEditor {
  readonly #capabilities: Capabilities;

  /** For a database that can do this. */
  constructor(capabilities: Capabilities) {
    this.#capabilities = capabilities;
  }

  /** Carries out the steps that follow from the present schema. */
  protected abstract change(find: (current: DatabaseSchema) => readonly Step[]): Promise<void>;

  /** Creates a schema, where the database has them. */
  async createSchema(name: string): Promise<void> {
    if (!this.#capabilities.supportsSchemas) return;
    await this.change(() => [{ kind: "createSchema", name }]);
  }

  /** Drops a schema that is empty, where the database has them. */
  async dropSchema(name: string): Promise<void> {
    if (!this.#capabilities.supportsSchemas) return;
    await this.change(() => [{ kind: "dropSchema", name }]);
  }

  /** Gives an enum type another name, where the database has them. */
  async renameEnum(from: TableName, to: TableName): Promise<void> {
    if (!this.#capabilities.supportsEnumTypes) return;
    await this.change(() => [{ kind: "renameEnum", from: named(from), to: named(to) }]);
  }

  /** Gives a value of an enum type another name, where the database has them; rows that have it follow. */
  async renameEnumValue(name: TableName, from: string, to: string): Promise<void> {
    if (!this.#capabilities.supportsEnumTypes) return;
    await this.change(() => [{ kind: "renameEnumValue", enum: named(name), from, to }]);
  }

  /** Creates a domain: a type with conditions. */
  async createDomain(domain: DomainDefinition): Promise<void> {
    await this.change(() => [{ kind: "createDomain", domain: domainOf(domain) }]);
  }

  /** Changes the default, NULL and conditions of a domain. */
  async alterDomain(domain: DomainDefinition): Promise<void> {
    await this.change(({ domains }) => [{
      kind: "alterDomain",
      from: found(domains, domain, "domain"),
      to: domainOf(domain),
    }]);
  }

  /** Drops a domain. */
  async dropDomain(name: TableName): Promise<void> {
    await this.change(({ domains }) => [
      { kind: "dropDomain", domain: found(domains, name, "domain") },
    ]);
  }

  /**
   * Creates a sequence.
   *
   * @param sql what follows the name in `CREATE SEQUENCE`: `START WITH 100`
   */
  async createSequence(name: TableName, sql = ""): Promise<void> {
    await this.change(() => [{ kind: "createSequence", sequence: { ...named(name), sql } }]);
  }

  /** Changes a sequence: `INCREMENT BY 10`. */
  async alterSequence(name: TableName, sql: string): Promise<void> {
    await this.change(({ sequences }) => {
      const from = found(sequences, name, "sequence");
      return [{ kind: "alterSequence", from, to: { ...from, sql } }];
    });
  }

  /** Drops a sequence. */
  async dropSequence(name: TableName): Promise<void> {
    await this.change(({ sequences }) => [
      { kind: "dropSequence", sequence: found(sequences, name, "sequence") },
    ]);
  }

  /** Creates a trigger by its whole statement, which is the database's own. */
  async createTrigger(trigger: TriggerSchema): Promise<void> {
    await this.change(() => [{ kind: "createTrigger", trigger }]);
  }

  /** Drops a trigger of a table or view. */
  async dropTrigger(name: string, on: TableName): Promise<void> {
    const { name: table, schema } = named(on);
    await this.change(({ triggers }) => {
      const trigger = triggers.find((each) =>
        each.name === name && each.table === table && each.schema === schema
      );
      if (trigger) return [{ kind: "dropTrigger", trigger }];
      throw new MigrationError(`Cannot find the trigger ${name}: ${table} has none of that name`);
    });
  }
}

/** A name as data. */
export function named(name: TableName): QualifiedName {
  return typeof name === "string" ? { name } : { ...name };
}

/**
 * The one of that name.
 *
 * @throws {MigrationError} when there is none
 */
export function found<T extends QualifiedName>(
  all: readonly T[],
  input: TableName,
  what: string,
): T {
  const { name, schema } = named(input);
  const one = all.find((each) => each.name === name && each.schema === schema);
  if (one) return one;
  throw new MigrationError(`Cannot find the ${what} ${name}: the database has none of that name`);
}

function domainOf(domain: DomainDefinition): DomainSchema {
  return { nullable: true, checks: [], ...domain };
}
