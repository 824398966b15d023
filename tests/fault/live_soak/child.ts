/**
 * Processes that are given tasks, killed, and paused.
 *
 * @module
 */
import { TextLineStream } from "./lines.ts";
import type { Role } from "./process.ts";

interface Run {
  readonly child: Deno.ChildProcess;
  readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly errors: Promise<string>;
  reading: Promise<void>;
  readonly lines: Record<string, number>[];
  look: () => void;
  killed: boolean;
}

/** A process that can be started again. */
export class Child implements AsyncDisposable {
  #role: Role;
  #run: Run | undefined;
  #paused = false;

  constructor(role: Role) {
    this.#role = role;
  }

  /** Whether it runs. */
  get running(): boolean {
    return this.#run !== undefined;
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#role.port ?? 0;
  }

  /** Starts it, if it does not run, and waits until it is ready. */
  async start(): Promise<void> {
    if (this.#run) return;
    const run = this.#run = spawn(this.#role);
    await until(run, () => run.lines.length > 0);
    if (run.lines.length === 0) {
      throw new Error(`The ${this.#role.role} did not start:\n${await run.errors}`);
    }
    const { port } = run.lines.shift()!;
    if (port) this.#role = { ...this.#role, port };
  }

  /** Has it write; resolves when it has, or was killed. */
  async write(seed: number, count: number): Promise<void> {
    const run = this.#run;
    if (!run) return;
    const task = new TextEncoder().encode(`${JSON.stringify({ seed, count })}\n`);
    await run.stdin.write(task).catch(() => {});
    await until(run, () => run.lines.some(({ done }) => done === seed));
    if (run.lines.some(({ done }) => done === seed) || run.killed) return;
    // postgres.js throws where nobody can catch it when its connection is cut at the wrong time.
    if (this.#role.role === "outside" && this.#role.place.url !== undefined) return this.kill();
    throw new Error(`The ${this.#role.role} has ended:\n${await run.errors}`);
  }

  /** Stops it where it is. */
  pause(): void {
    if (!this.#run || this.#paused) return;
    this.#paused = true;
    this.#run.child.kill("SIGSTOP");
  }

  /** Lets it go on. */
  resume(): void {
    if (this.#run && this.#paused) this.#run.child.kill("SIGCONT");
    this.#paused = false;
  }

  /** Kills it. */
  async kill(): Promise<void> {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    this.#paused = false;
    run.killed = true;
    try {
      run.child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await run.child.status;
    await run.reading;
    const errors = await run.errors;
    await run.stdin.close().catch(() => {});
    if (Deno.env.get("REX_SOAK_LOG")) console.error(errors);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

function spawn(role: Role): Run {
  const child = new Deno.Command("deno", {
    args: [
      ...["run", "--no-prompt", "--allow-read", "--allow-write", "--allow-env"],
      ...["--allow-net=127.0.0.1,localhost", "--allow-sys=uid,hostname"],
      new URL("./process.ts", import.meta.url).pathname,
      JSON.stringify(role),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const run: Run = {
    child,
    stdin: child.stdin.getWriter(),
    errors: new Response(child.stderr).text(),
    reading: Promise.resolve(),
    lines: [],
    look: () => {},
    killed: false,
  };
  run.reading = read(run);
  return run;
}

async function read(run: Run): Promise<void> {
  const texts = run.child.stdout.pipeThrough(new TextDecoderStream());
  for await (const line of texts.pipeThrough(new TextLineStream())) {
    run.lines.push(JSON.parse(line));
    run.look();
  }
}

/** Resolves when something holds, or the process has ended. */
async function until(run: Run, holds: () => boolean): Promise<void> {
  const met = new Promise<void>((resolve) => {
    run.look = () => holds() && resolve();
    run.look();
  });
  await Promise.race([met, run.reading]);
}
