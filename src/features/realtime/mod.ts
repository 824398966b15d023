/**
 * Live data over the network: serves queries that stay true to browsers and other programs.
 *
 * ```ts ignore
 * import { Policies, SQLiteAdapter } from "@rex/orm";
 * import { realtime } from "@rex/orm/realtime";
 *
 * const db = new SQLiteAdapter("blog.db");
 * const policies = new Policies().allow(Post, { read: { published: true } });
 * const live = realtime({ db, policies });
 * Deno.serve((request, info) => live.handle(request, info));
 * ```
 *
 * A client opens a WebSocket with the subprotocol `rex-sync.v1`, or gets a stream of events; `@rex/orm/client` does so. A
 * model without a policy can be neither read nor written.
 *
 * @module
 */
export * from "./server/realtime.ts";
export {
  RealtimeServer,
  type RealtimeServerOptions,
  type RealtimeStats,
} from "./server/realtime_server.ts";
export type * from "./server/access.ts";
export type * from "./server/authentication.ts";
export type * from "./server/service.ts";
export type { Channel, Receiver, SocketLike } from "./server/channel.ts";
export { defaultLimits, type RealtimeLimits } from "./server/limits.ts";
export type { AllowedOrigins } from "./server/origins.ts";
export type { Rate } from "./server/token_bucket.ts";
export {
  type BunHandlers,
  bunHandlers,
  type BunServer,
  type BunSocket,
  type BunSocketData,
} from "./server/bun.ts";
export {
  type NodeConnection,
  type NodeHandlers,
  nodeHandlers,
  type NodeRequest,
  type NodeResponse,
  type NodeSocket,
  type NodeSocketServer,
} from "./server/node.ts";
export { listen, type Listener, type ListenOptions } from "./server/listen.ts";
export type * from "./live/live.ts";
export type { ClientQueryLimits } from "./policy/client_query.ts";
export type { SizeLimits } from "./policy/client_values.ts";
export * from "./protocol/messages.ts";
export type * from "./broker/broker.ts";
export { redisBroker, type RedisBrokerOptions, type RedisClient } from "./broker/redis.ts";
export {
  type JetStreamClient,
  type JetStreamManager,
  type JetStreamMessage,
  type JetStreamMessages,
  natsBroker,
  type NatsBrokerOptions,
} from "./broker/nats.ts";
export {
  type AnyPolicy,
  Policies,
  type Policy,
  type PolicyRecords,
  type PolicyRule,
  type ReadableKeys,
  type WriteKind,
} from "../../repository/policy/mod.ts";
