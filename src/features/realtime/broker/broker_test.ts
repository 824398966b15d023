/** The feed through brokers: an in-memory one, and real Redis and NATS where they run. */
import assert from "node:assert/strict";
import { ChangeFeed } from "../../../change/feed.ts";
import type {
  ChangeBatch,
  ChangeSource,
  SourceReadOptions,
  SourceStep,
} from "../../../change/source.ts";
import type { BrokerEntry, BrokerReadOptions, ChangeBroker } from "./broker.ts";
import { packStep, StepReader } from "./message.ts";
import { natsBroker } from "./nats.ts";
import { redisBroker } from "./redis.ts";
import { ChangeRelay } from "./relay.ts";
import { BrokerSource } from "./source.ts";

/** Numbered batches in memory, as a database would tell them. */
class NumberedSource implements ChangeSource {
  readonly name = "numbered";
  readonly form = "text";
  readonly images = "rows";
  readonly positions = {
    has: (position: string, batch: { position: string }) =>
      Number(position) >= Number(batch.position),
    reaches: (position: string, other: string) => Number(position) >= Number(other),
  };
  readonly #log: ChangeBatch[] = [];
  #wakers = new Set<() => void>();

  async *read({ after, signal }: SourceReadOptions): AsyncGenerator<SourceStep, void, undefined> {
    let at = after === undefined ? this.#log.length : Number(after);
    yield { batches: [], position: String(at) };
    while (!signal.aborted) {
      const batches = this.#log.slice(at, at + 10);
      at += batches.length;
      if (batches.length > 0) yield { batches, position: String(at) };
      else {
        await new Promise<void>((resolve) => {
          this.#wakers.add(resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    }
  }

  positionOf(): Promise<string> {
    return Promise.resolve(String(this.#log.length));
  }

  markOf(): Promise<() => { position: string }> {
    return Promise.resolve(() => ({ position: String(this.#log.length) }));
  }

  commit(text: string): void {
    const position = String(this.#log.length + 1);
    this.#log.push({
      position,
      changes: [{ table: "t", kind: "insert", after: { id: position, text } }],
    });
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }
}

/** The least that a broker can be. */
class MemoryBroker implements ChangeBroker {
  readonly name = "memory";
  readonly maxBytes = 1_000;
  readonly #entries: (BrokerEntry | undefined)[] = [];
  #wakers = new Set<() => void>();

  append(text: string): Promise<void> {
    this.#entries.push({ sequence: String(this.#entries.length), text });
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
    return Promise.resolve();
  }

  last(): Promise<BrokerEntry | undefined> {
    return Promise.resolve(this.#entries.at(-1));
  }

  async *read({ after = "-1", signal }: BrokerReadOptions): AsyncGenerator<BrokerEntry[]> {
    for (let at = Number(after) + 1; !signal.aborted;) {
      const entries = this.#entries.slice(at).filter((each) => each !== undefined);
      at = this.#entries.length;
      if (entries.length > 0) yield entries;
      else {
        await new Promise<void>((resolve) => {
          this.#wakers.add(resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    }
  }

  /** Removes all entries but the newest ones. */
  trim(keep: number): void {
    for (let i = 0; i < this.#entries.length - keep; i++) this.#entries[i] = undefined;
  }
}

interface OpenBroker extends AsyncDisposable {
  readonly broker: ChangeBroker;
}

async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

async function openRedis(): Promise<OpenBroker> {
  const { createClient } = await import("npm:redis@5.12.1");
  const client = createClient({ url: "redis://127.0.0.1:6379" });
  await client.connect();
  const stream = `rex:test:${crypto.randomUUID()}`;
  return {
    broker: redisBroker(client, { stream }),
    async [Symbol.asyncDispose]() {
      await client.del(stream);
      client.destroy();
    },
  };
}

async function openNats(): Promise<OpenBroker> {
  const { connect } = await import("npm:@nats-io/transport-node@3.4.0");
  const { jetstream, jetstreamManager } = await import("npm:@nats-io/jetstream@3.4.0");
  const connection = await connect({ servers: "127.0.0.1:4222" });
  const manager = await jetstreamManager(connection);
  const stream = `rex_test_${crypto.randomUUID()}`;
  return {
    broker: await natsBroker(jetstream(connection), manager, { stream }),
    async [Symbol.asyncDispose]() {
      await manager.streams.delete(stream);
      await connection.close();
    },
  };
}

const brokers: readonly { name: string; port?: number; open: () => Promise<OpenBroker> }[] = [
  {
    name: "memory",
    open: () =>
      Promise.resolve({
        broker: new MemoryBroker(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  },
  { name: "Redis", port: 6379, open: openRedis },
  { name: "NATS", port: 4222, open: openNats },
];

/** Hears what a feed tells, until a text comes. */
function hearing(feed: ChangeFeed): { heard: string[]; until: (text: string) => Promise<void> } {
  const heard: string[] = [];
  let wake = () => {};
  const hear = (text: string) => {
    heard.push(text);
    wake();
  };
  feed.subscribe({
    batch: ({ changes }) => changes.forEach(({ after }) => hear(String(after?.text))),
    reset: () => hear("reset"),
  });
  return {
    heard,
    until: async (text) => {
      while (!heard.includes(text)) await new Promise<void>((resolve) => wake = resolve);
    },
  };
}

for (const { name, port, open } of brokers) {
  const running = port === undefined || await isOpen(port);
  const test = (what: string, work: (broker: ChangeBroker) => Promise<void>) =>
    Deno.test({
      name: `${what} (${name}${running ? "" : `: nothing listens on port ${port}`})`,
      ignore: !running,
      fn: async () => {
        await using opened = await open();
        await work(opened.broker);
      },
    });

  test("a broker carries changes to many readers, in order", async (broker) => {
    const source = new NumberedSource();
    source.commit("before");
    await using relay = new ChangeRelay(source, broker);
    await relay.start();
    await using first = new ChangeFeed(new BrokerSource(broker, source));
    await using second = new ChangeFeed(new BrokerSource(broker, source));
    const [a, b] = [hearing(first), hearing(second)];
    await Promise.all([first.start(), second.start()]);
    const texts = Array.from({ length: 100 }, (_, i) => `text ${i} ✓`);
    for (const text of texts) source.commit(text);
    await Promise.all([a.until(texts.at(-1)!), b.until(texts.at(-1)!)]);
    assert.deepEqual(a.heard, texts);
    assert.deepEqual(b.heard, texts);
    assert.equal(first.position, "101");
  });

  test("a step that is larger than an entry comes whole", async (broker) => {
    const source = new NumberedSource();
    await using relay = new ChangeRelay(source, broker);
    await relay.start();
    await using feed = new ChangeFeed(new BrokerSource(broker, source));
    const { heard, until } = hearing(feed);
    await feed.start();
    const large = "🦖é".repeat(700_000);
    source.commit(large);
    source.commit("after");
    await until("after");
    assert.ok(heard[0] === large);
  });

  test("a relay that starts again goes on where the stream ends", async (broker) => {
    const source = new NumberedSource();
    {
      await using relay = new ChangeRelay(source, broker);
      await relay.start();
    }
    await using feed = new ChangeFeed(new BrokerSource(broker, source));
    const { heard, until } = hearing(feed);
    await feed.start();
    source.commit("while no relay ran");
    await using again = new ChangeRelay(source, broker);
    await again.start();
    await using second = new ChangeRelay(source, broker);
    await second.start();
    source.commit("after");
    await until("after");
    assert.deepEqual(heard, ["while no relay ran", "after"]);
  });

  test("a reader begins only when a relay has", async (broker) => {
    const source = new NumberedSource();
    await using feed = new ChangeFeed(new BrokerSource(broker, source));
    await assert.rejects(feed.start(), /Start the relay first|nothing is in the stream/);
    await using relay = new ChangeRelay(source, broker);
    await relay.start();
    await feed.start();
    assert.equal(feed.position, "0");
  });
}

Deno.test("a reader that missed entries which were removed is told so", async () => {
  const source = new NumberedSource();
  const broker = new MemoryBroker();
  await using relay = new ChangeRelay(source, broker);
  await relay.start();
  const origin = new BrokerSource(broker, source);
  await using other = new ChangeFeed(origin);
  const { until } = hearing(other);
  await other.start();
  for (const text of ["one", "two"]) {
    source.commit(text);
    await until(text);
  }
  broker.trim(1);
  const end = new AbortController();
  const steps: SourceStep[] = [];
  for await (
    const step of new BrokerSource(broker, source).read({ after: "0", signal: end.signal })
  ) {
    steps.push(step);
    if (steps.length === 2) end.abort();
  }
  assert.match(steps[1]?.reset ?? "", /no longer has all changes/);
  assert.equal(steps[1]?.position, "2");
});

Deno.test("parts of a step without its first part are left out", () => {
  const step = {
    batches: [],
    position: "5",
    before: "4",
    form: "text" as const,
    reset: "x".repeat(3_000),
  };
  const parts = packStep(step, 2_000);
  assert.ok(parts.length > 2);
  const reader = new StepReader();
  const take = (text: string) => reader.take({ sequence: "", text });
  assert.deepEqual(parts.slice(1).map(take), parts.slice(1).map(() => undefined));
  assert.deepEqual(parts.map(take).at(-1), step);
});

Deno.test("what only this process can read is not relayed", () => {
  const source = Object.assign(new NumberedSource(), { form: "value" as const });
  assert.throws(() => new ChangeRelay(source, new MemoryBroker()), /Cannot relay the source/);
});
