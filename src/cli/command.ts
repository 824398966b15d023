/**
 * What a command is.
 *
 * @module
 */
import type { Context } from "./context.ts";
import type { Output } from "./output.ts";

/** An option of a command. */
export interface OptionSpec {
  /** Whether a value follows. */
  readonly type: "boolean" | "string";
  /** One letter that stands for it. */
  readonly short?: string;
  /** Whether it can come several times. */
  readonly multiple?: boolean;
  /** What its value is called in the help. */
  readonly value?: string;
  /** What it does. */
  readonly summary: string;
}

/** Options by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The values of options, as a command gets them. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K]["type"] extends "boolean" ? boolean
    : O[K]["multiple"] extends true ? readonly string[]
    : string | undefined;
};

/** One use of a command. */
export interface Call<O extends OptionSpecs = OptionSpecs> {
  /** What the process gives. */
  readonly context: Context;
  /** What the command writes to. */
  readonly out: Output;
  /** The words behind the command's name. */
  readonly args: readonly string[];
  /** The options, those that every command has among them. */
  readonly options: OptionValues<O & typeof commonOptions>;
  /** All commands. */
  readonly commands: readonly CommandEntry[];
  /** Has something closed when the command has ended, however it ends. */
  readonly atEnd: (close: () => Promise<void>) => void;
}

/** A command. */
export interface Command<O extends OptionSpecs = OptionSpecs> {
  /** How it is written, without the program's name. */
  readonly usage: string;
  /** What it does, beyond its summary. */
  readonly description?: string;
  /** How many words it takes. Default: none. */
  readonly args?: readonly [least: number, most: number];
  /** Its own options. */
  readonly options: O;
  /** Lines to try, without the program's name. */
  readonly examples: readonly string[];
  /** Does it; gives the exit code, when it is not 0. */
  run(call: Call<O>): Promise<number | void>;
}

/** A command that can be loaded. */
export interface CommandEntry {
  /** Its name: one word, or two. */
  readonly name: string;
  /** The heading that lists put it under. */
  readonly group: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** Loads it. */
  load(): Promise<{ readonly default: Command }>;
}

/** Options that every command has. */
export const commonOptions = {
  config: {
    type: "string",
    value: "FILE",
    summary: "the configuration; default: rex.config.ts, else config.json",
  },
  env: { type: "string", value: "NAME", summary: "the environment of the configuration" },
  url: { type: "string", value: "URL", summary: "the database, whatever the configuration says" },
  json: { type: "boolean", summary: "write one JSON document in place of text" },
  help: { type: "boolean", short: "h", summary: "say how the command is used" },
} as const satisfies OptionSpecs;

/** Makes a command, with the types of its options. */
export function defineCommand<const O extends OptionSpecs>(command: Command<O>): Command {
  return command as unknown as Command;
}
