/**
 * `deno task bench:realtime`: measures live data beside what the same takes by hand, and prints a table.
 *
 * @module
 */
import { arch, cpus, platform, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { startEmbeddedPostgres } from "../../tests/targets/embedded_postgres.ts";
import { versions } from "../versions.ts";
import { deliveryRows } from "./delivery.ts";
import { fanOutRows } from "./fan_out.ts";
import type { Places } from "./places.ts";
import { formatMarkdown, formatReport, type Report, type Row } from "./report.ts";
import { slowReaderRows } from "./slow_reader.ts";
import { writeRows } from "./write_overhead.ts";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 3) {
    throw new TypeError("Cannot measure: --rounds is not a whole number from 3 on");
  }
  const words = positionals.map((word) => word.toLowerCase());
  const wanted = (title: string) => words.every((word) => title.toLowerCase().includes(word));
  const date = new Date().toISOString();
  await using stack = new AsyncDisposableStack();
  const places = await preparePlaces(stack);
  const rows: Row[] = [
    ...await deliveryRows(places, wanted, rounds),
    ...await fanOutRows(places, wanted, rounds),
    ...await writeRows(places, wanted, 2 * rounds - 1),
    ...await slowReaderRows(places, wanted),
  ];
  const report: Report = {
    rows,
    date,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${platform()} ${arch()}`,
    versions: await versions([], places.postgres),
  };
  const format = values.json
    ? (report: Report) => JSON.stringify(report, null, 2)
    : values.markdown
    ? formatMarkdown
    : formatReport;
  console.log(format(report));
}

async function preparePlaces(stack: AsyncDisposableStack): Promise<Places> {
  const sqlite = await Deno.makeTempDir({ prefix: "rex-orm-bench-", dir: tmpdir() });
  stack.defer(() => Deno.remove(sqlite, { recursive: true }));
  const given = Deno.env.get("REX_TEST_POSTGRES_URL");
  if (given) return { sqlite, postgres: given };
  // As PostgreSQL is unless one asks: where transactions can be prepared, writers to the log do not wake readers.
  const settings = { max_prepared_transactions: "0" };
  return { sqlite, postgres: stack.use(await startEmbeddedPostgres({ settings })).url };
}

await main();
