/**
 * Changes that SQLite has no single statement for: what they keep, and what they say before.
 *
 * @module
 */
import assert from "node:assert/strict";
import { SchemaReader } from "../../src/migration/reader.ts";
import type { TableSchema } from "../../src/schema/table.ts";
import { change, onTable, plan, rows, script, testOn } from "./schema_change_support.ts";

const family = `
CREATE TABLE parents (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, best INTEGER REFERENCES parents(id) ON DELETE CASCADE) STRICT;
CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parents(id) ON DELETE CASCADE) STRICT;
CREATE TABLE log (text TEXT) STRICT;
CREATE TABLE rex_new_parents (a INTEGER) STRICT;
CREATE INDEX parents_name ON parents (lower(name));
CREATE VIEW named AS SELECT id, name FROM parents WHERE name IS NOT NULL;
CREATE TRIGGER renamed AFTER UPDATE OF name ON parents BEGIN INSERT INTO log VALUES (OLD.name || ' to ' || NEW.name); END;
INSERT INTO parents (id, name, best) VALUES (1, 'Ada', NULL), (2, 'Bob', 1), (9, 'Eve', 2);
INSERT INTO children (id, parent_id) VALUES (1, 1), (2, 9);
DELETE FROM parents WHERE id = 9;
INSERT INTO children (id, parent_id) VALUES (3, 2);
`;

testOn("SQLite", "a rebuild keeps children, numbers, indexes, triggers and views", async (db) => {
  await script(db, family);
  const { planned } = await change(
    db,
    onTable("parents", (table) => ({
      ...table,
      columns: table.columns.map((each) =>
        each.name === "name" ? { ...each, nullable: false } : each
      ),
      checks: [{ name: "not_empty", sql: "name <> ''" }],
    })),
  );
  assert.deepEqual(
    planned.filter(({ risk }) => risk !== "safe").map(({ risk, reason }) => [risk, reason]),
    [["destructive", "makes parents.name NOT NULL: fails where a row has NULL"]],
  );
  assert.deepEqual(await rows(db, "SELECT id, parent_id FROM children"), [["1", "1"], ["3", "2"]]);
  await db.execute("UPDATE parents SET name = 'Ben' WHERE id = 2");
  assert.deepEqual(await rows(db, "SELECT text FROM log"), [["Bob to Ben"]]);
  assert.deepEqual(await rows(db, "SELECT id, name FROM named"), [["1", "Ada"], ["2", "Ben"]]);
  await db.execute("INSERT INTO parents (name) VALUES ('Gil')");
  assert.deepEqual(await rows(db, "SELECT max(id) FROM parents"), [["10"]]);
  await db.execute("DELETE FROM parents WHERE id = 1");
  assert.deepEqual(await rows(db, "SELECT id FROM parents"), [["10"]]);
  assert.deepEqual(await rows(db, "SELECT id FROM children"), []);
});

testOn("SQLite", "a rebuild that the data refuses changes nothing", async (db) => {
  await script(db, family);
  await db.execute("UPDATE parents SET name = NULL WHERE id = 1");
  const before = await new SchemaReader(db).read();
  const narrower = onTable("parents", (table) => ({
    ...table,
    columns: table.columns.map((each) => ({ ...each, nullable: false })),
  }));
  await assert.rejects(change(db, narrower), /a value is missing/);
  assert.deepEqual(await new SchemaReader(db).read(), before);
  assert.deepEqual(await rows(db, "SELECT id FROM children"), [["1"], ["3"]]);
  assert.deepEqual(await rows(db, "PRAGMA foreign_keys"), [["1"]]);
});

testOn("SQLite", "columns are renamed in triggers and views too", async (db) => {
  await script(db, family);
  const [named, renamed] = [
    "SELECT id, full_name AS name FROM parents WHERE full_name IS NOT NULL",
    "CREATE TRIGGER renamed AFTER UPDATE OF full_name ON parents BEGIN INSERT INTO log VALUES (OLD.full_name || ' to ' || NEW.full_name); END",
  ];
  await change(db, (schema) => {
    const changed = onTable("parents", (table) => ({
      ...table,
      columns: table.columns.map((each) =>
        each.name === "name" ? { ...each, name: "full_name" } : each
      ),
      indexes: [{ name: "parents_name", parts: [{ sql: "lower(full_name)" }], unique: false }],
    }))(schema);
    return {
      ...changed,
      views: changed.views.map((view) => ({ ...view, sql: named as string })),
      triggers: changed.triggers.map((trigger) => ({ ...trigger, sql: renamed as string })),
    };
  }, { tables: [], columns: [{ table: { name: "parents" }, from: "name", to: "full_name" }] });
  await db.execute("UPDATE parents SET full_name = 'Ben' WHERE id = 2");
  assert.deepEqual(await rows(db, "SELECT text FROM log"), [["Bob to Ben"]]);
  assert.deepEqual(await rows(db, "SELECT name FROM named"), [["Ada"], ["Ben"]]);
});

testOn("SQLite", "names that differ in case alone are changed", async (db) => {
  await script(
    db,
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT) STRICT; INSERT INTO users VALUES (1, 'Ada')",
  );
  await change(db, (schema) => ({
    ...schema,
    tables: schema.tables.map((table) => ({
      ...table,
      name: "Users",
      columns: table.columns.map((each) => each.name === "name" ? { ...each, name: "Name" } : each),
    })),
  }), {
    tables: [{ from: { name: "users" }, to: { name: "Users" } }],
    columns: [{ table: { name: "Users" }, from: "name", to: "Name" }],
  });
  assert.deepEqual(await rows(db, 'SELECT "Name" FROM "Users"'), [["Ada"]]);
});

testOn("SQLite", "a column goes with the check behind it", async (db) => {
  await script(
    db,
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT CHECK (a > 0), b TEXT); INSERT INTO t VALUES (1, 2, 'x')",
  );
  await change(
    db,
    onTable("t", (table) => ({
      ...table,
      columns: table.columns.filter(({ name }) => name !== "a"),
      checks: [],
    })),
  );
  assert.deepEqual(await rows(db, "SELECT * FROM t"), [["1", "x"]]);
});

testOn("SQLite", "a rebuild that would take a clause that has no form says so", async (db) => {
  await script(
    db,
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT REPLACE, b TEXT)",
  );
  const { planned } = await plan(
    db,
    onTable("t", (table) => ({
      ...table,
      checks: [{ name: "c", sql: "b <> ''" }],
    })),
  );
  assert.deepEqual(planned.map(({ risk, reason }) => [risk, reason]), [
    ["destructive", "takes ON CONFLICT REPLACE from the definition of t"],
  ]);
});

testOn("SQLite", "columns keep their types in tables that are not strict", async (db) => {
  await script(
    db,
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(9)); INSERT INTO t VALUES (1, 'x')",
  );
  const column = (name: string, type: TableSchema["columns"][number]["type"]) => ({
    name,
    type,
    nullable: true,
  });
  await change(
    db,
    onTable("t", (table) => ({
      ...table,
      columns: [
        ...table.columns,
        column("at", { name: "timestamp" }),
        column("price", { name: "numeric", precision: 8, scale: 2 }),
        column("rate", { name: "real" }),
        { ...column("due", { name: "date" }), declared: "DATE" },
      ],
    })),
  );
  assert.deepEqual(await rows(db, "SELECT id, a FROM t"), [["1", "x"]]);
});
