import assert from "node:assert/strict";
import {
  asIs,
  BaseModel,
  Column,
  Entity,
  entityOf,
  type Generated,
  ManyToOne,
  type ModelClass,
  OneToMany,
  OneToOne,
  PrimaryKey,
} from "./mod.ts";
import type { RelationSchema } from "../schema/entity.ts";

/** A base with a numbered key. */
abstract class Numbered extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
}

function relation(model: ModelClass, name: string): RelationSchema {
  return entityOf(model).relations.get(name)!;
}

/** `local = foreign` by property names. */
function ends({ local, foreign }: RelationSchema): string {
  return `${local.map(({ name }) => name)} = ${foreign.map(({ name }) => name)}`;
}

Deno.test("a relation without a declared key has a hidden, indexed foreign key", () => {
  @Entity()
  class Writer extends Numbered {
    @OneToMany(() => Text, (text) => text.lastWriter)
    texts!: Text[];
  }
  @Entity()
  class Text extends Numbered {
    @ManyToOne(() => Writer, (writer) => writer.texts, {
      onDelete: "cascade",
      onUpdate: "restrict",
      deferrable: true,
      cascade: ["save"],
      strategy: "join",
    })
    lastWriter!: Writer;
  }
  const writer = relation(Text, "lastWriter");
  assert.deepEqual(
    [writer.kind, writer.many, writer.owner, writer.nullable, writer.strategy, writer.cascade],
    ["many-to-one", false, true, false, "join", { save: true, delete: false }],
  );
  assert.equal(ends(writer), "last_writer_id = id");
  const { properties, table, byName } = entityOf(Text);
  const hidden = properties.at(-1)!;
  assert.deepEqual(hidden, {
    name: "last_writer_id",
    column: { name: "last_writer_id", type: { name: "integer" }, nullable: false },
    type: { name: "integer" },
    primary: false,
    hidden: true,
    generated: false,
    readonly: false,
  });
  assert.equal(byName.get("last_writer_id"), hidden);
  assert.equal(writer.local[0], hidden);
  assert.equal(writer.foreign[0], entityOf(Writer).primaryKey[0]);
  assert.deepEqual(table.foreignKeys, [{
    name: "fk_texts_last_writer_id",
    columns: ["last_writer_id"],
    table: "writers",
    references: ["id"],
    onDelete: "cascade",
    onUpdate: "restrict",
    deferrable: "initially deferred",
  }]);
  assert.deepEqual(table.indexes.map(({ name }) => name), ["ix_texts_last_writer_id"]);

  const texts = relation(Writer, "texts");
  assert.deepEqual([texts.kind, texts.many, texts.owner, texts.nullable], [
    "one-to-many",
    true,
    false,
    false,
  ]);
  assert.equal(ends(texts), "id = last_writer_id");
  assert.equal(texts.inverse, writer);
  assert.equal(writer.inverse, texts);
  assert.equal(texts.target, entityOf(Text));
  assert.ok(Object.isFrozen(texts) && Object.isFrozen(texts.cascade));
});

Deno.test("a foreign key is the property that is named, that is called so, or has the column", () => {
  @Entity()
  class Owner extends Numbered {}
  @Entity()
  class Pet extends Numbered {
    @Column({ type: "integer" })
    ownerId!: number;
    @ManyToOne(() => Owner)
    owner!: Owner;
    @Column({ type: "integer", nullable: true, name: "vet_id" })
    doctorKey!: number | null;
    @ManyToOne(() => Owner, undefined, { nullable: true })
    vet!: Owner | null;
    @Column({ type: "integer", index: true })
    sitterKey!: number;
    @ManyToOne(() => Owner, undefined, { foreignKey: "sitterKey" })
    sitter!: Owner;
    @ManyToOne(() => Owner, undefined, { column: "breeder", index: false, nullable: true })
    breeder!: Owner | null;
  }
  assert.equal(ends(relation(Pet, "owner")), "ownerId = id");
  assert.equal(ends(relation(Pet, "vet")), "doctorKey = id");
  assert.equal(relation(Pet, "vet").nullable, true);
  assert.equal(ends(relation(Pet, "sitter")), "sitterKey = id");
  assert.equal(ends(relation(Pet, "breeder")), "breeder = id");
  assert.deepEqual(entityOf(Pet).table.indexes.map(({ name }) => name), [
    "ix_pets_sitter_key",
    "ix_pets_owner_id",
    "ix_pets_vet_id",
  ]);
  assert.equal(entityOf(Pet).table.foreignKeys.length, 4);
});

Deno.test("the hidden key is of the type of the key it points to", () => {
  @Entity()
  class Country extends BaseModel {
    @PrimaryKey({ type: "char", length: 2 })
    code!: string;
    @Column({ type: "uuid", unique: true })
    token!: string;
  }
  @Entity({ naming: asIs })
  class Town extends Numbered {
    @ManyToOne(() => Country)
    country!: Country;
    @ManyToOne(() => Country, undefined, { references: "token", nullable: true })
    twin!: Country | null;
  }
  assert.deepEqual(entityOf(Town).table.columns.slice(1), [
    { name: "countryCode", type: { name: "char", length: 2 }, nullable: false },
    { name: "twinToken", type: { name: "uuid" }, nullable: true },
  ]);
  assert.deepEqual(entityOf(Town).table.foreignKeys.map((key) => key.references), [
    ["code"],
    ["token"],
  ]);
});

Deno.test("a composite key is pointed to by several columns", () => {
  @Entity()
  class Tenant extends BaseModel {
    @PrimaryKey({ generated: false })
    region!: number;
    @PrimaryKey({ type: "text" })
    slug!: string;
    @OneToMany(() => Invoice, (invoice) => invoice.tenant)
    invoices!: Invoice[];
  }
  @Entity()
  class Invoice extends Numbered {
    @ManyToOne(() => Tenant, (tenant) => tenant.invoices)
    tenant!: Tenant;
    @Column({ type: "integer" })
    payerRegion!: number;
    @Column({ type: "varchar" })
    payerSlug!: string;
    @ManyToOne(() => Tenant)
    payer!: Tenant;
  }
  assert.equal(ends(relation(Invoice, "tenant")), "tenant_region,tenant_slug = region,slug");
  assert.equal(ends(relation(Invoice, "payer")), "payerRegion,payerSlug = region,slug");
  assert.equal(ends(relation(Tenant, "invoices")), "region,slug = tenant_region,tenant_slug");
  assert.deepEqual(entityOf(Invoice).table.foreignKeys[0]!.columns, [
    "tenant_region",
    "tenant_slug",
  ]);
});

Deno.test("one-to-one has a unique foreign key on the side that owns it", () => {
  @Entity()
  class Captain extends Numbered {
    @OneToOne(() => Ship, (ship) => ship.captain)
    ship!: Ship | null;
    @OneToOne(() => Cabin, (cabin) => cabin.captain, { owner: true })
    cabin!: Cabin;
  }
  @Entity()
  class Ship extends Numbered {
    @Column({ type: "integer" })
    captainId!: number;
    @OneToOne(() => Captain, (captain) => captain.ship)
    captain!: Captain;
  }
  @Entity()
  class Cabin extends Numbered {
    @OneToOne(() => Captain, (captain) => captain.cabin)
    captain!: Captain | null;
  }
  const ship = relation(Captain, "ship");
  assert.deepEqual([ship.owner, ship.nullable, ends(ship)], [false, true, "id = captainId"]);
  const captain = relation(Ship, "captain");
  assert.deepEqual([captain.owner, captain.nullable, ends(captain)], [
    true,
    false,
    "captainId = id",
  ]);
  assert.deepEqual(entityOf(Ship).table.uniques, [
    { name: "uq_ships_captain_id", columns: ["captain_id"] },
  ]);
  assert.deepEqual(entityOf(Ship).table.indexes, []);
  assert.equal(relation(Captain, "cabin").owner, true);
  assert.equal(relation(Cabin, "captain").owner, false);
});

Deno.test("a one-to-one relation that nobody answers owns its key", () => {
  @Entity()
  class Passport extends Numbered {
    @OneToOne(() => Holder)
    holder!: Holder;
  }
  @Entity()
  class Holder extends Numbered {
    @OneToOne(() => Passport, (passport) => passport.holder)
    passport!: Passport | null;
  }
  assert.equal(relation(Passport, "holder").owner, true);
  assert.equal(relation(Holder, "passport").owner, false);
  assert.equal(relation(Passport, "holder").inverse, relation(Holder, "passport"));
});

Deno.test("a key that is shared with a one-to-one relation is not unique twice", () => {
  @Entity()
  class Account extends Numbered {}
  @Entity()
  class Wallet extends BaseModel {
    @PrimaryKey({ generated: false })
    accountId!: number;
    @OneToOne(() => Account)
    account!: Account;
  }
  const { uniques, indexes } = entityOf(Wallet).table;
  assert.deepEqual([uniques, indexes], [[], []]);
});

Deno.test("a tree points to itself", () => {
  @Entity()
  class Category extends Numbered {
    @ManyToOne(() => Category, (category) => category.children, { nullable: true })
    parent!: Category | null;
    @OneToMany(() => Category, (category) => category.parent)
    children!: Category[];
  }
  const [parent, children] = [relation(Category, "parent"), relation(Category, "children")];
  assert.deepEqual([ends(parent), ends(children)], ["parent_id = id", "id = parent_id"]);
  assert.equal(parent.inverse, children);
  assert.equal(parent.nullable, true);
});

Deno.test("children have the relations of an abstract parent", () => {
  @Entity()
  class Staff extends Numbered {}
  abstract class Owned extends Numbered {
    @ManyToOne(() => Staff, undefined, { onDelete: "restrict" })
    createdBy!: Staff;
  }
  @Entity()
  class Memo extends Owned {}
  @Entity()
  class Plan extends Owned {}
  assert.equal(entityOf(Memo).table.foreignKeys[0]!.name, "fk_memos_created_by_id");
  assert.equal(entityOf(Plan).table.foreignKeys[0]!.name, "fk_plans_created_by_id");
});

Deno.test("uniques and indexes can be over the hidden key of a relation", () => {
  @Entity()
  class Shelf extends Numbered {}
  @Entity({ uniques: [["shelf", "place"]] })
  class Volume extends Numbered {
    @ManyToOne(() => Shelf)
    shelf!: Shelf;
    @Column({ type: "integer" })
    place!: number;
  }
  const { uniques, indexes } = entityOf(Volume).table;
  assert.deepEqual(uniques[0]!.columns, ["shelf_id", "place"]);
  assert.deepEqual(indexes, [], "the unique constraint finds rows by the foreign key");
});
