/**
 * Values of every type that a key can have: as primary keys, foreign keys and keys of a join table, records find one
 * another by them, whatever the load strategy.
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { PrimaryKeyOptions } from "../../src/model/column_decorators.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import {
  BaseModel,
  Entity,
  type Generated,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { onEveryDatabase, type Target } from "../targets/databases.ts";
import { backOf, casesOn, columnCases, type DatabaseName } from "./value_cases.ts";
import { isSame, shown } from "./value_compare.ts";
import { moods } from "./value_models.ts";

/** What a key of each type is declared with. */
const keys: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  smallint: { type: "smallint" },
  integer: { type: "integer" },
  bigint: { type: "bigint" },
  numeric: { type: "numeric" },
  decimal: { type: "numeric", precision: 38, scale: 10 },
  text: { type: "text" },
  varchar: { type: "varchar", length: 12 },
  char: { type: "char", length: 3 },
  uuid: { type: "uuid" },
  date: { type: "date" },
  time: { type: "time" },
  timestamp: { type: "timestamp" },
  timestamptz: { type: "timestamptz" },
  bytes: { type: "bytes" },
  enum: { type: "enum", values: moods },
};

interface Keyed {
  readonly parent: ModelClass<Parent>;
  readonly child: ModelClass<Child>;
}

/** What has the key; declared for each type, with the key taken for text by the compiler. */
interface Parent extends BaseModel {
  key: string;
  children: Child[];
  friends: Child[];
}

/** What points to it. */
interface Child extends BaseModel {
  id: Generated<number>;
  parent: Parent | null;
  befriended: Parent[];
}

function keyedBy(name: string, options: Readonly<Record<string, unknown>>): Keyed {
  @Entity({ tableName: `value_${name}_parents` })
  class KeyedParent extends BaseModel implements Parent {
    @PrimaryKey({ ...options, generated: false } as PrimaryKeyOptions<"text">)
    key!: string;
    @OneToMany(() => KeyedChild, (child) => child.parent)
    children!: KeyedChild[];
    @ManyToMany(() => KeyedChild, (child) => child.befriended, {
      through: { table: `value_${name}_friends` },
    })
    friends!: KeyedChild[];
  }

  @Entity({ tableName: `value_${name}_children` })
  class KeyedChild extends BaseModel implements Child {
    @PrimaryKey()
    id!: Generated<number>;
    @ManyToOne(() => KeyedParent, (parent) => parent.children, { nullable: true })
    parent!: KeyedParent | null;
    @ManyToMany(() => KeyedParent, (parent) => parent.friends)
    befriended!: KeyedParent[];
  }

  return { parent: KeyedParent, child: KeyedChild };
}

/** A key as it is given and as it comes back. */
interface Key {
  readonly given: string;
  readonly back: unknown;
}

/** The values of a column that are different keys. */
function keysOf(name: string, target: Target): readonly Key[] {
  const database: DatabaseName = target.name.startsWith("SQLite") ? "SQLite" : "PostgreSQL";
  const column = columnCases.find((each) => each.column === name) ?? assert.fail();
  const found: Key[] = [];
  for (const one of casesOn(column, database)) {
    const back = backOf(one, database);
    // PostgreSQL's index takes no key of more than 2,704 bytes.
    if (typeof back === "string" && back.length > 2_000) continue;
    if (found.some((other) => isSame(column.compares, other.back, back))) continue;
    found.push({ given: one.value as string, back });
  }
  return found;
}

async function fill(db: Database, { parent, child }: Keyed, all: readonly Key[]): Promise<void> {
  for (const { given } of all) await db.repository(parent).create({ key: given });
  for (const { given } of all) {
    const { id } = await db.repository(child).create({ parent: { connect: { key: given } } });
    await db.repository(child).create({ parent: { connect: { key: given } } });
    await db.repository(parent).update(given, { friends: { connect: { id } } });
  }
}

for (const [name, options] of Object.entries(keys)) {
  const models = keyedBy(name, options);
  const { parent, child } = models;
  onEveryDatabase(`records find one another by keys of type ${name}`, {
    models: [parent, child],
    rewrite: false,
  }, async ({ db, target }) => {
    const all = keysOf(name, target);
    await fill(db, models, all);
    const parents = db.repository(parent);
    const children = db.repository(child);
    for (const strategy of ["join", "query"] as const) {
      const found = await parents.find({
        include: {
          children: { strategy, orderBy: { id: "asc" } },
          friends: { strategy },
          _count: { children: true },
        },
      });
      assert.equal(found.length, all.length);
      for (const [index, { back }] of all.entries()) {
        const one = found.find((each) => isSameKey(name, each.key, back)) ??
          assert.fail(`${strategy}: ${shown(back)} is not there`);
        const label = `${strategy}: ${shown(back)}`;
        assert.deepStrictEqual(one.key, back, label);
        assert.deepEqual(one.children.map(({ id }) => id), [2 * index + 1, 2 * index + 2], label);
        assert.deepEqual(one.friends.map(({ id }) => id), [2 * index + 1], label);
        assert.equal(one._count.children, 2, label);
      }
      const back = await children.find({
        orderBy: { id: "asc" },
        include: { parent: { strategy }, befriended: { strategy } },
      });
      back.forEach((each, index) => {
        const expected = all[index >> 1]?.back;
        assert.deepStrictEqual(each.parent?.key, expected, `${strategy}: ${shown(expected)}`);
        const befriended = each.befriended.map(({ key }) => key);
        assert.deepStrictEqual(befriended, index % 2 === 0 ? [expected] : [], strategy);
      });
    }
    const loaded = await parents.load(await parents.find(), { children: true });
    assert.ok(loaded.every((each) => each.children.length === 2));
  });

  onEveryDatabase(`records are found, saved and deleted by keys of type ${name}`, {
    models: [parent, child],
    rewrite: false,
  }, async ({ db, target }) => {
    const all = keysOf(name, target);
    const parents = db.repository(parent);
    await parents.createMany(all.map(({ given }) => ({ key: given })));
    for (const { given, back } of all) {
      const label = shown(given);
      assert.deepStrictEqual((await parents.findById(given))?.key, back, label);
      assert.deepStrictEqual((await parents.findById(back as string))?.key, back, label);
      const many = { some: { parent: { key: given } } };
      assert.deepEqual(await parents.find({ where: { children: many } }), [], label);
      await db.repository(child).create({ parent: { connect: { key: given } } });
      const [having] = await parents.find({ where: { children: many } });
      assert.deepStrictEqual(having?.key, back, label);
      await parents.update(given, { children: { set: [] } });
      assert.equal(await parents.delete(given), true, label);
      assert.equal(await parents.findById(given), null, label);
    }
    assert.equal(await parents.count(), 0);
    assert.equal(await db.repository(child).count({ where: { parent: null } }), all.length);
  });
}

function isSameKey(name: string, a: unknown, b: unknown): boolean {
  const { compares } = columnCases.find((each) => each.column === name) ?? assert.fail();
  return isSame(compares, a, b);
}
