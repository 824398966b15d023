/**
 * A TCP proxy on this computer whose network breaks on command.
 *
 * @module
 */

/** What a proxy tells, and how it breaks. */
export interface Proxy extends AsyncDisposable {
  /** The address of the server by way of the proxy. */
  readonly url: string;
  /** How many connections pass through it now. */
  readonly open: number;
  /**
   * Cuts a connection when the client has sent this text and the server has answered that: the answer, and
   * everything after it, never arrives. Once.
   */
  loseAnswerTo(text: string): Promise<void>;
  /** Loses no answer that it was still to lose. */
  calm(): void;
  /** Passes nothing on any more, in either direction, and closes nothing: the peers do not notice. */
  freeze(): void;
  /** Ends what was frozen, and passes on what comes over new connections. */
  thaw(): void;
  /** Cuts every connection. */
  cut(): void;
}

interface Pair {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
  /** The answer to what was sent last is to be lost. */
  losing: boolean;
}

class BreakableProxy implements Proxy {
  readonly url: string;
  readonly #listener: Deno.TcpListener;
  readonly #target: { readonly hostname: string; readonly port: number };
  readonly #pairs = new Set<Pair>();
  readonly #work: Promise<unknown>[] = [];
  #frozen = false;
  #thawed: Promise<void> | undefined;
  #thaw: (() => void) | undefined;
  #lost: { readonly text: string; readonly done: () => void } | undefined;

  constructor(server: string) {
    const url = new URL(server);
    this.#target = { hostname: url.hostname, port: Number(url.port || 5432) };
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    url.hostname = "127.0.0.1";
    url.port = String(this.#listener.addr.port);
    this.url = url.href;
    this.#work.push(this.#accept());
  }

  get open(): number {
    return this.#pairs.size;
  }

  loseAnswerTo(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lost = { text, done: resolve };
    return promise;
  }

  calm(): void {
    this.#lost = undefined;
    for (const pair of this.#pairs) pair.losing = false;
  }

  freeze(): void {
    this.#frozen = true;
    this.#thawed = new Promise((resolve) => this.#thaw = resolve);
  }

  thaw(): void {
    this.cut();
    this.#frozen = false;
    this.#thaw?.();
  }

  cut(): void {
    for (const pair of this.#pairs) this.#cut(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.thaw();
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const server = await Deno.connect(this.#target).catch(() => client.close());
      if (!server) continue;
      const pair: Pair = { client, server, losing: false };
      this.#pairs.add(pair);
      this.#work.push(this.#forward(pair, client, server), this.#forward(pair, server, client));
    }
  }

  async #forward(pair: Pair, from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const length = await from.read(buffer);
        if (length === null) break;
        if (this.#frozen) continue;
        const bytes = buffer.subarray(0, length);
        if (from === pair.client) this.#look(pair, bytes);
        else if (pair.losing) return this.#lose(pair);
        for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await to.write(rest));
      }
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
    await this.#thawed;
    this.#cut(pair);
  }

  #look(pair: Pair, bytes: Uint8Array): void {
    if (this.#lost && new TextDecoder("latin1").decode(bytes).includes(this.#lost.text)) {
      pair.losing = true;
    }
  }

  #lose(pair: Pair): void {
    this.#cut(pair);
    this.#lost?.done();
    this.#lost = undefined;
  }

  #cut(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    for (const end of [pair.client, pair.server]) end.close();
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected;
}

/** Starts a proxy in front of the server at `url`. */
export function startProxy(url: string): Proxy {
  return new BreakableProxy(url);
}
