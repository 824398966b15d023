/**
 * Those who follow a live query in this process.
 *
 * @module
 */

/** Somebody who is told events until it ends. */
export interface Consumer<Event> {
  /** Takes an event. */
  told(event: Event): void;
  /** Told the end; `undefined`: without an error. */
  ended(error: unknown): void;
}

/** What can be consumed. */
export interface Consumed<Event> {
  /** Tells a consumer from now on. */
  add(consumer: Consumer<Event>): void;
  /** Tells it no more. */
  leave(consumer: Consumer<Event>): void;
}

/**
 * An iterator over what is consumed. It begins with the first `next()`.
 *
 * @param told notes an event
 * @param take gives what there is to be read; `undefined`: nothing yet
 */
export function iterate<Event, T>(
  consumed: Consumed<Event>,
  told: (event: Event) => void,
  take: () => T | undefined,
): AsyncIterableIterator<T, undefined> {
  const done = { value: undefined, done: true } as const;
  let waiting: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  let ending: { readonly error: unknown } | undefined;
  let begun = false;
  const consumer: Consumer<Event> = {
    told: (event) => {
      told(event);
      const [first] = waiting;
      const value = first && take();
      if (!first || value === undefined) return;
      waiting.shift();
      first.resolve({ value, done: false });
    },
    ended: (error) => {
      const [first, ...others] = waiting;
      waiting = [];
      // Whoever waits is told of the error, or who asks next; once.
      ending = { error: first ? undefined : error };
      if (first && error !== undefined) first.reject(error);
      else first?.resolve(done);
      for (const each of others) each.resolve(done);
    },
  };
  const iterator: AsyncIterableIterator<T, undefined> = {
    next: () => {
      if (!begun) consumed.add(consumer);
      begun = true;
      const value = ending ? undefined : take();
      if (value !== undefined) return Promise.resolve({ value, done: false });
      if (ending) {
        const { error } = ending;
        ending = { error: undefined };
        return error === undefined ? Promise.resolve(done) : Promise.reject(error);
      }
      const next = Promise.withResolvers<IteratorResult<T, undefined>>();
      waiting.push(next);
      return next.promise;
    },
    return: () => {
      begun = true;
      consumed.leave(consumer);
      consumer.ended(undefined);
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
