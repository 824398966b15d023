/**
 * What databases tell of rich schemas, and that it is the same after creating it anew.
 *
 * @module
 */
import assert from "node:assert/strict";
import { diffSchemas } from "../../src/migration/diff/mod.ts";
import { SchemaReader } from "../../src/migration/reader.ts";
import type { DatabaseSchema } from "../../src/schema/database_schema.ts";
import type { TableSchema } from "../../src/schema/table.ts";
import { targets } from "../targets/databases.ts";
import { postgresScript, sqliteScript } from "./introspection_schemas.ts";

function tableOf({ tables }: DatabaseSchema, name: string): TableSchema {
  return tables.find((each) => each.name === name) as TableSchema;
}

for (const target of targets) {
  const postgres = target.name === "PostgreSQL";
  Deno.test(`a schema that is read is the same created anew (${target.name})`, async () => {
    await using opened = await target.open();
    const { db } = opened;
    const { split } = await db.dialect.schemaSupport();
    for (const sql of split(postgres ? postgresScript : sqliteScript)) await db.execute(sql);
    const reader = new SchemaReader(db);
    const read = await reader.read();
    const again = await reader.canonical(read);
    const third = await reader.read();
    if (postgres) await db.execute('DROP SCHEMA "Audit log" CASCADE');
    assert.deepEqual(diffSchemas(again, read, { names: true }), []);
    assert.deepEqual(diffSchemas(read, again, { names: true }), []);
    assert.deepEqual(third, read);
  });
}

Deno.test("all of a schema of PostgreSQL is read", async () => {
  await using opened = await targets[1]!.open();
  const { db } = opened;
  const { split } = await db.dialect.schemaSupport();
  for (const sql of split(postgresScript)) await db.execute(sql);
  const read = await new SchemaReader(db).read();
  await db.execute('DROP SCHEMA "Audit log" CASCADE');
  assert.deepEqual(read.schemas, ["Audit log"]);
  assert.deepEqual(read.enums.map(({ name, schema, values }) => [schema, name, values.length]), [
    ["Audit log", "level", 2],
    [undefined, "mood", 3],
  ]);
  assert.deepEqual(
    read.domains.map(({ name, nullable, checks }) => [name, nullable, checks.length]),
    [
      ["dearer", true, 1],
      ["price", false, 1],
    ],
  );
  assert.deepEqual(read.sequences.map(({ name, sql }) => [name, sql]), [[
    "ticket",
    "AS integer INCREMENT BY 5 MINVALUE 1 MAXVALUE 2147483647 START WITH 10 CACHE 1 CYCLE",
  ]]);
  const users = tableOf(read, "users");
  assert.deepEqual(users.columns.slice(0, 4), [
    { name: "id", type: { name: "bigint" }, nullable: false, identity: "always" },
    {
      name: "email",
      type: { name: "text" },
      nullable: false,
      collation: "C",
      comment: "their \\address",
    },
    {
      name: "name",
      type: { name: "varchar", length: 80 },
      nullable: false,
      default: { kind: "sql", sql: "'rex_shadow.x'::character varying" },
    },
    {
      name: "mood",
      type: { name: "enum", enumName: "mood", values: ["low", "it's", "high"] },
      nullable: true,
      default: { kind: "sql", sql: "'it''s'::mood" },
    },
  ]);
  assert.equal(users.comment, "who it's for");
  assert.equal(users.options, "WITH (fillfactor=80, autovacuum_enabled=false)");
  assert.deepEqual(users.uniques, [
    { name: "users_email", columns: ["email"], include: ["name"] },
    {
      name: "users_name",
      columns: ["name", "born"],
      nullsNotDistinct: true,
      deferrable: "initially deferred",
    },
  ]);
  assert.deepEqual(users.indexes, [
    {
      name: "users_born",
      parts: [{ column: "born", nulls: "first" }],
      unique: true,
      include: ["name"],
      nullsNotDistinct: true,
    },
    {
      name: "users_lower",
      parts: [
        { sql: "lower(email)", direction: "desc", nulls: "last" },
        { column: "name", operatorClass: "text_pattern_ops" },
      ],
      unique: false,
      where: "mood = 'high'::mood",
    },
    {
      name: "users_tags",
      parts: [{ column: "tags" }],
      unique: false,
      method: "gin",
      options: "fastupdate=off",
      comment: "by tag",
    },
  ]);
  const entry = tableOf(read, "Entry");
  assert.deepEqual(entry.primaryKey, { name: "Entry_pkey", columns: ["b", "a"] });
  assert.deepEqual(entry.foreignKeys, [
    {
      name: "by_user",
      columns: ["user_id"],
      table: "users",
      references: ["id"],
      onDelete: "set null",
      onUpdate: "cascade",
      deferrable: "initially immediate",
    },
    {
      name: "itself",
      columns: ["a", "b"],
      table: "Entry",
      schema: "Audit log",
      references: ["b", "a"],
      onDelete: "set default",
      match: "full",
    },
  ]);
  assert.deepEqual(entry.exclusions, [{
    name: "apart",
    method: "gist",
    parts: [{ column: "during", operator: "&&" }],
    where: "a > 0",
    deferrable: "initially deferred",
  }]);
  assert.deepEqual(entry.columns.find(({ name }) => name === "number"), {
    name: "number",
    type: { name: "integer" },
    nullable: false,
    identity: "by default",
    serial: true,
  });
  assert.deepEqual(tableOf(read, "measures").partition, { kind: "by", sql: "RANGE (day)" });
  assert.deepEqual(tableOf(read, "measures_rest").partition, {
    kind: "of",
    table: "measures",
    bound: "DEFAULT",
  });
  assert.deepEqual(tableOf(read, "measures_2026").indexes, []);
  assert.deepEqual(
    read.views.map(({ name, materialized, comment }) => [name, materialized, comment]),
    [
      ["a_lows", false, undefined],
      ["counts", true, undefined],
      ["lows", false, "the sad"],
    ],
  );
  assert.deepEqual(read.triggers.map(({ name, table, schema }) => [schema, table, name]), [
    ["Audit log", "Entry", "touched"],
    [undefined, "users", "touched"],
  ]);
  assert.deepEqual(read.others.map(({ kind, name }) => [kind, name]), [
    ["composite type", "pair"],
    ["function", "touch()"],
  ]);
});

Deno.test("all of a schema of SQLite is read", async () => {
  await using opened = await targets[0]!.open();
  const { db } = opened;
  const { split } = await db.dialect.schemaSupport();
  for (const sql of split(sqliteScript)) await db.execute(sql);
  const read = await new SchemaReader(db).read();
  const users = tableOf(read, "users");
  assert.equal(users.loose, true);
  assert.deepEqual(users.columns, [
    {
      name: "id",
      type: { name: "integer" },
      nullable: false,
      identity: "by default",
      declared: "INTEGER",
    },
    {
      name: "e mail",
      type: { name: "text" },
      nullable: false,
      collation: "NOCASE",
      declared: "TEXT",
    },
    {
      name: "price",
      type: { name: "numeric", precision: 10, scale: 2 },
      nullable: true,
      default: { kind: "sql", sql: "0" },
      declared: "DECIMAL(10,2)",
    },
    {
      name: "seen",
      type: { name: "timestamp" },
      nullable: true,
      default: { kind: "sql", sql: "CURRENT_TIMESTAMP" },
      declared: "DATETIME",
    },
    { name: "note", type: { name: "other", sql: "ANY" }, nullable: true, declared: "" },
    {
      name: "shout",
      type: { name: "text" },
      nullable: true,
      generated: { sql: 'upper("e mail")', stored: false },
      declared: "TEXT",
    },
    { name: "parent", type: { name: "other", sql: "ANY" }, nullable: true, declared: "" },
  ]);
  assert.deepEqual(users.checks, [
    { sql: "price >= 0" },
    { name: "short", sql: "length(note) < 80" },
  ]);
  assert.deepEqual(users.foreignKeys, [{
    columns: ["parent"],
    table: "users",
    references: ["id"],
    onDelete: "set null",
    deferrable: "initially deferred",
  }]);
  assert.deepEqual(users.indexes, [{
    name: "users_mail",
    parts: [
      { sql: 'lower("e mail")', direction: "desc" },
      { column: "seen", collation: "RTRIM" },
    ],
    unique: true,
    where: "price > 0",
  }]);
  const codes = tableOf(read, "codes");
  assert.deepEqual(codes.primaryKey, { columns: ["b", "a"] });
  assert.equal(codes.options, "WITHOUT ROWID");
  assert.deepEqual(codes.columns.map(({ nullable }) => nullable), [false, false]);
  assert.deepEqual(tableOf(read, "uses").foreignKeys, [{
    columns: ["b", "a"],
    table: "codes",
    references: ["b", "a"],
    onUpdate: "cascade",
  }]);
  assert.deepEqual(read.views.map(({ name, columns }) => [name, columns]), [
    ["a_dear", ["m"]],
    ["dear", ["id", "mail"]],
  ]);
  assert.deepEqual(read.triggers.map(({ name, table }) => [name, table]), [["seen", "users"]]);
  assert.deepEqual(read.others.map(({ kind, name, sql }) => [kind, name, sql]), [
    ["virtual table", "found", "CREATE VIRTUAL TABLE found USING fts5(text)"],
    ["conflict clause", "users", "ON CONFLICT IGNORE"],
  ]);
});

Deno.test("comparing leaves nothing behind on PostgreSQL, nor after a fault", async () => {
  await using opened = await targets[1]!.open();
  const { db } = opened;
  const state = async () => {
    const { rows } = await db.execute(
      "SELECT current_setting('search_path') AS path, (SELECT count(*) FROM pg_class) AS relations, " +
        "(SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_') AS schemas",
    );
    return rows;
  };
  const reader = new SchemaReader(db);
  await db.execute("CREATE TABLE t (id integer PRIMARY KEY, a text)");
  const read = await reader.read();
  const before = await state();
  await reader.canonical(read);
  assert.deepEqual(await state(), before);
  const [table] = read.tables as [TableSchema];
  const wrong = { ...read, tables: [{ ...table, checks: [{ name: "no", sql: "nothing > 1" }] }] };
  await assert.rejects(reader.canonical(wrong), /does not take the schema/);
  assert.deepEqual(await state(), before);
});
