/**
 * What a migration is.
 *
 * @module
 */
import type { Session } from "../engine/session.ts";
import type { SchemaEditor } from "./editor/editor.ts";

/** What a migration works on: statements, and the schema. */
export type MigrationScope<S extends Session = Session> = {
  /** Changes the schema, the same way on every database. */
  readonly schema: SchemaEditor;
  /** Runs `work` in a transaction inside of the migration's; what it is given has `schema` too. */
  transaction<T>(
    work: (tx: MigrationScope<S>) => Promise<T>,
    options?: Parameters<Session["transaction"]>[1],
  ): Promise<T>;
} & S;

/** One change of a database, and the way back. The default export of a file in `migrations/`. */
export interface MigrationOf<S extends Session = Session> {
  /**
   * `false`: its statements are committed one by one, for those that a transaction cannot hold (`CREATE INDEX
   * CONCURRENTLY`). After a crash the next run goes on behind the last one that was done, so `up` and `down` have to send the
   * same statements each time; what they changed with `schema` is planned once, and `SELECT`s of repositories and builders are
   * sent again. Default: `true`, all or nothing.
   */
  readonly transaction?: boolean;
  /** Applies it. */
  up(db: MigrationScope<S>): Promise<void> | void;
  /** Reverts it; left out: it cannot be reverted. */
  down?(db: MigrationScope<S>): Promise<void> | void;
}

/** Makes the scope of a migration on a session. */
export const scopeOn: unique symbol = Symbol("rex-orm.scope");

/** A database that can be migrated. */
export interface Migratable<S extends Session = Session> extends Session {
  /** Runs `work` in a transaction. */
  transaction<T>(
    work: (tx: S) => Promise<T>,
    options?: Parameters<Session["transaction"]>[1],
  ): Promise<T>;
  /** What migrations see of a session. */
  [scopeOn](session: Session): S;
}
