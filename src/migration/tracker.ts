/**
 * The history of migrations: a table in the database that they change.
 *
 * @module
 */
import type { CreateTableNode } from "../ast/ddl.ts";
import { MigrationError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import { columnType } from "../schema/column_type.ts";
import type { TableSchema } from "../schema/table.ts";

/** How far a migration is: `running` and `reverting` stand for one that was cut off between its statements. */
export type MigrationState = "applied" | "running" | "reverting";

/** A migration in the history. */
export interface AppliedMigration {
  /** Its name: that of its file, without the ending. */
  readonly name: string;
  /** When it was applied, as the database's clock had it. */
  readonly appliedAt: Date;
  /** What its text was then; none for one that had no file. */
  readonly checksum: string | undefined;
  /** How far it is. */
  readonly state: MigrationState;
  /** How many of its statements are done, when it is between them. */
  readonly statements: number;
  /** What its changes of the schema were planned as, change by change, when it is between its statements. */
  readonly plans: readonly (readonly string[])[];
}

/** What is written down beside the name. */
export interface MigrationRecord {
  /** The checksum of its text. */
  readonly checksum?: string | undefined;
  /** How far it is. Default: `applied`. */
  readonly state?: MigrationState;
}

/** The name of the table. */
const name = "migration_history";

const table: TableSchema = {
  name,
  columns: [
    { name: "id", type: columnType("integer"), nullable: false, identity: "by default" },
    { name: "migration_name", type: columnType("varchar", { length: 255 }), nullable: false },
    {
      name: "applied_at",
      type: columnType("timestamp"),
      nullable: false,
      default: { kind: "now" },
    },
    { name: "checksum", type: columnType("text"), nullable: true },
    {
      name: "state",
      type: columnType("text"),
      nullable: false,
      default: { kind: "value", value: "applied" },
    },
    {
      name: "statements",
      type: columnType("integer"),
      nullable: false,
      default: { kind: "value", value: 0 },
    },
    { name: "plans", type: columnType("text"), nullable: true },
  ],
  primaryKey: { columns: ["id"] },
  uniques: [{ name: "migration_history_name", columns: ["migration_name"] }],
  indexes: [],
  checks: [],
  foreignKeys: [],
};

/** Keeps the history of a database's migrations. */
export class MigrationTracker {
  readonly #adapter: Session;

  /** Keeps it in what `adapter` reaches: a database, or a transaction of it. */
  constructor(adapter: Session) {
    this.#adapter = adapter;
  }

  /** The same history, as a transaction sees it. */
  on(session: Session): MigrationTracker {
    return new MigrationTracker(session);
  }

  /** Creates the table, if it is not there; one that was made with fewer columns gets the others. */
  async initialize(): Promise<void> {
    let present = await this.#columns();
    if (present.size === 0) {
      const node: CreateTableNode = { kind: "CreateTable", table, ifNotExists: true };
      // Two that create it at the same time: the slower one fails, though it asks.
      const failure = await this.#adapter.run(node).then(() => undefined, (error) => error);
      present = await this.#columns();
      if (present.size === 0) throw failure;
    }
    for (const column of table.columns.filter((each) => !present.has(each.name))) {
      await this.#adapter.run({ kind: "Step", step: { kind: "addColumn", table: name, column } });
    }
  }

  /** Writes down that a migration was applied. */
  async recordMigration(
    migrationName: string,
    { checksum, state = "applied" }: MigrationRecord = {},
  ): Promise<void> {
    await this.#adapter.execute(
      `INSERT INTO ${name} (migration_name, checksum, state) VALUES ($1, $2, $3)`,
      [migrationName, checksum ?? null, state],
    );
  }

  /** Takes a migration out. */
  async removeMigration(migrationName: string): Promise<void> {
    await this.#adapter.execute(`DELETE FROM ${name} WHERE migration_name = $1`, [migrationName]);
  }

  /** Whether a migration was applied, all of it. */
  async isMigrationApplied(migrationName: string): Promise<boolean> {
    return (await this.find(migrationName))?.state === "applied";
  }

  /** A migration of the history. */
  async find(migrationName: string): Promise<AppliedMigration | undefined> {
    return (await this.#read("WHERE migration_name = $1", [migrationName]))[0];
  }

  /** All migrations of the history, in the order in which they were applied. */
  getHistory(): Promise<AppliedMigration[]> {
    return this.#read("ORDER BY id", []);
  }

  /** Writes down how far a migration is that runs statement by statement. */
  async advance(migrationName: string, state: MigrationState, statements: number): Promise<void> {
    await this.#adapter.execute(
      `UPDATE ${name} SET state = $1, statements = $2 WHERE migration_name = $3`,
      [state, statements, migrationName],
    );
  }

  /** Writes down what the changes of a migration that runs statement by statement are planned as. */
  async keepPlans(migrationName: string, plans: AppliedMigration["plans"]): Promise<void> {
    await this.#adapter.execute(
      `UPDATE ${name} SET plans = $1 WHERE migration_name = $2`,
      [JSON.stringify(plans), migrationName],
    );
  }

  /** Writes down that a migration which ran statement by statement is applied, as its text is now. */
  async finish(migrationName: string, checksum: string | undefined): Promise<void> {
    await this.#adapter.execute(
      `UPDATE ${name} SET state = 'applied', statements = 0, plans = NULL, checksum = $1 ` +
        "WHERE migration_name = $2",
      [checksum ?? null, migrationName],
    );
  }

  /** Writes down another checksum. */
  async setChecksum(migrationName: string, checksum: string): Promise<void> {
    const { rowCount } = await this.#adapter.execute(
      `UPDATE ${name} SET checksum = $1 WHERE migration_name = $2`,
      [checksum, migrationName],
    );
    if (rowCount > 0) return;
    throw new MigrationError(`Cannot accept ${migrationName}: it was not applied`);
  }

  async #read(condition: string, params: readonly unknown[]): Promise<AppliedMigration[]> {
    const { rows } = await this.#adapter.execute<{
      migration_name: string;
      applied_at: unknown;
      checksum: string | null;
      state: MigrationState;
      statements: number | bigint;
      plans: string | null;
    }>(
      `SELECT migration_name, applied_at, checksum, state, statements, plans FROM ${name} ${condition}`,
      params,
    );
    return rows.map((row) => ({
      name: row.migration_name,
      appliedAt: dateOf(row.applied_at),
      checksum: row.checksum ?? undefined,
      state: row.state,
      statements: Number(row.statements),
      plans: row.plans === null ? [] : JSON.parse(row.plans),
    }));
  }

  /** The columns that the table has; none: it is not there. */
  async #columns(): Promise<Set<string>> {
    const { rows } = await this.#adapter.execute<{ column_name: string }>(
      this.#adapter.dialect.capabilities.supportsSchemas
        ? `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '${name}'`
        : `SELECT name AS column_name FROM pragma_table_info('${name}')`,
    );
    return new Set(rows.map((row) => row.column_name));
  }
}

function dateOf(value: unknown): Date {
  if (value instanceof Date) return value;
  const text = String(value).replace(" ", "T");
  return new Date(/[Zz]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
}
