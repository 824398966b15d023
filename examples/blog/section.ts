/**
 * A section of the demo: something to run, whose source is shown, and how its result is.
 *
 * @module
 */
import type { Database } from "@rex/orm";
import type { Terminal } from "../terminal.ts";

/** What the author of a section writes. */
export interface SectionParts<T> {
  /** The heading. */
  readonly title: string;
  /** What is shown, and run. */
  run(db: Database): Promise<T>;
  /** Lays out what `run` gave. */
  show(result: T, out: Terminal): void;
}

/** A section, and where its source is. */
export interface Section<T = unknown> extends SectionParts<T> {
  /** The address of the file that it is written in. */
  readonly source: string;
}

/** Declares the sections of one file: `const section = sectionsOf(import.meta.url)`. */
export function sectionsOf(source: string): <T>(parts: SectionParts<T>) => Section<T> {
  return (parts) => Object.freeze({ ...parts, source });
}

/** The lines of a section's `run`, without its frame. */
export async function codeOf(section: Section): Promise<string[]> {
  const lines = (await Deno.readTextFile(new URL(section.source))).split("\n");
  const title = lines.findIndex((line) => line.includes(JSON.stringify(section.title)));
  const start = lines.findIndex((line, index) =>
    index > title && /^ {2}(?:async )?run\(/.test(line)
  );
  const end = lines.indexOf("  },", start);
  const code = lines.slice(start + 1, end).map((line) => line.slice(4));
  // A line that only hands on what is there already says nothing.
  return code.filter((line) => !/^return (?:\w+!?|[[{] [\w, ]+ [\]}]|\[[\w, ]+\]);$/.test(line));
}
