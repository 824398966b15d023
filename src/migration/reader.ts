/**
 * Reads schemas in the way that a dialect needs: in a transaction of its own, where the session is in none.
 *
 * @module
 */
import type { IntrospectOptions, SchemaConnection } from "../dialect/schema_support.ts";
import type { Session } from "../engine/session.ts";
import type { DatabaseSchema } from "../schema/database_schema.ts";
import { withoutLog } from "./follow.ts";

/** The dialects whose own spelling schemas are in. */
const spellings = new WeakMap<DatabaseSchema, string>();

/** The name of the dialect in whose own spelling a schema is; `undefined` where it is in anybody's words. */
export function spellingOf(schema: DatabaseSchema): string | undefined {
  return spellings.get(schema);
}

/** Tells in which dialect's own spelling a schema is. */
export function tellSpelling(schema: DatabaseSchema, dialect: string): DatabaseSchema {
  spellings.set(schema, dialect);
  return schema;
}

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
    const found = await this.#inTransaction((connection) =>
      introspector.introspect(connection, { ...options, without })
    );
    return this.#told(withoutLog(found));
  }

  /** Gives a schema in the database's own spelling; one that is in it already is given back as it is. */
  async canonical(schema: DatabaseSchema): Promise<DatabaseSchema> {
    if (spellingOf(schema) === this.#session.dialect.name) return schema;
    const { introspector } = await this.#session.dialect.schemaSupport();
    return this.#told(
      await this.#inTransaction((connection) => introspector.canonical(connection, schema)),
    );
  }

  #told(schema: DatabaseSchema): DatabaseSchema {
    return tellSpelling(schema, this.#session.dialect.name);
  }

  #inTransaction<T>(work: (connection: SchemaConnection) => Promise<T>): Promise<T> {
    const session = this.#session;
    return session.inTransaction ? work(session) : session.transaction(work);
  }
}
