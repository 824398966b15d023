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

/** Keeps two processes from migrating one database at the same time. */
export interface MigrationLock {
  /**
   * Takes the lock, waiting for another holder. A holder that died gives it up: with its connection, or when its
   * lease has run out.
   *
   * @param wait milliseconds
   * @throws {MigrationError} when another holds it for longer than `wait`; says who
   */
  acquire(connection: SchemaConnection, wait: number): Promise<AsyncDisposable>;
}

/** What a dialect brings for migrations. */
export interface SchemaSupport {
  /** Reads schemas. */
  readonly introspector: Introspector;
  /** Changes them. */
  readonly planner: SchemaPlanner;
  /** One at a time. */
  readonly lock: MigrationLock;
}
