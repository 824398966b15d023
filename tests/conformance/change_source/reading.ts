/**
 * One reading of a source.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ChangeBatch, ChangeSource, SourceStep } from "../../../src/change/source.ts";
import type { Database } from "../../../src/database/database.ts";
import { Mark } from "./models.ts";

/** Milliseconds after which a case fails for want of a change. */
const patience = 30_000;

/** Reads a source and keeps all that it tells. */
export class Reading implements AsyncDisposable {
  /** What was told. */
  readonly batches: ChangeBatch[] = [];
  /** The steps. */
  readonly steps: SourceStep[] = [];
  /** The source. */
  readonly source: ChangeSource;
  readonly #end = new AbortController();
  readonly #done: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #failure: unknown;
  #ended = false;

  private constructor(source: ChangeSource, after: string | undefined) {
    this.source = source;
    this.#done = this.#read(after).catch((error) => {
      this.#failure = error;
    }).finally(() => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Begins to read and waits for the first step. */
  static async open(source: ChangeSource, after?: string): Promise<Reading> {
    const reading = new Reading(source, after);
    await reading.until(() => reading.steps.length > 0);
    return reading;
  }

  /** Where it is. */
  get position(): string {
    return this.steps.at(-1)?.position ?? assert.fail("nothing was told");
  }

  /** Why changes were lost, as the steps said. */
  get resets(): string[] {
    return this.steps.flatMap(({ reset }) => reset ?? []);
  }

  /** Whether the iterator is done. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Waits until something is so; looked at after each step. */
  async until(test: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (test()) resolve();
      else if (this.#ended) reject(this.#failure ?? new Error("the reading ended"));
    };
    const late = new Error(`not told within ${patience} ms: ${test}`);
    const timer = setTimeout(() => reject(late), patience);
    this.#waiting.add(look);
    look();
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }

  /** Ends the reading; fails where the iterator does not end. */
  async close(): Promise<void> {
    this.#end.abort();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("the reading did not end")), patience);
    });
    await Promise.race([this.#done, late]).finally(() => clearTimeout(timer));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends the reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #read(after: string | undefined): Promise<void> {
    const { signal } = this.#end;
    const options = { signal, ...after !== undefined && { after } };
    for await (const step of this.source.read(options)) {
      this.steps.push(step);
      this.batches.push(...step.batches);
      this.#wake();
    }
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

let marks = 0;

/** Waits until all readings were told what is committed by now. */
export async function caughtUp(db: Database, ...readings: readonly Reading[]): Promise<void> {
  const id = ++marks;
  await db.repository(Mark).create({ id });
  for (const reading of readings) {
    await reading.until(() =>
      reading.batches.some(({ changes }) =>
        changes.some(({ table, after }) => table === "kit_marks" && Number(after?.id) === id)
      )
    );
  }
}
