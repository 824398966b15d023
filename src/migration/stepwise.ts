/**
 * Migrations whose statements are committed one by one. The history counts them, so that the next run goes on behind the last
 * one that was done.
 *
 * @module
 */
import type { SchemaSupport } from "../dialect/schema_support.ts";
import type { Session } from "../engine/session.ts";
import type { PlanKeeper } from "./editor/editor.ts";
import type { Migratable, MigrationScope } from "./migration.ts";
import { migrationScope } from "./scope.ts";
import type { AppliedMigration, MigrationState, MigrationTracker } from "./tracker.ts";
import type { Watcher } from "./watched_session.ts";

/** A migration that is run statement by statement. */
export interface StepwiseRun<S extends Session> {
  /** What it changes. */
  readonly adapter: Migratable<S>;
  /** Its name. */
  readonly name: string;
  /** The history. */
  readonly tracker: MigrationTracker;
  /** What is done. */
  readonly work: (scope: MigrationScope<S>) => Promise<void> | void;
  /** Its place in the history while it runs. */
  readonly during: MigrationState;
  /** Milliseconds that a statement waits for the lock of a table. */
  readonly lockTimeout: number;
  /** Told of each statement before it is sent. */
  readonly onStatement: (sql: string) => void;
}

/**
 * Runs a migration that is in the history already, as `known`.
 *
 * @param resumed whether it was cut off before
 */
export async function runStepwise<S extends Session>(
  { adapter, work, ...run }: StepwiseRun<S>,
  known: AppliedMigration,
  resumed: boolean,
): Promise<void> {
  const support = await adapter.dialect.schemaSupport();
  const done = known.statements;
  let at = 0;
  const watch: Watcher = async (statement) => {
    // Nothing that a later statement depends on is made up: what only reads is sent again.
    if (statement.reads) return await statement.send();
    const number = ++at;
    if (number <= done) return statement.nothing;
    run.onStatement(statement.sql);
    const advance = (session: Session): Promise<void> =>
      run.tracker.on(session).advance(run.name, run.during, number);
    if (statement.session.inTransaction) {
      const result = await statement.send();
      await advance(statement.session);
      return result;
    }
    if (support.runsAlone(statement.sql)) {
      const cutOff = resumed && number === done + 1;
      const isDone = cutOff && await support.isDone(adapter, statement.sql);
      const result = isDone ? statement.nothing : await statement.send();
      await advance(adapter);
      return result;
    }
    // With its count in one transaction: it is done and counted, or neither.
    return await adapter.transaction(async (tx) => {
      await guard(tx, support, run.lockTimeout);
      const result = await statement.send(tx);
      await advance(tx);
      return result;
    });
  };
  // On the session that plans: a transaction inside of the migration holds the row of the history.
  const plans = planKeeper(
    known.plans,
    (kept, session) => run.tracker.on(session).keepPlans(run.name, kept),
  );
  await work(migrationScope(adapter, { adapter, watch, plans }));
}

/** Limits how long a transaction waits for the locks of tables. */
export async function guard(
  tx: Session,
  support: SchemaSupport,
  lockTimeout: number,
): Promise<void> {
  for (const sql of support.guard(lockTimeout)) await tx.execute(sql);
}

/** Gives the plans of an earlier run in their order; then makes new ones and keeps them before they are carried out. */
function planKeeper(
  earlier: readonly (readonly string[])[],
  keep: (plans: AppliedMigration["plans"], session: Session) => Promise<void>,
): PlanKeeper {
  const all = [...earlier];
  let next = 0;
  return async (plan, session) => {
    const kept = all[next++];
    if (kept) return kept;
    const made = await plan();
    all.push(made);
    await keep(all, session);
    return made;
  };
}
