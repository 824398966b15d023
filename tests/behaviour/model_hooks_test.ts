/** Hooks: which run, when, in which order, and what becomes of the write when one fails. */
import assert from "node:assert/strict";
import { ValidationError } from "../../src/base/errors.ts";
import {
  AfterDelete,
  AfterInsert,
  AfterLoad,
  AfterUpdate,
  BaseModel,
  BeforeDelete,
  BeforeInsert,
  BeforeUpdate,
  BeforeValidate,
  Column,
  Entity,
  type Generated,
  PrimaryKey,
  Validate,
} from "../../src/model/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";

let log: string[] = [];
let fail = "";

function note(moment: string): void {
  log.push(moment);
  if (fail === moment) throw new Error(`no ${moment}`);
}

abstract class Traced extends BaseModel {
  @BeforeInsert()
  first(): void {
    note("parent beforeInsert");
  }
}

@Entity({ tableName: "traces" })
class Trace extends Traced {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  @Validate((text: string) => text !== "bad", "is bad")
  text!: string;
  @Column({ type: "text", nullable: true })
  slug!: string | null;
  loaded?: string;

  @BeforeValidate()
  slugify(): void {
    note("beforeValidate");
    if (this.text !== undefined) this.slug = this.text.toLowerCase().replaceAll(" ", "-");
  }
  @BeforeInsert()
  async beforeInsert(): Promise<void> {
    await new Promise((done) => setTimeout(done, 1));
    note("beforeInsert");
  }
  @AfterInsert()
  async afterInsert(): Promise<void> {
    await Promise.resolve();
    note(`afterInsert ${typeof this.id}`);
    if (fail === "afterInsert") throw new Error("no afterInsert");
  }
  @BeforeUpdate()
  beforeUpdate(): void {
    note("beforeUpdate");
  }
  @AfterUpdate()
  async afterUpdate(): Promise<void> {
    await Promise.resolve();
    note("afterUpdate");
  }
  @BeforeDelete()
  async beforeDelete(): Promise<void> {
    await Promise.resolve();
    note(`beforeDelete ${this.text}`);
  }
  @AfterDelete()
  afterDelete(): void {
    note("afterDelete");
  }
  @AfterLoad()
  afterLoad(): void {
    this.loaded = `loaded ${this.text}`;
  }
}

const models = [Trace];

function start(failing = ""): void {
  log = [];
  fail = failing;
}

onEveryDatabase("save() and delete() run every hook in order", { models }, async ({ db }) => {
  start();
  const trace = Trace.from({ text: "Some Text" });
  await trace.save(db);
  assert.deepEqual(log, [
    "beforeValidate",
    "parent beforeInsert",
    "beforeInsert",
    "afterInsert number",
  ]);
  assert.equal(trace.slug, "some-text");
  start();
  trace.text = "Other";
  await trace.save(db);
  assert.deepEqual(log, ["beforeValidate", "beforeUpdate", "afterUpdate"]);
  const found = await db.repository(Trace).findById(trace.id);
  assert.equal(found?.slug, "other");
  assert.equal(found?.loaded, "loaded Other");
  start();
  await trace.delete(db);
  assert.deepEqual(log, ["beforeDelete Other", "afterDelete"]);
});

onEveryDatabase("repositories run the same hooks", { models }, async ({ db }) => {
  const traces = db.repository(Trace);
  start();
  const trace = await traces.create({ text: "A B" });
  assert.deepEqual(log, [
    "beforeValidate",
    "parent beforeInsert",
    "beforeInsert",
    "afterInsert number",
  ]);
  assert.equal(trace.slug, "a-b");
  start();
  await traces.update(trace.id, { text: "C D" });
  assert.deepEqual(log, ["beforeValidate", "beforeUpdate", "afterUpdate"]);
  assert.equal((await traces.findById(trace.id))?.slug, "c-d");
  start();
  assert.equal(await traces.delete(trace.id), true);
  assert.deepEqual(log, ["beforeDelete C D", "afterDelete"]);
  start();
  assert.equal(await traces.delete(trace.id), false);
  assert.deepEqual(log, []);
  await traces.createMany([{ text: "X" }, { text: "Y" }]);
  assert.equal(log.filter((each) => each === "beforeInsert").length, 2);
  assert.equal(log.filter((each) => each === "afterInsert number").length, 2);
  start();
  assert.equal(await traces.updateMany({}, { text: "Z Z" }), 2);
  assert.deepEqual(log, ["beforeValidate", "beforeUpdate"], "once, for the values");
  assert.deepEqual((await traces.find()).map((each) => each.slug), ["z-z", "z-z"]);
});

onEveryDatabase("a hook that fails stops the write", { models }, async ({ db }) => {
  const traces = db.repository(Trace);
  for (const moment of ["beforeValidate", "parent beforeInsert", "beforeInsert", "afterInsert"]) {
    start(moment);
    await assert.rejects(traces.create({ text: "a" }), new RegExp(`no ${moment}`));
    const trace = Trace.from({ text: "a" });
    await assert.rejects(() => trace.save(db), new RegExp(`no ${moment}`));
    await assert.rejects(
      traces.createMany([{ text: "a" }, { text: "b" }]),
      new RegExp(`no ${moment}`),
    );
    start();
    assert.equal(await traces.count(), 0, `${moment} leaves nothing`);
    assert.equal(trace.id, undefined);
  }
  start();
  const trace = await traces.create({ text: "a" });
  for (const moment of ["beforeUpdate", "afterUpdate"]) {
    start(moment);
    await assert.rejects(traces.update(trace.id, { text: "b" }), new RegExp(`no ${moment}`));
    trace.text = "c";
    await assert.rejects(() => trace.save(db), new RegExp(`no ${moment}`));
    assert.equal((await traces.findById(trace.id))?.text, "a");
  }
  for (const moment of ["beforeDelete a", "afterDelete"]) {
    start(moment);
    trace.text = "a";
    await assert.rejects(traces.delete(trace.id), new RegExp(`no ${moment}`));
    await assert.rejects(() => trace.delete(db), new RegExp(`no ${moment}`));
    assert.equal(await traces.count(), 1);
  }
});

onEveryDatabase(
  "a value that is not valid stops before beforeInsert has effects",
  { models },
  async ({ db }) => {
    start();
    await assert.rejects(db.repository(Trace).create({ text: "bad" }), ValidationError);
    assert.ok(!log.some((each) => each.startsWith("after")));
    assert.equal(await db.repository(Trace).count(), 0);
  },
);
