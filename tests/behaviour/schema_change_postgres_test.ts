/**
 * Changes that PostgreSQL has no single statement for: what they keep, and what they say before.
 *
 * @module
 */
import assert from "node:assert/strict";
import { change, onTable, plan, rows, script, testOn } from "./schema_change_support.ts";

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
    "ALTER TABLE t ADD CONSTRAINT rex_not_null_a CHECK (a IS NOT NULL) NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT rex_not_null_a",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE t DROP CONSTRAINT rex_not_null_a",
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
