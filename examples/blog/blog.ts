/**
 * The demo from an empty file to its last line.
 *
 * @module
 */
import { development, type QueryEvent, SQLiteAdapter } from "@rex/orm";
import { models } from "./models.ts";
import { codeOf, type Section } from "./section.ts";
import { querying } from "./sections/querying.ts";
import { reading } from "./sections/reading.ts";
import { writing } from "./sections/writing.ts";
import { seed } from "./seed.ts";
import { Terminal, type TerminalOptions } from "../terminal.ts";

/** How the demo is run. */
export interface BlogOptions extends TerminalOptions {
  /** The database's file. It is made anew. */
  readonly file: string;
}

/** What the demo did. */
export interface BlogReport {
  /** How many rows the blog was filled with. */
  readonly rows: number;
  /** How many statements ran, all told. */
  readonly statements: number;
  /** What a section's `run` gave. */
  resultOf<T>(section: Section<T>): T;
}

const sections = Object.values({ ...reading, ...writing, ...querying }) as Section[];

/** Makes the blog, shows every section and says what to try next. */
export async function runBlog(options: BlogOptions): Promise<BlogReport> {
  const start = performance.now();
  const out = new Terminal(options);
  await removeDatabase(options.file);
  await using db = new SQLiteAdapter(options.file, development());
  let statements = 0;
  let recent: QueryEvent[] = [];
  db.onQuery((event) => {
    statements++;
    recent.push(event);
  });

  out.line();
  out.line(`  ${out.style("Rex-ORM", "bold")}  a blog on SQLite`);
  out.line();
  await db.schema.create({ models });
  let total = 0;
  const rows = await seed(db, (written, expected) => {
    out.progress("Filling the blog", written, total = expected);
  });
  out.progress("Filling the blog", rows, total, true);

  const results = new Map<Section, unknown>();
  for (const [index, section] of sections.entries()) {
    recent = [];
    const result = await section.run(db);
    results.set(section, result);
    out.heading(index + 1, section.title);
    out.code(await codeOf(section));
    out.statements(recent);
    out.line();
    section.show(result, out);
  }
  showEnd(out, { file: options.file, rows, statements, time: performance.now() - start });
  return { rows, statements, resultOf: <T>(section: Section<T>) => results.get(section) as T };
}

/** Removes a database's file and those that SQLite keeps beside it. */
async function removeDatabase(file: string): Promise<void> {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

interface Totals {
  readonly file: string;
  readonly rows: number;
  readonly statements: number;
  readonly time: number;
}

function showEnd(out: Terminal, { file, rows, statements, time }: Totals): void {
  const seconds = `${(time / 1000).toFixed(2)} s`;
  const totals = [
    `${rows.toLocaleString("en-US")} rows written`,
    `${statements} statements`,
    seconds,
  ];
  out.line();
  out.line(`  ${out.style([...totals, file].join(" · "), "dim")}`);
  out.line("  Next: change a query in examples/blog/sections and run it again, or");
  out.line(
    `  ${
      out.style("deno task example:chinook", "cyan")
    }  ten questions to a music store, on two databases`,
  );
}
