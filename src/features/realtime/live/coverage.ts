/**
 * Which tables a source tells of: a query over others would stay as it is, and nobody would notice.
 *
 * @module
 */
import type { ChangeSource } from "../../../change/source.ts";
import { tableName } from "./view_query.ts";

/** Knows the tables of a source. */
export class Coverage {
  readonly #source: ChangeSource;
  #known: Promise<ReadonlySet<string>> | undefined;

  /** Asks a source when it is first needed. */
  constructor(source: ChangeSource) {
    this.#source = source;
  }

  /**
   * Those of some tables whose changes are not told.
   *
   * @param tables as `tableName` names them
   */
  async missing(tables: readonly string[]): Promise<readonly string[]> {
    if (!this.#source.tables) return [];
    const absent = (known: ReadonlySet<string>) => tables.filter((each) => !known.has(each));
    const before = this.#known;
    if (before && absent(await before).length === 0) return [];
    // Others may have been added since it was asked.
    this.#known = this.#read();
    return absent(await this.#known);
  }

  async #read(): Promise<ReadonlySet<string>> {
    const tables = await this.#source.tables?.() ?? [];
    return new Set(tables.map(tableName));
  }
}
