/**
 * Runs the tests against a real PostgreSQL and says at the end `N passed, N failed`.
 *
 * ```
 * deno task test                                  everything
 * deno task test src/ast tests/spec --filter x    some files, with options of `deno test`
 * ```
 *
 * The server is started here once, unless `REX_TEST_POSTGRES_URL` names one.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { stripVTControlCharacters } from "node:util";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../tests/targets/embedded_postgres.ts";
import { chromiumPath } from "../tests/browser/chromium.ts";

const ROOTS = ["src", "tests", "examples"];
const URL_VARIABLE = "REX_TEST_POSTGRES_URL";

/** How many tests passed and failed, without their steps. */
export interface TestCount {
  /** Tests that ran without a fault. */
  readonly passed: number;
  /** Tests that did not; at least one when the run itself failed. */
  readonly failed: number;
}

/** Reads the summary line that `deno test` ends with; a failed run counts as a failed test. */
export function countTests(output: string, exitCode: number): TestCount {
  const summary = /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed/gm;
  const last = [...stripVTControlCharacters(output).matchAll(summary)].at(-1);
  const [passed, failed] = [Number(last?.[1] ?? 0), Number(last?.[2] ?? 0)];
  return { passed, failed: exitCode === 0 ? failed : Math.max(failed, 1) };
}

/** The permissions of the tests: this computer only, and writing only to temporary folders. */
function permissions(postgresUrl: string): string[] {
  const temporary = [...new Set([tmpdir(), Deno.realPathSync(tmpdir())])];
  const programs = ["sh", "deno", chromiumPath()].filter((program) => program !== undefined);
  const hosts = [...new Set(["127.0.0.1", "localhost", new URL(postgresUrl).hostname])];
  return [
    "--no-prompt",
    "--allow-read",
    `--allow-write=${temporary.join(",")}`,
    "--allow-env",
    `--allow-net=${hosts.join(",")}`,
    `--allow-run=${programs.join(",")}`,
    "--allow-sys=uid,hostname,homedir,osRelease",
  ];
}

function isPresent(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs `deno test`, shows what it writes as it comes, and keeps the output for the count. */
async function runTests(args: readonly string[], postgresUrl: string): Promise<TestCount> {
  const child = new Deno.Command("deno", {
    args: ["test", ...permissions(postgresUrl), ...args],
    env: { [URL_VARIABLE]: postgresUrl },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stdout) {
    await writeAll(chunk);
    output += decoder.decode(chunk, { stream: true });
  }
  const { code } = await child.status;
  return countTests(output + decoder.decode(), code);
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
}

async function main(): Promise<void> {
  const namesFiles = Deno.args.some((arg) => !arg.startsWith("-") && isPresent(arg));
  const roots = namesFiles ? [] : ROOTS.filter(isPresent);
  const given = Deno.env.get(URL_VARIABLE);
  let count: TestCount = { passed: 0, failed: 1 };
  let server: EmbeddedPostgres | undefined;
  try {
    if (!given) server = await startEmbeddedPostgres();
    count = await runTests([...roots, ...Deno.args], given || server!.url);
  } catch (error) {
    console.error(error);
  } finally {
    await server?.stop();
  }
  console.log(`${count.passed} passed, ${count.failed} failed`);
  Deno.exit(count.failed === 0 ? 0 : 1);
}

if (import.meta.main) await main();
