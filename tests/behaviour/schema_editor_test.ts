/**
 * `db.schema` of a migration: every method, on every database.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MigrationError, QueryError, SchemaEditor, UnsupportedError } from "@rex/orm";
import type { Database } from "../../src/database/database.ts";
import type { DatabaseSchema } from "../../src/schema/database_schema.ts";
import type { TableSchema } from "../../src/schema/table.ts";
import { onEveryDatabase } from "../targets/databases.ts";

/** Does some changes in a transaction, as a migration does, and tells what is there after. */
async function changed(
  db: Database,
  change: (schema: SchemaEditor) => Promise<void>,
): Promise<DatabaseSchema> {
  await db.transaction((tx) => change(new SchemaEditor(tx)), { schemaChange: true });
  return await new SchemaEditor(db).introspect();
}

function table({ tables }: DatabaseSchema, name: string): TableSchema {
  const found = tables.find((each) => each.name === name);
  assert.ok(found, `no table ${name}`);
  return found;
}

async function users(schema: SchemaEditor): Promise<void> {
  await schema.createTable("users", {
    columns: {
      id: { type: "integer", identity: true },
      name: { type: "varchar(40)", default: "it's" },
      age: { type: "smallint", nullable: true },
      price: { type: "numeric(8, 2)", default: "1.50" },
      made: { type: "timestamp", default: { now: true } },
      tags: { type: "json", default: { value: { a: [1, "b"] } } },
    },
    primaryKey: ["id"],
    uniques: [{ name: "uq_users_name", columns: ["name"] }],
    checks: [{ name: "ck_users_age", sql: "age > 0" }],
    indexes: [{ name: "ix_users_age", columns: [{ column: "age", direction: "desc" }] }],
  });
}

onEveryDatabase("createTable() creates all that its definition says", {}, async ({ db }) => {
  const schema = await changed(db, users);
  const { columns, primaryKey, uniques, checks, indexes } = table(schema, "users");
  assert.deepEqual(
    columns.map(({ name, nullable }) => [name, nullable]),
    [["id", false], ["name", false], ["age", true], ["price", false], ["made", false], [
      "tags",
      false,
    ]],
  );
  assert.deepEqual(primaryKey?.columns, ["id"]);
  assert.deepEqual(uniques, [{ name: "uq_users_name", columns: ["name"] }]);
  assert.equal(checks[0]?.name, "ck_users_age");
  assert.deepEqual(indexes[0]?.parts, [{ column: "age", direction: "desc" }]);
  await db.execute("INSERT INTO users (age) VALUES (3)");
  const { rows } = await db.execute("SELECT id, name, tags FROM users");
  const [row] = rows;
  assert.equal(row?.["id"], 1);
  assert.equal(row?.["name"], "it's");
  const { tags } = row as { tags: unknown };
  assert.deepEqual(typeof tags === "string" ? JSON.parse(tags) : tags, { a: [1, "b"] });
  await assert.rejects(db.execute("INSERT INTO users (name, age) VALUES ('x', -1)"));
});

onEveryDatabase("renameTable() and dropTable() do what they say", {}, async ({ db }) => {
  await changed(db, users);
  const renamed = await changed(db, (schema) => schema.renameTable("users", "people"));
  assert.deepEqual(renamed.tables.map(({ name }) => name), ["people"]);
  const dropped = await changed(db, (schema) => schema.dropTable("people"));
  assert.deepEqual(dropped.tables, []);
});

onEveryDatabase("alterTable() changes columns and keeps the rows", {}, async ({ db }) => {
  await changed(db, users);
  await db.execute("INSERT INTO users (name, age) VALUES ('Ada', 36)");
  const schema = await changed(db, (schema) =>
    schema.alterTable("users", (users) => {
      users.addColumn("email", { type: "text", nullable: true })
        .renameColumn("name", "full_name")
        .alterColumn("full_name", { type: "text", default: null })
        .dropConstraint("ck_users_age")
        .alterColumn("age", {
          type: "text",
          nullable: false,
          default: "none",
          using: "CAST(age AS TEXT) || ' years'",
        })
        .alterColumn("price", { type: "numeric(10, 2)" })
        .dropColumn("tags");
    }));
  const { columns } = table(schema, "users");
  assert.deepEqual(columns.map(({ name }) => name).sort(), [
    "age",
    "email",
    "full_name",
    "id",
    "made",
    "price",
  ]);
  const column = (name: string) => columns.find((each) => each.name === name);
  assert.equal(column("full_name")?.default, undefined);
  assert.equal(column("full_name")?.type.name, "text");
  assert.equal(column("age")?.nullable, false);
  assert.equal(column("age")?.type.name, "text");
  assert.equal(column("price")?.type.precision, 10);
  const { rows } = await db.execute("SELECT full_name, age FROM users");
  assert.deepEqual(rows, [{ full_name: "Ada", age: "36 years" }]);
});

onEveryDatabase("alterTable() makes a column computed and back", {}, async ({ db }) => {
  await changed(db, users);
  await db.execute("INSERT INTO users (name) VALUES ('Ada')");
  const computed = await changed(db, (schema) =>
    schema.alterTable("users", (users) => {
      users.addColumn("length", { type: "integer", generated: { sql: "length(name)" } });
    }));
  assert.equal(table(computed, "users").columns.at(-1)?.generated?.stored, true);
  const plain = await changed(db, (schema) =>
    schema.alterTable("users", (users) => {
      users.alterColumn("length", { generated: null, nullable: true });
    }));
  assert.equal(table(plain, "users").columns.at(-1)?.generated, undefined);
  const { rows } = await db.execute("SELECT length FROM users");
  assert.deepEqual(rows, [{ length: 3 }]);
});

onEveryDatabase(
  "alterTable() adds, renames and drops keys and checks",
  {},
  async ({ db, target }) => {
    await changed(db, users);
    const added = await changed(db, async (schema) => {
      await schema.createTable("pets", {
        columns: { id: { type: "integer" }, owner: { type: "integer" }, name: { type: "text" } },
      });
      await schema.alterTable("pets", (pets) => {
        pets.addPrimaryKey(["id"])
          .addUnique({ name: "uq_pets", columns: ["owner", "name"] })
          .addCheck({ name: "ck_pets", sql: "name <> ''" })
          .addForeignKey({
            name: "fk_pets",
            columns: ["owner"],
            table: "users",
            references: ["id"],
            onDelete: "cascade",
          })
          .createIndex({ name: "ix_pets", columns: ["name", { sql: "lower(name)" }] });
      });
    });
    const pets = table(added, "pets");
    assert.deepEqual(pets.primaryKey?.columns, ["id"]);
    assert.equal(pets.uniques[0]?.name, "uq_pets");
    assert.equal(pets.checks[0]?.name, "ck_pets");
    assert.equal(pets.foreignKeys[0]?.onDelete, "cascade");
    assert.equal(pets.indexes[0]?.parts.length, 2);

    const renamed = await changed(db, (schema) =>
      schema.alterTable("pets", (pets) => {
        pets.renameConstraint("ck_pets", "ck_other").renameIndex("ix_pets", "ix_other");
      }));
    assert.equal(table(renamed, "pets").checks[0]?.name, "ck_other");
    assert.equal(table(renamed, "pets").indexes[0]?.name, "ix_other");

    const dropped = await changed(db, (schema) =>
      schema.alterTable("pets", (pets) => {
        pets.dropConstraint("ck_other")
          .dropConstraint({ columns: ["owner"] })
          .dropConstraint("uq_pets")
          .dropIndex("ix_other")
          .alterColumn("id", { identity: null })
          .dropPrimaryKey();
      }));
    const { primaryKey, uniques, checks, foreignKeys, indexes } = table(dropped, "pets");
    assert.deepEqual([primaryKey, uniques, checks, foreignKeys, indexes], [
      undefined,
      [],
      [],
      [],
      [],
    ]);
    assert.ok(target.name);
  },
);

onEveryDatabase("setComment() says what tables and columns are for, where they can say it", {
  needs: (capabilities) => capabilities.supportsSchemas,
}, async ({ db }) => {
  await changed(db, users);
  const said = await changed(db, (schema) =>
    schema.alterTable("users", (users) => {
      users.setComment("Who it is").setComment("As they say it", "name");
    }));
  assert.equal(table(said, "users").comment, "Who it is");
  assert.equal(table(said, "users").columns[1]?.comment, "As they say it");
  const silent = await changed(db, (schema) =>
    schema.alterTable("users", (users) => {
      users.setComment(undefined).setComment(undefined, "name").setOptions("WITH (fillfactor=70)");
    }));
  assert.equal(table(silent, "users").comment, undefined);
  assert.equal(table(silent, "users").columns[1]?.comment, undefined);
  assert.equal(table(silent, "users").options, "WITH (fillfactor=70)");
});

onEveryDatabase("createView(), createTrigger() and their drops", {}, async ({ db, target }) => {
  await changed(db, users);
  const trigger = target.name.startsWith("SQLite")
    ? "CREATE TRIGGER grow AFTER INSERT ON users BEGIN SELECT 1; END"
    : "CREATE TRIGGER grow BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()";
  const made = await changed(db, async (schema) => {
    await schema.createView("adults", { sql: "SELECT id, name FROM users WHERE age > 17" });
    await schema.createTrigger({ name: "grow", table: "users", sql: trigger });
  });
  assert.deepEqual(made.views.map(({ name, columns }) => [name, columns]), [
    ["adults", ["id", "name"]],
  ]);
  assert.deepEqual(made.triggers.map(({ name, table }) => [name, table]), [["grow", "users"]]);
  const gone = await changed(db, async (schema) => {
    await schema.dropTrigger("grow", "users");
    await schema.dropView("adults");
  });
  assert.deepEqual([gone.views, gone.triggers], [[], []]);
});

onEveryDatabase("enum types are made, changed and dropped; columns hold to them", {}, async (
  { db, target },
) => {
  const has = target.capabilities.supportsEnumTypes;
  const made = await changed(db, async (schema) => {
    await schema.createEnum("mood", ["sad", "glad"]);
    await schema.addEnumValue("mood", "calm", "glad");
  });
  assert.deepEqual(made.enums, has ? [{ name: "mood", values: ["sad", "calm", "glad"] }] : []);
  const changedEnum = await changed(db, async (schema) => {
    await schema.renameEnum("mood", "feeling");
    await schema.renameEnumValue("feeling", "sad", "blue");
    await schema.createTable("notes", {
      columns: {
        id: { type: "integer", identity: true },
        mood: { type: "enum", values: ["blue", "calm", "glad"], enumName: "feeling" },
      },
      primaryKey: ["id"],
    });
  });
  assert.deepEqual(
    changedEnum.enums,
    has ? [{ name: "feeling", values: ["blue", "calm", "glad"] }] : [],
  );
  await db.execute("INSERT INTO notes (mood) VALUES ('blue')");
  await assert.rejects(db.execute("INSERT INTO notes (mood) VALUES ('sad')"));
  await changed(db, async (schema) => {
    await schema.replaceEnum("feeling", ["glad", "blue"]);
    await schema.alterTable("notes", (notes) => {
      notes.alterColumn("mood", { type: "enum", values: ["glad", "blue"], enumName: "feeling" });
    });
  });
  await assert.rejects(db.execute("INSERT INTO notes (mood) VALUES ('calm')"));
  const gone = await changed(db, async (schema) => {
    await schema.dropTable("notes");
    await schema.dropEnum("feeling");
  });
  assert.deepEqual(gone.enums, []);
});

onEveryDatabase("schemas, domains and sequences are made, changed and dropped", {
  needs: (capabilities) => capabilities.supportsSchemas,
}, async ({ db }) => {
  try {
    const made = await changed(db, async (schema) => {
      await schema.createSchema("shop");
      await schema.createTable("goods", {
        schema: "shop",
        columns: { id: { type: "integer" } },
        primaryKey: ["id"],
      });
      await schema.alterTable({ name: "goods", schema: "shop" }, (goods) => {
        goods.addColumn("name", { type: "text", nullable: true });
      });
      await schema.createDomain({
        name: "age",
        type: { name: "integer" },
        checks: [{ name: "age_check", sql: "VALUE > 0" }],
      });
      await schema.alterDomain({
        name: "age",
        type: { name: "integer" },
        nullable: false,
        default: { kind: "value", value: 18 },
      });
      await schema.createSequence("numbers", "START WITH 100");
      await schema.alterSequence("numbers", "INCREMENT BY 10");
    });
    assert.deepEqual(made.schemas, ["shop"]);
    assert.equal(made.tables[0]?.columns.length, 2);
    assert.deepEqual(made.domains[0]?.nullable, false);
    assert.deepEqual(made.domains[0]?.default, { kind: "sql", sql: "18" });
    assert.deepEqual(made.domains[0]?.checks, []);
    assert.match(made.sequences[0]?.sql ?? "", /INCREMENT BY 10/);
    const gone = await changed(db, async (schema) => {
      await schema.dropTable({ name: "goods", schema: "shop" });
      await schema.dropSchema("shop");
      await schema.dropDomain("age");
      await schema.dropSequence("numbers");
    });
    assert.deepEqual([gone.schemas, gone.domains, gone.sequences], [[], [], []]);
  } finally {
    await db.execute("DROP SCHEMA IF EXISTS shop CASCADE");
  }
});

onEveryDatabase("what is not there is told by its name, and nothing is changed", {}, async (
  { db, target },
) => {
  await changed(db, users);
  const before = await new SchemaEditor(db).introspect();
  const refused = async (
    change: (schema: SchemaEditor) => Promise<void>,
    message: RegExp,
  ): Promise<void> => {
    await assert.rejects(changed(db, change), (error) => {
      assert.ok(error instanceof MigrationError || error instanceof QueryError, String(error));
      assert.match(error.message, message);
      return true;
    });
  };
  await refused((schema) => schema.dropTable("nobody"), /the table nobody/);
  await refused((schema) => schema.renameTable("nobody", "x"), /nobody/);
  await refused((schema) => schema.dropView("nothing"), /the view nothing/);
  await refused((schema) => schema.dropTrigger("none", "users"), /trigger none/);
  await refused((schema) => schema.dropSequence("none"), /sequence none/);
  await refused((schema) => schema.dropDomain("none"), /domain none/);
  const inTable = (change: Parameters<SchemaEditor["alterTable"]>[1]) => (schema: SchemaEditor) =>
    schema.alterTable("users", change);
  await refused(inTable((users) => users.dropColumn("x")), /users.*column x/);
  await refused(inTable((users) => users.alterColumn("x", { type: "text" })), /column x/);
  await refused(inTable((users) => users.renameColumn("x", "y")), /column x/);
  await refused(inTable((users) => users.renameColumn("age", "name")), /has a column name/);
  await refused(inTable((users) => users.dropIndex("x")), /index x/);
  await refused(inTable((users) => users.dropConstraint("x")), /constraint x/);
  await refused(inTable((users) => users.dropConstraint({ columns: ["age"] })), /key over age/);
  await refused(inTable((users) => users.dropConstraint({ check: "1 = 1" })), /check 1 = 1/);
  await refused(
    inTable((users) => users.addColumn("x", { type: "enum" })),
    /enum: it has no values/,
  );
  assert.deepEqual(await new SchemaEditor(db).introspect(), before);
  if (target.capabilities.supportsSchemas) return;
  await assert.rejects(
    changed(db, (schema) => schema.createSequence("numbers")),
    UnsupportedError,
  );
});
