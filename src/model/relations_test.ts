import assert from "node:assert/strict";
import { ModelError } from "../base/errors.ts";
import {
  asIs,
  BaseModel,
  Column,
  Entity,
  entityOf,
  type Generated,
  ManyToMany,
  ManyToOne,
  type Model,
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

function refuses(ask: () => unknown, message: RegExp): void {
  assert.throws(ask, (error) => error instanceof ModelError && message.test(error.message));
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

Deno.test("both sides of a many-to-many relation share one join table", () => {
  @Entity()
  class BlogPost extends Numbered {
    @ManyToMany(() => Tag, (tag) => tag.posts)
    tags!: Tag[];
  }
  @Entity()
  class Tag extends BaseModel {
    @PrimaryKey({ type: "text" })
    name!: string;
    @ManyToMany(() => BlogPost, (post) => post.tags)
    posts!: BlogPost[];
  }
  const posts = relation(Tag, "posts");
  const tags = relation(BlogPost, "tags");
  assert.equal(posts.through!.table, tags.through!.table);
  assert.deepEqual([tags.through!.local, tags.through!.foreign], [["blog_post_id"], ["tag_name"]]);
  assert.deepEqual([posts.through!.local, posts.through!.foreign], [["tag_name"], [
    "blog_post_id",
  ]]);
  assert.deepEqual([ends(tags), ends(posts)], ["id = name", "name = id"]);
  assert.equal(tags.inverse, posts);
  assert.deepEqual(tags.through!.table, {
    name: "blog_posts_tags",
    columns: [
      { name: "blog_post_id", type: { name: "integer" }, nullable: false },
      { name: "tag_name", type: { name: "text" }, nullable: false },
    ],
    primaryKey: { columns: ["blog_post_id", "tag_name"] },
    uniques: [],
    indexes: [{
      name: "ix_blog_posts_tags_tag_name",
      parts: [{ column: "tag_name" }],
      unique: false,
    }],
    checks: [],
    foreignKeys: [
      {
        name: "fk_blog_posts_tags_blog_post_id",
        columns: ["blog_post_id"],
        table: "blog_posts",
        references: ["id"],
        onDelete: "cascade",
      },
      {
        name: "fk_blog_posts_tags_tag_name",
        columns: ["tag_name"],
        table: "tags",
        references: ["name"],
        onDelete: "cascade",
      },
    ],
  });
});

Deno.test("a join table can be described on one side", () => {
  @Entity()
  class Student extends Numbered {
    @ManyToMany(() => Course, (course) => course.students)
    courses!: Course[];
  }
  @Entity()
  class Course extends Numbered {
    @ManyToMany(() => Student, (student) => student.courses, {
      through: { table: "enrolment", local: "course", foreign: ["student"] },
    })
    students!: Student[];
  }
  const { through } = relation(Student, "courses");
  assert.equal(through!.table.name, "enrolment");
  assert.deepEqual([through!.local, through!.foreign], [["student"], ["course"]]);
  assert.equal(through!.table, relation(Course, "students").through!.table);
});

Deno.test("a join table can be a class with columns of its own", () => {
  @Entity()
  class Actor extends Numbered {
    @ManyToMany(() => Film, (film) => film.cast, { through: { model: () => Part } })
    films!: Film[];
  }
  @Entity()
  class Film extends Numbered {
    @ManyToMany(() => Actor, (actor) => actor.films)
    cast!: Actor[];
  }
  @Entity()
  class Part extends BaseModel {
    @PrimaryKey({ generated: false })
    actorId!: number;
    @PrimaryKey({ generated: false })
    filmId!: number;
    @ManyToOne(() => Actor)
    actor!: Actor;
    @ManyToOne(() => Film)
    film!: Film;
    @Column({ type: "text" })
    role!: string;
  }
  const { through } = relation(Film, "cast");
  assert.equal(through!.entity, entityOf(Part));
  assert.equal(through!.table, entityOf(Part).table);
  assert.deepEqual([through!.local, through!.foreign], [["film_id"], ["actor_id"]]);
  assert.deepEqual(entityOf(Part).table.indexes.map(({ name }) => name), ["ix_parts_film_id"]);
});

Deno.test("many-to-many relations of a class with itself keep their sides apart", () => {
  @Entity()
  class Member extends Numbered {
    @ManyToMany(() => Member, (member) => member.following)
    followers!: Member[];
    @ManyToMany(() => Member, (member) => member.followers)
    following!: Member[];
    @ManyToMany(() => Member)
    friends!: Member[];
  }
  const followers = relation(Member, "followers").through!;
  const following = relation(Member, "following").through!;
  assert.equal(followers.table, following.table);
  assert.equal(followers.table.name, "members_followers");
  assert.deepEqual([followers.local, followers.foreign], [["member_id"], ["follower_id"]]);
  assert.deepEqual([following.local, following.foreign], [["follower_id"], ["member_id"]]);
  const friends = relation(Member, "friends").through!;
  assert.deepEqual([friends.table.name, friends.foreign], ["members_friends", ["friend_id"]]);

  @Entity()
  class Node extends Numbered {
    @ManyToMany(() => Node, (node) => node.from, {
      through: { model: () => Edge, local: "source", foreign: "targetId" },
    })
    to!: Node[];
    @ManyToMany(() => Node, (node) => node.to)
    from!: Node[];
  }
  @Entity()
  class Edge extends Numbered {
    @ManyToOne(() => Node)
    source!: Node;
    @Column({ type: "integer" })
    targetId!: number;
    @ManyToOne(() => Node)
    target!: Node;
  }
  const from = relation(Node, "from").through!;
  assert.deepEqual([from.local, from.foreign], [["target_id"], ["source_id"]]);
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

Deno.test("a relation to a class that is not registered is a ModelError that names both", () => {
  class Ghost extends Numbered {}
  @Entity()
  class Haunted extends Numbered {
    @ManyToOne(() => Ghost)
    ghost!: Ghost;
  }
  @Entity()
  class Early extends Numbered {
    @ManyToOne(() => undefined as unknown as ModelClass<Model>)
    late!: Model;
  }
  refuses(() => entityOf(Haunted), /Cannot map Haunted\.ghost: .* Ghost, is not registered/);
  refuses(() => entityOf(Early), /Cannot map Early\.late: .*undefined.*\n.*is its file imported/);
});

Deno.test("an inverse that does not lead back is a ModelError that names both", () => {
  @Entity()
  class Left extends Numbered {
    // Types are wrong on purpose where a cast hides it from the compiler.
    @OneToMany(() => Right, (right) => right.title as never)
    a!: Right[];
    @OneToMany(() => Right, (right) => right.many as never)
    b!: Right[];
    @OneToMany(() => Right, (right) => right.other as never)
    c!: Right[];
  }
  @Entity()
  class Right extends Numbered {
    @Column({ type: "text" })
    title!: string;
    @ManyToMany(() => Left)
    many!: Left[];
    @ManyToOne(() => Right)
    other!: Right;
  }
  refuses(() => entityOf(Left).relations, /Left\.a: its inverse Right\.title is not a relation/);
  @Entity()
  class Left2 extends Numbered {
    @OneToMany(() => Right, (right) => right.many as never)
    b!: Right[];
  }
  refuses(
    () => entityOf(Left2).relations,
    /Left2\.b: its inverse Right\.many is many-to-many, and this is one-to-many/,
  );
  @Entity()
  class Left3 extends Numbered {
    @OneToMany(() => Right, (right) => right.other as never)
    c!: Right[];
  }
  refuses(
    () => entityOf(Left3).relations,
    /Left3\.c: its inverse Right\.other leads to Right, not to Left3/,
  );
});

Deno.test("a one-to-one relation that says nothing of its owner is a ModelError", () => {
  @Entity()
  class Sun extends Numbered {
    @OneToOne(() => Moon, (moon) => moon.sun)
    moon!: Moon | null;
    @OneToOne(() => Moon, (moon) => moon.second, { owner: true })
    both!: Moon | null;
  }
  @Entity()
  class Moon extends Numbered {
    @OneToOne(() => Sun, (sun) => sun.moon)
    sun!: Sun | null;
    @OneToOne(() => Sun, (sun) => sun.both, { owner: true })
    second!: Sun | null;
  }
  refuses(
    () => entityOf(Sun),
    /Sun\.moon: neither it nor its inverse Moon\.sun says .*\n.*`owner: true`/,
  );
  @Entity()
  class Day extends Numbered {
    @OneToOne(() => Night, (night) => night.day, { owner: true })
    night!: Night | null;
  }
  @Entity()
  class Night extends Numbered {
    @OneToOne(() => Day, (day) => day.night, { column: "day" })
    day!: Day | null;
  }
  refuses(
    () => entityOf(Day),
    /Day\.night: it and its inverse Night\.day both own the foreign key/,
  );
});

Deno.test("a foreign key that cannot work is a ModelError", () => {
  @Entity()
  class Keyless extends BaseModel {
    @Column({ type: "text" })
    name!: string;
  }
  @Entity()
  class Target extends Numbered {}
  const cases: readonly (readonly [new () => BaseModel, RegExp])[] = [];
  const add = (model: new () => BaseModel, message: RegExp): void => {
    (cases as [new () => BaseModel, RegExp][]).push([model, message]);
  };
  @Entity()
  class ToKeyless extends Numbered {
    @ManyToOne(() => Keyless)
    to!: Keyless;
  }
  add(ToKeyless, /ToKeyless\.to: Keyless has no primary key to point to/);
  @Entity()
  class OtherType extends Numbered {
    @Column({ type: "bigint" })
    toId!: bigint;
    @ManyToOne(() => Target)
    to!: Target;
  }
  add(OtherType, /OtherType\.to: its foreign key toId is bigint, and id, .* is integer/);
  @Entity()
  class HalfNullable extends Numbered {
    @Column({ type: "integer", nullable: true })
    toId!: number | null;
    @ManyToOne(() => Target)
    to!: Target;
  }
  add(HalfNullable, /HalfNullable\.to: its foreign key toId is nullable and the relation is not/);
  @Entity()
  class SetNull extends Numbered {
    @ManyToOne(() => Target, undefined, { onDelete: "set null" })
    to!: Target;
  }
  add(SetNull, /SetNull\.to: `set null` needs a nullable foreign key/);
  @Entity()
  class NoColumn extends Numbered {
    plain!: number;
    @ManyToOne(() => Target, undefined, { foreignKey: "plain" })
    to!: Target;
  }
  add(NoColumn, /NoColumn\.to: NoColumn\.plain is not a column/);
  @Entity()
  class TooMany extends Numbered {
    @ManyToOne(() => Target, undefined, { column: ["a", "b"] })
    to!: Target;
  }
  add(TooMany, /TooMany\.to: `column` names 2 for a key of 1 \(id\)/);
  for (const [model, message] of cases) refuses(() => entityOf(model), message);
});

Deno.test("a join table that cannot work is a ModelError", () => {
  @Entity()
  class Ape extends Numbered {
    @ManyToMany(() => Bee)
    bees!: Bee[];
    @ManyToMany(() => Bee)
    moreBees!: Bee[];
  }
  @Entity()
  class Bee extends Numbered {}
  refuses(
    () => entityOf(Ape).relations,
    /Ape\.moreBees: its join table apes_bees is that of bees too/,
  );
  @Entity()
  class Cow extends Numbered {
    @ManyToMany(() => Dog, (dog) => dog.cows, { through: { table: "a" } })
    dogs!: Dog[];
  }
  @Entity()
  class Dog extends Numbered {
    @ManyToMany(() => Cow, (cow) => cow.dogs, { through: { table: "b" } })
    cows!: Cow[];
  }
  refuses(() => entityOf(Cow).relations, /Cow\.dogs: it and its inverse Dog\.cows both have/);
  @Entity()
  class Elk extends Numbered {
    @ManyToMany(() => Elk, undefined, { through: { model: () => Herd } })
    elks!: Elk[];
  }
  @Entity()
  class Herd extends Numbered {
    @ManyToOne(() => Elk)
    first!: Elk;
    @ManyToOne(() => Elk)
    second!: Elk;
  }
  refuses(
    () => entityOf(Elk).relations,
    /Elk\.elks: the columns of its join model Herd that point to Elk are not clear/,
  );
});
