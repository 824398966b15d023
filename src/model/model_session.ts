/**
 * All that a model knows of the database: an interface that the façade implements.
 *
 * @module
 */
import type { Model } from "./keys.ts";

/** The key under which a database or transaction offers its {@linkcode ModelWriter}. */
export const modelWriter: unique symbol = Symbol("rex.modelWriter");

/** Writes single records. */
export interface ModelWriter {
  /** Inserts a record that is not stored, updates what changed in one that is. */
  save(model: Model): Promise<void>;
  /** Deletes a stored record. */
  delete(model: Model): Promise<void>;
}

/** What `save()` and `delete()` of a model take: a database, an adapter or a transaction. */
export interface ModelSession {
  /** Writes single records here. */
  readonly [modelWriter]: ModelWriter;
}
