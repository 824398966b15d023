/**
 * Models for tests of typed queries: people, their orders, and a tree of categories.
 *
 * @module
 */
import {
  BaseModel,
  Column,
  CreatedAt,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  PrimaryKey,
  UpdatedAt,
  Version,
} from "../../src/model/mod.ts";

/** What a person likes, as JSON. */
export interface Taste {
  /** Words. */
  readonly tags?: readonly string[];
  /** A number. */
  readonly level?: number;
}

/** A person. */
@Entity({ tableName: "people" })
export class Person extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "varchar", unique: true, name: "e_mail" })
  email!: string;
  @Column({ type: "integer", nullable: true })
  age!: number | null;
  @Column({ type: "boolean", default: true })
  active!: Generated<boolean>;
  @Column({ type: "jsonb", nullable: true })
  taste!: Taste | null;
  @OneToMany(() => Order, (order) => order.person)
  orders!: Order[];

  get title(): string {
    return `${this.name} <${this.email}>`;
  }
}

/** An order of a person. */
@Entity({ tableName: "orders" })
export class Order extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "integer" })
  personId!: number;
  @Column({ type: "numeric", precision: 12, scale: 2 })
  total!: string;
  @Column({ type: "bigint" })
  cents!: bigint;
  @Column({ type: "timestamptz" })
  placedAt!: Date;
  @ManyToOne(() => Person, (person) => person.orders)
  person!: Person;
}

/** A category of a tree. */
@Entity({ tableName: "categories" })
export class Category extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "integer", nullable: true })
  parentId!: number | null;
  @CreatedAt()
  createdAt!: Generated<Date>;
  @UpdatedAt()
  updatedAt!: Generated<Date>;
  @Version()
  version!: Generated<number>;
}
