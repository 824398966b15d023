/**
 * The 285 migrations of crates.io, up and down. They need extensions that the embedded PostgreSQL lacks: then they run on the
 * server of this machine, if there is one.
 */
import assert from "node:assert/strict";
import { DatabaseError, MigrationError } from "../../src/base/errors.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import type { TransactionScope } from "../../src/database/scope.ts";
import { readMigrations } from "../../src/migration/folder.ts";
import { MigrationManager } from "../../src/migration/manager.ts";
import { MigrationTracker } from "../../src/migration/tracker.ts";
import { postgresUrl } from "../targets/mod.ts";

const folder = new URL("../../../shared/data/migrations/crates_io", import.meta.url).pathname;
const extensions = ["ltree", "pg_trgm", "pgcrypto"];

/**
 * Reverts of theirs that fail on what their own other migrations made, by hand with psql too; and what to do by hand in their
 * place, where there is something to do.
 */
const wrong: Readonly<Record<string, string>> = {
  // It made an index, and drops a constraint.
  "2024-10-25-112826_make-unique-version-unique":
    "DROP INDEX versions_crate_id_num_no_build_uindex",
  // A semicolon is missing.
  "20170318181441_downloads_need_no_id":
    "ALTER TABLE crate_downloads DROP CONSTRAINT crate_downloads_pkey; " +
    'ALTER TABLE crate_downloads ALTER COLUMN "date" TYPE timestamp; ' +
    "ALTER TABLE crate_downloads ADD COLUMN id SERIAL PRIMARY KEY",
  // These want what a later migration has dropped and its revert does not bring back.
  "20170708133715_ensure_crate_id_foreign_keys_cascade": "",
  "20141007131147_dumped_migration_58": "",
  "20141002222426_dumped_migration_49": "",
  "20141001190230_dumped_migration_44": "",
  "20140929103755_dumped_migration_27": "",
  "20140929103754_dumped_migration_26": "",
};

/**
 * Since version 17 PostgreSQL builds indexes with a safe `search_path`, in which the function of this index does not find its
 * own type.
 */
const wrongSince17: Readonly<Record<string, string>> = {
  "20170311180634_remove_semver_index": "",
  "20170308140537_create_to_semver_no_prerelease":
    "DROP FUNCTION to_semver_no_prerelease(text); DROP TYPE semver_triple",
};

async function serverWithExtensions(): Promise<string | undefined> {
  const system = "postgres://postgres@127.0.0.1:5432/postgres";
  for (const url of [await postgresUrl(), system]) {
    await using db = new PostgresAdapter({ url, connectTimeout: 2_000 });
    const found = await db.execute(
      `SELECT name FROM pg_available_extensions WHERE name IN ('${extensions.join("', '")}')`,
    ).catch(() => undefined);
    if (found?.rowCount === extensions.length) return url;
  }
  return undefined;
}

const present = await Deno.stat(folder).then(() => true, () => false);
const server = present ? await serverWithExtensions() : undefined;
const lacking = !present
  ? ", not run: ../shared/data is not there"
  : server === undefined
  ? `, not run: no PostgreSQL with the extensions ${extensions.join(", ")}`
  : "";

Deno.test({
  name: `the migrations of crates.io go all the way up and all the way down${lacking}`,
  ignore: server === undefined,
  async fn() {
    const name = `rex_test_${crypto.randomUUID().replaceAll("-", "")}`;
    await using admin = new PostgresAdapter({ url: server! });
    await admin.execute(`CREATE DATABASE ${name}`);
    try {
      const url = new URL(server!);
      url.pathname = `/${name}`;
      await using db = new PostgresAdapter({ url: url.href });
      await upAndDown(db);
    } finally {
      await admin.execute(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  },
});

async function upAndDown(db: PostgresAdapter): Promise<void> {
  const files = await readMigrations<TransactionScope>(folder, await db.dialect.schemaSupport());
  const names = files.map((file) => file.name);
  assert.equal(names.length, 285);
  const begun: string[] = [];
  const manager = new MigrationManager<TransactionScope>(db, {
    folder,
    onProgress: ({ name, duration }) => duration === undefined && begun.push(name),
  });
  assert.deepEqual(await manager.up(), names);
  assert.deepEqual(begun, names);
  assert.deepEqual(await manager.getAppliedMigrations(), names);
  assert.ok((await manager.status()).every(({ state }) => state === "applied"));

  const { rows: [server] } = await db.execute<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const expected = { ...wrong, ...server!.version >= 170_000 && wrongSince17 };
  const failed: string[] = [];
  for (const file of files.toReversed()) {
    const migration = await file.load();
    const failure: unknown = await manager.rollbackMigration(file.name, migration)
      .then(() => undefined, (error) => error);
    if (failure !== undefined) {
      assert.ok(failure instanceof MigrationError && failure.cause instanceof DatabaseError);
      failed.push(file.name);
      // Nothing was changed, and the history says so: what it does is done by hand, then it is taken out.
      const [last] = (await new MigrationTracker(db).getHistory()).slice(-1);
      assert.deepEqual([last?.name, last?.statements], [file.name, 0]);
      for (
        const sql of (expected[file.name as keyof typeof expected] ?? "").split("; ").filter(
          Boolean,
        )
      ) await db.execute(sql);
      await manager.forget(file.name);
    }
    names.pop();
    assert.deepEqual(await manager.getAppliedMigrations(), names);
  }
  assert.deepEqual(failed.sort(), Object.keys(expected).sort());
  const { rows } = await db.execute(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
  );
  assert.deepEqual(rows, [
    { name: "migration_history" },
    // One of theirs makes it and none drops it.
    { name: "schema_migrations" },
  ]);
}
