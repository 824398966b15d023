/**
 * What a migration is given: a session whose statements are watched, with the schema.
 *
 * @module
 */
import type { Session } from "../engine/session.ts";
import { type PlanKeeper, SchemaEditor } from "./editor/editor.ts";
import { type Migratable, type MigrationScope, scopeOn } from "./migration.ts";
import { WatchedSession, type Watcher } from "./watched_session.ts";

/** How a migration's scope is made. */
export interface ScopeOptions<S extends Session> {
  /** The database that is migrated. */
  readonly adapter: Migratable<S>;
  /** Looks at each statement before it is sent. */
  readonly watch: Watcher;
  /** Keeps what `schema` plans, where that must be the same at the next run. */
  readonly plans?: PlanKeeper;
  /** Whether `schema` uses forms that a transaction cannot hold. Default: where there is none. */
  readonly online?: boolean;
}

/** The scope of a migration on `session`; its transactions have one of their own. */
export function migrationScope<S extends Session>(
  session: Session,
  options: ScopeOptions<S>,
): MigrationScope<S> {
  const watched = new WatchedSession(session, options.watch);
  // The editor reads the schema behind the watcher's back: reading is no part of the migration.
  const schema = new SchemaEditor(session, {
    send: (sql) => watched.execute(sql),
    ...options.plans && { plans: options.plans },
    ...options.online !== undefined && { online: options.online },
  });
  const transaction: Session["transaction"] = (work, settings) =>
    session.transaction((tx) => work(migrationScope(tx, options)), settings);
  return Object.defineProperties(options.adapter[scopeOn](watched), {
    schema: { value: schema },
    transaction: { value: transaction },
  }) as MigrationScope<S>;
}
