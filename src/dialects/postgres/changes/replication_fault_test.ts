import assert from "node:assert/strict";
import postgres from "postgres";
import { UnsupportedError } from "../../../base/errors.ts";
import { ChangeFeed } from "../../../change/feed.ts";
import type { ChangeBatch } from "../../../change/source.ts";
import { freshPostgresDatabase } from "../../../../tests/targets/mod.ts";
import { startEmbeddedPostgres } from "../../../../tests/targets/embedded_postgres.ts";
import {
  dropSlot,
  type Followed,
  followed,
  StepReader,
  until,
} from "../../../../tests/support/replication.ts";
import { replicationSource } from "./replication.ts";

const slotName = () => `rex_test_${crypto.randomUUID().replaceAll("-", "")}`;
const table = "CREATE TABLE t (id int PRIMARY KEY, text text)";

function onReplication(name: string, test: (database: Followed) => Promise<void>): void {
  Deno.test(name, async () => {
    await using fresh = await freshPostgresDatabase();
    await using database = await followed(fresh.url);
    await database.run(table);
    await test(database);
  });
}

function idsOf(batches: readonly ChangeBatch[]): number[] {
  return batches.flatMap(({ changes }) => changes.map(({ after }) => Number(after?.id)));
}

/** Follows a feed and keeps what it tells. */
function keep(feed: ChangeFeed): { batches: ChangeBatch[]; resets: string[] } {
  const kept = { batches: [] as ChangeBatch[], resets: [] as string[] };
  feed.subscribe({
    batch: (batch) => void kept.batches.push(batch),
    reset: (reason) => void kept.resets.push(reason),
  });
  return kept;
}

onReplication(
  "nothing is lost or told twice when the server ends the stream again and again",
  async (database) => {
    const slot = slotName();
    const source = database.source({ slot });
    await using feed = new ChangeFeed(source, { retention: { changes: 1 } });
    const kept = keep(feed);
    await feed.start();
    const total = 600;
    const writing = (async () => {
      for (let id = 1; id <= total; id += 2) {
        await database.run(`INSERT INTO t VALUES (${id}, repeat('x', 3000)), (${id + 1}, '')`);
      }
    })();
    for (let kills = 0; kills < 8;) {
      const { length } = kept.batches;
      const [ended] = await database.run<{ ended: boolean }>(
        `SELECT pg_terminate_backend(active_pid) AS ended FROM pg_replication_slots
       WHERE slot_name = '${slot}' AND active`,
      );
      if (!ended) await new Promise((resolve) => setTimeout(resolve, 5));
      else kills++;
      if (idsOf(kept.batches).length < total) {
        await until(() => kept.batches.length > length || idsOf(kept.batches).length === total);
      }
    }
    await writing;
    await until(() => idsOf(kept.batches).length >= total);
    await database.run(`INSERT INTO t VALUES (${total + 1})`);
    await until(() => idsOf(kept.batches).includes(total + 1));
    assert.deepEqual(idsOf(kept.batches), Array.from({ length: total + 1 }, (_, i) => i + 1));
    assert.deepEqual(kept.resets, []);
    assert.ok(feed.stats().reconnects > 0);
  },
);

onReplication(
  "a slot of the connection alone is gone with it, which is a reset",
  async (database) => {
    await using feed = new ChangeFeed(database.source());
    const kept = keep(feed);
    await feed.start();
    await database.run("INSERT INTO t VALUES (1)");
    await until(() => kept.batches.length === 1);
    await database.run(
      `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
     WHERE active AND database = current_database()`,
    );
    await until(() => kept.resets.length > 0);
    await database.run("INSERT INTO t VALUES (2)");
    await until(() => kept.batches.length === 2);
    assert.deepEqual(kept.resets, ["the connection broke, and with it went its slot"]);
    assert.deepEqual(idsOf(kept.batches), [1, 2]);
  },
);

onReplication(
  "a slot that is gone, has moved on, or a position that is none, is a reset",
  async (database) => {
    const { run, source } = database;
    const slot = slotName();
    let position: string;
    {
      await using reader = new StepReader(source({ slot }));
      position = (await reader.step()).position;
    }
    await dropSlot(database.host, slot);
    {
      await using reader = new StepReader(source({ slot }), position);
      const { reset } = await reader.step();
      assert.equal(reset, "the slot was gone");
      await run("INSERT INTO t VALUES (1)");
      await reader.changes(1);
      const waiting = reader.step();
      await run("INSERT INTO t VALUES (2)");
      await waiting;
    }
    const resetsAt = async (after: string) => {
      await using reader = new StepReader(source({ slot }), after);
      return (await reader.step()).reset;
    };
    assert.equal(await resetsAt(position), "the slot has moved on");
    assert.equal(
      await resetsAt(position.replace(/\.\d+-/, ".99-")),
      "the position is of another server, or of another line of its history",
    );
    assert.equal(await resetsAt("nonsense"), "the position is none of this source");
    assert.equal(
      await resetsAt(`${position.slice(0, -16)}0000ffffffffffff`),
      "the server's log ends before the position",
    );
    await run("DROP PUBLICATION rex_changes");
    await using reader = new StepReader(source({ slot }), position);
    assert.equal((await reader.step()).reset, "the slot was older than the publication");
    await run("INSERT INTO t VALUES (3)");
    await reader.changes(1);
  },
);

onReplication(
  "a publication that was dropped is noticed with the next change, also when it was made again",
  async ({ run, source }) => {
    await using feed = new ChangeFeed(source({ slot: slotName() }));
    const kept = keep(feed);
    await feed.start();
    await run("DROP PUBLICATION rex_changes");
    await run("INSERT INTO t VALUES (1)");
    await until(() => kept.resets.length === 1);
    await run("INSERT INTO t VALUES (2)");
    await until(() => kept.batches.length === 1);
    await run("DROP PUBLICATION rex_changes");
    await run("INSERT INTO t VALUES (3)");
    await run("CREATE PUBLICATION rex_changes FOR ALL TABLES");
    await until(() => kept.resets.length === 2);
    await run("INSERT INTO t VALUES (4)");
    await until(() => kept.batches.length === 2);
    assert.deepEqual(idsOf(kept.batches), [2, 4]);
  },
);

onReplication("a slot that another reads is waited for", async ({ run, source }) => {
  const slot = slotName();
  const first = new StepReader(source({ slot }));
  const { position } = await first.step();
  const second = new StepReader(source({ slot }), position);
  const begun = second.step();
  await until(async () => {
    const rows = await run("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'START_REPLICATION%'");
    return rows.length > 0;
  });
  await first[Symbol.asyncDispose]();
  assert.equal((await begun).reset, undefined);
  await run("INSERT INTO t VALUES (1)");
  assert.deepEqual(idsOf((await second.step()).batches), [1]);
  await second[Symbol.asyncDispose]();
});

onReplication(
  "ending the reading lets go of the slot, also while it waits for one",
  async ({ run, source }) => {
    const slot = slotName();
    const open = new StepReader(source({ slot }));
    await open.step();
    const waiting = open.step();
    const another = new StepReader(source({ slot }));
    const never = another.step();
    await another[Symbol.asyncDispose]();
    await assert.rejects(never, /ended/);
    await open[Symbol.asyncDispose]();
    await assert.rejects(waiting, /ended/);
    await until(async () => {
      const rows = await run(
        `SELECT 1 FROM pg_replication_slots WHERE slot_name = '${slot}' AND active`,
      );
      return rows.length === 0;
    });
  },
);

onReplication(
  "what a publication needs and the server refuses is said before anything breaks",
  async (database) => {
    const { run } = database;
    const [{ name }] = await run<{ name: string }>("SELECT current_database() AS name") as [
      { name: string },
    ];
    const role = `${name}_role`;
    const refused = async (url: string, hint: RegExp) => {
      await using other = await followed(url);
      await using reader = new StepReader(replicationSource(other.host));
      await assert.rejects(reader.step(), (error: UnsupportedError) => {
        assert.ok(error instanceof UnsupportedError, String(error));
        assert.match(error.message, hint);
        return true;
      });
    };
    const url = new URL(database.host.config.url!);
    await run("CREATE TABLE keyless (a int)");
    await refused(url.href, /keyless have no primary key.*\n.*REPLICA IDENTITY FULL/);
    assert.equal((await run("SELECT 1 FROM pg_publication")).length, 0);
    await run("ALTER TABLE keyless REPLICA IDENTITY FULL");
    url.username = role;
    url.password = "secret";
    await run(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    try {
      await refused(url.href, /ALTER ROLE … REPLICATION/);
      await run(`ALTER ROLE ${role} REPLICATION`);
      await refused(url.href, /CREATE PUBLICATION "rex_changes" FOR ALL TABLES/);
      await run("CREATE PUBLICATION rex_changes FOR TABLE t WITH (publish = 'insert')");
      await refused(url.href, /rex_changes leaves out some kinds.*\n.*ALTER PUBLICATION/);
      await run("ALTER PUBLICATION rex_changes SET (publish = 'insert, update, delete, truncate')");
      await using other = await followed(url.href);
      await using reader = new StepReader(replicationSource(other.host));
      await reader.step();
      await run("INSERT INTO keyless VALUES (1); INSERT INTO t VALUES (1)");
      assert.deepEqual((await reader.changes(1)).map(({ table }) => table), ["t"]);
    } finally {
      await run(`DROP ROLE ${role}`);
    }
  },
);

onReplication(
  "a large transaction is told whole, and values of any size come through",
  async ({ run, source }) => {
    await using reader = new StepReader(source({ buffer: 10 }));
    await reader.step();
    await run("INSERT INTO t SELECT i, 'x' FROM generate_series(1, 20000) AS i");
    await run("INSERT INTO t VALUES (0, repeat('ä', 5000000))");
    const step = await reader.step();
    assert.equal(step.batches[0]?.changes.length, 20_000);
    await reader.changes(20_001);
    assert.equal(String(reader.batches.at(-1)?.changes[0]?.after?.text).length, 5_000_000);
  },
);

Deno.test("on a server that keeps little of its log, and ends connections that it does not hear of", async (t) => {
  await using server = await startEmbeddedPostgres({
    settings: { max_slot_wal_keep_size: "16MB", wal_sender_timeout: "1s", min_wal_size: "32MB" },
  });
  const admin = postgres(server.url, { max: 1, onnotice: () => {} });
  const database = await followed(server.url);
  const { run, source, host } = database;
  try {
    await run(table);

    await t.step(
      "a reader that does not ask lets the server wait, and stays connected",
      async () => {
        const slot = slotName();
        await using reader = new StepReader(source({ slot, buffer: 10 }));
        await reader.step();
        await run("INSERT INTO t SELECT i, '' FROM generate_series(1, 10) AS i");
        await reader.step();
        const of = `FROM pg_stat_replication JOIN pg_replication_slots ON active_pid = pid
        WHERE slot_name = '${slot}'`;
        // More than sockets hold: the server comes to wait.
        const ids: number[] = [];
        await until(async () => {
          ids.push(100 + ids.length);
          await run(
            `INSERT INTO t SELECT ${
              ids.at(-1)
            }, string_agg(md5(i::text), '') FROM generate_series(1, 8000) i`,
          );
          const [row] = await run<{ behind: boolean }>(
            `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) > 3000000 AS behind ${of}`,
          );
          return row!.behind;
        });
        const [{ pid, at }] = await run(`SELECT pid, now()::text AS at ${of}`) as [
          { pid: number; at: string },
        ];
        await until(async () => {
          const [row] = await run<{ alive: boolean }>(
            `SELECT reply_time > '${at}'::timestamptz + interval '2.5 s' AS alive ${of}`,
          );
          assert.ok(row, "the connection has ended");
          return row.alive;
        });
        await reader.changes(10 + ids.length);
        assert.deepEqual(
          idsOf(reader.batches).slice(10),
          ids,
        );
        assert.equal((await run<{ pid: number }>(`SELECT pid ${of}`))[0]?.pid, pid);
      },
    );

    await t.step("nothing is lost when the server is restarted or crashes", async () => {
      const slot = slotName();
      await using feed = new ChangeFeed(source({ slot }));
      const kept = keep(feed);
      await feed.start();
      await run("INSERT INTO t VALUES (1001)");
      await server.restart();
      await until(() => run("INSERT INTO t VALUES (1002)").then(() => true, () => false));
      await until(() => kept.batches.length === 2);
      await run("INSERT INTO t VALUES (1003)");
      await server.kill();
      await server.restart();
      await until(() => run("INSERT INTO t VALUES (1004)").then(() => true, () => false));
      await until(() => idsOf(kept.batches).includes(1004));
      assert.deepEqual(idsOf(kept.batches), [1001, 1002, 1003, 1004]);
      assert.deepEqual(kept.resets, []);
    });

    await t.step("a slot that lost its log is made anew, which is a reset", async () => {
      const slot = slotName();
      let position: string;
      {
        await using reader = new StepReader(source({ slot }));
        position = (await reader.step()).position;
      }
      for (let i = 0; i < 6; i++) {
        await run(`SELECT pg_logical_emit_message(false, 'test', repeat('x', 100000))`);
        await run("SELECT pg_switch_wal()");
      }
      await run("CHECKPOINT");
      const status = () =>
        run<{ s: string }>(
          `SELECT wal_status AS s FROM pg_replication_slots WHERE slot_name = '${slot}'`,
        );
      assert.deepEqual(await status(), [{ s: "lost" }]);
      await using reader = new StepReader(source({ slot }), position);
      assert.equal((await reader.step()).reset, "the slot had lost its log");
      await run("INSERT INTO t VALUES (2001)");
      assert.deepEqual(idsOf((await reader.step()).batches), [2001]);
      assert.deepEqual((await status())[0]?.s, "reserved");
    });

    await t.step(
      "a commit that waits for a standby is told and not in positions that do not show it",
      async () => {
        const slot = slotName();
        {
          await using reader = new StepReader(source({ slot }));
          await reader.step();
        }
        await admin.unsafe("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await admin.unsafe("SELECT pg_reload_conf()");
        const changes = source();
        await using reader = new StepReader(changes);
        await reader.step();
        await until(async () =>
          (await run<{ s: string }>("SELECT current_setting('synchronous_standby_names') AS s"))[0]
            ?.s === "nobody"
        );
        const waiting = admin.unsafe("INSERT INTO t VALUES (3001)").execute();
        const [batch] = (await reader.step()).batches;
        assert.deepEqual(idsOf([batch!]), [3001]);
        const look = () =>
          host.snapshot(async (snapshot) => {
            const position = await changes.positionOf(snapshot);
            const { rows } = await snapshot.execute("SELECT 1 FROM t WHERE id = 3001");
            return { position, shown: rows.length === 1 };
          });
        const hidden = await look();
        assert.equal(hidden.shown, false);
        assert.equal(changes.positions.has(hidden.position, batch!), false);
        assert.equal(changes.positions.reaches(hidden.position, batch!.position), false);
        // Another that begins now, in a slot that is there, waits until it can be seen: it will not be told.
        const later = new StepReader(source({ slot }));
        const begun = later.step();
        await until(async () => {
          const rows = await run(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%= ''SyncRep''%'",
          );
          return rows.length > 0;
        });
        await run("ALTER SYSTEM RESET synchronous_standby_names");
        await run("SELECT pg_reload_conf()");
        await waiting;
        await begun;
        assert.equal((await look()).shown, true);
        await later[Symbol.asyncDispose]();
        const after = await look();
        assert.equal(after.shown, true);
        assert.equal(changes.positions.has(after.position, batch!), true);
        assert.equal(changes.positions.reaches(after.position, batch!.position), true);
      },
    );
  } finally {
    await database[Symbol.asyncDispose]();
    await admin.end();
  }
});

Deno.test("a server that has no rows in its log says which setting to change", async () => {
  await using server = await startEmbeddedPostgres({ settings: { wal_level: "replica" } });
  await using database = await followed(server.url);
  await using reader = new StepReader(database.source({ slot: "never" }));
  await assert.rejects(reader.step(), (error: UnsupportedError) => {
    assert.ok(error instanceof UnsupportedError);
    assert.match(error.message, /wal_level is replica.*\n.*ALTER SYSTEM SET wal_level = logical/);
    return true;
  });
});
