/**
 * A real PostgreSQL server for tests, in a folder and on a port of its own.
 *
 * Each run of the server stands under a small shell that owns it: when this process ends, in
 * whatever way, the shell's standard input ends too, and it stops the server and removes the data.
 * PostgreSQL refuses to run as root; for root it runs under an account without rights.
 *
 * ```ts
 * await using server = await startEmbeddedPostgres();
 * const sql = postgres(server.url);
 * ```
 *
 * @module
 */

import { postgresBinaries } from "./postgres_binaries.ts";

/** What may differ from the usual test server. */
export interface EmbeddedPostgresOptions {
  /** Settings of the server, added to the usual ones or replacing them. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running server. Disposing of it stops it. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** The address of the database `postgres` as its superuser. */
  readonly url: string;
  /** The TCP port on 127.0.0.1. It stays the same over a restart. */
  readonly port: number;
  /** The folder of the cluster; gone after `stop()`. */
  readonly dataDirectory: string;
  /** Stops the server at once and removes its data. A second call does nothing. */
  stop(): Promise<void>;
  /** Shuts down in order, or after `kill()` recovers, and serves the same data again. */
  restart(): Promise<void>;
  /** Ends every connection and the server without a checkpoint, as a crash does; the data stay. */
  kill(): Promise<void>;
}

/**
 * Fast, with what the tests need, and in a time zone that lets faults about zones show up.
 * `synchronous_commit` stays on: without `fsync` it costs next to nothing, and without it a crash
 * loses commits that were acknowledged, and replication lags behind them.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  wal_level: "logical",
  max_connections: "200",
  max_prepared_transactions: "10",
  max_wal_senders: "20",
  max_replication_slots: "20",
  fsync: "off",
  full_page_writes: "off",
  timezone: "America/New_York",
  lc_messages: "C",
  logging_collector: "off",
  log_destination: "stderr",
};

/** Words on the standard input are signals for the server; its end means: stop and clean up. */
const SUPERVISOR = `
directory=$1 bin=$2
shift 2
clean() { [ -z "$directory" ] || { cd / && rm -rf "$directory"; }; }
if [ ! -d "$directory/data" ]; then
  "$bin/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C --no-sync \
    --no-instructions </dev/null >&2 || { clean; exit 1; }
fi
"$bin/postgres" -D "$directory/data" "$@" </dev/null &
server=$!
exec >/dev/null 2>&1
while read -r word; do
  case $word in
    keep) directory= ;;
    *) kill -s "$word" "$server" ;;
  esac
done
kill -s QUIT "$server"
wait "$server"
clean
`;

const LOG_LINES = 100;
const STOP_TIMEOUT = 10_000;

/** An account to run the server under when this process runs as root. */
interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** One run of the server, from its start to the end of its last process. */
class ServerRun {
  readonly #child: Deno.ChildProcess;
  readonly #commands: WritableStreamDefaultWriter<Uint8Array>;
  readonly #log: string[] = [];
  readonly #ready = Promise.withResolvers<boolean>();
  readonly #ended: Promise<void>;

  constructor(args: readonly string[], directory: string, account: Account | undefined) {
    this.#child = new Deno.Command("sh", {
      args: ["-c", SUPERVISOR, "sh", ...args],
      cwd: directory,
      env: { LC_ALL: "C" },
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      detached: true,
      ...account,
    }).spawn();
    this.#commands = this.#child.stdin.getWriter();
    this.#ended = this.#readLog();
  }

  /** The end of what the server wrote. */
  get log(): string {
    return this.#log.join("\n");
  }

  /** Resolves to true when the server takes connections, to false when it has ended instead. */
  get ready(): Promise<boolean> {
    return this.#ready.promise;
  }

  /** Sends the server a signal and waits until no process of it is left. */
  async shutDown(signal: "INT" | "QUIT"): Promise<void> {
    await this.#command(signal);
    const timer = setTimeout(() => void this.#command("QUIT"), STOP_TIMEOUT);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Lets the supervisor end; it removes the data unless they are to be kept. */
  async release(keepData: boolean): Promise<void> {
    if (keepData) await this.#command("keep");
    await this.#commands.close().catch(ignoreEndedSupervisor);
    await this.#child.status;
  }

  #command(word: string): Promise<void> {
    const bytes = new TextEncoder().encode(`${word}\n`);
    return this.#commands.write(bytes).catch(ignoreEndedSupervisor);
  }

  async #readLog(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.#log.push(...lines);
      this.#log.splice(0, this.#log.length - LOG_LINES);
      if (lines.some((line) => line.includes("ready to accept connections"))) {
        this.#ready.resolve(true);
      }
    }
    this.#ready.resolve(false);
  }
}

/** Starts a server with an empty cluster and returns when it takes connections. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const binaries = await postgresBinaries();
  const account = await unprivilegedAccount();
  for (let attempt = 1;; attempt++) {
    const directory = await Deno.makeTempDir({ prefix: "rex-orm-postgres-data-" });
    if (account !== undefined) await Deno.chown(directory, account.uid, account.gid);
    const port = freePort();
    const start = () =>
      new ServerRun(serverArguments(binaries, directory, port, options), directory, account);
    const run = start();
    if (await run.ready) return handle(run, start, directory, port);
    await run.release(false);
    await removeIfPresent(directory);
    const portWasTaken = run.log.includes("Address already in use");
    if (!portWasTaken || attempt === 5) {
      throw new Error(`Cannot start the embedded PostgreSQL; the end of its log:\n${run.log}`);
    }
  }
}

function handle(
  firstRun: ServerRun,
  start: () => ServerRun,
  directory: string,
  port: number,
): EmbeddedPostgres {
  let run: ServerRun | undefined = firstRun;
  async function stop(): Promise<void> {
    const current = run;
    if (current === undefined) return;
    run = undefined;
    await current.shutDown("QUIT");
    await current.release(false);
    await removeIfPresent(directory);
  }
  function running(): ServerRun {
    if (run === undefined) throw new Error("Cannot use the embedded PostgreSQL: it was stopped");
    return run;
  }
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    dataDirectory: `${directory}/data`,
    stop,
    async kill() {
      await running().shutDown("QUIT");
    },
    async restart() {
      const current = running();
      await current.shutDown("INT");
      await current.release(true);
      run = start();
      if (await run.ready) return;
      throw new Error(`Cannot restart the embedded PostgreSQL; the end of its log:\n${run.log}`);
    },
    [Symbol.asyncDispose]: stop,
  };
}

function serverArguments(
  binaries: string,
  directory: string,
  port: number,
  options: EmbeddedPostgresOptions,
): string[] {
  const settings = { ...SETTINGS, ...options.settings, port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return [directory, `${binaries}/bin`, ...flags];
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function unprivilegedAccount(): Promise<Account | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const entries = (await Deno.readTextFile("/etc/passwd")).split("\n").map((line) =>
    line.split(":")
  );
  for (const name of ["nobody", "postgres", "daemon"]) {
    const entry = entries.find((fields) => fields[0] === name);
    // `>>> 0` because macOS writes the account `nobody` as -2.
    if (entry !== undefined) return { uid: Number(entry[2]) >>> 0, gid: Number(entry[3]) >>> 0 };
  }
  throw new Error(
    "Cannot start the embedded PostgreSQL as root: there is no account nobody, postgres or daemon",
  );
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Writing to a supervisor that has just ended is not a fault: then there is nothing to stop. */
function ignoreEndedSupervisor(error: unknown): void {
  if (error instanceof Deno.errors.BrokenPipe || error instanceof TypeError) return;
  throw error;
}
