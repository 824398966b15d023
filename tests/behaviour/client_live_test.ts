/**
 * The browser's client on the real server: a database, its feed, live queries and policies.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  type Database,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  Policies,
  PrimaryKey,
  Validate,
} from "@rex/orm";
import { type Client, type ClientOptions, createClient } from "@rex/orm/client";
import { realtime, type RealtimeServer } from "@rex/orm/realtime";
import { finishes, until } from "../../src/features/realtime/client/testdata/posts.ts";
import { onEveryDatabase } from "../targets/databases.ts";

@Entity({ tableName: "shelf_authors" })
class Author extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 40 })
  name!: string;
  @Column({ type: "varchar", length: 40 })
  password!: string;
  @OneToMany(() => Book, (book) => book.author)
  books!: Book[];
}

@Entity({ tableName: "shelf_books" })
class Book extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 100 })
  @Validate((value: string) => value.length > 0, "A book has a title")
  title!: string;
  @Column({ type: "boolean" })
  published!: boolean;
  @Column({ type: "integer" })
  rank!: number;
  @Column({ type: "bigint", nullable: true })
  views!: bigint | null;
  @Column({ type: "timestamptz", nullable: true })
  at!: Date | null;
  @Column({ type: "bytes", nullable: true })
  cover!: Uint8Array | null;
  @Column({ type: "integer" })
  authorId!: number;
  @ManyToOne(() => Author, (author) => author.books)
  author!: Author;
}

const models = [Author, Book];

/** What a module that exports the models looks like. */
interface Models {
  readonly Author: typeof Author;
  readonly Book: typeof Book;
}

interface Visitor {
  readonly author?: number;
}

const own = ({ author }: Visitor) => author !== undefined && { authorId: author };
const readable = ({ author }: Visitor) =>
  author === undefined ? { published: true } : { OR: [{ published: true }, { authorId: author }] };

const policies = new Policies<Visitor>()
  .allow(Author, { read: true, fields: ["id", "name", "books"] })
  .allow(Book, {
    read: readable,
    create: own,
    update: own,
    delete: own,
    writable: ["title", "published", "rank", "views", "at", "cover"],
    preset: ({ author }) => ({ authorId: author as number }),
  });

interface Shelf extends AsyncDisposable {
  /** Makes a client of an author, or of a guest. */
  client(author?: number, options?: ClientOptions): Client<Models>;
  /** Ends the server of live queries, and starts another at the same address. */
  restart(): Promise<void>;
}

/** A server, and clients that are closed with it. */
function serve(db: Database): Shelf {
  const often = { perSecond: 1e6, burst: 1e6 };
  const make = (): RealtimeServer<Visitor> =>
    realtime({
      db,
      policies,
      limits: { messages: often, writes: often, waitingWrites: 1e6 },
      authenticate: (_, token) => ({
        context: token === undefined || token === "guest" ? {} : { author: Number(token) },
      }),
    });
  let server = make();
  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request, info) => server.handle(request, info),
  );
  const clients: Client<Models>[] = [];
  return {
    client(author, options = {}) {
      const client = createClient<Models>(`http://127.0.0.1:${http.addr.port}/live`, {
        reconnect: { min: 5, max: 50 },
        token: author === undefined ? "guest" : `${author}`,
        ...options,
      });
      clients.push(client);
      return client;
    },
    async restart() {
      await server.close();
      server = make();
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close();
      await server.close();
      await http.shutdown();
    },
  };
}

async function authors(db: Database): Promise<[number, number]> {
  const people = db.repository(Author);
  const ada = await people.create({ name: "Ada", password: "x" });
  const bob = await people.create({ name: "Bob", password: "y" });
  return [ada.id, bob.id];
}

function titles(live: { readonly value: readonly { readonly title: string }[] }): string {
  return live.value.map(({ title }) => title).join();
}

const settings = { models, rewrite: false };

onEveryDatabase(
  "a client reads what its policy shows, with values as the repository gives them",
  settings,
  async ({ db }) => {
    await using shelf = serve(db);
    const [ada] = await authors(db);
    const values = {
      views: 9_007_199_254_740_993n,
      at: new Date(1_700_000_000_123),
      cover: new Uint8Array([0, 255, 7]),
    };
    const books = db.repository(Book);
    const book = await books.create({
      title: "B",
      published: true,
      rank: 1,
      authorId: ada,
      ...values,
    });
    const client = shelf.client();
    const live = client.live("Book", {
      include: { author: true },
      orderBy: { rank: "asc" },
      limit: 2,
    });
    const [row] = await live.ready;
    assert.deepEqual(row, {
      id: book.id,
      title: "B",
      published: true,
      rank: 1,
      authorId: ada,
      ...values,
      author: { id: ada, name: "Ada" },
    });
    assert.ok(row?.at instanceof Date && row.cover instanceof Uint8Array);
    await books.create({ title: "A", published: true, rank: 0, authorId: ada });
    await until(live, ({ rows }) => rows.length === 2);
    assert.equal(titles(live), "A,B");
    assert.equal(live.value[1], row);
    const [found] = await client.live("Book", {
      where: { views: values.views, at: { lte: values.at } },
      select: ["title"],
    }).ready;
    assert.deepEqual(found, { title: "B" });
    await assert.rejects(client.live("Author", { where: { password: "x" } }).ready, {
      code: "forbidden",
    });
  },
);

onEveryDatabase(
  "a client's writes show at once, and are kept or taken back as the server answers",
  settings,
  async ({ db }) => {
    await using shelf = serve(db);
    const [ada, bob] = await authors(db);
    const client = shelf.client(ada);
    const mine = client.live("Book", { where: { authorId: ada }, orderBy: { rank: "asc" } });
    const all = shelf.client().live("Book", { orderBy: { rank: "asc" } });
    await Promise.all([mine.ready, all.ready]);
    const first = client.create("Book", { title: "One", published: true, rank: 1, authorId: ada });
    // Who writes for whom is the server's: it is not writable.
    await assert.rejects(first, { code: "forbidden" });
    const values = { title: "One", published: true, rank: 1 };
    const lengths: number[] = [];
    mine.subscribe((rows) => lengths.push(rows.length));
    const created = client.create("Book", values, {
      preview: { id: -1, authorId: ada, views: null, at: null, cover: null },
    });
    assert.equal(titles(mine), "One");
    const made = await created;
    assert.equal(made?.authorId, ada);
    assert.deepEqual(mine.value, [made]);
    assert.ok(!client.isPending(mine.value[0]!));
    assert.deepEqual(lengths.filter((length) => length > 1), []);
    const id = made!.id;
    const updated = client.update("Book", id, { title: "Two", views: 5n });
    assert.equal(titles(mine), "Two");
    await updated;
    await until(all, () => titles(all) === "Two");
    const refused = client.update("Book", id, { title: "" });
    assert.equal(titles(mine), "");
    await assert.rejects(refused, {
      code: "invalid",
      issues: [{ path: "title", message: "A book has a title" }],
    });
    assert.equal(titles(mine), "Two");
    const other = await db.repository(Book).create({
      title: "Bob's",
      published: true,
      rank: 5,
      authorId: bob,
    });
    await assert.rejects(client.delete("Book", other.id), { code: "forbidden" });
    await client.delete("Book", id);
    assert.deepEqual(mine.value, []);
    await until(all, () => titles(all) === "Bob's");
  },
);

onEveryDatabase(
  "a client goes on after its server was replaced, and what it missed comes",
  settings,
  async ({ db }) => {
    await using shelf = serve(db);
    const [ada] = await authors(db);
    const books = db.repository(Book);
    const make = (title: string) =>
      books.create({ title, published: true, rank: 1, authorId: ada });
    const first = await make("1");
    await make("2");
    const client = shelf.client();
    const resets: unknown[] = [];
    client.on("reset", (event) => resets.push(event));
    const live = client.live("Book", { where: { published: true } });
    await live.ready;
    const kept = live.value.find(({ title }) => title === "2");
    await shelf.restart();
    await books.delete(first.id);
    await make("3");
    await until(
      live,
      ({ rows, state }) => state === "live" && rows.some((row) => row.title === "3"),
    );
    assert.deepEqual(live.value.map(({ title }) => title).sort(), ["2", "3"]);
    assert.ok(kept && live.value.includes(kept));
    assert.deepEqual(resets, []);
  },
);

onEveryDatabase(
  "another user sees nothing of what the one before them saw",
  settings,
  async ({ db }) => {
    await using shelf = serve(db);
    const [ada, bob] = await authors(db);
    await db.repository(Book).createMany([
      { title: "Ada's draft", published: false, rank: 1, authorId: ada },
      { title: "Public", published: true, rank: 2, authorId: bob },
      { title: "Bob's draft", published: false, rank: 3, authorId: bob },
    ]);
    const client = shelf.client(ada);
    const live = client.live("Book", { orderBy: { rank: "asc" } });
    await live.ready;
    assert.equal(titles(live), "Ada's draft,Public");
    // On the same connection.
    client.authenticate(`${bob}`);
    await until(live, () => titles(live) === "Public,Bob's draft");
    // And while there is none.
    await shelf.restart();
    await until(live, ({ state }) => state === "offline");
    client.authenticate("guest");
    await until(live, () => titles(live) === "Public");
  },
);

onEveryDatabase(
  "with a log, what plain SQL changes is shown by every client",
  settings,
  async ({ db }) => {
    // A database that brings no log has nothing to show here.
    assert.ok(
      (await db.dialect.changeSupport?.())?.log,
      "no source tells what is written by SQL text",
    );
    await db.schema.followChanges(models);
    await using shelf = serve(db);
    const [ada] = await authors(db);
    const socket = shelf.client(undefined).live("Book", { orderBy: { rank: "asc" } });
    const stream = shelf.client(undefined, { transport: "sse" }).live("Book", {
      select: ["title"],
    });
    await Promise.all([socket.ready, stream.ready]);
    const insert = "INSERT INTO shelf_books (title, published, rank, author_id) VALUES";
    await db.execute(`${insert} ('Hidden', false, 1, ${ada})`);
    await db.execute(`${insert} ('Shown', true, 2, ${ada})`);
    await until(socket, () => titles(socket) === "Shown");
    await until(stream, () => titles(stream) === "Shown");
    await db.execute("UPDATE shelf_books SET published = true WHERE title = 'Hidden'");
    await until(socket, () => titles(socket) === "Hidden,Shown");
    await db.execute("DELETE FROM shelf_books");
    await until(socket, () => titles(socket) === "");
    await until(stream, () => titles(stream) === "");
  },
);

/** Numbers from a seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

onEveryDatabase(
  "random writes of clients and of the server leave each client with its own query's result",
  settings,
  async ({ db }) => {
    await using shelf = serve(db);
    const [ada, bob] = await authors(db);
    const random = randomOf(5);
    const any = <T>(list: readonly T[]): T => list[random(list.length)] as T;
    const books = db.repository(Book);
    const queries = [
      {},
      { where: { published: true } },
      { where: { rank: { gte: 3 } }, orderBy: [{ rank: "desc" }, { id: "asc" }] },
      { orderBy: [{ rank: "asc" }, { id: "asc" }], limit: 4, include: { author: true } },
    ] as const;
    const visitors: Visitor[] = [{ author: ada }, { author: bob }, {}];
    const clients = visitors.map(({ author }, i) =>
      shelf.client(author, { transport: i === 1 ? "sse" : "websocket" })
    );
    const lives = clients.map((client) => queries.map((query) => client.live("Book", query)));
    await Promise.all(lives.flat().map(({ ready }) => ready));
    const hidden: string[] = [];
    lives[2]?.[0]?.subscribe((rows) => {
      for (const row of rows) {
        if (!row.published && !clients[2]?.isPending(row)) hidden.push(row.title);
      }
    });
    const writes: Promise<unknown>[] = [];
    const write = (work: Promise<unknown>) => void writes.push(work.catch(() => {}));
    const values = () => ({
      title: any(["", "a", "b", "c"]),
      published: any([true, false]),
      rank: random(7),
    });
    for (let step = 0; step < 120; step++) {
      const ids = (await books.find({ select: ["id"] })).map(({ id }) => id);
      const id = any([...ids, 999]);
      const client = any(clients);
      const kind = random(10);
      if (kind < 3) write(books.create({ ...values(), title: "s", authorId: any([ada, bob]) }));
      else if (kind < 4) write(books.deleteMany({ where: { id } }));
      else if (kind < 6) write(client.create("Book", values()));
      else if (kind < 8) write(client.update("Book", id, values()));
      else if (kind < 9) write(client.delete("Book", id));
      else if (step % 4 === 0) await shelf.restart();
    }
    await finishes(Promise.all(writes), () => "writes");
    for (const [i, visitor] of visitors.entries()) {
      for (const [n, query] of queries.entries()) {
        const live = lives[i]?.[n];
        assert.ok(live);
        const where = {
          AND: [readable(visitor), (query as { where?: object }).where ?? {}],
        } as never;
        const same = async () => {
          const found = await books.find({ ...query, where } as never) as unknown as object[];
          const ordered = "orderBy" in query;
          return live.state === "live" &&
            comparable(live.value, ordered) === comparable(found, ordered) &&
            !live.value.some((row) => clients[i]?.isPending(row));
        };
        // A write whose answer was lost in a restart may still be made: there is nothing to wait for.
        const settled = async () => {
          while (!await same()) await new Promise((resolve) => setTimeout(resolve, 5));
        };
        await finishes(settled(), () => JSON.stringify(live.snapshot()));
      }
    }
    assert.deepEqual(hidden, []);
  },
);

/** Records as text, without passwords. */
function comparable(rows: readonly object[], ordered: boolean): string {
  const texts = rows.map((row) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(row).sort(([a], [b]) => a < b ? -1 : 1)
          .map(([name, value]) => [name, name === "author" ? value.name : String(value)]),
      ),
    )
  );
  return (ordered ? texts : texts.sort()).join("\n");
}
