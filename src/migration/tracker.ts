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
    const node: CreateTableNode = { kind: "CreateTable", table, ifNotExists: true };
    await this.#adapter.run(node);
    const { rows } = await this.#adapter.execute<{ columns: unknown }>(
      `SELECT count(*) AS columns FROM (${this.#columnsSql()}) c`,
    );
    if (Number(rows[0]?.columns) === table.columns.length) return;
    await this.#complete();
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
    }>(
      `SELECT migration_name, applied_at, checksum, state, statements FROM ${name} ${condition}`,
      params,
    );
    return rows.map((row) => ({
      name: row.migration_name,
      appliedAt: dateOf(row.applied_at),
      checksum: row.checksum ?? undefined,
      state: row.state,
      statements: Number(row.statements),
    }));
  }

  #columnsSql(): string {
    return this.#adapter.dialect.capabilities.supportsSchemas
      ? `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '${name}'`
      : `SELECT name FROM pragma_table_info('${name}')`;
  }

  /** Adds the columns that an older table has not. */
  async #complete(): Promise<void> {
    const { rows } = await this.#adapter.execute<Record<string, string>>(this.#columnsSql());
    const present = new Set(rows.map((row) => row.column_name ?? row.name));
    for (const column of table.columns.filter((each) => !present.has(each.name))) {
      await this.#adapter.run({ kind: "Step", step: { kind: "addColumn", table: name, column } });
    }
  }
}

function dateOf(value: unknown): Date {
  if (value instanceof Date) return value;
  const text = String(value).replace(" ", "T");
  return new Date(/[Zz]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
}
