/**
 * Models: classes whose decorators say how they are stored.
 *
 * ```ts ignore
 * @Entity({ tableName: "users" })
 * export class User extends BaseModel {
 *   @PrimaryKey() id!: Generated<number>;
 *   @Column({ type: "varchar", length: 255 }) name!: string;
 *   @Column({ type: "varchar", unique: true }) @Validate(isEmail, "Invalid email format") email!: string;
 *   @OneToMany(() => Post, (post) => post.user) posts!: Post[];
 * }
 * ```
 *
 * @module
 */
export * from "./base_model.ts";
export * from "./column_decorators.ts";
export type * from "./column_options.ts";
export * from "./constraint_decorators.ts";
export * from "./entity_decorator.ts";
export type * from "./entity_options.ts";
export type { ModelMetadata } from "./entity_schema.ts";
export * from "./hook_decorators.ts";
export type * from "./keys.ts";
export { type ModelSession, type ModelWriter, modelWriter } from "./model_session.ts";
export { asIs, type NamingStrategy, snakeCase } from "./naming.ts";
export { entityOf, type ModelDefaults, ModelRegistry } from "./registry.ts";
export * from "./relation_decorators.ts";
export type * from "./relation_options.ts";
export * from "./rules.ts";
export type * from "./standard_schema.ts";
export { tablesOf } from "./tables.ts";
export * from "./uuid.ts";
export { type ValidateOptions, validateRecord } from "./validation.ts";
export * from "./validation_decorators.ts";
