/**
 * The tables of the cases.
 *
 * @module
 */
import type { Database } from "../../../src/database/database.ts";
import type { ModelClass } from "../../../src/model/keys.ts";
import { BaseModel, Column, Entity, PrimaryKey } from "../../../src/model/mod.ts";
import { tablesOf } from "../../../src/model/tables.ts";
import { entityOf } from "../../../src/model/registry.ts";
import { lists, modelsOf, scalars } from "../../behaviour/value_models.ts";

/** Holds money, so that a transfer that is told in half shows. */
@Entity({ tableName: "kit_accounts" })
export class Account extends BaseModel {
  @PrimaryKey({ generated: false })
  id!: number;
  @Column({ type: "text" })
  owner!: string;
  @Column({ type: "bigint" })
  balance!: bigint;
  @Column({ type: "text", nullable: true })
  note!: string | null;
}

/** Has a key of two columns. */
@Entity({ tableName: "kit_seats" })
export class Seat extends BaseModel {
  @PrimaryKey({ type: "text", generated: false })
  hall!: string;
  @PrimaryKey({ type: "integer", generated: false })
  number!: number;
  @Column({ type: "text", nullable: true })
  guest!: string | null;
}

/** Is written to wait for: what is committed before it is told before it. */
@Entity({ tableName: "kit_marks" })
export class Mark extends BaseModel {
  @PrimaryKey({ generated: false })
  id!: number;
}

/** The table without a key; models have one. */
export const keyless = "kit_notes";

/** The models whose tables the cases write. */
export function kitModels(db: Database): ModelClass[] {
  const { supportsArrays } = db.dialect.capabilities;
  return [Account, Seat, Mark, ...modelsOf(scalars), ...supportsArrays ? modelsOf(lists) : []];
}

/** The names of the tables that the cases write. */
export function kitTables(db: Database): string[] {
  return [
    ...tablesOf(kitModels(db).map((model) => entityOf(model))).map(({ name }) => name),
    keyless,
  ];
}

/** Makes the tables. */
export async function createKitTables(db: Database): Promise<void> {
  await db.schema.create({ models: kitModels(db) });
  await db.execute(`CREATE TABLE ${keyless} (body text, rank integer)`);
}
