/**
 * The command line of `deno task bench`.
 *
 * @module
 */
import { parseArgs } from "node:util";

/** What to measure, and how to say it. */
export interface BenchOptions {
  /** Only rows whose titles hold all of these words, in whatever case. */
  readonly words: readonly string[];
  /** The modules of `peers/` to measure too. */
  readonly peers: readonly string[];
  readonly rounds: number;
  /** A table for a terminal, the same for a page, or every figure as JSON. */
  readonly format: "terminal" | "markdown" | "json";
}

/** Every peer, by the name of its module. */
export const allPeers: readonly string[] = ["drizzle", "kysely", "prisma", "typeorm", "mikro_orm"];

/** Fewer rounds say too little about the spread. */
const leastRounds = 3;

/**
 * Reads the arguments.
 *
 * @throws {TypeError} for an option or a peer that is not there
 */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      peers: { type: "string", default: "all" },
      rounds: { type: "string", default: "9" },
      json: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < leastRounds) {
    throw new TypeError(`Cannot measure: --rounds is not a whole number from ${leastRounds} on`);
  }
  const words = positionals.map((word) => word.toLowerCase());
  const format = values.json ? "json" : values.markdown ? "markdown" : "terminal";
  return { words, peers: readPeers(values.peers), rounds, format };
}

function readPeers(text: string): readonly string[] {
  if (text === "all") return allPeers;
  if (text === "none") return [];
  const peers = text.split(",");
  const unknown = peers.filter((peer) => !allPeers.includes(peer));
  if (unknown.length === 0) return peers;
  throw new TypeError(
    `Cannot measure ${unknown.join(", ")}: there are ${["none", "all", ...allPeers].join(", ")}`,
  );
}
