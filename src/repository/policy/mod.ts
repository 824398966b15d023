/**
 * Policies: who may see and write what, in the query shape. `restrict` puts them into a query; `createAllowed`,
 * `updateAllowed` and `deleteAllowed` write for somebody else.
 *
 * @module
 */
export { type AnyPolicy, Policies } from "./policies.ts";
export type { Policy, PolicyRecords, PolicyRule, ReadableKeys, WriteKind } from "./policy.ts";
export { restrict, type RestrictOptions } from "./restrict.ts";
export {
  type AllowedWrite,
  type AllowedWriteOptions,
  createAllowed,
  deleteAllowed,
  updateAllowed,
} from "./write.ts";
