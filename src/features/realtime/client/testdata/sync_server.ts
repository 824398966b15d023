/**
 * A small server of `rex-sync.v1` on real sockets, for the tests of the client: tables in memory, whose queries it runs
 * afresh after each transaction, and faults at will.
 *
 * @module
 */
import type {
  ClientMessage,
  ErrorCode,
  ServerMessage,
  WireChange,
  WireEntry,
  WireRow,
} from "../../protocol/messages.ts";
import { decode, encode } from "../../protocol/wire.ts";
import { finishes } from "./posts.ts";

/** A record. */
export type Record_ = Readonly<Record<string, unknown>>;
/** Records by primary key. */
export type Table = ReadonlyMap<number, Record_>;
/** What a write is answered with. */
export type Verdict = "done" | ErrorCode | "hold";
/** A write. */
export type Write = Extract<ClientMessage, { t: "do" }>;

type Subscription = Extract<ClientMessage, { t: "sub" }> & { shown: readonly Record_[] };

interface Peer {
  readonly subscriptions: Map<number, Subscription>;
  readonly token: string | undefined;
  send(message: ServerMessage): void;
  close(code: number): void;
}

/** The server. */
export class SyncServer implements AsyncDisposable {
  /** What decides about writes. */
  judge: (write: Write) => Verdict = () => "done";
  /** What decides about subscriptions: a code refuses. */
  admit: (message: Subscription) => ErrorCode | undefined = () => undefined;
  /** What decides about connections: a code closes. */
  gate: (token: string | undefined) => number | undefined = () => undefined;
  /** Names queries with the policies of who has a token. */
  nameOf: (token: string | undefined) => string | undefined = () => undefined;
  /** Told in `hello`. */
  heartbeat = 60_000;
  /** Whether WebSockets are refused, as by some proxies. */
  blocksSockets = false;
  /** Everything that came. */
  readonly received: ClientMessage[] = [];
  /** Writes that wait for a verdict. */
  readonly held: { readonly write: Write; answer(verdict: Verdict): void }[] = [];
  #tables = new Map<string, Table>();
  #history: Map<string, Table>[] = [new Map()];
  #kept = 0;
  #peers = new Set<Peer>();
  #waiters: { readonly test: () => boolean; resolve(): void }[] = [];
  #server: Deno.HttpServer<Deno.NetAddr>;
  #ids = 1_000;

  /** Starts it on a free port, or a given one. */
  constructor(port = 0) {
    const options = { port, hostname: "127.0.0.1", onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#handle(request));
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/live`;
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#peers.size;
  }

  /** Changes tables in a transaction and tells of it. */
  commit(model: string, change: (table: Map<number, Record_>) => void): void {
    const table = new Map(this.#tables.get(model));
    change(table);
    this.#tables = new Map([...this.#tables, [model, table]]);
    this.#history.push(this.#tables);
    for (const peer of this.#peers) this.#tell(peer);
  }

  /** What a query gives. */
  find(model: string, query: Record_, tables = this.#tables): Record_[] {
    return run(tables.get(model) ?? new Map(), query);
  }

  /** No position before now can be resumed from. */
  forget(): void {
    this.#kept = this.#history.length;
  }

  /** Breaks all connections. */
  drop(code = 1011): void {
    for (const peer of [...this.#peers]) peer.close(code);
  }

  /** Sends to all. */
  send(message: ServerMessage): void {
    for (const peer of this.#peers) peer.send(message);
  }

  /** Resolves when something holds; it is looked at after each message and each connection. */
  until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    const done = new Promise<void>((resolve) => this.#waiters.push({ test, resolve }));
    return finishes(done, () => JSON.stringify(this.received.slice(-5)));
  }

  /** Resolves when so many messages of a kind have come. */
  untilReceived(kind: ClientMessage["t"], count = 1): Promise<void> {
    return this.until(() => this.received.filter(({ t }) => t === kind).length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop(1001);
    await this.#server.shutdown();
  }

  #look(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const each of waiters) each.test() ? each.resolve() : this.#waiters.push(each);
  }

  get #at(): string {
    return `p${this.#history.length - 1}`;
  }

  #handle(request: Request): Response | Promise<Response> {
    if (request.headers.get("upgrade") === "websocket") {
      return this.blocksSockets ? new Response(null, { status: 502 }) : this.#socket(request);
    }
    const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    const refused = this.gate(token);
    if (refused) {
      return Response.json({ t: "error", code: "unauthenticated", message: "no" }, {
        status: refused % 1000,
      });
    }
    return request.method === "POST" ? this.#post(request) : this.#stream(request, token);
  }

  #socket(request: Request): Response {
    const { socket, response } = Deno.upgradeWebSocket(request, {
      protocol: "rex-sync.v1",
      idleTimeout: 0,
    });
    let token: string | undefined;
    const peer: Peer = {
      subscriptions: new Map(),
      get token() {
        return token;
      },
      send: (message) => void (socket.readyState === 1 && socket.send(JSON.stringify(message))),
      close: (code) => {
        this.#gone(peer);
        socket.close(code);
      },
    };
    socket.onopen = () => {
      this.#peers.add(peer);
      peer.send({ t: "hello", protocol: "rex-sync.v1", heartbeat: this.heartbeat });
      this.#look();
    };
    socket.onmessage = ({ data }) => {
      if (!this.#peers.has(peer)) return;
      const message = JSON.parse(data) as ClientMessage;
      this.received.push(message);
      if (message.t === "auth") token = message.token;
      const code = this.gate(token);
      if (code) peer.close(code);
      else this.#take(peer, message);
      this.#look();
    };
    socket.onclose = () => this.#gone(peer);
    socket.onerror = (event) => event.preventDefault();
    return response;
  }

  #stream(request: Request, token: string | undefined): Response {
    const encoder = new TextEncoder();
    const wanted = JSON.parse(new URL(request.url).searchParams.get("subscriptions") ?? "[]");
    let peer: Peer | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        peer = {
          subscriptions: new Map(),
          token,
          send: (message) => {
            if (!this.#peers.has(peer as Peer)) return;
            const id = "at" in message ? `id: ${message.at}\n` : "";
            const text = `event: ${message.t}\n${id}data: ${JSON.stringify(message)}\n\n`;
            controller.enqueue(encoder.encode(message.t === "ping" ? ": ping\n\n" : text));
          },
          close: () => {
            this.#gone(peer as Peer);
            controller.close();
          },
        };
        this.#peers.add(peer);
        controller.enqueue(encoder.encode("retry: 2000\n\n"));
        peer.send({ t: "hello", protocol: "rex-sync.v1", heartbeat: this.heartbeat });
        for (const each of wanted) {
          this.received.push({ t: "sub", ...each });
          this.#take(peer, { t: "sub", ...each });
        }
        this.#look();
      },
      cancel: () => this.#gone(peer as Peer),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  async #post(request: Request): Promise<Response> {
    const message = await request.json() as Write;
    this.received.push(message);
    const answer = Promise.withResolvers<ServerMessage>();
    this.#write(message, answer.resolve);
    this.#look();
    return Response.json(await answer.promise);
  }

  #gone(peer: Peer): void {
    this.#peers.delete(peer);
    this.#look();
  }

  #take(peer: Peer, message: ClientMessage): void {
    if (message.t === "sub") this.#subscribe(peer, { ...message, shown: [] });
    if (message.t === "unsub") peer.subscriptions.delete(message.id);
    if (message.t === "do") this.#write(message, (answer) => peer.send(answer));
  }

  #subscribe(peer: Peer, subscription: Subscription): void {
    const { id, model, since } = subscription;
    const q = this.nameOf(peer.token);
    const code = this.admit(subscription);
    if (code) return peer.send({ t: "error", id, code, message: "refused" });
    peer.subscriptions.set(id, subscription);
    const query = decode(structuredClone(subscription.query)) as Record_;
    const number = Number(since?.slice(1) ?? NaN);
    const old = number >= this.#kept && subscription.q === q ? this.#history[number] : undefined;
    if (old) {
      subscription.shown = this.find(model, query, old);
      peer.send({ t: "resumed", id, at: since as string });
      this.#tell(peer);
      return;
    }
    subscription.shown = this.find(model, query);
    peer.send({
      t: "snap",
      id,
      at: this.#at,
      ...q !== undefined && { q },
      rows: subscription.shown.map((row, at) => entryOf(row, query.orderBy ? at : undefined)),
      ...since !== undefined && { reset: "expired" },
    });
  }

  #tell(peer: Peer): void {
    const changes: WireChange[] = [];
    for (const subscription of peer.subscriptions.values()) {
      const { id, model } = subscription;
      const query = decode(structuredClone(subscription.query)) as Record_;
      const rows = this.find(model, query);
      const change = difference(subscription.shown, rows, query.orderBy !== undefined);
      subscription.shown = rows;
      if (change) changes.push({ id, ...change });
    }
    if (changes.length > 0) peer.send({ t: "change", at: this.#at, c: changes });
  }

  #write(write: Write, send: (answer: ServerMessage) => void): void {
    const answer = (verdict: Verdict) => {
      const { id } = write;
      if (verdict === "hold") return void this.held.push({ write, answer });
      if (verdict !== "done") {
        const issues = verdict === "invalid" ? [{ path: "title", message: "is bad" }] : undefined;
        return send({ t: "error", id, code: verdict, message: "refused", ...issues && { issues } });
      }
      const row = this.apply(write);
      send({ t: "done", id, ...row && { row: encode(row) as WireRow } });
    };
    answer(this.judge(write));
    this.#look();
  }

  /** Makes a write. */
  apply(write: Write): Record_ | undefined {
    const values = decode(structuredClone(write.values ?? {})) as Record_;
    const key = decode(structuredClone(write.key ?? {})) as Record_;
    const id = (write.op === "create" ? values.id ?? ++this.#ids : key.id) as number;
    let row: Record_ | undefined;
    this.commit(write.model, (table) => {
      if (write.op === "delete") return void table.delete(id);
      if (write.op === "update" && !table.has(id)) return;
      table.set(id, row = { ...table.get(id), ...values, id });
    });
    return row;
  }
}

function entryOf(row: Record_, at?: number): WireEntry {
  const key = String(row.id);
  const wire = encode(row) as WireRow;
  return at === undefined ? [key, wire] : [key, wire, at];
}

/** Equality and `in`, one column to order by, and `limit`; without an order, as the records were made. */
function run(table: Table, query: Record_): Record_[] {
  const where = Object.entries((query.where ?? {}) as Record_);
  const rows = [...table.values()].filter((row) =>
    where.every(([name, value]) => {
      const wanted = (value as { in?: unknown[] } | null)?.in ?? [value];
      return wanted.includes(row[name] ?? null);
    })
  );
  const [[column, direction] = []] = Object.entries((query.orderBy ?? {}) as Record_);
  if (column !== undefined) {
    const sign = direction === "desc" ? -1 : 1;
    rows.sort((a, b) =>
      sign * (Number(a[column]) - Number(b[column])) || Number(a.id) - Number(b.id)
    );
  }
  return rows.slice(0, (query.limit ?? Infinity) as number);
}

function difference(
  old: readonly Record_[],
  rows: readonly Record_[],
  ordered: boolean,
): Omit<WireChange, "id"> | undefined {
  const before = new Map(old.map((row, at) => [row.id, { row, at }]));
  const after = new Set(rows.map(({ id }) => id));
  const drop = old.filter(({ id }) => !after.has(id)).map(({ id }) => String(id));
  const places = old.filter(({ id }) => after.has(id)).map(({ id }) => id);
  const put = rows.flatMap((row, at) => {
    const known = before.get(row.id);
    const moved = ordered && known && rows.filter(({ id }) => before.has(id)).indexOf(row) !==
        places.indexOf(row.id);
    return known?.row === row && !moved ? [] : [entryOf(row, ordered ? at : undefined)];
  });
  if (drop.length === 0 && put.length === 0) return undefined;
  return { ...drop.length > 0 && { drop }, ...put.length > 0 && { put } };
}
