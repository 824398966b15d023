/**
 * A write that fails leaves nothing behind, in a transaction of the caller too.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  PrimaryKey,
  UniqueViolationError,
} from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";

@Entity({ tableName: "boxes" })
class Box extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "text" })
  name!: string;

  @OneToMany(() => Lid, (lid) => lid.box)
  lids!: Lid[];
}

@Entity({ tableName: "lids" })
class Lid extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "text", unique: true })
  label!: string;

  @ManyToOne(() => Box, (box) => box.lids)
  box!: Box;
}

const models = [Box, Lid];

onEveryDatabase("a nested write that fails in a transaction leaves it as it was, and usable", {
  models,
}, async ({ db }) => {
  await db.transaction(async (tx) => {
    const boxes = tx.repository(Box);
    const kept = await boxes.create({ name: "kept", lids: { create: { label: "a" } } });
    const twice = { create: [{ label: "b" }, { label: "a" }] };
    await assert.rejects(boxes.create({ name: "lost", lids: twice }), UniqueViolationError);
    await assert.rejects(
      boxes.update(kept.id, { name: "other", lids: twice }),
      UniqueViolationError,
    );
  });
  assert.deepEqual((await db.repository(Box).findAll()).map((each) => each.name), ["kept"]);
  assert.deepEqual((await db.repository(Lid).findAll()).map((each) => each.label), ["a"]);
});

onEveryDatabase("createMany() that fails in a transaction leaves none of its rows", {
  models,
}, async ({ db }) => {
  const many = Array.from({ length: 400 }, (_, i) => ({ label: `l${i % 399}` }));
  await db.transaction(async (tx) => {
    const box = await tx.repository(Box).create({ name: "kept" });
    const lids = many.map((each) => ({ ...each, box: { connect: { id: box.id } } }));
    await assert.rejects(tx.repository(Lid).createMany(lids), UniqueViolationError);
    assert.equal(await tx.repository(Lid).count(), 0);
  });
  assert.equal(await db.repository(Box).count(), 1);
});
