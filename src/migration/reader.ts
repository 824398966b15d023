/**
 * Reads schemas in the way that a dialect needs: in a transaction of its own, where the session is in none.
 *
 * @module
 */
import type { IntrospectOptions, SchemaConnection } from "../dialect/schema_support.ts";
import type { Session } from "../engine/session.ts";
import type { DatabaseSchema } from "../schema/database_schema.ts";

/** Tables of Rex-ORM's own. */
const ownTables = ["migration_history", "migration_lock"];

/** Reads the schema of a database, and other schemas in its spelling. */
export class SchemaReader {
  readonly #session: Session;

  /** Reads by `session`. */
  constructor(session: Session) {
    this.#session = session;
  }

  /** Reads what is there; Rex-ORM's own tables are left out. */
  async read(options: IntrospectOptions = {}): Promise<DatabaseSchema> {
    const { introspector } = await this.#session.dialect.schemaSupport();
    const without = [...ownTables, ...options.without ?? []];
    return await this.#inTransaction((connection) =>
      introspector.introspect(connection, { ...options, without })
    );
  }

  /** Gives a schema in the database's own spelling. */
  async canonical(schema: DatabaseSchema): Promise<DatabaseSchema> {
    const { introspector } = await this.#session.dialect.schemaSupport();
    return await this.#inTransaction((connection) => introspector.canonical(connection, schema));
  }

  #inTransaction<T>(work: (connection: SchemaConnection) => Promise<T>): Promise<T> {
    const session = this.#session;
    return session.inTransaction ? work(session) : session.transaction(work);
  }
}
