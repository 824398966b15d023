import assert from "node:assert/strict";
import {
  BaseModel,
  Entity,
  entityOf,
  type Generated,
  ManyToMany,
  ManyToOne,
  PrimaryKey,
  tablesOf,
} from "./mod.ts";

abstract class Numbered extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
}

Deno.test("tablesOf() gives every table once, those pointed to before those that point", () => {
  @Entity()
  class Line extends Numbered {
    @ManyToOne(() => Order)
    order!: Order;
    @ManyToMany(() => Label, (label) => label.lines)
    labels!: Label[];
  }
  @Entity()
  class Order extends Numbered {
    @ManyToOne(() => Customer)
    customer!: Customer;
  }
  @Entity()
  class Customer extends Numbered {}
  @Entity()
  class Label extends Numbered {
    @ManyToMany(() => Line, (line) => line.labels)
    lines!: Line[];
  }
  const tables = tablesOf([Line, Order, Customer, Label].map(entityOf));
  assert.deepEqual(tables.map(({ name }) => name), [
    "customers",
    "orders",
    "lines",
    "labels",
    "labels_lines",
  ]);
  assert.equal(tables[0], entityOf(Customer).table);
});

Deno.test("tablesOf() takes tables that point to each other, and to themselves", () => {
  @Entity()
  class Chicken extends Numbered {
    @ManyToOne(() => Egg)
    egg!: Egg;
    @ManyToOne(() => Chicken, undefined, { nullable: true })
    mother!: Chicken | null;
  }
  @Entity()
  class Egg extends Numbered {
    @ManyToOne(() => Chicken)
    chicken!: Chicken;
  }
  const names = tablesOf([entityOf(Chicken), entityOf(Egg)]).map(({ name }) => name);
  assert.deepEqual(names.toSorted(), ["chickens", "eggs"]);
});

Deno.test("tablesOf() refuses two classes of one table", () => {
  @Entity({ tableName: "same" })
  class First extends Numbered {}
  @Entity({ tableName: "same" })
  class Second extends Numbered {}
  @Entity({ tableName: "same", schema: "other" })
  class Third extends Numbered {}
  assert.throws(
    () => tablesOf([entityOf(First), entityOf(Second)]),
    /Cannot use the table same for two models\n.*Second/,
  );
  assert.equal(tablesOf([entityOf(First), entityOf(Third)]).length, 2);
});

Deno.test("tablesOf() refuses a join table that is the table of a class it does not know", () => {
  @Entity()
  class Song extends Numbered {
    @ManyToMany(() => Album, undefined, { through: { table: "tracks" } })
    albums!: Album[];
  }
  @Entity()
  class Album extends Numbered {}
  @Entity()
  class Track extends Numbered {}
  assert.throws(
    () => tablesOf([Song, Album, Track].map(entityOf)),
    /Cannot use the table tracks for a model and as a join table/,
  );
});
