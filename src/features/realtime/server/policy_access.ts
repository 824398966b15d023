/**
 * What clients may see and write, by policies.
 *
 * @module
 */
import { ForbiddenError } from "../../../base/errors.ts";
import type { ChangeSource } from "../../../change/source.ts";
import type { Session } from "../../../engine/session.ts";
import { entityOf } from "../../../model/registry.ts";
import {
  createAllowed,
  deleteAllowed,
  type Policies,
  updateAllowed,
} from "../../../repository/policy/mod.ts";
import type { AllowedWrite } from "../../../repository/policy/mod.ts";
import type { EntitySchema } from "../../../schema/entity.ts";
import type { LiveRequest } from "../live/live.ts";
import { clientQuery, type ClientQueryLimits } from "../policy/client_query.ts";
import { clientWrite, shownName } from "../policy/client_values.ts";
import type { WireRow } from "../protocol/messages.ts";
import { encode } from "../protocol/wire.ts";
import type { Access, SubscribeMessage, WriteMessage, Written } from "./access.ts";

/** What access is made of. */
export interface PolicyAccessSetup<Context> {
  /** Who may see and write what. */
  readonly policies: Policies<Context>;
  /** Writes. */
  readonly session: Session;
  /** Tells when a write will be in the feed. */
  readonly source: () => Promise<Pick<ChangeSource, "markOf">>;
  /** What a query may cost. */
  readonly queries?: ClientQueryLimits;
  /** Milliseconds that a write may take. */
  readonly writeTimeout?: number;
}

/** Puts policies into what clients ask for. */
export class PolicyAccess<Context> implements Access<Context> {
  readonly #setup: PolicyAccessSetup<Context>;
  readonly #entities = new Map<string, EntitySchema>();

  /** Makes it; the models of the policies are looked up by their names. */
  constructor(setup: PolicyAccessSetup<Context>) {
    this.#setup = setup;
  }

  /** The query that is run for a client's. */
  request(context: Context, { model, query }: SubscribeMessage): Omit<LiveRequest, "since"> {
    const { policies, queries: limits = {} } = this.#setup;
    const entity = this.#entity(model, "read");
    return { entity, query: clientQuery({ entity, wire: query, policies, context, limits }) };
  }

  /** Writes in a transaction. */
  async write(context: Context, message: WriteMessage): Promise<Written> {
    const entity = this.#entity(message.model, message.op);
    const { key, row, mark = {} } = await this.#written(context, entity, message);
    return {
      ...key && { key: encode(key) as WireRow },
      ...row && { row: encode(row) as WireRow },
      mark,
    };
  }

  async #written(
    context: Context,
    entity: EntitySchema,
    { op, key: wireKey, values: wireValues }: WriteMessage,
  ): Promise<AllowedWrite> {
    const { policies, session, source, writeTimeout } = this.#setup;
    const options = {
      source: await source(),
      ...writeTimeout !== undefined && { timeout: writeTimeout },
    };
    const { key, values = {} } = clientWrite({ entity, key: wireKey, values: wireValues });
    switch (op) {
      case "create":
        return await createAllowed(session, policies, context, entity, values, options);
      case "update":
        return await updateAllowed(session, policies, context, entity, key, values, options);
      case "delete":
        return await deleteAllowed(session, policies, context, entity, key, options);
    }
  }

  /** Models without a policy are as if there were none of that name. */
  #entity(name: string, what: string): EntitySchema {
    const known = this.#entities.get(name);
    if (known !== undefined) return known;
    for (const model of this.#setup.policies.models()) {
      const entity = entityOf(model);
      if (entity.name !== name) continue;
      this.#entities.set(name, entity);
      return entity;
    }
    throw new ForbiddenError(`Cannot ${what} ${shownName(name)}: no policy allows it`);
  }
}
