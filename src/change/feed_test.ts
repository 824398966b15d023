import assert from "node:assert/strict";
import { ConnectionError, UnsupportedError } from "../base/errors.ts";
import { ChangeFeed, type FeedListener } from "./feed.ts";
import type { ChangeBatch, ChangeSource, SourceReadOptions, SourceStep } from "./source.ts";

/** A log of numbered batches in memory; its reading can be made to fail. */
class MemorySource implements ChangeSource {
  readonly name = "memory";
  readonly form = "value";
  readonly images = "rows";
  readonly positions = {
    has: (position: string, batch: { position: string }) =>
      Number(position) >= Number(batch.position),
    reaches: (position: string, other: string) => Number(position) >= Number(other),
  };
  readonly asked: (string | undefined)[] = [];
  #log: ChangeBatch[] = [];
  #refusal: Error | undefined;
  #reset: string | undefined;
  #wake = () => {};
  reads = 0;

  async *read({ after, signal }: SourceReadOptions): AsyncGenerator<SourceStep, void, undefined> {
    this.reads++;
    this.asked.push(after);
    this.#refuse();
    signal.addEventListener("abort", () => this.#wake());
    let at = after === undefined ? this.#log.length : Number(after);
    const reset = this.#reset;
    this.#reset = undefined;
    if (reset !== undefined) at = this.#log.length;
    yield { batches: [], position: String(at), ...reset !== undefined && { reset } };
    while (!signal.aborted) {
      this.#refuse();
      const batches = this.#log.slice(at);
      at = this.#log.length;
      if (batches.length > 0) yield { batches, position: String(at) };
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  positionOf(): Promise<string> {
    return Promise.resolve(String(this.#log.length));
  }

  markOf(): Promise<() => { position: string }> {
    return Promise.resolve(() => ({ position: String(this.#log.length) }));
  }

  commit(...ids: number[]): void {
    this.#log.push({
      position: String(this.#log.length + 1),
      transaction: `x${this.#log.length + 1}`,
      changes: ids.map((id) => ({ table: "users", kind: "insert", after: { id } })),
    });
    this.#wake();
  }

  fail(error: Error, { reset }: { reset?: string } = {}): void {
    this.#refusal = error;
    this.#reset = reset;
    this.#wake();
  }

  #refuse(): void {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (refusal) throw refusal;
  }
}

function listening(): {
  listener: FeedListener;
  heard: string[];
  until: (n: number) => Promise<void>;
} {
  const heard: string[] = [];
  let wake = () => {};
  const hear = (text: string) => {
    heard.push(text);
    wake();
  };
  return {
    heard,
    listener: {
      batch: ({ position, changes }) =>
        hear(`${position}: ${changes.map(({ after }) => after?.id).join()}`),
      reset: (reason) => hear(`reset: ${reason}`),
    },
    until: async (count) => {
      while (heard.length < count) await new Promise<void>((resolve) => wake = resolve);
    },
  };
}

Deno.test("a feed tells what is committed after its start, in order, to all listeners", async () => {
  const source = new MemorySource();
  source.commit(1);
  await using feed = new ChangeFeed(source);
  const [first, second] = [listening(), listening()];
  feed.subscribe(first.listener);
  await Promise.all([feed.start(), feed.start()]);
  const end = feed.subscribe(second.listener);
  source.commit(2, 3);
  source.commit(4);
  await first.until(2);
  end();
  source.commit(5);
  await first.until(3);
  assert.deepEqual(first.heard, ["2: 2,3", "3: 4", "4: 5"]);
  assert.deepEqual(second.heard, ["2: 2,3", "3: 4"]);
  assert.equal(source.reads, 1);
});

Deno.test("a feed goes on after the last position when its source fails", async () => {
  const source = new MemorySource();
  await using feed = new ChangeFeed(source);
  const { listener, heard, until } = listening();
  feed.subscribe(listener);
  await feed.start();
  source.commit(1);
  await until(1);
  source.fail(new ConnectionError("gone"));
  source.commit(2);
  await until(2);
  assert.deepEqual(heard, ["1: 1", "2: 2"]);
  assert.deepEqual(source.asked, [undefined, "1"]);
  assert.equal(feed.stats().reconnects, 1);
});

Deno.test("a feed tells that changes were lost, and forgets what it kept", async () => {
  const source = new MemorySource();
  await using feed = new ChangeFeed(source);
  const { listener, heard, until } = listening();
  feed.subscribe(listener);
  await feed.start();
  source.commit(1);
  await until(1);
  assert.equal(feed.since("0")?.length, 1);
  source.fail(new ConnectionError("gone"), { reset: "the slot was lost" });
  await until(2);
  assert.deepEqual(heard, ["1: 1", "reset: the slot was lost"]);
  assert.equal(feed.since("0"), undefined);
  assert.deepEqual(feed.since("1"), []);
  assert.equal(feed.stats().resets, 1);
});

Deno.test("since() gives what a reader lacks, as long as it is kept", async () => {
  const source = new MemorySource();
  await using feed = new ChangeFeed(source, { retention: { changes: 3 } });
  const { listener, until } = listening();
  feed.subscribe(listener);
  assert.equal(feed.since("0"), undefined);
  await feed.start();
  for (const id of [1, 2, 3, 4, 5]) source.commit(id);
  await until(5);
  assert.equal(feed.since("1"), undefined);
  assert.deepEqual(feed.since("2")?.map(({ position }) => position), ["3", "4", "5"]);
  assert.deepEqual(feed.since("5"), []);
  assert.equal(feed.stats().kept, 3);
});

Deno.test("delivered() waits for a batch by its transaction or position", async () => {
  const source = new MemorySource();
  await using feed = new ChangeFeed(source);
  const { listener, heard, until } = listening();
  feed.subscribe(listener);
  await feed.start();
  const byTransaction = feed.delivered({ transaction: "x1" }).then((told) => [told, [...heard]]);
  const byPosition = feed.delivered({ position: "2" }).then((told) => [told, [...heard]]);
  source.commit(1);
  await until(1);
  source.commit(2);
  assert.deepEqual(await byTransaction, [true, ["1: 1"]]);
  assert.deepEqual(await byPosition, [true, ["1: 1", "2: 2"]]);
  assert.equal(await feed.delivered({ transaction: "x2" }), true);
  assert.equal(await feed.delivered({}), true);
  assert.equal(await feed.delivered({ position: "9" }, { timeout: 1 }), false);
  const closed = feed.delivered({ position: "9" });
  await feed.close();
  assert.equal(await closed, false);
});

Deno.test("a source that cannot be read refuses the start, and can be started again", async () => {
  const source = new MemorySource();
  await using feed = new ChangeFeed(source);
  source.fail(new UnsupportedError("no log"));
  await assert.rejects(feed.start(), UnsupportedError);
  await feed.start();
  assert.equal(feed.stats().running, true);
  await feed.close();
  await assert.rejects(feed.start(), ConnectionError);
});

Deno.test("a listener that throws disturbs neither the feed nor the others", async () => {
  const source = new MemorySource();
  await using feed = new ChangeFeed(source);
  const { listener, heard, until } = listening();
  feed.subscribe({
    batch: () => {
      throw new Error("broken listener");
    },
    reset: () => {},
  });
  feed.subscribe(listener);
  await feed.start();
  source.commit(1);
  source.commit(2);
  await until(2);
  assert.deepEqual(heard, ["1: 1", "2: 2"]);
});
