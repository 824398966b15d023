/**
 * The migrating process is killed at each of its statements; the next start finishes what it began, and nothing is half applied.
 * A part of the statements in `deno task test`, all of them in `deno task test:soak`.
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { TransactionScope } from "../../src/database/scope.ts";
import { MigrationManager } from "../../src/migration/manager.ts";
import { type Folder, folderOf } from "../behaviour/migration_support.ts";
import { soaking } from "../support/soak.ts";
import { finishes } from "./support.ts";
import { migrateAndDie, migrateApart, shared } from "./migration_process.ts";

const note = (n: number) => `INSERT INTO ledger (n) VALUES (${n})`;

const module = (up: string, down: string, transaction = true) =>
  `export default { transaction: ${transaction}, async up(db) { ${up} }, async down(db) { ${down} } };`;

/** A long plan; every migration notes what it did, so that what is done twice or not at all shows. */
const plan = {
  "1_ledger/up.sql":
    `CREATE TABLE ledger (n INTEGER NOT NULL);\n${
      note(1)
    };\nCREATE TABLE parents (id INTEGER PRIMARY KEY, name VARCHAR(20));\n` +
    `INSERT INTO parents VALUES (1, 'one'), (2, 'two');\n${note(2)};`,
  "1_ledger/down.sql": "DROP TABLE parents; DROP TABLE ledger;",
  "2_children.mjs": module(
    `await db.execute(${JSON.stringify(note(3))});
     await db.schema.createTable("children", {
       columns: { id: { type: "integer" }, parent: { type: "integer" } },
       primaryKey: ["id"],
       foreignKeys: [{ columns: ["parent"], table: "parents", references: ["id"], onDelete: "cascade" }],
     });
     await db.execute("INSERT INTO children VALUES (1, 1), (2, 2), (3, 2)");
     await db.schema.alterTable("parents", (table) => {
       table.alterColumn("name", { type: "text", nullable: false });
       table.addColumn("age", { type: "integer", nullable: true });
     });
     await db.execute(${JSON.stringify(note(4))});`,
    `await db.schema.dropTable("children");`,
  ),
  "3_steps.mjs": module(
    `await db.execute(${JSON.stringify(note(5))});
     await db.schema.alterTable("children", (table) => {
       table.addColumn("note", { type: "text", nullable: true });
       table.createIndex({ name: "children_note", columns: ["note"] });
     });
     await db.transaction(async (tx) => {
       await tx.execute(${JSON.stringify(note(6))});
       await tx.execute("UPDATE children SET note = 'x'");
     });
     await db.schema.createTable("last", { columns: { id: { type: "integer" } } });
     await db.execute(${JSON.stringify(note(7))});`,
    `await db.schema.dropTable("last");`,
    false,
  ),
  "4_end/up.sql": `${note(8)};\nDROP TABLE last;\n${note(9)};`,
};

const managerOf = (db: Database, folder: Folder) =>
  new MigrationManager<TransactionScope>(db, { folder: folder.path });

/** What is in the database, without the times of the history. */
async function contents(db: Database): Promise<unknown> {
  const { introspector } = await db.dialect.schemaSupport();
  const rows = async (sql: string) => (await db.execute(sql)).rows;
  return {
    schema: await introspector.introspect(db, { without: ["migration_history", "migration_lock"] }),
    ledger: await rows("SELECT n FROM ledger ORDER BY n"),
    parents: await rows("SELECT * FROM parents ORDER BY id"),
    children: await rows("SELECT * FROM children ORDER BY id"),
    history: await rows(
      "SELECT migration_name, state, statements FROM migration_history ORDER BY id",
    ),
  };
}

/** Expects that what the history says is there, and nothing of what it does not tell of. */
async function expectNothingHalf(db: Database, folder: Folder): Promise<void> {
  const states = new Map(
    (await managerOf(db, folder).status()).map((each) => [each.name, each.state]),
  );
  const notes = await db.execute<{ n: number }>("SELECT n FROM ledger ORDER BY n")
    .then(({ rows }) => rows.map(({ n }) => n), (): number[] => []);
  const whole = { "1_ledger": [1, 2], "2_children": [3, 4], "4_end": [8, 9] };
  for (const [name, numbers] of Object.entries(whole)) {
    const found = numbers.filter((n) => notes.includes(n));
    assert.deepEqual(found, states.get(name) === "applied" ? numbers : [], `${name}: ${notes}`);
  }
}

/** A process that died does not give its lease back; here nobody waits for its end. */
async function endLease(db: Database): Promise<void> {
  if (!db.dialect.capabilities.supportsSchemas) {
    await db.execute("UPDATE migration_lock SET expires = 0");
  }
}

for (const [name, open] of Object.entries(shared)) {
  Deno.test(`a migrating process is killed at its statements, and the next finishes (${name})`, async () => {
    await using folder = await folderOf(plan);
    await using clean = await open();
    const { count } = await finishes(migrateApart(clean.address, folder.path, true));
    assert.ok(count >= 15, `${count} statements`);
    const wanted = await contents(clean.db);
    const step = soaking ? 1 : 5;
    for (let statement = 1; statement <= count; statement += step) {
      for (const halted of [true, false]) {
        await using one = await open();
        await finishes(migrateAndDie(one.address, folder.path, statement, halted));
        await endLease(one.db);
        await expectNothingHalf(one.db, folder);
        await finishes(managerOf(one.db, folder).up());
        assert.deepEqual(await contents(one.db), wanted, `killed at statement ${statement}`);
      }
    }
  });
}
