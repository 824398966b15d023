/**
 * Changes a schema, the same way on every database.
 *
 * @module
 */
import { MigrationError } from "../../base/errors.ts";
import type { IntrospectOptions, PlannedStep, PlanOptions } from "../../dialect/schema_support.ts";
import type { Session } from "../../engine/session.ts";
import { isOneTableStep } from "../../schema/apply_step.ts";
import {
  type DatabaseSchema,
  emptySchema,
  type EnumSchema,
  type ViewSchema,
} from "../../schema/database_schema.ts";
import type { Step } from "../../schema/step.ts";
import { SchemaReader } from "../reader.ts";
import { type IndexDefinition, indexOf, type TableDefinition, tableOf } from "./definition.ts";
import { found, named, ObjectEditor, type TableName } from "./object_editor.ts";
import { TableEditor } from "./table_editor.ts";

/** A view as migrations write it. */
export interface ViewDefinition
  extends Partial<Omit<ViewSchema, "sql" | "name" | "schema" | "indexes">> {
  /** Its query. */
  readonly sql: string;
  /** Indexes of a stored one. */
  readonly indexes?: readonly IndexDefinition[];
}

/**
 * Changes the schema of a database: what `db.schema` is in a migration.
 *
 * ```ts ignore
 * await db.schema.createTable("users", {
 *   columns: { id: { type: "bigint", identity: true }, name: { type: "varchar(255)" } },
 *   primaryKey: ["id"],
 * });
 * await db.schema.alterTable("posts", (table) => {
 *   table.addColumn("author_id", { type: "bigint", nullable: true });
 *   table.addForeignKey({ columns: ["author_id"], table: "users", references: ["id"] });
 * });
 * ```
 */
export class SchemaEditor extends ObjectEditor {
  readonly #session: Session;
  readonly #send: (sql: string) => Promise<unknown>;
  readonly #reader: SchemaReader;

  /**
   * Changes what `session` reaches.
   *
   * @param send runs its statements, where that is somebody else's matter
   */
  constructor(
    session: Session,
    send: (sql: string) => Promise<unknown> = (sql) => session.execute(sql),
  ) {
    super(session.dialect.capabilities);
    this.#session = session;
    this.#send = send;
    this.#reader = new SchemaReader(session);
  }

  /** Reads the schema. */
  introspect(options?: IntrospectOptions): Promise<DatabaseSchema> {
    return this.#reader.read(options);
  }

  /**
   * Carries steps out, such as a comparison finds.
   *
   * @throws {MigrationError} for a step that cannot be done inside of a transaction
   */
  async apply(steps: readonly Step[], options?: PlanOptions): Promise<void> {
    await this.#run(steps, await this.#current(steps), options);
  }

  /** The statements for steps, without running them. */
  async plan(steps: readonly Step[], options?: PlanOptions): Promise<PlannedStep[]> {
    const { planner } = await this.#session.dialect.schemaSupport();
    return planner.plan(steps, await this.#current(steps), options);
  }

  /** Creates a table with its keys, checks, foreign keys and indexes. */
  async createTable(name: string, table: TableDefinition): Promise<void> {
    await this.apply([{ kind: "createTable", definition: tableOf(name, table) }]);
  }

  /** Drops a table and its rows. */
  async dropTable(name: TableName): Promise<void> {
    const current = await this.introspect();
    const definition = found(current.tables, name, "table");
    await this.#run([{ kind: "dropTable", definition }], current);
  }

  /** Gives a table another name. */
  async renameTable(from: TableName, to: TableName): Promise<void> {
    await this.apply([{ kind: "renameTable", from: named(from), to: named(to) }]);
  }

  /** Changes a table: all that `change` says together. */
  async alterTable(name: TableName, change: (table: TableEditor) => void): Promise<void> {
    const { name: table, schema } = named(name);
    const editor = new TableEditor({ table, ...schema !== undefined && { schema } });
    change(editor);
    const current = await this.introspect();
    await this.#run(editor.steps(current), current);
  }

  /** Creates an enum type, where the database has them; elsewhere the columns say it all. */
  async createEnum(name: TableName, values: readonly string[]): Promise<void> {
    if (!this.#session.dialect.capabilities.supportsEnumTypes) return;
    await this.apply([{ kind: "createEnum", enum: { ...named(name), values } }]);
  }

  /** Drops an enum type, where the database has them. */
  async dropEnum(name: TableName): Promise<void> {
    if (!this.#session.dialect.capabilities.supportsEnumTypes) return;
    await this.apply([{ kind: "dropEnum", enum: { ...named(name), values: [] } }]);
  }

  /** Adds a value to an enum type, where the database has them. */
  async addEnumValue(name: TableName, value: string, before?: string): Promise<void> {
    if (!this.#session.dialect.capabilities.supportsEnumTypes) return;
    await this.apply([{
      kind: "addEnumValue",
      enum: named(name),
      value,
      ...before !== undefined && { before },
    }]);
  }

  /** Gives an enum type these values; rows that have one that goes make it fail. */
  async replaceEnum(name: TableName, values: readonly string[]): Promise<void> {
    if (!this.#session.dialect.capabilities.supportsEnumTypes) return;
    const current = await this.introspect();
    const from: EnumSchema = found(current.enums, name, "enum type");
    await this.#run([{ kind: "replaceEnum", from, to: { ...from, values } }], current);
  }

  /** Creates a view. */
  async createView(name: TableName, view: ViewDefinition): Promise<void> {
    const { indexes = [], ...rest } = view;
    await this.apply([{
      kind: "createView",
      view: {
        columns: [],
        materialized: false,
        ...named(name),
        ...rest,
        indexes: indexes.map(indexOf),
      },
    }]);
  }

  /** Drops a view. */
  async dropView(name: TableName): Promise<void> {
    const current = await this.introspect();
    await this.#run([{ kind: "dropView", view: found(current.views, name, "view") }], current);
  }

  /** Carries out the steps that follow from the present schema. */
  protected override async change(
    find: (current: DatabaseSchema) => readonly Step[],
  ): Promise<void> {
    const current = await this.introspect();
    await this.#run(find(current), current);
  }

  /** What a plan has to know; creating needs to know nothing. */
  async #current(steps: readonly Step[]): Promise<DatabaseSchema> {
    return steps.some((step) =>
        isOneTableStep(step) || !step.kind.startsWith("create") && !step.kind.endsWith("Enum") ||
        step.kind === "replaceEnum"
      )
      ? await this.introspect()
      : emptySchema;
  }

  async #run(
    steps: readonly Step[],
    current: DatabaseSchema,
    options: PlanOptions = { online: !this.#session.inTransaction },
  ): Promise<void> {
    const { planner } = await this.#session.dialect.schemaSupport();
    for (const { statements, transactional } of planner.plan(steps, current, options)) {
      if (!transactional && this.#session.inTransaction) {
        throw new MigrationError(`Cannot run inside of a transaction: ${statements[0]}`, {
          hint: "Give the migration `transaction: false`, or plan without `online`",
        });
      }
      for (const sql of statements) await this.#send(sql);
    }
  }
}
