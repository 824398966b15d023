/**
 * What a dialect brings for migrations: reading a schema, changing it, and keeping others from doing so at the
 * same time.
 *
 * @module
 */
import type { DatabaseSchema } from "../schema/database_schema.ts";
import type { Step } from "../schema/step.ts";

/** The narrow connection that a dialect's migration parts are given. */
export interface SchemaConnection {
  /** Runs SQL; rows are objects keyed by column. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<{ readonly rows: Row[] }>;
}

/** What is read. */
export interface IntrospectOptions {
  /** These schemas; by default all that are the user's own. */
  readonly schemas?: readonly string[];
  /** Tables to leave out, such as the history of migrations. */
  readonly without?: readonly string[];
}

/** Reads the schema of a database. */
export interface Introspector {
  /**
   * Reads it in a fixed number of statements, whatever the number of tables.
   *
   * @throws {QueryError} when a schema that is asked for is not there
   */
  introspect(connection: SchemaConnection, options?: IntrospectOptions): Promise<DatabaseSchema>;
  /**
   * Gives `schema` as the database itself would tell it after creating it: expressions, types and names in its
   * own spelling, so that two schemas can be compared. Creates it apart from all data and leaves nothing behind.
   */
  canonical(connection: SchemaConnection, schema: DatabaseSchema): Promise<DatabaseSchema>;
}

/** What a step can cost. */
export type Risk =
  /** Nothing is lost and nobody waits long. */
  | "safe"
  /** Others wait while a table is read through or written anew. */
  | "blocking"
  /** Data is lost, or a row that is there can make it fail. */
  | "destructive";

/** One or several steps as statements. */
export interface PlannedStep {
  /** What it does: several where one statement (or one rebuild) does them together. */
  readonly steps: readonly Step[];
  /** The statements, in order. */
  readonly statements: readonly string[];
  /** What it can cost. */
  readonly risk: Risk;
  /** Why, in a sentence; empty for `safe`. */
  readonly reason: string;
  /** `false`: it must run outside of a transaction (`CREATE INDEX CONCURRENTLY`). */
  readonly transactional: boolean;
}

/** How steps become statements. */
export interface PlanOptions {
  /** Choose forms that do not lock for long, even if they take longer or need to be outside of a transaction. */
  readonly online?: boolean;
}

/** Turns steps into statements. Pure: it is given what it has to know. */
export interface SchemaPlanner {
  /**
   * Plans steps in the order in which they are given, grouping where that is better.
   *
   * @param current the schema before the first of them, as introspection tells it
   * @throws {UnsupportedError} for a step that the database has no form for
   * @throws {MigrationError} for a step that does not fit `current`
   */
  plan(steps: readonly Step[], current: DatabaseSchema, options?: PlanOptions): PlannedStep[];
}

/** Where a lock is taken: a database that can also run a transaction of its own. */
export interface LockSession extends SchemaConnection {
  /** Runs `work` in a transaction. */
  transaction<T>(work: (connection: SchemaConnection) => Promise<T>): Promise<T>;
  /** Figures of its pool, where it has one. */
  stats?(): { readonly pool: { readonly max: number } };
}

/** How a lock is taken. */
export interface MigrationLockOptions {
  /** Milliseconds to wait for another holder. */
  readonly wait: number;
  /** Stops the wait. */
  readonly signal?: AbortSignal;
}

/** Keeps two processes from migrating one database at the same time. */
export interface MigrationLock {
  /**
   * Runs `work` while it holds the lock. A holder that died gives it up: with its connection, or when its lease has run
   * out; so the lock spares others the wait, and that nothing is applied twice is the history's matter.
   *
   * @throws {MigrationError} when another holds it for longer than `wait`; says who
   */
  hold<T>(session: LockSession, options: MigrationLockOptions, work: () => Promise<T>): Promise<T>;
}

/** A row that points to one that is not there. */
export interface ForeignKeyViolation {
  /** Its table. */
  readonly table: string;
  /** Its number, where rows have one; a rebuild of the table can change it. */
  readonly row?: string;
  /** The table that it points to. */
  readonly parent: string;
}

/** What a dialect brings for migrations. */
export interface SchemaSupport {
  /** Reads schemas. */
  readonly introspector: Introspector;
  /** Changes them. */
  readonly planner: SchemaPlanner;
  /** One at a time. */
  readonly lock: MigrationLock;
  /**
   * Statements at the beginning of a transaction that changes the schema: how long it waits for locks of tables.
   *
   * @param lockTimeout milliseconds
   */
  guard(lockTimeout: number): readonly string[];
  /** Statements at the end of such a transaction: what a script has set (`SET search_path`) is not to outlive it. */
  readonly settle: readonly string[];
  /** Whether there are statements that a transaction cannot hold; else every migration runs in one. */
  readonly stepwise: boolean;
  /** Whether a statement has to run outside of a transaction. */
  runsAlone(sql: string): boolean;
  /**
   * Whether a statement that was cut off has done its work after all, so that it need not be sent again; clears away what it
   * left half done.
   */
  isDone(connection: SchemaConnection, sql: string): Promise<boolean>;
  /** Takes a script apart into its statements, where they are to be run one by one. */
  split(script: string): string[];
  /**
   * Finds rows that break a foreign key, where the database did not check while the schema changed.
   *
   * @returns Each with the tables and the row, if rows have numbers
   */
  violations(connection: SchemaConnection): Promise<readonly ForeignKeyViolation[]>;
}
