/**
 * The policies of models: one definition for whatever reads and writes for somebody else.
 *
 * @module
 */
import { ModelError } from "../../base/errors.ts";
import type { ModelClass } from "../../model/keys.ts";
import type { EntitySchema } from "../../schema/entity.ts";
import type { Policy } from "./policy.ts";

/** A policy whose model is not known to the compiler any more. */
export type AnyPolicy<C> = Policy<Record<string, never>, C>;

/**
 * Who may see and write what. A model without a policy can neither be read nor written.
 *
 * ```ts ignore
 * interface Visitor {
 *   readonly user?: { readonly id: number };
 * }
 * const policies = new Policies<Visitor>()
 *   .allow(Post, {
 *     read: ({ user }) => user ? { OR: [{ published: true }, { authorId: user.id }] } : { published: true },
 *     create: ({ user }) => user !== undefined,
 *     update: ({ user }) => user !== undefined && { authorId: user.id },
 *     delete: ({ user }) => user !== undefined && { authorId: user.id },
 *     writable: ["title", "body", "published"],
 *     preset: ({ user }) => ({ authorId: user!.id }),
 *   })
 *   .allow(User, { read: true, fields: ["id", "name", "posts"] });
 * ```
 *
 * @template C whatever tells who asks
 */
export class Policies<C = unknown> {
  readonly #policies = new Map<ModelClass, AnyPolicy<C>>();

  /**
   * Says who may see and write the records of a model.
   *
   * @throws {ModelError} when it was said already
   */
  allow<M extends object>(model: ModelClass<M>, policy: Policy<M, C>): this {
    if (typeof model !== "function" || typeof policy !== "object" || policy === null) {
      throw new ModelError("Cannot allow: it takes a model's class and its policy");
    }
    if (this.#policies.has(model)) {
      throw new ModelError(`Cannot allow ${model.name} twice`, { hint: "write one policy for it" });
    }
    this.#policies.set(model, Object.freeze({ ...policy }) as unknown as AnyPolicy<C>);
    return this;
  }

  /** The policy of a model, where there is one. */
  of(entity: EntitySchema): AnyPolicy<C> | undefined {
    return this.#policies.get(entity.model);
  }

  /** The models that have a policy. */
  models(): ModelClass[] {
    return [...this.#policies.keys()];
  }
}
