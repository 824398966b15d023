/**
 * Drizzle.
 *
 * @module
 */
export { postgres } from "./drizzle_postgres.ts";
export { sqlite } from "./drizzle_sqlite.ts";
