/**
 * The manager of migrations: which are applied, which are pending, and what it refuses.
 */
import assert from "node:assert/strict";
import type { MigrationManager, MigrationProgress } from "../../src/migration/manager.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { folderOf, hasTable, migrationError, tableFiles } from "./migration_support.ts";

const options = { rewrite: false } as const;
const [one, two, three] = ["20240101_one", "20240201_two", "20240301_three"];
const all = {
  ...tableFiles(one, "ones"),
  ...tableFiles(two, "twos"),
  ...tableFiles(three, "threes"),
};

const statesOf = async (manager: Pick<MigrationManager, "status">) =>
  (await manager.status()).map(({ name, state }) => `${name} ${state}`);

onEveryDatabase(
  "up() applies what is pending in order, and nothing twice",
  options,
  async ({ db }) => {
    await using folder = await folderOf({ ...all, "README.md": "not a migration" });
    const manager = folder.manager(db);
    assert.deepEqual(await manager.up({ to: two }), [one, two]);
    assert.deepEqual(await statesOf(manager), [
      `${one} applied`,
      `${two} applied`,
      `${three} pending`,
    ]);
    assert.deepEqual(await manager.up(), [three]);
    assert.deepEqual(await manager.up(), []);
    assert.equal(await hasTable(db, "threes"), true);
    assert.equal(
      (await manager.status()).every(({ appliedAt }) => appliedAt instanceof Date),
      true,
    );
  },
);

onEveryDatabase(
  "down() reverts the last, a number of them, or down to one",
  options,
  async ({ db }) => {
    await using folder = await folderOf(all);
    const manager = folder.manager(db);
    await manager.up();
    assert.deepEqual(await manager.down(), [three]);
    assert.equal(await hasTable(db, "threes"), false);
    await manager.up();
    assert.deepEqual(await manager.down({ count: 2 }), [three, two]);
    await manager.up();
    assert.deepEqual(await manager.down({ to: one }), [three, two]);
    assert.deepEqual(await manager.down({ to: "" }), [one]);
    assert.deepEqual(await manager.down(), []);
    await assert.rejects(manager.down({ to: "nobody" }), migrationError(/Cannot find .* nobody/));
  },
);

onEveryDatabase("to() goes either way, redo() back and forth", options, async ({ db }) => {
  await using folder = await folderOf(all);
  const manager = folder.manager(db);
  assert.deepEqual(await manager.redo(), []);
  assert.deepEqual(await manager.to(two), [one, two]);
  assert.deepEqual(await manager.to(one), [two]);
  assert.deepEqual(await manager.to(three), [two, three]);
  await db.execute("INSERT INTO threes VALUES (1)");
  assert.deepEqual(await manager.redo(), [three]);
  assert.deepEqual((await db.execute("SELECT * FROM threes")).rows, []);
  await assert.rejects(manager.to("nobody"), migrationError(/Cannot find .* nobody/));
});

onEveryDatabase(
  "an edited migration is refused until its text is accepted; line ends are no edit",
  options,
  async ({ db }) => {
    await using folder = await folderOf(all);
    const manager = folder.manager(db);
    await manager.up({ to: two });
    const up = all[`${one}/up.sql`]!;
    await folder.write({ [`${one}/up.sql`]: `\uFEFF${up.replaceAll("\n", "\r\n")}` });
    assert.equal((await statesOf(manager))[0], `${one} applied`);
    await folder.write({ [`${one}/up.sql`]: `${up}-- more` });
    assert.equal((await statesOf(manager))[0], `${one} edited`);
    await assert.rejects(
      manager.up(),
      migrationError(/20240101_one changed after being applied/, /migrate accept/),
    );
    await manager.accept(one);
    assert.deepEqual(await manager.up(), [three]);
    await assert.rejects(manager.accept("nobody"), migrationError(/Cannot find .* nobody/));
  },
);

onEveryDatabase(
  "a gap in the files is refused; what a newer program applied is not",
  options,
  async ({ db }) => {
    await using folder = await folderOf(all);
    const manager = folder.manager(db);
    await manager.up();
    await folder.remove(three);
    assert.equal((await statesOf(manager))[2], `${three} ahead`);
    assert.deepEqual(await manager.up(), []);
    await assert.rejects(
      manager.down(),
      migrationError(/Cannot revert 20240301_three: its file is gone/, /forget/),
    );
    await folder.remove(one);
    assert.equal((await statesOf(manager))[0], `${one} missing`);
    await assert.rejects(manager.up(), migrationError(/20240101_one is applied but has no file/));
    await manager.forget(one);
    assert.deepEqual(await manager.up(), []);
    await assert.rejects(manager.forget(one), migrationError(/Cannot find .*one/));
    await folder.remove(two);
    await assert.rejects(
      manager.up(),
      migrationError(/20240201_two, 20240301_three is applied but/),
    );
  },
);

onEveryDatabase("a late migration is refused unless order is waived", options, async ({ db }) => {
  await using folder = await folderOf({
    ...tableFiles(one, "ones"),
    ...tableFiles(three, "threes"),
  });
  const manager = folder.manager(db);
  await manager.up();
  await folder.write(tableFiles(two, "twos"));
  assert.deepEqual(await statesOf(manager), [`${one} applied`, `${two} late`, `${three} applied`]);
  await assert.rejects(manager.up(), migrationError(/20240201_two comes before/, /--out-of-order/));
  assert.deepEqual(await manager.up({ outOfOrder: true }), [two]);
});

onEveryDatabase(
  "baseline() writes migrations down without running them",
  options,
  async ({ db }) => {
    await using folder = await folderOf(all);
    await db.execute("CREATE TABLE ones (id INTEGER PRIMARY KEY)");
    await db.execute("CREATE TABLE twos (id INTEGER PRIMARY KEY)");
    const manager = folder.manager(db);
    await assert.rejects(manager.baseline("nobody"), migrationError(/Cannot find/));
    assert.deepEqual(await manager.baseline(two), [one, two]);
    assert.deepEqual(await manager.baseline(two), []);
    assert.deepEqual(await manager.up(), [three]);
    assert.deepEqual(await manager.down({ to: "" }), [three, two, one]);
  },
);

onEveryDatabase("dryRun() tells the statements and changes nothing", options, async ({ db }) => {
  await using folder = await folderOf(all);
  const manager = folder.manager(db);
  await manager.up({ to: one });
  assert.deepEqual(await manager.dryRun("up"), [
    { name: two, statements: ["CREATE TABLE twos (id INTEGER PRIMARY KEY)"] },
    { name: three, statements: ["CREATE TABLE threes (id INTEGER PRIMARY KEY)"] },
  ]);
  assert.deepEqual(await manager.dryRun("down"), [{ name: one, statements: ["DROP TABLE ones"] }]);
  assert.deepEqual(await statesOf(manager), [
    `${one} applied`,
    `${two} pending`,
    `${three} pending`,
  ]);
  assert.deepEqual([await hasTable(db, "ones"), await hasTable(db, "twos")], [true, false]);
  await folder.write({ [`${three}/up.sql`]: "SELECT nothing FROM nowhere" });
  await assert.rejects(manager.dryRun("up"), migrationError(/Cannot apply 20240301_three/));
  assert.equal(await hasTable(db, "twos"), false);
});

onEveryDatabase(
  "onStatement and onProgress tell what happens, in order",
  options,
  async ({ db }) => {
    await using folder = await folderOf(all);
    const told: string[] = [];
    const progress = ({ name, way, duration }: MigrationProgress) =>
      told.push(`${name} ${way} ${duration === undefined ? "begins" : "ended"}`);
    const manager = folder.manager(db, {
      onProgress: progress,
      onStatement: (sql, name) => told.push(`${name}: ${sql}`),
    });
    await manager.up({ to: one });
    await manager.down();
    assert.deepEqual(told, [
      `${one} up begins`,
      `${one}: CREATE TABLE ones (id INTEGER PRIMARY KEY)`,
      `${one} up ended`,
      `${one} down begins`,
      `${one}: DROP TABLE ones`,
      `${one} down ended`,
    ]);
  },
);

onEveryDatabase(
  "those before a failing migration stay applied, those behind it wait",
  options,
  async ({ db }) => {
    await using folder = await folderOf({
      ...all,
      [`${two}/up.sql`]: "CREATE TABLE twos (id INTEGER);\nINSERT INTO nowhere VALUES (1);",
    });
    const manager = folder.manager(db);
    await assert.rejects(manager.up(), migrationError(/Cannot apply 20240201_two/));
    assert.deepEqual(await statesOf(manager), [
      `${one} applied`,
      `${two} pending`,
      `${three} pending`,
    ]);
    assert.equal(await hasTable(db, "twos"), false);
    await folder.write({ [`${two}/up.sql`]: all[`${two}/up.sql`]! });
    assert.deepEqual(await manager.up(), [two, three]);
  },
);

onEveryDatabase(
  "db.migrate() applies a folder's migrations at the start of a program",
  options,
  async ({ db }) => {
    await using folder = await folderOf(all);
    assert.deepEqual(await db.migrate({ folder: folder.path }), [one, two, three]);
    assert.deepEqual(await db.migrate({ folder: folder.path }), []);
  },
);

onEveryDatabase(
  "an older table of the history gets the columns that it lacks",
  options,
  async ({ db }) => {
    await using folder = await folderOf(all);
    await db.execute(
      "CREATE TABLE migration_history (id INTEGER PRIMARY KEY, migration_name VARCHAR(255) NOT NULL UNIQUE, " +
        "applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
    );
    await db.execute(`INSERT INTO migration_history (id, migration_name) VALUES (1, '${one}')`);
    const manager = folder.manager(db);
    assert.deepEqual(await statesOf(manager), [
      `${one} applied`,
      `${two} pending`,
      `${three} pending`,
    ]);
  },
);
