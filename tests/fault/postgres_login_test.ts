/**
 * Getting in: TLS and passwords, on a server that asks for them.
 */
import assert from "node:assert/strict";
import { parseDatabaseUrl } from "../../src/base/database_url.ts";
import type { DatabaseConfig } from "../../src/base/config.ts";
import { ConfigError, ConnectionError, QueryTimeoutError } from "../../src/base/errors.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { failure, hidesValues, secret } from "../behaviour/error_support.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../targets/embedded_postgres.ts";
import { selfSigned } from "./certificate.ts";
import { finishes, until } from "./support.ts";

/** Whether the connection that a configuration gives is encrypted. */
async function encrypted(config: Partial<DatabaseConfig>): Promise<boolean> {
  await using db = new PostgresAdapter(config);
  const { rows } = await db.execute<{ ssl: boolean }>(
    "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  );
  return rows[0]!.ssl;
}

async function refusal(config: Partial<DatabaseConfig>): Promise<Error> {
  await using db = new PostgresAdapter(config);
  const error = await finishes(failure(() => db.connect()));
  hidesValues(error);
  return error;
}

function fails(error: Error, code: string, hint: RegExp): void {
  assert.ok(error instanceof ConnectionError, `${error}`);
  assert.match(error.message, new RegExp(code));
  assert.match(error.hint ?? "", hint);
}

/** Switches TLS on in a running server; gives its certificate. */
async function switchTlsOn(server: EmbeddedPostgres): Promise<string> {
  const { cert, key } = await selfSigned("127.0.0.1");
  const { uid, gid } = await Deno.stat(server.dataDirectory);
  for (const [name, text] of [["server.crt", cert], ["server.key", key]] as const) {
    const path = `${server.dataDirectory}/${name}`;
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    if (Deno.uid() === 0) await Deno.chown(path, uid, gid);
  }
  await reload(server, ["ALTER SYSTEM SET ssl = on"]);
  await until(() => encrypted({ url: `${server.url}?sslmode=prefer` }));
  return cert;
}

async function reload(server: EmbeddedPostgres, statements: readonly string[]): Promise<void> {
  await using db = new PostgresAdapter(server.url);
  for (const statement of [...statements, "SELECT pg_reload_conf()"]) await db.execute(statement);
}

/** Whether a connection is encrypted, and who may answer. */
async function encryption(server: EmbeddedPostgres): Promise<void> {
  const { url } = server;
  const elsewhere = url.replace("127.0.0.1", "localhost");
  // A server without TLS.
  for (const mode of ["disable", "allow", "prefer"]) {
    assert.equal(await encrypted({ url: `${url}?sslmode=${mode}` }), false, mode);
  }
  for (
    const config of [{ url: `${url}?sslmode=require` }, { url: `${url}?sslmode=verify-full` }, {
      url,
      tls: true,
    }]
  ) fails(await refusal(config), "TLS_UNAVAILABLE", /switch TLS on/);

  const ca = await switchTlsOn(server);
  assert.equal(await encrypted({ url }), false);
  for (const mode of ["allow", "prefer", "require"]) {
    const given = `${elsewhere}?sslmode=${mode}`;
    assert.equal(await encrypted({ url: given }), true, mode);
    assert.equal(await encrypted(parseDatabaseUrl(given)), true, mode);
  }
  for (
    const config of [
      { url: `${url}?sslmode=verify-full` },
      { url: `${url}?sslmode=verify-ca` },
      parseDatabaseUrl(`${url}?sslmode=verify-full`),
      { url, tls: true },
      { url: elsewhere, tls: { ca } }, // the certificate is for the address, not for this name
    ]
  ) fails(await refusal(config), "TLS_FAILED", /certificate/);
  assert.equal(await encrypted({ url, tls: { ca } }), true);

  await using db = new PostgresAdapter({ url, tls: { ca }, poolSize: 1 });
  const late = await finishes(
    failure(() => db.execute("SELECT pg_sleep(60)", [], { timeout: 50 })),
  );
  assert.ok(late instanceof QueryTimeoutError, `${late}`);
  await Promise.all(Array.from({ length: 20 }, () => db.ping()));
}

/** Wrong passwords, users without a way in and users who are none are told apart, without secrets. */
async function passwords(server: EmbeddedPostgres): Promise<void> {
  await reload(server, ["CREATE ROLE ada LOGIN PASSWORD 'right'", "CREATE ROLE bob LOGIN"]);
  await Deno.writeTextFile(
    `${server.dataDirectory}/pg_hba.conf`,
    "host all ada 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n",
  );
  await reload(server, []);
  const as = (user: string, password?: string): Partial<DatabaseConfig> => {
    const url = new URL(server.url);
    url.username = user;
    return { url: url.href, ...(password && { password }) };
  };
  await until(() => encrypted(as("ada", secret)).then(() => false, () => true));
  fails(await refusal(as("ada", secret)), "the password is wrong", /check user and password/);
  fails(await refusal(as("bob", secret)), "does not let this user in", /pg_hba/);
  assert.ok(await refusal(as("eve", secret)) instanceof ConnectionError);
  assert.equal(await encrypted(as("ada", "right")), false);
}

Deno.test("a server that asks for TLS and passwords is reached, or refuses with a reason", async (t) => {
  await using server = await startEmbeddedPostgres();
  await t.step("sslmode and tls", () => encryption(server));
  await t.step("passwords", () => passwords(server));
});

Deno.test("an address that cannot be used is a ConfigError that says what to write", async () => {
  const refused: readonly (readonly [Partial<DatabaseConfig>, RegExp])[] = [
    [{ url: `postgres://u:${secret}@a:1,b:2/x` }, /names several hosts/],
    [{ url: `postgres://u:${secret}@a,b/x` }, /names several hosts/],
    [{ host: "a,b" }, /names several hosts/],
    [{ url: `postgres://u:${secret}@a/x?sslmode=requier` }, /its sslmode is unknown/],
    [{ url: `postgres://u:${secret}@a/x?sslrootcert=/ca.pem` }, /sslrootcert is not supported/],
    [{ url: `postgres://u:${secret}@a/x?connect_timeout=soon` }, /connect_timeout/],
  ];
  for (const [config, message] of refused) {
    const error = await refusal(config);
    assert.ok(error instanceof ConfigError, `${error}`);
    assert.match(error.message, message);
  }
  const error = await failure(() => parseDatabaseUrl(`postgres://u:${secret}@a:1,b:2/x`));
  assert.match(error.message, /names several hosts/);
  hidesValues(error);
  assert.match((await failure(() => new PostgresAdapter({ connectTimeout: 0 }))).message, /from 1/);
});
