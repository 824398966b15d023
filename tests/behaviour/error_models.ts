/**
 * Models with a constraint of every kind.
 *
 * @module
 */
import type { ModelClass } from "../../src/model/keys.ts";
import {
  BaseModel,
  Check,
  Column,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  PrimaryKey,
  Validate,
  Version,
} from "../../src/model/mod.ts";

/** Has unique, composite unique, check and length constraints. */
@Entity({
  tableName: "error_users",
  uniques: [{ name: "uq_error_users_seat", columns: ["team", "number"] }],
})
export class Member extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 40, unique: true })
  @Validate((value: string) => !value.includes("invalid"), "Invalid e-mail")
  email!: string;
  @Column({ type: "integer", nullable: true })
  @Check("age >= 0", { name: "ck_error_users_age" })
  age!: number | null;
  @Column({ type: "text", nullable: true })
  team!: string | null;
  @Column({ type: "integer", nullable: true })
  number!: number | null;
  @Version()
  version!: Generated<number>;
  @OneToMany(() => Message, (message) => message.member)
  messages!: Message[];
}

/** Belongs to a member. */
@Entity({ tableName: "error_messages" })
export class Message extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  body!: string;
  @Column({ type: "integer" })
  memberId!: number;
  @ManyToOne(() => Member, (member) => member.messages)
  member!: Member;
}

/** All of them. */
export const models: readonly ModelClass[] = [Member, Message];
