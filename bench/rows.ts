/**
 * From what was measured to the rows of the table.
 *
 * @module
 */
import type { DatabaseName } from "./candidate.ts";
import { cases } from "./cases.ts";
import type { Row } from "./figures.ts";
import type { ProgramFigure } from "./programs.ts";
import type { Summary } from "./statistics.ts";
import type { Throughput } from "./throughput.ts";

/** What is measured of whole programs. */
export interface ProgramCase extends Pick<Row, "title" | "database" | "bar"> {
  readonly measure: "start" | "bundle";
}

/** The rows about whole programs, in their order. */
export const programCases: readonly ProgramCase[] = [
  { title: "SQLite: start to first row", database: "sqlite", measure: "start", bar: 75 },
  { title: "PostgreSQL: start to first row", database: "postgres", measure: "start", bar: 180 },
  { title: "SQLite: bundle without driver", database: "sqlite", measure: "bundle", bar: 60 },
  { title: "PostgreSQL: bundle without driver", database: "postgres", measure: "bundle", bar: 60 },
];

/** The rows of one database's throughput. */
export function throughputRows(found: readonly Throughput[]): Row[] {
  return cases.flatMap((one) => {
    const { title, database, bar, cpuTitle } = one;
    const own = found.filter((each) => each.title === title);
    if (own.length === 0) return [];
    const rows: Row[] = [{
      title,
      database,
      unit: "×",
      better: "higher",
      ...(bar !== undefined && { bar }),
      figures: own.map(({ candidate, driver, ratio, rate }) => {
        return { candidate, driver, value: ratio, seconds: inverse(rate) };
      }),
    }];
    if (cpuTitle === undefined) return rows;
    const figures = own.map(({ candidate, driver, cpu, cpuRatio }) => {
      return { candidate, driver, value: cpuRatio, seconds: cpu };
    });
    return [...rows, { title: cpuTitle, database, unit: "×", better: "lower", bar: 1, figures }];
  });
}

/** The row of one program case. */
export function programRow(one: ProgramCase, figures: readonly ProgramFigure[]): Row {
  const { title, database, bar, measure } = one;
  const unit = measure === "start" ? "ms" : "kB";
  return { title, database, unit, better: "lower", ...(bar !== undefined && { bar }), figures };
}

/** The databases that some cases need. */
export function databasesOf(some: readonly { readonly database: DatabaseName }[]): DatabaseName[] {
  return [...new Set(some.map(({ database }) => database))];
}

function inverse({ median, low, high }: Summary): Summary {
  return { median: 1 / median, low: 1 / high, high: 1 / low };
}
