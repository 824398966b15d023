/**
 * Tells that models were saved and deleted: the specification's `realTimeEmitter`.
 *
 * @module
 */
import { Logger } from "../base/logger.ts";

/** What happened to a model. */
export type ModelEvent = "save" | "delete";

/** Takes a model that was saved or deleted. What it throws is logged and disturbs nobody else. */
export type ModelListener = (model: object) => void;

const log = Logger.child("realtime");

/** Tells listeners of models that were saved and deleted. */
export class RealTimeEmitter {
  readonly #listeners: Readonly<Record<ModelEvent, Set<ModelListener>>> = {
    save: new Set(),
    delete: new Set(),
  };

  /** Calls a listener at each event, until `off()`. The same listener is called once. */
  on(event: ModelEvent, listener: ModelListener): this {
    this.#of(event).add(listener);
    return this;
  }

  /** Calls a listener at the next event. */
  once(event: ModelEvent, listener: ModelListener): this {
    const first: ModelListener = (model) => {
      this.off(event, first);
      listener(model);
    };
    return this.on(event, first);
  }

  /** Calls a listener no more. */
  off(event: ModelEvent, listener: ModelListener): this {
    this.#of(event).delete(listener);
    return this;
  }

  /** Tells of a model; gives whether anybody listened. */
  emit(event: ModelEvent, model: object): boolean {
    const listeners = [...this.#of(event)];
    for (const listener of listeners) {
      try {
        listener(model);
      } catch (error) {
        log.error("A listener of the emitter failed", { event, error });
      }
    }
    return listeners.length > 0;
  }

  /** How many listen. */
  listenerCount(event: ModelEvent): number {
    return this.#of(event).size;
  }

  #of(event: ModelEvent): Set<ModelListener> {
    const listeners = Object.hasOwn(this.#listeners, event) ? this.#listeners[event] : undefined;
    if (listeners === undefined) throw new TypeError(`There is no event ${event}: save or delete`);
    return listeners;
  }
}

/**
 * Tells of every model that `save()` or `delete()` has written in this process, on whatever database, with the
 * instance and after the commit. What repositories, builders and other processes write is in the change feed: see
 * `db.feed()`.
 *
 * ```ts ignore
 * realTimeEmitter.on("save", (model) => console.log(model.constructor.name, model));
 * ```
 */
export const realTimeEmitter: RealTimeEmitter = new RealTimeEmitter();
