/**
 * Which statements belong to one piece of work of the user's: those that one asynchronous function runs one after
 * the other, or at once with `Promise.all`. Web requests that are served side by side are pieces of their own.
 *
 * A statement continues the piece that its asynchronous context carries if
 * - it is begun in the same run of synchronous code as the piece's last one: `Promise.all(list.map(find))`; or
 * - it is begun in the turn of the event loop in which a statement of the piece settled: `await` in a loop.
 *
 * The context alone would not do: it is inherited, and everything that a server serves descends from the function
 * that started it. The turn alone would not do either: many requests are served in one. A context that is entered
 * in code which an HTTP server has just called would stay with the server, and come to the next request; there
 * none is entered, and the piece begins with the next statement. A loop that waits for something else between its
 * statements, such as a timer, is not recognised: it is no worse for it.
 *
 * @module
 */
import { inNextTurn } from "../../base/background_timer.ts";
import { FlowValue } from "../../base/flow_value.ts";
import { isDispatched } from "../../engine/call_site.ts";

/** One piece of work, and what is kept for it. */
export class Flow<T> {
  /** What is kept. */
  readonly kept: T;
  /** The run of synchronous code in which its last statement was begun. */
  run: object | undefined;
  /** The turn in which a statement of it settled last. */
  turn: object | undefined;

  /** Begins a piece of work. */
  constructor(kept: T) {
    this.kept = kept;
  }
}

/** Tells pieces of work apart. */
export class Flows<T> {
  readonly #storage = new FlowValue<Flow<T>>();
  readonly #start: () => T;
  #run: object | undefined;
  #turn: object | undefined;

  /** Knows none; `start` makes what is kept for a new one. */
  constructor(start: () => T) {
    this.#start = start;
  }

  /** The piece of work of a statement that is about to be sent. */
  enter(): Flow<T> {
    const run = this.#run ??= this.#newRun();
    let flow = this.#storage.get();
    if (flow === undefined || !this.#continues(flow, run)) {
      flow = new Flow(this.#start());
      if (!isDispatched()) this.#storage.enter(flow);
    }
    flow.run = run;
    return flow;
  }

  /** A statement of it has settled: what is begun in this turn continues it. */
  settled(flow: Flow<T>): void {
    flow.turn = this.#turn ??= this.#newTurn();
  }

  #continues(flow: Flow<T>, run: object): boolean {
    return flow.run === run || (flow.turn !== undefined && flow.turn === this.#turn);
  }

  #newRun(): object {
    queueMicrotask(() => this.#run = undefined);
    return {};
  }

  #newTurn(): object {
    inNextTurn(() => this.#turn = undefined);
    return {};
  }
}
