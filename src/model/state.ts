/**
 * What is known of an instance beside its fields: that it is stored, and as which row.
 *
 * The state is a private field that is put on the object from outside, so nothing that looks at the object
 * (JSON, comparison, printing, spreading) sees it, and reading it costs a field access, not a map look-up.
 *
 * @module
 */

/**
 * What is known of a stored instance: the row it was last read from or written as. The row stays in the
 * driver's form and is only decoded when somebody asks, so keeping it costs nothing, and a value that was
 * changed in place (a date, a list, a document) still differs from the original.
 */
export interface InstanceState {
  /** The row, in the order of `EntitySchema.properties`. */
  readonly row: readonly unknown[];
  /** Decodes the original value of the property at `index`, anew at each call. */
  readonly original: (row: readonly unknown[], index: number) => unknown;
}

class Foreign {
  constructor(instance: object) {
    // A constructor that returns an object makes its subclass put its private fields on that object.
    return instance;
  }
}

class Stamp extends Foreign {
  #state: InstanceState | undefined;

  static read(instance: object): InstanceState | undefined {
    return #state in instance ? (instance as Stamp).#state : undefined;
  }

  static write(instance: object, state: InstanceState | undefined): void {
    const stamped: Stamp = #state in instance ? instance as Stamp : new Stamp(instance);
    stamped.#state = state;
  }
}

/** What is known of a stored instance; nothing for one that is not stored. */
export function stateOf(instance: object): InstanceState | undefined {
  return Stamp.read(instance);
}

/** Notes that an instance is stored as this row. */
export function markStored(instance: object, state: InstanceState): void {
  Stamp.write(instance, state);
}

/** Notes that an instance is not stored (any more). */
export function forget(instance: object): void {
  if (Stamp.read(instance) !== undefined) Stamp.write(instance, undefined);
}
