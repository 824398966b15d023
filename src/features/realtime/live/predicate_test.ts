import assert from "node:assert/strict";
import { QueryError } from "../../../base/errors.ts";
import { postgresDialect } from "../../../dialects/postgres/mod.ts";
import { sqliteDialect } from "../../../dialects/sqlite/mod.ts";
import {
  BaseModel,
  Column,
  DeletedAt,
  Entity,
  entityOf,
  type Generated,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryKey,
} from "../../../model/mod.ts";
import type { LiveShape } from "./live.ts";
import { orderingOf } from "./ordering.ts";
import { type Predicate, predicateOf, withoutDeleted } from "./predicate.ts";

@Entity({ tableName: "predicate_rooms" })
class Room extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @OneToMany(() => Message, (message) => message.room)
  messages!: Message[];
  @ManyToMany(() => Label, (label) => label.rooms, { through: { table: "predicate_room_labels" } })
  labels!: Label[];
}

@Entity({ tableName: "predicate_labels" })
class Label extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", collation: "NOCASE" })
  name!: string;
  @ManyToMany(() => Room, (room) => room.labels)
  rooms!: Room[];
}

@Entity({ tableName: "predicate_messages" })
class Message extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  body!: string;
  @Column({ type: "boolean" })
  pinned!: boolean;
  @Column({ type: "integer", nullable: true })
  roomId!: number | null;
  @ManyToOne(() => Room, (room) => room.messages, { nullable: true })
  room!: Room | null;
  @DeletedAt()
  deletedAt!: Date | null;
}

const message = entityOf(Message);
const { semantics } = sqliteDialect;

function of(where: LiveShape | undefined, entity = message): Predicate {
  return predicateOf(entity, where, semantics);
}

function test(where: LiveShape, row: Record<string, unknown>): boolean | undefined {
  return of(where).test(({ name }) => row[name]);
}

function lookupOf(where: LiveShape): [string, unknown[]] | undefined {
  const { lookup } = of(where);
  return lookup && [lookup.property.name, [...lookup.values]];
}

Deno.test("the column that tells rows apart best is looked up", () => {
  assert.deepEqual(lookupOf({ pinned: true, body: "x", id: 7 }), ["id", [7]]);
  assert.deepEqual(lookupOf({ pinned: true, roomId: { in: [1, 2, 2] } }), ["roomId", [1, 2]]);
  assert.deepEqual(lookupOf({ deletedAt: null, pinned: true }), ["pinned", [true]]);
  assert.deepEqual(lookupOf({ AND: [{ roomId: { in: [1, 2] } }, { roomId: { in: [2, 3] } }] }), [
    "roomId",
    [2],
  ]);
  assert.deepEqual(lookupOf({ OR: [{ roomId: 1, pinned: true }, { roomId: 2 }] }), [
    "roomId",
    [1, 2],
  ]);
  assert.equal(lookupOf({ OR: [{ roomId: 1 }, { body: "x" }] }), undefined);
  assert.equal(lookupOf({ NOT: { roomId: 1 } }), undefined);
  assert.equal(lookupOf({ roomId: { ne: 1 } }), undefined);
  assert.equal(lookupOf({}), undefined);
});

Deno.test("a condition on the key of a related record looks up the foreign key", () => {
  const where = { room: { id: 5, name: "lobby" } };
  assert.deepEqual(lookupOf(where), ["roomId", [5]]);
  const { exact, reasons, tables, entities } = of(where);
  assert.equal(exact, false);
  assert.deepEqual(reasons, ["reads other records: Message.room"]);
  assert.deepEqual(tables.map(({ name }) => name), ["predicate_rooms"]);
  assert.deepEqual(entities.map(({ name }) => name), ["Room"]);
  assert.equal(test(where, { roomId: 4 }), false);
  assert.equal(test(where, { roomId: null }), false);
  assert.equal(test(where, { roomId: 5 }), undefined);
  assert.equal(test({ room: { isNot: { id: 5 } } }, { roomId: 4 }), true);
});

Deno.test("whether a related record is there is told by the foreign key", () => {
  assert.ok(of({ room: null }).exact);
  assert.equal(test({ room: null }, { roomId: null }), true);
  assert.equal(test({ room: { isNot: null } }, { roomId: null }), false);
});

Deno.test("tables are named through relations of relations, join tables among them", () => {
  const where = { room: { labels: { some: { name: "x" } }, messages: { none: { pinned: true } } } };
  assert.deepEqual(of(where).tables.map(({ name }) => name).sort(), [
    "predicate_labels",
    "predicate_messages",
    "predicate_room_labels",
    "predicate_rooms",
  ]);
});

Deno.test("an unknown column is told where another one decides", () => {
  assert.equal(test({ body: "x", pinned: true }, { pinned: false }), false);
  assert.equal(test({ OR: [{ body: "x" }, { pinned: true }] }, { pinned: true }), true);
  assert.equal(test({ body: "x", pinned: true }, { pinned: true }), undefined);
  assert.equal(test({ OR: [{ roomId: 1 }, { NOT: { roomId: 1 } }] }, {}), undefined);
});

Deno.test("the negation of a comparison with NULL is not true", () => {
  assert.equal(test({ NOT: { roomId: 1 } }, { roomId: null }), false);
  assert.equal(test({ roomId: { ne: 1 } }, { roomId: null }), false);
  assert.equal(test({ roomId: { notIn: [1] } }, { roomId: null }), false);
  assert.equal(test({ roomId: { notIn: [] } }, { roomId: null }), true);
  assert.equal(test({ NOT: { roomId: { in: [] } } }, { roomId: null }), true);
});

Deno.test("a collation of a column's own is left to the database", () => {
  const label = entityOf(Label);
  const predicate = predicateOf(label, { name: "x" }, semantics);
  assert.equal(predicate.exact, false);
  assert.equal(predicate.lookup, undefined);
  assert.deepEqual(predicate.reasons, ["the collation NOCASE compares only in the database: name"]);
  assert.equal(orderingOf(label, { name: "asc" }, semantics).exact, false);
});

Deno.test("where only the database knows its locale, text is equal or not, but has no order", () => {
  const general = postgresDialect.semantics;
  assert.ok(predicateOf(message, { body: "x" }, general).exact);
  const predicate = predicateOf(message, { body: { gt: "x" }, pinned: true }, general);
  assert.deepEqual(predicate.reasons, ["orders text by the database's collation: body gt"]);
  assert.equal(predicate.test(({ name }) => name === "body" ? "x" : true), false);
  assert.equal(predicate.test(({ name }) => name === "body" ? "y" : true), undefined);
  assert.equal(predicate.test(({ name }) => name === "body" ? "y" : false), false);
  assert.ok(!orderingOf(message, { body: "asc" }, general).exact);
  assert.ok(orderingOf(message, { id: "desc" }, general).exact);
});

Deno.test("records that are deleted softly do not match unless they are asked for", () => {
  assert.deepEqual(withoutDeleted(message, undefined), { deletedAt: null });
  assert.deepEqual(withoutDeleted(message, { body: "x" }, true), { body: "x" });
  assert.deepEqual(withoutDeleted(entityOf(Room), { name: "x" }), { name: "x" });
  const predicate = of(withoutDeleted(message, { body: "x" }));
  const read = (deletedAt: Date | null) =>
    predicate.test(({ name }) => name === "body" ? "x" : deletedAt);
  assert.equal(read(null), true);
  assert.equal(read(new Date(0)), false);
});

Deno.test("a condition that the model does not have is refused", () => {
  assert.throws(() => of({ nope: 1 }), QueryError);
  assert.throws(() => orderingOf(message, { nope: "asc" }, semantics), QueryError);
});

Deno.test("an order has NULLs where repositories put them, and ends with the primary key", () => {
  const rows = [{ id: 1, roomId: null }, { id: 2, roomId: 3 }, { id: 3, roomId: 3 }];
  const sorted = (orderBy: unknown) => {
    const { compare, exact } = orderingOf(message, orderBy, semantics);
    assert.ok(exact);
    const read = (row: Record<string, unknown>) => ({ name }: { name: string }) => row[name];
    return [...rows].sort((a, b) => compare(read(a), read(b))).map(({ id }) => id);
  };
  assert.deepEqual(sorted({ roomId: "asc" }), [2, 3, 1]);
  assert.deepEqual(sorted({ roomId: "desc" }), [1, 3, 2]);
  assert.deepEqual(sorted([{ roomId: { direction: "desc", nulls: "last" } }, { id: "asc" }]), [
    2,
    3,
    1,
  ]);
  assert.deepEqual(sorted(undefined), [1, 2, 3]);
  const { exact, tables } = orderingOf(message, { room: { name: "asc" } }, semantics);
  assert.ok(!exact);
  assert.deepEqual(tables.map(({ name }) => name), ["predicate_rooms"]);
});
