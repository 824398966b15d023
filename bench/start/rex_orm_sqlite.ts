import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  PrimaryKey,
  SQLiteAdapter,
} from "../../src/database/sqlite.ts";
import { place, report } from "./entry.ts";

@Entity({ tableName: "items" })
class Item extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "text" })
  email!: string;
}

const db = new SQLiteAdapter(place);
report(await db.repository(Item).findById(1));
await db.disconnect();
