/**
 * The whole way: a database, its feed, live queries, policies, and clients on real sockets.
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
  PrimaryKey,
  Validate,
} from "@rex/orm";
import { Policies } from "../../src/repository/policy/mod.ts";
import {
  realtime,
  type RealtimeServer,
  type RealtimeServerOptions,
} from "../../src/features/realtime/mod.ts";
import { Client } from "../../src/features/realtime/server/testdata/rig.ts";
import { onEveryDatabase } from "../targets/databases.ts";

@Entity({ tableName: "served_authors" })
class Author extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 40, unique: true })
  name!: string;
  @Column({ type: "varchar", length: 40 })
  password!: string;
  @OneToMany(() => Article, (article) => article.author)
  articles!: Article[];
}

@Entity({ tableName: "served_articles" })
class Article extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 100 })
  @Validate((value: string) => value.length > 0, "Title cannot be empty")
  title!: string;
  @Column({ type: "boolean" })
  published!: boolean;
  @Column({ type: "bigint", nullable: true })
  views!: bigint | null;
  @Column({ type: "timestamptz", nullable: true })
  at!: Date | null;
  @Column({ type: "integer" })
  authorId!: number;
  @ManyToOne(() => Author, (author) => author.articles)
  author!: Author;
}

@Entity({ tableName: "served_secrets" })
class Secret extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  text!: string;
}

const models = [Author, Article, Secret];

interface Visitor {
  readonly author?: number;
}

const own = ({ author }: Visitor) => author !== undefined && { authorId: author };

const policies = new Policies<Visitor>()
  .allow(Author, { read: true, fields: ["id", "name", "articles"] })
  .allow(Article, {
    read: ({ author }) =>
      author === undefined
        ? { published: true }
        : { OR: [{ published: true }, { authorId: author }] },
    create: own,
    update: own,
    delete: own,
    writable: ["title", "published"],
    preset: ({ author }) => ({ authorId: author as number }),
  });

interface Served extends AsyncDisposable {
  readonly port: number;
  readonly server: RealtimeServer<Visitor>;
}

function serve(db: Database, options: Partial<RealtimeServerOptions<Visitor>> = {}): Served {
  const server = realtime({
    db,
    policies,
    authenticate: (_, token) => ({ context: token === undefined ? {} : { author: Number(token) } }),
    ...options,
  });
  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request, info) => server.handle(request, info),
  );
  return {
    server,
    port: http.addr.port,
    async [Symbol.asyncDispose]() {
      await server.close();
      await http.shutdown();
    },
  };
}

async function authors(db: Database): Promise<[number, number]> {
  const repository = db.repository(Author);
  const ada = await repository.create({ name: "Ada", password: "x" });
  const bob = await repository.create({ name: "Bob", password: "y" });
  return [ada.id, bob.id];
}

const sub = (id: number, model: string, query: object) => ({ t: "sub", id, model, query });

onEveryDatabase("a client sees what its policy shows, in its result and in changes", {
  models,
  rewrite: false,
}, async ({ db }) => {
  await using served = serve(db);
  const [ada, bob] = await authors(db);
  const articles = db.repository(Article);
  const hidden = await articles.create({ title: "Draft", published: false, authorId: ada });
  await using guest = await Client.connect(served.port);
  await using author = await Client.connect(served.port, `/?token=${ada}`);
  for (const client of [guest, author]) {
    client.send(sub(1, "Article", { select: ["id", "title"] }));
  }
  assert.deepEqual((await guest.nextOf("snap")).rows.map(([, row]) => row), []);
  assert.deepEqual((await author.nextOf("snap")).rows.map(([, row]) => row), [
    { id: hidden.id, title: "Draft" },
  ]);
  await articles.create({ title: "Bob's", published: false, authorId: bob });
  await articles.update(hidden.id, { published: true });
  const [entered] = (await guest.nextOf("change")).c;
  assert.deepEqual(entered?.put?.map(([, row]) => row), [{ id: hidden.id, title: "Draft" }]);
  await articles.update(hidden.id, { published: false });
  const [left] = (await guest.nextOf("change")).c;
  assert.deepEqual(left?.drop, [entered?.put?.[0]?.[0]]);
});

onEveryDatabase(
  "a client is refused models, columns and ways around them, and learns nothing by it",
  {
    models,
    rewrite: false,
  },
  async ({ db }) => {
    await using served = serve(db);
    await using client = await Client.connect(served.port);
    const refused: [string, object, string][] = [
      ["Secret", {}, "forbidden"],
      ["Nothing", {}, "forbidden"],
      ["constructor", {}, "forbidden"],
      ["Author", { where: { password: { startsWith: "x" } } }, "forbidden"],
      ["Author", { orderBy: { password: "asc" } }, "forbidden"],
      ["Author", { select: ["password"] }, "forbidden"],
      ["Article", { where: { nope: 1 } }, "bad_query"],
      ["Article", { where: { id: "1 OR 1=1" } }, "bad_query"],
      ["Article", { sql: "SELECT 1" }, "bad_query"],
      ["Article", { limit: -1 }, "bad_query"],
      ["Article", { include: { nope: true } }, "bad_query"],
    ];
    for (const [i, [model, query, code]] of refused.entries()) {
      client.send(sub(i, model, query));
      const error = await client.nextOf("error");
      assert.deepEqual([error.id, error.code], [i, code], JSON.stringify([model, query, error]));
      assert.doesNotMatch(error.message, /select |served_/i);
    }
    client.send(sub(99, "Author", { include: { articles: true } }));
    await client.nextOf("snap");
  },
);

onEveryDatabase(
  "a client's writes are checked, answered with what it may see, and told to all before",
  {
    models,
    rewrite: false,
  },
  async ({ db }) => {
    await using served = serve(db);
    const [ada, bob] = await authors(db);
    await using client = await Client.connect(served.port, `/?token=${ada}`);
    await using guest = await Client.connect(served.port);
    client.send(sub(1, "Article", {}));
    await client.nextOf("snap");
    const write = (id: number, op: string, more: object) =>
      client.send({ t: "do", id, op, model: "Article", ...more });
    write(1, "create", { values: { title: "Mine", published: false } });
    const { c: [change] } = await client.nextOf("change");
    const done = await client.nextOf("done");
    const row = change?.put?.[0]?.[1] as { id: number; authorId: number };
    assert.deepEqual([row.authorId, done.key], [ada, { id: row.id }]);
    assert.deepEqual(done.row, row);
    write(2, "create", { values: { title: "", published: false } });
    const invalid = await client.nextOf("error");
    assert.deepEqual([invalid.id, invalid.code, invalid.issues], [2, "invalid", [
      { path: "title", message: "Title cannot be empty" },
    ]]);
    write(3, "create", { values: { title: "x", published: false, authorId: bob } });
    assert.equal((await client.nextOf("error")).code, "forbidden");
    const other = await db.repository(Article).create({
      title: "B",
      published: true,
      authorId: bob,
    });
    await client.nextOf("change");
    write(4, "update", { key: { id: other.id }, values: { title: "hacked" } });
    assert.equal((await client.nextOf("error")).code, "forbidden");
    await db.repository(Article).update(other.id, { published: false });
    await client.nextOf("change");
    write(5, "update", { key: { id: other.id }, values: { title: "hacked" } });
    assert.equal((await client.nextOf("error")).code, "not_found");
    guest.send({ t: "do", id: 6, op: "delete", model: "Article", key: { id: row.id } });
    assert.match((await guest.nextOf("error")).code, /forbidden|not_found/);
    write(7, "delete", { key: { id: row.id } });
    assert.deepEqual((await client.nextOf("change")).c[0]?.drop?.length, 1);
    assert.equal((await client.nextOf("done")).id, 7);
  },
);

onEveryDatabase(
  "values travel exactly, ordered results with their places, and includes with them",
  {
    models,
    rewrite: false,
  },
  async ({ db }) => {
    await using served = serve(db);
    const [ada] = await authors(db);
    const articles = db.repository(Article);
    const make = (title: string) =>
      articles.create({
        title,
        published: true,
        authorId: ada,
        views: 9_007_199_254_740_993n,
        at: new Date(1_700_000_000_123),
      });
    await make("b");
    await using client = await Client.connect(served.port);
    const query = { orderBy: { title: "asc" }, limit: 2, include: { author: true } };
    client.send(sub(1, "Article", query));
    const { rows: [[, row]] } = await client.nextOf("snap") as never as {
      rows: [[string, Record<string, unknown>]];
    };
    assert.deepEqual([row.views, row.at, row.author], [
      { $bigint: "9007199254740993" },
      { $date: 1_700_000_000_123 },
      { id: ada, name: "Ada" },
    ]);
    await make("a");
    const { c: [change] } = await client.nextOf("change");
    assert.equal(change?.put?.[0]?.[2], 0);
  },
);

onEveryDatabase("a client that comes back goes on where it was", {
  models,
  rewrite: false,
}, async ({ db }) => {
  await using served = serve(db);
  const [ada] = await authors(db);
  const articles = db.repository(Article);
  const first = await articles.create({ title: "1", published: true, authorId: ada });
  const client = await Client.connect(served.port);
  client.send(sub(1, "Article", { where: { published: true } }));
  const { at, q } = await client.nextOf("snap");
  await client[Symbol.asyncDispose]();
  await articles.delete(first.id);
  await articles.create({ title: "2", published: true, authorId: ada });
  await using again = await Client.connect(served.port);
  again.send({ ...sub(1, "Article", { where: { published: true } }), since: at, q });
  const answer = await again.nextOf("resumed");
  assert.equal(answer.id, 1);
  const titles = new Set<unknown>();
  let dropped = 0;
  while (titles.size === 0 || dropped === 0) {
    for (const { put, drop } of (await again.nextOf("change")).c) {
      for (const [, row] of put ?? []) titles.add(row.title);
      dropped += drop?.length ?? 0;
    }
  }
  assert.deepEqual([...titles], ["2"]);
});

onEveryDatabase(
  "with a log, what plain SQL changes reaches clients, and only those that may see it",
  {
    models,
    rewrite: false,
  },
  async ({ db }) => {
    // A database that brings no log has nothing to show here.
    assert.ok(db.dialect.changeSupport, "no source tells what is written by SQL text");
    await db.schema.followChanges(models);
    const [ada] = await authors(db);
    await using served = serve(db);
    await using guest = await Client.connect(served.port);
    await using author = await Client.connect(served.port, `/?token=${ada}`);
    for (const client of [guest, author]) {
      client.send(sub(1, "Article", { select: ["id", "title"] }));
      await client.nextOf("snap");
    }
    const insert = "INSERT INTO served_articles (title, published, author_id) VALUES";
    await db.execute(`${insert} ('Hidden', false, ${ada})`);
    await db.execute(`${insert} ('Shown', true, ${ada})`);
    const titles = async (client: Client) =>
      (await client.nextOf("change")).c[0]?.put?.map(([, row]) => row.title);
    assert.deepEqual(await titles(author), ["Hidden"]);
    assert.deepEqual(await titles(author), ["Shown"]);
    assert.deepEqual(await titles(guest), ["Shown"]);
  },
);
