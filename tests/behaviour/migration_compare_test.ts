/**
 * Comparisons of models, databases and snapshots.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  compareSchemas,
  Entity,
  type Generated,
  ManyToMany,
  ManyToOne,
  MigrationError,
  PrimaryKey,
  readSnapshot,
  renamesOfModels,
  schemaOfModels,
  snapshotText,
  writeMigrations,
  writeSql,
} from "@rex/orm";
import { emptySchema } from "../../src/schema/database_schema.ts";
import { MigrationProject } from "../support/migration_project.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { onEveryDatabase, targets } from "../targets/databases.ts";

@Entity({ tableName: "accounts" })
class Account extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @Column({ type: "enum", values: ["open", "closed"], default: "open" })
  state!: "open" | "closed";
}

@Entity({ tableName: "payments" })
class Payment extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "numeric", precision: 10, scale: 2 })
  amount!: string;
  @ManyToOne(() => Account)
  account!: Account;
}

@Entity({ tableName: "accounts", indexes: [{ columns: ["name", "state"] }] })
class AccountIndexed extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 90 })
  name!: string;
  @Column({ type: "enum", values: ["open", "frozen", "closed"], default: "frozen" })
  state!: "open" | "frozen" | "closed";
  @Column({ type: "integer", default: 0 })
  score!: number;
}

@Entity({ tableName: "payments" })
class PaymentIndexed extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "numeric", precision: 12, scale: 2 })
  amount!: string;
  @ManyToOne(() => AccountIndexed)
  account!: AccountIndexed;
}

const before = [Account, Payment];
const after = [AccountIndexed, PaymentIndexed];

onEveryDatabase(
  "what models have no words for stays, also where it stands on what changes",
  { models: before },
  async ({ db, target }) => {
    await using project = await MigrationProject.create(db);
    await db.execute(
      "CREATE VIEW rich AS SELECT name, amount FROM accounts a JOIN payments p ON a.id = p.account_id",
    );
    await db.execute(
      target.name.startsWith("SQLite")
        ? "CREATE TRIGGER calm AFTER INSERT ON payments BEGIN SELECT 1; END"
        : "CREATE TRIGGER calm BEFORE UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    );
    if (target.capabilities.supportsSchemas) {
      await db.execute("CREATE SEQUENCE numbers");
      await db.execute("CREATE DOMAIN age AS integer CHECK (VALUE > 0)");
      await db.execute("CREATE TYPE unused AS ENUM ('a')");
    }
    await db.execute("INSERT INTO accounts (name) VALUES ('Ada')");
    const found = await project.read();
    await project.assertFits(before);
    await project.migrate(after);
    await project.assertFits(after);
    const now = await project.read();
    assert.deepEqual(now.views.map(({ name }) => name), ["rich"]);
    assert.deepEqual(now.triggers, found.triggers);
    assert.deepEqual(now.sequences, found.sequences);
    assert.deepEqual(now.domains, found.domains);
    assert.equal(now.enums.length, found.enums.length);
    await project.down(1);
    await project.assertIs(found);
  },
);

onEveryDatabase("a table that no model has is dropped, and told as destructive", {
  models: before,
}, async ({ db }) => {
  await using project = await MigrationProject.create(db);
  const { planned, parts } = await project.compare([Account]);
  assert.deepEqual(planned.map(({ risk }) => risk), ["destructive"]);
  const [text = ""] = writeMigrations({ parts });
  assert.match(
    text,
    /\/\/ Destructive: drops the table payments and its rows\n.*dropTable\("payments"\)/,
  );
  assert.match(
    writeSql(planned),
    /^-- Destructive: drops the table payments.*\nDROP TABLE payments;\n$/,
  );
});

onEveryDatabase("online, what a transaction cannot hold is a migration of its own", {
  models: before,
  needs: (capabilities) => capabilities.supportsSchemas,
}, async ({ db }) => {
  await using project = await MigrationProject.create(db);
  const found = await project.read();
  const comparison = await project.migrate(after, { online: true });
  await project.assertFits(after);
  const { parts } = comparison;
  assert.ok(parts.length > 1);
  assert.deepEqual(
    project.texts.map((text) => /transaction: false/.test(text)),
    parts.map(({ transaction }) => !transaction),
  );
  const sql = writeSql(comparison.planned);
  assert.match(
    sql,
    /-- Outside of a transaction\nCREATE INDEX CONCURRENTLY ix_accounts_name_state/,
  );
  await project.down(parts.length);
  await project.assertIs(found);
  await project.up();
  await project.assertFits(after);
});

onEveryDatabase(
  "a migration written on one database runs on the others",
  {},
  async ({ db, target }) => {
    for (const other of targets.filter(({ name }) => !target.name.startsWith(name))) {
      await using opened = await other.open();
      await using there = await MigrationProject.create(opened.db);
      await there.migrate(before);
      await there.migrate(after);
      await using here = await MigrationProject.create(db);
      await here.write(there.texts.slice(0, 1));
      await here.up();
      await here.assertFits(before);
      const start = await here.read();
      await db.execute("INSERT INTO accounts (name, state) VALUES ('Ada', 'closed')");
      await here.write(there.texts.slice(1));
      await here.up();
      await here.assertFits(after);
      const { rows } = await db.execute("SELECT name, state FROM accounts");
      assert.deepEqual(rows, [{ name: "Ada", state: "closed" }]);
      await here.down(1);
      await here.assertIs(start);
      await here.down(1);
      assert.deepEqual((await here.read()).tables, []);
      assert.deepEqual((await here.read()).enums, []);
    }
  },
);

onEveryDatabase("a snapshot of the database or of models says the same as these", {
  models: before,
}, async ({ db, target }) => {
  await using project = await MigrationProject.create(db);
  const found = await project.read();
  const text = snapshotText(found);
  assert.equal(text, snapshotText(await project.read()));
  const same = await compareSchemas(db, readSnapshot(text), found);
  assert.deepEqual(same.steps, []);
  const models = snapshotText(schemaOfModels(before, target.capabilities));
  assert.deepEqual((await compareSchemas(db, readSnapshot(models), found)).steps, []);
  const wanted = schemaOfModels(after, target.capabilities);
  const steps = (await compareSchemas(db, readSnapshot(models), wanted)).steps;
  assert.deepEqual(steps, (await compareSchemas(db, found, wanted)).steps);
  const { steps: all, back } = await compareSchemas(db, emptySchema, readSnapshot(models));
  assert.ok(all.every(({ kind }) => kind.startsWith("create")));
  assert.ok(back.every(({ kind }) => kind.startsWith("drop")));
});

@Entity({ tableName: "notes", schema: "public" })
class PublicNote extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "enum", values: ["a", "b"] })
  kind!: "a" | "b";
  @ManyToOne(() => PublicNote, undefined, { nullable: true })
  parent!: PublicNote | null;
}

@Entity({ tableName: "notes", schema: "archive" })
class OldNote extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "enum", values: ["a", "b"], enumName: "archive.kind" })
  kind!: "a" | "b";
  @ManyToOne(() => PublicNote)
  note!: PublicNote;
}

onEveryDatabase("several schemas are told apart; the default one may be said or left out", {
  needs: (capabilities) => capabilities.supportsSchemas,
}, async ({ db }) => {
  await using project = await MigrationProject.create(db);
  try {
    await project.migrate([PublicNote, OldNote]);
    await project.assertFits([PublicNote, OldNote]);
    const { tables, schemas, enums } = await project.read();
    assert.deepEqual(schemas, ["archive"]);
    assert.deepEqual(tables.map(({ name, schema }) => `${schema ?? ""}.${name}`).sort(), [
      ".notes",
      "archive.notes",
    ]);
    assert.equal(enums.length, 2);
    await project.down(1);
    assert.deepEqual((await project.read()).tables, []);
  } finally {
    await db.execute("DROP SCHEMA IF EXISTS archive CASCADE");
  }
});

Deno.test("readSnapshot() refuses what is no snapshot", () => {
  const good = JSON.parse(snapshotText(schemaOfModels(before, targets[0]!.capabilities)));
  const refused: [unknown, RegExp][] = [
    ["{", /not JSON/],
    ["[]", /not a JSON object/],
    [{}, /no `format`/],
    [{ ...good, format: 2 }, /its format is 2, and this version reads 1/],
    [{ ...good, views: undefined }, /`views` is not a list/],
    [{ ...good, schemas: [1] }, /`schemas\[0\]` is not a name/],
    [{ ...good, enums: [{}] }, /`enums\[0\]` has no `name`/],
    [{ ...good, tables: [{ name: "x" }] }, /`tables\[0\]\.columns` is not a list/],
    [
      { ...good, tables: [{ ...good.tables[0], columns: [{ name: "x" }] }] },
      /a column without `name` or `type`/,
    ],
  ];
  for (const [data, message] of refused) {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    assert.throws(() => readSnapshot(text), (error) => {
      assert.ok(error instanceof MigrationError);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.deepEqual(JSON.parse(snapshotText(readSnapshot(JSON.stringify(good)))), good);
});

@Entity({ tableName: "clients", renamedFrom: "accounts" })
class Client extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", renamedFrom: "name" })
  title!: string;
  @ManyToMany(() => Topic, undefined, {
    through: { table: "clients_topics", renamedFrom: "accounts_topics" },
  })
  topics!: Topic[];
}

@Entity({ tableName: "topics" })
class Topic extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @ManyToOne(() => Client, undefined, { renamedFrom: "account_id" })
  client!: Client;
}

onEveryDatabase("renamedFrom counts only while the database has the old name and not the new", {
  rewrite: false,
}, async ({ db }) => {
  await using project = await MigrationProject.create(db);
  await db.execute("CREATE TABLE accounts (id integer PRIMARY KEY, name text)");
  await db.execute("CREATE TABLE topics (id integer PRIMARY KEY, account_id integer)");
  await db.execute("CREATE TABLE accounts_topics (a integer, b integer)");
  const models = [Client, Topic];
  assert.deepEqual(renamesOfModels(models, await project.read()), {
    tables: [
      { from: { name: "accounts" }, to: { name: "clients" } },
      { from: { name: "accounts_topics" }, to: { name: "clients_topics" } },
    ],
    columns: [
      { table: { name: "clients" }, from: "name", to: "title" },
      { table: { name: "topics" }, from: "account_id", to: "client_id" },
    ],
  });
  await db.execute("CREATE TABLE clients (id integer PRIMARY KEY, title text, name text)");
  await db.execute("ALTER TABLE topics RENAME COLUMN account_id TO client_id");
  await db.execute("DROP TABLE accounts_topics");
  assert.deepEqual(renamesOfModels(models, await project.read()), { tables: [], columns: [] });
});

@Entity({
  tableName: "rooms",
  primaryKey: { name: "rooms_key", include: ["name"] },
  indexes: [
    {
      columns: [
        { property: "name", nulls: "first", operatorClass: "text_pattern_ops", collation: "C" },
        { sql: "lower(name)", direction: "desc", nulls: "last" },
      ],
      name: "ix_names",
      include: ["floor"],
      options: "fillfactor=70",
      comment: "Found by name",
    },
    { columns: ["floor", "name"], unique: true, nullsNotDistinct: true },
  ],
  uniques: [{ columns: ["name"], include: ["floor"], nullsNotDistinct: true, deferrable: true }],
  exclusions: [{ parts: [{ property: "period", operator: "&&" }], where: "floor > 0" }],
  options: "WITH (fillfactor=80)",
})
class Room extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text", collation: "C", nullable: true })
  name!: string | null;
  @Column({ type: "integer", nullable: true })
  floor!: number | null;
  @Column({ type: "other", sql: "int4range" })
  period!: string;
  @Column({ type: "integer", nullable: true, name: "parent_floor" })
  parentFloor!: number | null;
  @ManyToOne(() => Room, undefined, {
    nullable: true,
    constraintName: "rooms_parent",
    match: "full",
    deferrable: "initially immediate",
  })
  parent!: Room | null;
}

@Entity({ tableName: "events", partition: { kind: "by", sql: "RANGE (day)" } })
class DividedEvent extends BaseModel {
  @PrimaryKey({ type: "date" })
  day!: string;
}

@Entity({
  tableName: "events_2026",
  partition: {
    kind: "of",
    table: "events",
    bound: "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
  },
})
class Event2026 extends BaseModel {
  @PrimaryKey({ type: "date" })
  day!: string;
}

onEveryDatabase("what options of models say is what the database has", {
  needs: (capabilities) => capabilities.supportsSchemas,
  rewrite: false,
}, async ({ db }) => {
  await using project = await MigrationProject.create(db);
  const models: ModelClass[] = [Room, DividedEvent, Event2026];
  await project.migrate(models);
  await project.assertFits(models);
  const { tables } = await project.read();
  const rooms = tables.find(({ name }) => name === "rooms");
  assert.deepEqual(rooms?.primaryKey, {
    name: "rooms_key",
    columns: ["id"],
    include: ["name"],
  });
  assert.deepEqual(rooms?.uniques, [{
    name: "uq_rooms_name",
    columns: ["name"],
    include: ["floor"],
    nullsNotDistinct: true,
    deferrable: "initially deferred",
  }]);
  assert.deepEqual(rooms?.exclusions?.map(({ name, method }) => [name, method]), [
    ["ex_rooms_period", "gist"],
  ]);
  assert.equal(rooms?.options, "WITH (fillfactor=80)");
  assert.equal(rooms?.foreignKeys[0]?.name, "rooms_parent");
  assert.equal(rooms?.foreignKeys[0]?.match, "full");
  assert.equal(rooms?.columns.find(({ name }) => name === "name")?.collation, "C");
  const index = rooms?.indexes.find(({ name }) => name === "ix_names");
  assert.deepEqual(index?.include, ["floor"]);
  assert.equal(index?.options, "fillfactor=70");
  assert.equal(index?.comment, "Found by name");
  assert.equal(index?.parts[0]?.operatorClass, "text_pattern_ops");
  assert.equal(index?.parts[0]?.nulls, "first");
  assert.deepEqual(tables.map(({ partition }) => partition?.kind), ["by", "of", undefined]);
  // A part that no model has stays.
  await project.assertFits([Room, DividedEvent]);
  await project.assertWellWritten();
  await project.down(1);
  assert.deepEqual((await project.read()).tables, []);
});
