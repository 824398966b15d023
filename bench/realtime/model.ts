/**
 * What the benchmark of live data writes and follows.
 *
 * @module
 */
import { BaseModel, Column, Entity, type Generated, PrimaryKey } from "../../mod.ts";

/** A row that queries follow by its room. */
@Entity({ tableName: "items" })
export class Item extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "integer" })
  room!: number;
  @Column({ type: "text" })
  body!: string;
}

/** The room that the measured client follows; its rows are 1 to `followedRows`. */
export const followedRoom = 1;
/** How many rows the measured client's result has. */
export const followedRows = 1_000;
/** A room that nobody follows; its rows come after the followed ones, and are as many. */
export const quietRoom = 0;
/** The rooms of the other subscriptions begin here. */
export const crowdRoom = 1_000;

/** The rows before anything is measured, as SQL for both databases. */
export const seedSql = `
  INSERT INTO items (id, room, body)
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${2 * followedRows})
  SELECT i, CASE WHEN i <= ${followedRows} THEN ${followedRoom} ELSE ${quietRoom} END, 'seed' FROM n`;
