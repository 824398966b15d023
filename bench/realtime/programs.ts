/**
 * The processes of the benchmark: each is told what to do by a line of JSON and answers with one.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { configOf } from "../processes.ts";

/** What a process is asked to do, and with what. */
export type Command = Readonly<Record<string, unknown>> & { readonly do: string };

/** The commands that a process knows. */
export type Commands = Readonly<
  Record<string, (command: Command) => unknown>
>;

/** A folder for profiles of all processes, for whoever looks for what costs time. */
const profile = Deno.env.get("REX_BENCH_PROFILE");

/** A process that measures or is measured. Disposing of it ends it. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #name: string;
  #ended = false;

  private constructor(name: string, args: readonly string[]) {
    this.#name = name;
    this.#child = new Deno.Command("deno", {
      args: [
        "run",
        `--config=${configOf(false)}`,
        "--no-prompt",
        "--allow-read",
        `--allow-write=${tmpdir()}`,
        "--allow-env",
        "--allow-net=127.0.0.1,localhost",
        "--v8-flags=--expose-gc",
        ...profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [],
        new URL(`${name}.ts`, import.meta.url).href,
        ...args,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = linesOf(this.#child.stdout);
    this.#writer = this.#child.stdin.getWriter();
  }

  /** Starts the module of this name and gives what it says first. */
  static async start<Started>(
    name: string,
    settings: unknown = {},
  ): Promise<[Program, Started]> {
    const program = new Program(name, [JSON.stringify(settings)]);
    try {
      return [program, await program.#answer<Started>()];
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Asks it to do something and waits for the answer. One question at a time. */
  async ask<Answer>(command: Command): Promise<Answer> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
    return await this.#answer<Answer>();
  }

  /** Stops it where it is, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  async #answer<Answer>(): Promise<Answer> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`Cannot measure: ${this.#name} ended`);
    const answer = JSON.parse(value) as { failed?: string; answer: Answer };
    if (answer.failed === undefined) return answer.answer;
    throw new Error(`Cannot measure: ${this.#name} failed: ${answer.failed}`);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (!profile) this.#child.kill("SIGKILL");
    await this.#writer.close().catch(() => {});
    for (;;) if ((await this.#lines.next().catch(() => ({ done: true }))).done) break;
    await this.#child.status;
  }
}

/** In such a process: says that it is ready, then answers commands until the input ends. */
export async function obey(started: unknown, commands: Commands): Promise<void> {
  console.log(JSON.stringify({ answer: started ?? null }));
  for await (const line of linesOf(Deno.stdin.readable)) {
    const command: Command = JSON.parse(line);
    try {
      const answer = await commands[command.do]!(command);
      console.log(JSON.stringify({ answer: answer ?? null }));
    } catch (error) {
      console.log(JSON.stringify({ failed: String(error) }));
    }
  }
  Deno.exit();
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as never)) {
    rest += text;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** The time on a clock that the processes of a machine share, in milliseconds. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Lets the event loop go round. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The memory of this process in bytes, after the collector has been through it. */
export async function memory(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Deno.memoryUsage().rss;
}
