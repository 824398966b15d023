/**
 * Changes a schema, the same way on every database.
 *
 * @module
 */
import { MigrationError } from "../../base/errors.ts";
import type { IntrospectOptions, PlannedStep, PlanOptions } from "../../dialect/schema_support.ts";
import type { SourceConnection } from "../../change/source.ts";
import type { Session } from "../../engine/session.ts";
import { isOneTableStep } from "../../schema/apply_step.ts";
import {
  type DatabaseSchema,
  emptySchema,
  type EnumSchema,
  type ViewSchema,
} from "../../schema/database_schema.ts";
import type { Step } from "../../schema/step.ts";
import {
  type FollowedTable,
  followedTables,
  followTables,
  sendGuarded,
  unfollowTables,
} from "../follow.ts";
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

/** Gives the statements of the next change: of an earlier run that was cut off, or newly planned. */
export type PlanKeeper = (
  plan: () => Promise<readonly string[]>,
  session: Session,
) => Promise<readonly string[]>;

/** How a schema is changed. */
export interface EditorOptions {
  /** Runs its statements, where that is somebody else's matter. */
  readonly send?: (sql: string) => Promise<unknown>;
  /** Keeps what is planned. */
  readonly plans?: PlanKeeper;
  /** Whether it uses forms that a transaction cannot hold. Default: where there is none. */
  readonly online?: boolean;
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
  /** Takes statements, where that is somebody else's matter; the log is theirs to look after then. */
  readonly #send: ((sql: string) => Promise<unknown>) | undefined;
  readonly #stepwise: boolean;
  readonly #plans: PlanKeeper;
  readonly #online: boolean;
  readonly #reader: SchemaReader;

  /** Changes what `session` reaches. */
  constructor(session: Session, options: EditorOptions = {}) {
    super(session.dialect.capabilities);
    this.#session = session;
    this.#send = options.send;
    this.#stepwise = options.plans !== undefined;
    this.#plans = options.plans ?? ((plan) => plan());
    this.#online = options.online ?? !session.inTransaction;
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
    await this.#run(async () => [steps, await this.#current(steps)], options);
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
    await this.change(({ tables }) => [
      { kind: "dropTable", definition: found(tables, name, "table") },
    ]);
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
    await this.change((current) => editor.steps(current));
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
    await this.change(({ enums }) => {
      const from: EnumSchema = found(enums, name, "enum type");
      return [{ kind: "replaceEnum", from, to: { ...from, values } }];
    });
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
    await this.change(({ views }) => [{ kind: "dropView", view: found(views, name, "view") }]);
  }

  /**
   * Has the database log every change of these tables, whoever makes it, for feeds with the source `log`. Tables that are
   * logged already stay so.
   *
   * @param tables names, or models with their join tables; left out: all tables of the default schema
   * @throws {MigrationError} when there is no such table
   * @throws {UnsupportedError} when the database has no log of changes
   */
  async followChanges(tables?: readonly FollowedTable[]): Promise<void> {
    const all = tables ?? (await this.introspect()).tables.filter(({ schema }) => !schema);
    const logged = followedTables(all);
    await this.#log((tx) => followTables(this.#session.dialect, tx, logged));
  }

  /**
   * Ends the logging of these tables.
   *
   * @param tables left out: of all, and the log itself is removed
   * @throws {UnsupportedError} when the database has no log of changes
   */
  async unfollowChanges(tables?: readonly FollowedTable[]): Promise<void> {
    const logged = tables && followedTables(tables);
    await this.#log((tx) => unfollowTables(this.#session.dialect, tx, logged));
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

  /** Carries out the steps that follow from the present schema. */
  protected override change(
    find: (current: DatabaseSchema) => readonly Step[],
  ): Promise<void> {
    return this.#run(async () => {
      const current = await this.introspect();
      return [find(current), current];
    });
  }

  async #run(
    find: () => Promise<readonly [steps: readonly Step[], current: DatabaseSchema]>,
    options: PlanOptions = { online: this.#online },
  ): Promise<void> {
    const statements = await this.#plans(async () => {
      const { planner } = await this.#session.dialect.schemaSupport();
      const [steps, current] = await find();
      const planned = planner.plan(steps, current, options);
      this.#refuseAlone(planned);
      return planned.flatMap((each) => each.statements);
    }, this.#session);
    const send = this.#send;
    if (!send) return await sendGuarded(this.#session, statements);
    for (const sql of statements) await send(sql);
  }

  /** Changes the log: what it changes is shown, but where statements are counted, since it can be fewer the next time. */
  async #log(work: (connection: SourceConnection) => Promise<void>): Promise<void> {
    const [session, send] = [this.#session, this.#send];
    if (!session.inTransaction) return await session.transaction(work);
    if (!send || this.#stepwise) return await work(session);
    await work({
      execute: async <Row>(sql: string, params: readonly unknown[] = []) => {
        const changes = params.length === 0 && /^\s*(?:create|drop|alter|do)\b/i.test(sql);
        if (!changes) return await session.execute<Row>(sql, params);
        await send(sql);
        return { rows: [] };
      },
    });
  }

  #refuseAlone(planned: readonly PlannedStep[]): void {
    if (this.#online || !this.#session.inTransaction) return;
    const alone = planned.find(({ transactional }) => !transactional);
    if (!alone) return;
    throw new MigrationError(`Cannot run inside of a transaction: ${alone.statements[0]}`, {
      hint: "Give the migration `transaction: false`, or plan without `online`",
    });
  }
}
