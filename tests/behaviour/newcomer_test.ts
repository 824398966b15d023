/**
 * What somebody met who ported two applications and then tried to break things: long conditions, too many
 * parameters, times without seconds, indexes declared by objects, and compile errors that name the mistake.
 */
import assert, { deepStrictEqual as equal } from "node:assert/strict";
import { QueryError } from "../../src/base/errors.ts";
import {
  BaseModel,
  Column,
  CreatedAt,
  Entity,
  type Generated,
  ManyToMany,
  ManyToOne,
  ModelRegistry,
  OneToMany,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { untyped } from "./repository_support.ts";

@Entity({
  tableName: "newcomer_visits",
  indexes: [{ columns: [{ property: "createdAt", direction: "desc" }] }, {
    columns: [{ sql: "lower(place)" }],
    name: "ix_newcomer_place",
  }],
})
class Visit extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  place!: string;
  @Column({ type: "time", nullable: true })
  at!: string | null;
  @CreatedAt()
  createdAt!: Generated<Date>;
}

@Entity({ tableName: "newcomer_marks" })
class Mark extends BaseModel {
  @Column({ type: "integer" })
  place!: number;
}

@Entity({ tableName: "newcomer_seats" })
class Seat extends BaseModel {
  @PrimaryKey({ generated: false })
  row!: number;
  @PrimaryKey({ generated: false })
  place!: number;
}

@Entity({ tableName: "newcomer_notes" })
class Note extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @ManyToMany(() => Label, (label) => label.notes)
  labels!: Label[];
  @ManyToOne(() => Label, undefined, { nullable: true })
  main!: Label | null;
}

@Entity({ tableName: "newcomer_labels" })
class Label extends BaseModel {
  @PrimaryKey({ type: "varchar", length: 40 })
  name!: string;
  @ManyToMany(() => Note, (note) => note.labels)
  notes!: Note[];
}

const models = [Visit, Mark, Seat, Note, Label];

Deno.test("an index whose parts are all objects compiles, and keeps direction and expression", () => {
  const { indexes } = ModelRegistry.getModelMetadata(Visit).table;
  const parts = indexes.flatMap((index) => index.parts);
  assert(parts.some((part) => part.column === "created_at" && part.direction === "desc"));
  assert(parts.some((part) => part.sql === "lower(place)"));
});

Deno.test("an index of objects that name no property of the class is a compile error", () => {
  // @ts-expect-error: there is no such property
  @Entity({ indexes: [{ columns: [{ property: "nowhere" }] }] })
  class Wrong extends BaseModel {
    @PrimaryKey()
    id!: Generated<number>;
  }
  assert.throws(() => ModelRegistry.getModelMetadata(Wrong), /nowhere/);
});

Deno.test("a property that a query would take for an operator is refused", () => {
  assert.throws(() => {
    @Entity()
    class Wrong extends BaseModel {
      @PrimaryKey()
      id!: Generated<number>;
      @Column({ type: "text" })
      AND!: string;
    }
    return Wrong;
  }, /Cannot map Wrong\.AND: /);
});

Deno.test("a relation's field may not be wider or narrower than the class it leads to", () => {
  class Wrong extends BaseModel {
    // @ts-expect-error: BaseModel is wider
    @ManyToOne(() => Visit)
    wide!: BaseModel;
    // @ts-expect-error: a list of something else
    @OneToMany(() => Visit, (visit) => untyped(visit))
    many!: string[];
  }
  assert.equal(typeof Wrong, "function");
});

onEveryDatabase("a condition of 5,000 terms side by side runs", { models }, async ({ db }) => {
  const visits = db.repository(Visit);
  await visits.createMany(["a", "b", "c"].map((place) => ({ place })));
  const terms = Array.from({ length: 5000 }, (_, id) => ({ id }));
  equal(await visits.count({ where: { OR: terms } }), 3);
  equal(await visits.count({ where: { AND: terms.map(({ id }) => ({ id: { ne: id } })) } }), 0);
  equal(await visits.count({ where: { OR: terms, AND: [{ place: "b" }, { NOT: terms[1]! }] } }), 1);
});

onEveryDatabase(
  "a condition that is nested too deep is refused by name",
  { models },
  async ({ db }) => {
    const nested = (levels: number): unknown =>
      Array.from({ length: levels }).reduce((inner) => ({ NOT: inner }), { place: "a" });
    const visits = db.repository(Visit);
    equal(await visits.count({ where: untyped(nested(199)) }), 0);
    for (const levels of [200, 20_000]) {
      await assert.rejects(
        visits.count({ where: untyped(nested(levels)) }),
        (error) => error instanceof QueryError && /levels deep/.test(error.message),
      );
    }
  },
);

onEveryDatabase(
  "a list with more values than a statement takes is refused with a hint",
  { models },
  async ({ db }) => {
    const ids = Array.from({ length: 100_000 }, (_, id) => id);
    await assert.rejects(
      db.query(Visit).where("id", "in", ids).execute(),
      (error) => error instanceof QueryError && /binds 100000 parameters/.test(error.message),
    );
    equal(await db.repository(Visit).count({ where: { id: { in: ids } } }), 0);
  },
);

onEveryDatabase("a time of day without seconds is stored with them", { models }, async ({ db }) => {
  const visits = db.repository(Visit);
  const { id } = await visits.create({ place: "a", at: "12:30" });
  equal((await visits.findById(id))?.at, "12:30:00");
  equal(await visits.count({ where: { at: "12:30" } }), 1);
});

onEveryDatabase(
  "a cursor on a model without a primary key is refused",
  { models },
  async ({ db }) => {
    const marks = db.repository(Mark);
    await marks.createMany([{ place: 1 }, { place: 1 }, { place: 1 }]);
    await assert.rejects(
      marks.find({ orderBy: { place: "asc" }, limit: 2, cursor: { place: 1 } }),
      (error) => error instanceof QueryError && /no primary key/.test(error.message),
    );
  },
);

onEveryDatabase(
  "a composite key that is no object is refused with its parts",
  { models },
  async ({ db }) => {
    await assert.rejects(
      db.repository(Seat).findById(untyped(3)),
      (error) => error instanceof QueryError && /object of row, place/.test(error.message),
    );
  },
);

onEveryDatabase(
  "statements that a repository keeps count as found compiled",
  { models },
  async ({ db }) => {
    const visits = db.repository(Visit);
    const before = db.stats().cacheHits;
    for (let id = 0; id < 3; id++) await visits.find({ where: { id } });
    assert(db.stats().cacheHits >= before + 2);
  },
);

onEveryDatabase(
  "connectOrCreate by many callers at once makes one record",
  { models },
  async ({ db }) => {
    const notes = db.repository(Note);
    const label = (name: string) => ({ where: { name }, create: { name } });
    await Promise.all(
      Array.from({ length: 20 }, () =>
        notes.create({
          main: { connectOrCreate: label("main") },
          labels: { connectOrCreate: [label("a"), label("b")] },
        })),
    );
    equal(await notes.count({ where: { main: { name: "main" }, labels: { _count: 2 } } }), 20);
    equal(await db.repository(Label).count(), 3);
  },
);
