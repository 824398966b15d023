/**
 * Transactions without a name: `await adapter.beginTransaction()` makes the statements that follow in the same
 * flow of control run in it, and no others.
 *
 * The flow is Node's asynchronous context. `begin` enters it synchronously, so that the caller finds it after
 * its `await`. But entering leaks: whoever called the function that begins, and has not awaited anything
 * yet, is in the same context. So
 * - while the transaction is being opened, its opener waits; any other call that sees it comes from outside, and
 *   goes there;
 * - the opener runs on first when the transaction is open. When the first thing that it does is a call on the
 *   adapter, that call moves it into a context that is its alone, and everybody who has the leaked
 *   one is outside.
 *
 * What is left: an opener that awaits something else before its first statement cannot be told from its
 * caller, and both are in the transaction. A function that begins, runs a statement and returns with the
 * transaction open leaves its caller outside; the caller's `commit()` says so. `transaction(work)` has
 * neither limit.
 *
 * @module
 */
import { TransactionError } from "../base/errors.ts";
import { DetachingTransaction } from "./detaching_transaction.ts";
import type { Engine } from "./engine.ts";
import { FlowValue } from "../base/flow_value.ts";
import type { Transaction, TransactionRunOptions } from "./session.ts";

/** One transaction and who is in it. */
interface Holder {
  /** `failed`: it never opened or could not be committed, and nobody has called `rollback()` for that yet. */
  state: "opening" | "open" | "detached" | "failed" | "ended";
  transaction: Transaction | undefined;
  /** The context around it. */
  readonly parent: Context | undefined;
  /** The opener is running its first steps. */
  fresh: boolean;
  /** The opener has a context of its own. */
  claimed: boolean;
}

/** What a flow of control carries. */
interface Context {
  readonly holder: Holder;
  /** The opener's own context, not the leaked one. */
  readonly own: boolean;
}

/** The ambient transactions of one adapter. */
export class AmbientTransactions {
  readonly #context = new FlowValue<Context | undefined>();

  /**
   * Begins a transaction for the caller's flow; inside one, a savepoint.
   *
   * Call it, and hand its promise on, from functions that are not `async`: the caller has to await this very
   * promise. Using the transaction that it gives by name takes the flow out of it.
   *
   * @param wrap makes what the caller gets of the transaction
   * @throws {UnsupportedError} when the database has no such isolation level or mode
   */
  begin<T>(
    engine: Engine,
    options: TransactionRunOptions | undefined,
    wrap: (transaction: Transaction) => T,
  ): Promise<T> {
    const outer = this.#live();
    const holder: Holder = {
      state: "opening",
      transaction: undefined,
      parent: outer,
      fresh: false,
      claimed: false,
    };
    this.#context.enter({ holder, own: false });
    const opening = outer?.holder.transaction?.beginTransaction(options) ??
      engine.beginTransaction(options);
    return opening.then((transaction) => wrap(opened(holder, transaction)), (error) => {
      holder.state = "failed";
      throw error;
    });
  }

  /** The transaction that the caller's flow is in. Call it before the first `await` of the calling function. */
  current(): Transaction | undefined {
    return this.#live()?.holder.transaction;
  }

  /**
   * Commits the transaction of the caller's flow.
   *
   * @throws {TransactionError} when there is none
   */
  commit(): Promise<void> {
    const holder = this.#live()?.holder;
    if (holder?.transaction === undefined) return Promise.reject(noneError("commit"));
    holder.state = "ended";
    return holder.transaction.commit().catch((error) => {
      holder.state = "failed";
      throw error;
    });
  }

  /**
   * Rolls the transaction of the caller's flow back. Does nothing where its begin or commit has just failed.
   *
   * @throws {TransactionError} when there is none
   */
  rollback(): Promise<void> {
    const failed = this.#context.get()?.holder;
    if (failed?.state === "failed") {
      failed.state = "ended";
      return Promise.resolve();
    }
    const holder = this.#live()?.holder;
    if (holder?.transaction === undefined) return Promise.reject(noneError("roll back"));
    holder.state = "ended";
    return holder.transaction.rollback();
  }

  /** The innermost open transaction that the caller is really in. */
  #live(): Context | undefined {
    let context = this.#context.get();
    if (context?.holder.state === "opening") {
      // Somebody beside the opener: back to where it was.
      context = context.holder.parent;
      this.#context.enter(context);
    }
    for (; context !== undefined; context = context.holder.parent) {
      const { holder, own } = context;
      if (holder.state !== "open" || !holder.transaction?.isOpen) continue;
      if (own || !holder.claimed && !holder.fresh) return context;
      if (holder.claimed) continue;
      holder.claimed = true;
      const claimed = { holder, own: true };
      this.#context.enter(claimed);
      return claimed;
    }
    return undefined;
  }
}

/** Marks the steps until the opener has run on for the first time. */
function opened(holder: Holder, transaction: Transaction): Transaction {
  holder.transaction = transaction;
  holder.state = "open";
  holder.fresh = true;
  // The first microtask stands before the opener's, the second behind it.
  queueMicrotask(() => queueMicrotask(() => holder.fresh = false));
  return new DetachingTransaction(transaction, () => {
    if (holder.state === "open") holder.state = "detached";
  });
}

function noneError(action: string): TransactionError {
  return new TransactionError(
    `Cannot ${action}: no transaction is open in this asynchronous context`,
    {
      hint:
        "Call beginTransaction() in the same function, or use transaction(work), which needs no context.",
    },
  );
}
