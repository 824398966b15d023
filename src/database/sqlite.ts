/**
 * Rex-ORM with SQLite alone: all that `@rex/orm` has, and nothing of other databases. Programs start sooner,
 * and bundles are smaller.
 *
 * ```ts
 * import { BaseModel, Column, connect, Entity, type Generated, PrimaryKey } from "@rex/orm/sqlite";
 *
 * @Entity({ tableName: "users" })
 * class User extends BaseModel {
 *   @PrimaryKey() id!: Generated<number>;
 *   @Column({ type: "varchar", length: 255 }) name!: string;
 * }
 *
 * await using db = await connect(":memory:");
 * await db.schema.create({ models: [User] });
 * await db.repository(User).create({ name: "Ada" });
 * ```
 *
 * @module
 */
import type { EngineOptions } from "../engine/options.ts";
import { SQLiteAdapter, type SQLiteConfig } from "./sqlite_adapter.ts";

export * from "./core.ts";
export { SQLiteAdapter, type SQLiteConfig };

/**
 * Opens an SQLite database and verifies that it can be read.
 *
 * @param config the file's path, `:memory:`, or a configuration with `databasePath`
 * @throws {ConnectionError} when the file cannot be opened
 */
export async function connect(
  config: string | SQLiteConfig,
  options?: EngineOptions,
): Promise<SQLiteAdapter> {
  const database = new SQLiteAdapter(config, options);
  await database.connect();
  return database;
}
