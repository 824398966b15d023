/**
 * What the command line is given by the process it runs in: nothing else of it is used, so that tests can give
 * something else.
 *
 * @module
 */

/** Where text goes. */
export interface Writer {
  /** Writes text as it is. */
  write(text: string): void;
  /** Whether somebody reads it on a terminal. */
  readonly isTerminal: boolean;
}

/** What a run of the command line is given. */
export interface Context {
  /** The arguments, without the program. */
  readonly args: readonly string[];
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths begin at. */
  readonly cwd: string;
  /** What was asked for. */
  readonly stdout: Writer;
  /** Errors and warnings. */
  readonly stderr: Writer;
  /** Whether questions can be asked. */
  readonly interactive: boolean;
  /** Asks a question; nothing when there is no answer to come. */
  readLine(question: string): Promise<string | undefined>;
}

/** The context of the process. */
export async function processContext(): Promise<Context> {
  const { default: process } = await import("node:process");
  const writer = (stream: { isTTY?: boolean; write(text: string): unknown }): Writer => ({
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
  });
  return {
    args: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: writer(process.stdout),
    stderr: writer(process.stderr),
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
    async readLine(question) {
      const { createInterface } = await import("node:readline/promises");
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      const closed = new Promise<undefined>((resolve) =>
        lines.once("close", () => resolve(undefined))
      );
      try {
        return await Promise.race([lines.question(question), closed]);
      } finally {
        lines.close();
      }
    },
  };
}
