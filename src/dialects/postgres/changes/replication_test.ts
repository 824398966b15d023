import assert from "node:assert/strict";
import { ConfigError } from "../../../base/errors.ts";
import { freshPostgresDatabase } from "../../../../tests/targets/mod.ts";
import {
  type Followed,
  followed,
  StepReader,
  until,
} from "../../../../tests/support/replication.ts";
import { parseLsn, positionText } from "./replication_position.ts";

const slotName = () => `rex_test_${crypto.randomUUID().replaceAll("-", "")}`;

/** Runs a test on a database of its own. */
function onReplication(
  name: string,
  tables: readonly string[],
  test: (database: Followed) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using fresh = await freshPostgresDatabase();
    await using database = await followed(fresh.url);
    for (const table of tables) await database.run(table);
    await test(database);
  });
}

onReplication(
  "read() tells whole transactions in commit order, whoever wrote them, each with its number",
  ["CREATE TABLE a (id int PRIMARY KEY, name text)", "CREATE TABLE b (id int PRIMARY KEY)"],
  async ({ db, source, run }) => {
    await run("INSERT INTO b VALUES (0)");
    await using reader = new StepReader(source());
    const first = await reader.step();
    assert.deepEqual(first.batches, []);
    const numbers: string[] = [];
    await db.transaction(async (tx) => {
      await tx.execute("INSERT INTO a VALUES (1, 'one'), (2, NULL)");
      await tx.execute("SAVEPOINT s; INSERT INTO a VALUES (9, 'gone'); ROLLBACK TO s");
      await tx.execute("UPDATE a SET name = 'two' WHERE id = 2");
      // Another transaction commits in between: it comes first.
      await run("INSERT INTO b VALUES (1)");
      await tx.execute("UPDATE a SET id = 3 WHERE id = 2");
      await tx.execute("DELETE FROM a WHERE id = 1");
      const { rows } = await tx.execute<{ x: string }>("SELECT pg_current_xact_id()::text AS x");
      numbers.push(rows[0]!.x);
    });
    await run("TRUNCATE a, b");
    await run("CREATE SCHEMA other; CREATE TABLE other.a (id int PRIMARY KEY)");
    await run("INSERT INTO other.a VALUES (5)");
    const table = (name: string) => ({ table: name });
    await reader.changes(9);
    const [inner, outer, truncation, elsewhere] = reader.batches;
    assert.deepEqual(elsewhere?.changes, [
      { schema: "other", table: "a", kind: "insert", after: { id: "5" } },
    ]);
    assert.deepEqual(inner?.changes, [{ ...table("b"), kind: "insert", after: { id: "1" } }]);
    assert.deepEqual(outer?.changes, [
      { ...table("a"), kind: "insert", after: { id: "1", name: "one" } },
      { ...table("a"), kind: "insert", after: { id: "2", name: null } },
      { ...table("a"), kind: "update", after: { id: "2", name: "two" } },
      { ...table("a"), kind: "update", before: { id: "2" }, after: { id: "3", name: "two" } },
      { ...table("a"), kind: "delete", before: { id: "1" } },
    ]);
    assert.equal(outer?.transaction, numbers[0]);
    assert.ok(Math.abs(outer!.time! - Date.now()) < 60_000);
    assert.deepEqual(truncation?.changes.map(({ kind, table }) => [kind, table]).sort(), [
      ["truncate", "a"],
      ["truncate", "b"],
    ]);
    const positions = [first.position, ...reader.batches.map(({ position }) => position)];
    assert.deepEqual(positions, [...new Set(positions)].sort());
    assert.equal(reader.position, positions.at(-1));
  },
);

onReplication(
  "an unchanged value that the server does not send again is absent, or taken from the old row",
  [
    "CREATE TABLE t (id int PRIMARY KEY, small text, big text)",
    "CREATE TABLE whole (id int PRIMARY KEY, small text, big text)",
    "ALTER TABLE whole REPLICA IDENTITY FULL",
    "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
    "ALTER TABLE whole ALTER big SET STORAGE EXTERNAL",
  ],
  async ({ source, run }) => {
    await using reader = new StepReader(source());
    await reader.step();
    const big = "x".repeat(10_000);
    for (const table of ["t", "whole"]) {
      await run(`INSERT INTO ${table} VALUES (1, 'a', '${big}')`);
      await run(`UPDATE ${table} SET small = NULL`);
      await run(`UPDATE ${table} SET id = 2`);
      await run(`DELETE FROM ${table}`);
    }
    const changes = await reader.changes(8);
    const images = changes.map(({ before, after }) => ({ before, after }));
    assert.deepEqual(images.slice(0, 4), [
      { before: undefined, after: { id: "1", small: "a", big } },
      { before: undefined, after: { id: "1", small: null } },
      { before: { id: "1" }, after: { id: "2", small: null } },
      { before: { id: "2" }, after: undefined },
    ]);
    assert.deepEqual(images.slice(4), [
      { before: undefined, after: { id: "1", small: "a", big } },
      { before: { id: "1", small: "a", big }, after: { id: "1", small: null, big } },
      { before: { id: "1", small: null, big }, after: { id: "2", small: null, big } },
      { before: { id: "2", small: null, big }, after: undefined },
    ]);
  },
);

onReplication(
  "columns are right after they were added, renamed, dropped and made anew",
  ['CREATE TABLE t (id int PRIMARY KEY, a text, "__proto__" text)'],
  async ({ source, run }) => {
    await using reader = new StepReader(source());
    await reader.step();
    await run("INSERT INTO t VALUES (1, 'x', 'p')");
    await run("ALTER TABLE t ADD b int DEFAULT 7, DROP a");
    await run("INSERT INTO t VALUES (2, NULL)");
    await run("BEGIN; ALTER TABLE t RENAME b TO c; INSERT INTO t VALUES (3, 'q', 8); COMMIT");
    await run("DROP TABLE t; CREATE TABLE t (z text, id int PRIMARY KEY)");
    await run("INSERT INTO t VALUES ('z', 4)");
    const rows = (await reader.changes(4)).map(({ after }) => Object.entries(after!));
    assert.deepEqual(rows, [
      [["id", "1"], ["a", "x"], ["__proto__", "p"]],
      [["id", "2"], ["__proto__", null], ["b", "7"]],
      [["id", "3"], ["__proto__", "q"], ["c", "8"]],
      [["z", "z"], ["id", "4"]],
    ]);
  },
);

onReplication(
  "values come as the text that a query gives, whatever the server's settings",
  [
    "CREATE TYPE mood AS ENUM ('glad', 'so, so')",
    "CREATE DOMAIN short AS varchar(5) CHECK (VALUE <> '')",
    `CREATE TABLE t (id int PRIMARY KEY, a smallint, b bigint, c numeric, d real, e double precision, f boolean,
       g text, h varchar(9), i char(4), j uuid, k date, l time, m timestamp, n timestamptz, o json, p jsonb,
       q bytea, r mood, s short, t int[], u text[], v timestamptz[], w interval, x inet, y bytea[], z mood[])`,
  ],
  async ({ source, run, db }) => {
    const [{ name }] = await run<{ name: string }>("SELECT current_database() AS name") as [
      { name: string },
    ];
    const settings = {
      DateStyle: "'German'",
      TimeZone: "'Asia/Tokyo'",
      bytea_output: "escape",
      statement_timeout: "100",
    };
    for (const [setting, value] of Object.entries(settings)) {
      await run(`ALTER DATABASE ${name} SET ${setting} = ${value}`);
    }
    await using reader = new StepReader(source());
    await reader.step();
    await run(`SET bytea_output = hex; INSERT INTO t VALUES
      (1, -32768, 9223372036854775807, 'NaN', 0.1, 'Infinity', true, 'ä"''\\ 😀', 'v', 'c',
       '00000000-0000-0000-0000-00000000000a', '0044-03-15 BC', '24:00', '294276-12-31 23:59:59.999999',
       '2026-07-01 12:00:00.123456+09', '{"a": 1.50}', '{"b": [null, 12345678901234567890]}', '\\x00ff5c',
       'so, so', 'abc', '{{1,NULL},{3,4}}', '{"a,b",NULL,"NULL",""}', '{infinity,"2026-01-01 00:00+00"}',
       '1 year 2 mons -3 days 04:05:06.7', '::1/64', '{"\\\\x00"}', '{glad,"so, so"}'),
      (2, 0, 0, 1e20, '-0', 5e-324, false, '', '', '', NULL, 'infinity', '00:00:00.000001', '-infinity',
       '0001-01-01 00:00:00+00 BC', 'null', '"x"', '', 'glad', 'x', '{}', '{}', NULL, '0', '10.0.0.1', '{}', '{}')`);
    const changes = await reader.changes(2);
    const columns = Object.keys(changes[0]!.after!);
    assert.equal(columns.length, 27);
    const texts = columns.map((column) =>
      `CASE WHEN "${column}" IS NULL THEN NULL ELSE format('%s', "${column}") END AS "${column}"`
    );
    const { rows } = await db.transaction(async (tx) => {
      await tx.execute("SET LOCAL bytea_output = hex");
      return await tx.execute(`SELECT ${texts} FROM t ORDER BY id`);
    });
    assert.deepEqual(changes.map(({ after }) => after), rows);
  },
);

onReplication(
  "stored generated columns and partitions are told as those of the table that has them",
  [
    "CREATE TABLE t (id int, day date, twice int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
    "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
  ],
  async ({ source, run }) => {
    await using reader = new StepReader(source());
    await reader.step();
    await run("INSERT INTO t (id, day) VALUES (4, '2026-01-02')");
    const [change] = await reader.changes(1);
    assert.equal(change?.table, "t");
    const [{ server_version_num: version }] = await run("SHOW server_version_num") as [
      { server_version_num: string },
    ];
    const generated = Number(version) >= 180_000 ? { twice: "8" } : {};
    assert.deepEqual(change?.after, { id: "4", day: "2026-01-02", ...generated });
  },
);

onReplication(
  "asking for the next step acknowledges the last one, and not before",
  ["CREATE TABLE t (id int PRIMARY KEY)"],
  async ({ source, run }) => {
    const slot = slotName();
    await using reader = new StepReader(source({ slot }));
    const line = (await reader.step()).position.slice(0, -16);
    const confirmed = async () => {
      const [row] = await run<{ lsn: string }>(
        `SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = '${slot}'`,
      );
      return line + positionText("", parseLsn(row!.lsn)).slice(1);
    };
    const start = await confirmed();
    await run("INSERT INTO t VALUES (1)");
    const { position } = await reader.step();
    assert.ok(await confirmed() <= start);
    const next = reader.step();
    await until(async () => await confirmed() >= position);
    // What is no row of a table moves the position on, and is acknowledged too, while nothing is told.
    await run("SELECT pg_logical_emit_message(true, 'test', 'nothing')");
    const [{ lsn }] = await run<{ lsn: string }>(
      "SELECT pg_current_wal_flush_lsn()::text AS lsn",
    ) as [{ lsn: string }];
    const end = line + positionText("", parseLsn(lsn)).slice(1);
    let last = await next;
    while (last.position < end) last = await reader.step();
    assert.deepEqual(reader.batches.length, 1);
    const idle = reader.step();
    await until(async () => await confirmed() >= end);
    await run("INSERT INTO t VALUES (2)");
    assert.equal((await idle).position > end, true);
  },
);

onReplication(
  "a reader that goes on after a position is told what came since, once",
  ["CREATE TABLE t (id int PRIMARY KEY)"],
  async ({ source, run }) => {
    const slot = slotName();
    let position: string;
    {
      await using reader = new StepReader(source({ slot }));
      await reader.step();
      await run("INSERT INTO t VALUES (1)");
      await reader.step();
      // Told and never acknowledged, so that the server sends it again.
      position = reader.position;
    }
    await run("INSERT INTO t VALUES (2)");
    await using reader = new StepReader(source({ slot }), position);
    const first = await reader.step();
    assert.deepEqual(first, { batches: [], position });
    await run("INSERT INTO t VALUES (3)");
    const changes = await reader.changes(2);
    assert.deepEqual(changes.map(({ after }) => after?.id), ["2", "3"]);
  },
);

onReplication(
  "a reader without a position is told what is committed from then on, though the slot has more",
  ["CREATE TABLE t (id int PRIMARY KEY)"],
  async ({ source, run }) => {
    const slot = slotName();
    {
      await using reader = new StepReader(source({ slot }));
      await reader.step();
    }
    await run("INSERT INTO t VALUES (1)");
    await using reader = new StepReader(source({ slot }));
    const { reset } = await reader.step();
    assert.equal(reset, undefined);
    await run("INSERT INTO t VALUES (2)");
    const changes = await reader.changes(1);
    assert.deepEqual(changes.map(({ after }) => after?.id), ["2"]);
  },
);

onReplication(
  "markOf() names the batch of a transaction, and nothing where nothing was written",
  ["CREATE TABLE t (id int PRIMARY KEY)"],
  async ({ source, run, db, host }) => {
    const changes = source();
    const early = await host.snapshot((snapshot) => changes.positionOf(snapshot));
    await using reader = new StepReader(changes);
    const { position } = await reader.step();
    assert.equal(early.split("-")[0], position.split("-")[0]);
    const mark = await db.transaction(async (tx) => {
      await tx.execute("INSERT INTO t VALUES (1)");
      return await changes.markOf(tx);
    });
    const none = await db.transaction((tx) => changes.markOf(tx));
    await run("INSERT INTO t VALUES (2)");
    await reader.changes(2);
    assert.equal(reader.batches[0]?.transaction, mark().transaction);
    assert.notEqual(reader.batches[1]?.transaction, mark().transaction);
    assert.deepEqual(none(), {});
  },
);

onReplication(
  "positionOf() has exactly the batches that its snapshot shows, while others write",
  ["CREATE TABLE t (id int PRIMARY KEY)"],
  async ({ host, source, db }) => {
    const changes = source();
    await using reader = new StepReader(changes);
    await reader.step();
    let writing = true;
    let count = 0;
    const writers = [1, 2, 3].map(async () => {
      while (writing) {
        await db.transaction(async (tx) => {
          await tx.execute(`INSERT INTO t VALUES (${++count})`);
          await tx.execute(`INSERT INTO t VALUES (${++count})`);
        });
      }
    });
    const seen: { position: string; told: string; rows: Set<string> }[] = [];
    for (let i = 0; i < 60; i++) {
      await reader.step();
      const told = reader.position;
      seen.push(
        await host.snapshot(async (snapshot) => {
          const position = await changes.positionOf(snapshot);
          const { rows } = await snapshot.execute<{ id: string }>("SELECT id::text AS id FROM t");
          return { position, told, rows: new Set(rows.map(({ id }) => id)) };
        }),
      );
    }
    writing = false;
    await Promise.all(writers);
    await reader.changes(count);
    const { has, reaches } = changes.positions;
    for (const { position, rows } of seen) {
      const had = reader.batches.filter((batch) => has(position, batch));
      const ids = had.flatMap((batch) => batch.changes.map(({ after }) => String(after?.id)));
      assert.deepEqual(ids.sort(), [...rows].sort());
      for (const batch of reader.batches) {
        if (reaches(position, batch.position)) assert.ok(has(position, batch));
        if (reaches(batch.position, position)) {
          const later = reader.batches.filter((each) => each.position > batch.position);
          assert.ok(later.every((each) => !has(position, each)));
        }
      }
    }
    // What was told well before a snapshot is in it: most of them need no reset to go on.
    const reached = seen.filter(({ position, told }) => reaches(position, told));
    assert.ok(reached.length > seen.length / 2, `${reached.length} of ${seen.length}`);
  },
);

Deno.test("replicationSource() refuses names that the server cannot have", async () => {
  const { replicationSource } = await import("./replication.ts");
  const host = { config: { database: "postgres" } } as never;
  for (const slot of ["", "Rex", "a b", "x".repeat(64), "a';--"]) {
    assert.throws(() => replicationSource(host, { slot }), ConfigError);
  }
  for (const publication of ["", "a\0b", "ä".repeat(32)]) {
    assert.throws(() => replicationSource(host, { publication }), ConfigError);
  }
  assert.throws(() => replicationSource(host, { buffer: 0 }), ConfigError);
});
