/**
 * Rex-ORM: one decorated class gives the table, validated writes, typed queries and relations, on SQLite and
 * PostgreSQL.
 *
 * ```ts
 * import { BaseModel, Column, Entity, type Generated, PrimaryKey, SQLiteAdapter } from "@rex/orm";
 *
 * @Entity({ tableName: "users" })
 * class User extends BaseModel {
 *   @PrimaryKey() id!: Generated<number>;
 *   @Column({ type: "varchar", length: 255 }) name!: string;
 * }
 *
 * await using db = new SQLiteAdapter(":memory:");
 * await db.schema.create({ models: [User] });
 * const users = db.repository(User);
 * await users.create({ name: "Ada" });
 * const [ada] = await users.find({ where: { name: { startsWith: "A" } } });
 * console.log(ada?.name);
 * ```
 *
 * @module
 */
export * from "./src/database/core.ts";
export * from "./src/migration/mod.ts";
export { type DatabaseSource, defineConfig, type ProjectConfig } from "./src/cli/project/config.ts";
export { PostgresAdapter, type PostgresConfig } from "./src/database/postgres_adapter.ts";
export { SQLiteAdapter, type SQLiteConfig } from "./src/database/sqlite_adapter.ts";
export { type AdapterMaker, connect, DatabaseFactory } from "./src/database/factory.ts";
