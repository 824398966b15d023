/**
 * What a policy is: who may see and write which records of a model, in the query shape.
 *
 * @module
 */
import type { ColumnKeys, RelationKeys } from "../../model/keys.ts";
import type { ColumnChanges } from "../input_types.ts";
import type { Where } from "../types.ts";

/** All records (`true`), none (`false`), or those that meet a condition. */
export type PolicyRecords<M> = boolean | Where<M>;

/** Which records, for whoever asks. The conditions of a policy see all records, hidden ones too. */
export type PolicyRule<M, C> = PolicyRecords<M> | ((context: C) => PolicyRecords<M>);

/** What of a model can be read: its columns and its relations. */
export type ReadableKeys<M> = ColumnKeys<M> | RelationKeys<M>;

/** The kinds of writes that columns can be released for. */
export type WriteKind = "create" | "update";

/**
 * Who may see and write the records of a model. What is left out is not allowed.
 *
 * @template M the model
 * @template C whatever tells who asks: a user, a tenant, the request
 */
export interface Policy<M, C> {
  /** The records that can be seen. All others are as if they were not there. Left out: the model cannot be read. */
  readonly read?: PolicyRule<M, C>;
  /**
   * The columns and relations that can be read; left out: all of them. A relation leads to records that can be seen by the
   * policy of its own model. What is read over the network needs the primary key here, by which records are told apart.
   */
  readonly fields?: readonly ReadableKeys<M>[] | ((context: C) => readonly ReadableKeys<M>[]);
  /** Whether records that are deleted softly can be seen when they are asked for. */
  readonly withDeleted?: boolean | ((context: C) => boolean);
  /** Whether records can be made: of these values, or such as meet a condition once they are stored. */
  readonly create?: PolicyRecords<M> | ((context: C, values: ColumnChanges<M>) => PolicyRecords<M>);
  /** The records that can be changed, of those that can be seen. */
  readonly update?: PolicyRule<M, C>;
  /** What a record has to be after a change. Left out: what `update` says. */
  readonly updateTo?: PolicyRule<M, C>;
  /** The records that can be deleted, of those that can be seen. */
  readonly delete?: PolicyRule<M, C>;
  /** The columns that can be written. Left out: none. */
  readonly writable?:
    | readonly ColumnKeys<M>[]
    | ((context: C, write: WriteKind) => readonly ColumnKeys<M>[]);
  /** What the server itself writes into new records, such as who made them. */
  readonly preset?: (context: C) => ColumnChanges<M>;
}
