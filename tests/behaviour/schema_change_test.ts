/**
 * Changes of a schema that a database has no single statement for: what they keep, and what they say before.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { PlannedStep, PlanOptions } from "../../src/dialect/schema_support.ts";
import { diffSchemas, type Renames } from "../../src/migration/diff/mod.ts";
import { SchemaReader } from "../../src/migration/reader.ts";
import type { DatabaseSchema } from "../../src/schema/database_schema.ts";
import type { TableSchema } from "../../src/schema/table.ts";
import { targets } from "../targets/databases.ts";

/** What was made of a schema and how. */
interface Changed {
  /** The plan that was carried out. */
  readonly planned: readonly PlannedStep[];
  /** All its statements. */
  readonly sql: readonly string[];
}

async function plan(
  db: Database,
  change: (schema: DatabaseSchema) => DatabaseSchema,
  renames?: Renames,
  options?: PlanOptions,
): Promise<{ readonly planned: readonly PlannedStep[]; readonly wanted: DatabaseSchema }> {
  const reader = new SchemaReader(db);
  const current = await reader.read();
  const wanted = await reader.canonical(change(current));
  const { planner } = await db.dialect.schemaSupport();
  const steps = diffSchemas(current, wanted, { ...renames && { renames } });
  return { planned: planner.plan(steps, current, options), wanted };
}

/** Changes the schema; afterwards it has to be as wanted, and no foreign key broken. */
async function change(
  db: Database,
  to: (schema: DatabaseSchema) => DatabaseSchema,
  renames?: Renames,
): Promise<Changed> {
  const { planned, wanted } = await plan(db, to, renames);
  const { violations } = await db.dialect.schemaSupport();
  const sql = planned.flatMap(({ statements }) => statements);
  await db.transaction(async (tx) => {
    for (const each of sql) await tx.execute(each);
    assert.deepEqual(await violations(tx), []);
  }, { schemaChange: true });
  assert.deepEqual(diffSchemas(await new SchemaReader(db).read(), wanted), []);
  return { planned, sql };
}

async function script(db: Database, text: string): Promise<void> {
  const { split } = await db.dialect.schemaSupport();
  for (const sql of split(text)) await db.execute(sql);
}

async function rows(db: Database, sql: string): Promise<unknown[]> {
  return (await db.execute(sql)).rows.map((row) => Object.values(row).map(String));
}

/** A change of one table. */
function onTable(name: string, to: (table: TableSchema) => TableSchema) {
  return (schema: DatabaseSchema): DatabaseSchema => ({
    ...schema,
    tables: schema.tables.map((table) => table.name === name ? to(table) : table),
  });
}

function testOn(
  database: "SQLite" | "PostgreSQL",
  name: string,
  work: (db: Database) => Promise<void>,
) {
  const target = targets.find((each) => each.name === database);
  Deno.test(`${name} (${database})`, async () => {
    await using opened = await target!.open();
    await work(opened.db);
  });
}

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

const moods = `
CREATE TYPE mood AS ENUM ('low', 'so so', 'high');
CREATE TABLE a (id integer PRIMARY KEY, m mood NOT NULL DEFAULT 'high', old_m mood, CHECK (m <> 'so so' OR id > 0));
CREATE TABLE b (id integer PRIMARY KEY, ms mood[] DEFAULT '{low}');
CREATE INDEX a_high ON a (id) WHERE m = 'high';
CREATE VIEW highs AS SELECT id, m FROM a WHERE m = 'high';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE OF m ON a FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO a (id, m) VALUES (1, 'low'), (2, 'high');
INSERT INTO b VALUES (1, '{low,high}');
`;

testOn("PostgreSQL", "values go from an enum that much stands on", async (db) => {
  await script(db, moods);
  const { planned } = await change(db, (schema) => ({
    ...schema,
    enums: [{ name: "mood", values: ["high", "low"] }],
    tables: schema.tables.map((table) => ({ ...table, checks: [] })),
  }));
  const replaced = planned.find(({ steps: [step] }) => step?.kind === "replaceEnum");
  assert.equal(replaced?.risk, "destructive");
  assert.deepEqual(await rows(db, "SELECT m FROM a ORDER BY m"), [["high"], ["low"]]);
  assert.deepEqual(await rows(db, "SELECT ms FROM b"), [["{low,high}"]]);
  await db.execute("INSERT INTO a (id) VALUES (3)");
  assert.deepEqual(await rows(db, "SELECT id FROM highs ORDER BY id"), [["2"], ["3"]]);
  assert.deepEqual(await rows(db, "SELECT typname FROM pg_type WHERE typname LIKE 'rex%'"), []);
});

testOn("PostgreSQL", "a new value of an enum is a default at once", async (db) => {
  await script(db, moods);
  await change(db, (schema) => ({
    ...onTable("a", (table) => ({
      ...table,
      columns: table.columns.map((each) =>
        each.name === "m" ? { ...each, default: { kind: "sql", sql: "'it''s new'::mood" } } : each
      ),
    }))(schema),
    enums: [{ name: "mood", values: ["low", "it's new", "so so", "high"] }],
  }));
  await db.execute("INSERT INTO a (id) VALUES (3)");
  assert.deepEqual(await rows(db, "SELECT m FROM a WHERE id = 3"), [["it's new"]]);
});

testOn("PostgreSQL", "numbering goes on where it stood, whoever numbers", async (db) => {
  await script(
    db,
    "CREATE TABLE t (id serial PRIMARY KEY, a text); INSERT INTO t (a) VALUES ('x'), ('y')",
  );
  const id = (identity: "always" | "by default" | undefined) =>
    onTable("t", (table) => ({
      ...table,
      columns: table.columns.map((each) => {
        if (each.name !== "id") return each;
        const { identity: _, serial: __, ...rest } = each;
        return { ...rest, ...identity && { identity } };
      }),
    }));
  const insert = async () => await db.execute("INSERT INTO t (a) VALUES ('z')");
  assert.deepEqual((await plan(db, id("by default"))).planned, []);
  await change(db, id("always"));
  await insert();
  await change(db, id(undefined));
  await assert.rejects(insert(), /a value is missing/);
  await change(db, id("by default"));
  await insert();
  assert.deepEqual(await rows(db, "SELECT id FROM t ORDER BY id"), [["1"], ["2"], ["3"], ["4"]]);
});

testOn("PostgreSQL", "a divided table changes with its parts", async (db) => {
  await script(
    db,
    `CREATE TABLE m (id bigint NOT NULL, day date NOT NULL, v integer, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
     CREATE TABLE m_26 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
     CREATE INDEX m_v ON m (v);
     INSERT INTO m VALUES (1, '2026-02-03', 4)`,
  );
  await change(
    db,
    onTable("m", (table) => ({
      ...table,
      columns: [
        ...table.columns.map((each) =>
          each.name === "v" ? { ...each, type: { name: "bigint" as const } } : each
        ),
        { name: "note", type: { name: "text" }, nullable: true },
      ],
      checks: [{ name: "positive", sql: "v > 0" }],
      indexes: [],
    })),
  );
  assert.deepEqual(await rows(db, "SELECT id, v, note FROM m_26"), [["1", "4", "null"]]);
});

testOn("PostgreSQL", "a column that was computed at each read keeps its values", async (db) => {
  await script(
    db,
    "CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL); INSERT INTO t (a) VALUES (2)",
  );
  await change(
    db,
    onTable("t", (table) => ({
      ...table,
      columns: table.columns.map(({ generated: _, ...each }) => ({
        ...each,
        ...each.name === "b" && { nullable: false, default: { kind: "value", value: 7 } as const },
      })),
    })),
  );
  await db.execute("INSERT INTO t (a) VALUES (3)");
  assert.deepEqual(await rows(db, "SELECT a, b FROM t ORDER BY a"), [["2", "4"], ["3", "7"]]);
});

testOn("PostgreSQL", "domains and exclusions change", async (db) => {
  await script(
    db,
    `CREATE DOMAIN price AS numeric(8, 2) CONSTRAINT positive CHECK (VALUE > 0);
     CREATE TABLE t (id integer PRIMARY KEY, p price, during int4range, CONSTRAINT apart EXCLUDE USING gist (during WITH &&));
     INSERT INTO t VALUES (1, 5, '[1,5)')`,
  );
  await change(db, (schema) => ({
    ...onTable("t", ({ exclusions: _, ...table }) => table)(schema),
    domains: schema.domains.map((domain) => ({
      ...domain,
      nullable: false,
      default: { kind: "sql", sql: "9" },
      checks: [{ name: "small", sql: "VALUE < 100" }],
    })),
  }));
  await db.execute("INSERT INTO t (id, during) VALUES (2, '[2,3)')");
  assert.deepEqual(await rows(db, "SELECT p FROM t ORDER BY id"), [["5.00"], ["9.00"]]);
});

testOn("PostgreSQL", "online, what would lock for long takes another form", async (db) => {
  await script(
    db,
    "CREATE TABLE u (id integer PRIMARY KEY); CREATE TABLE t (id integer PRIMARY KEY, a integer, b text, u integer)",
  );
  const { planned } = await plan(
    db,
    onTable("t", (table) => ({
      ...table,
      columns: table.columns.map((each) => each.name === "a" ? { ...each, nullable: false } : each),
      indexes: [{ name: "t_b", parts: [{ column: "b" }], unique: false }],
      uniques: [{ name: "t_a", columns: ["a"] }],
      checks: [{ name: "t_c", sql: "a > 0" }],
      foreignKeys: [{ name: "t_u", columns: ["u"], table: "u", references: ["id"] }],
    })),
    undefined,
    { online: true },
  );
  assert.ok(planned.every(({ transactional }) => !transactional));
  assert.deepEqual(planned.flatMap(({ statements }) => statements), [
    "ALTER TABLE t ADD CONSTRAINT rex_a_not_null CHECK (a IS NOT NULL) NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT rex_a_not_null",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE t DROP CONSTRAINT rex_a_not_null",
    "CREATE INDEX CONCURRENTLY t_b ON t (b)",
    "ALTER TABLE t ADD CONSTRAINT t_c CHECK (a > 0) NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT t_c",
    "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)",
    "ALTER TABLE t ADD CONSTRAINT t_a UNIQUE USING INDEX t_a",
    "ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u) REFERENCES u (id) NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT t_u",
  ]);
  for (const sql of planned.flatMap(({ statements }) => statements)) await db.execute(sql);
});
