/**
 * Loops that read one by one are found, and nobody else is accused.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Logger, type LogRecord } from "../../src/base/logger.ts";
import type { Database } from "../../src/database/database.ts";
import { development } from "../../src/features/development/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, Comment, Labelling, Post, Profile, Tag, Topic } from "./repository_models.ts";

const models = [Author, Profile, Post, Comment, Tag, Topic, Labelling];
const setUp = { models, open: development({ nPlusOneThreshold: 5 }), rewrite: false };
const MANY = 8;

/** Makes as many authors as posts, one post each. */
async function fill(db: Database): Promise<void> {
  const authors = Array.from({ length: MANY }, (_, i) => ({ name: `author ${i}` }));
  const made = await db.repository(Author).createManyReturning(authors);
  await db.repository(Post).createMany(
    made.map(({ id }, i) => ({ title: `post ${i}`, authorId: id })),
  );
}

/** What is warned of while `work` runs. */
async function warnings(db: Database, work: () => Promise<unknown>): Promise<LogRecord[]> {
  await fill(db);
  const records: LogRecord[] = [];
  Logger.configure({ level: "warn", sink: (record) => records.push(record) });
  try {
    await work();
  } finally {
    Logger.configure({});
  }
  return records;
}

/** Expects one warning that names a method of this file and the cure. */
function expectOne(records: readonly LogRecord[], method: string, cure: string): void {
  assert.equal(records.length, 1, records.map(({ message }) => message).join("\n"));
  const [{ message, category, data }] = records as [LogRecord];
  assert.equal(category, "query");
  assert.match(
    message,
    new RegExp(`^N\\+1: ${method} at .*observe_n_plus_one_test\\.ts:\\d+:\\d+ `),
  );
  assert.ok(message.endsWith(`hint: ${cure}`), message);
  assert.equal(data.count, 5);
  assert.match(String(data.sql), /^SELECT /);
}

onEveryDatabase(
  "a loop of findById is told, with the relation to include",
  setUp,
  async ({ db }) => {
    const records = await warnings(db, async () => {
      const authors = db.repository(Author);
      for (const post of await db.repository(Post).find()) await authors.findById(post.authorId);
    });
    expectOne(
      records,
      "findById",
      "find each Post with them: include: { author: true } or include: { editor: true }",
    );
  },
);

onEveryDatabase("Promise.all over findById is told", setUp, async ({ db }) => {
  const records = await warnings(db, async () => {
    const comments = db.repository(Comment);
    const posts = await db.repository(Post).find();
    await Promise.all(posts.map((post) => comments.find({ where: { postId: post.id } })));
  });
  expectOne(records, "find", "find each Post with them: include: { comments: true }");
});

onEveryDatabase(
  "a loop in helpers, over builders, in a transaction, is told",
  setUp,
  async ({ db }) => {
    const records = await warnings(db, () =>
      db.transaction(async (tx) => {
        async function read(id: number): Promise<string | undefined> {
          const [row] = await tx.query(Post).where((t) => t.id.eq(id)).execute();
          return row?.title;
        }
        for (const { id } of await tx.repository(Post).find()) await read(id);
      }));
    expectOne(records, "execute", "read them all at once: find({ where: { id: { in: keys } } })");
  },
);

onEveryDatabase("counts one by one are told", setUp, async ({ db }) => {
  const records = await warnings(db, async () => {
    const comments = db.repository(Comment);
    for (const { id } of await db.repository(Post).find()) {
      await comments.count({ where: { postId: id } });
    }
  });
  expectOne(records, "count", "find each Post with them: include: { _count: { comments: true } }");
});

onEveryDatabase("load() of single records is told", setUp, async ({ db }) => {
  const records = await warnings(db, async () => {
    const posts = db.repository(Post);
    for (const post of await posts.find()) await posts.load([post], { comments: true });
  });
  expectOne(records, "load", "give load() all records at once: load(records, { comments: true })");
});

onEveryDatabase("a loop that writes between its reads is told", setUp, async ({ db }) => {
  const records = await warnings(db, async () => {
    const posts = db.repository(Post);
    for (const { id } of await posts.find()) {
      const post = await posts.findById(id);
      await posts.update(id, { views: (post?.views ?? 0) + 1 });
    }
  });
  assert.equal(records.filter(({ message }) => message.startsWith("N+1: findById")).length, 1);
});

onEveryDatabase("two lines of a loop with one statement are both told", setUp, async ({ db }) => {
  const records = await warnings(db, async () => {
    const authors = db.repository(Author);
    for (const post of await db.repository(Post).find()) {
      await authors.findById(post.authorId);
      await authors.findById(post.authorId + 1);
    }
  });
  assert.equal(records.length, 2);
});

onEveryDatabase("lines that each read once are not told of", setUp, async ({ db }) => {
  const records = await warnings(db, async () => {
    const authors = db.repository(Author);
    await authors.findById(1);
    await authors.findById(2);
    await authors.findById(3);
    await authors.findById(4);
    await authors.findById(5);
    await authors.findById(6);
  });
  assert.deepEqual(records, []);
});

onEveryDatabase("one line is told once", setUp, async ({ db }) => {
  const records = await warnings(db, async () => {
    const authors = db.repository(Author);
    for (let round = 0; round < 3; round++) {
      for (const { authorId } of await db.repository(Post).find()) await authors.findById(authorId);
    }
  });
  assert.equal(records.length, 1);
});

onEveryDatabase("the right ways are not told of", setUp, async ({ db }) => {
  const records = await warnings(db, async () => {
    const posts = db.repository(Post);
    for (const strategy of ["query", "join"] as const) {
      await posts.find({ include: { author: true, comments: true }, strategy });
    }
    const found = await posts.find();
    await posts.load(found, { author: true, comments: true });
    await posts.find({ where: { id: { in: found.map(({ id }) => id) } } });
  });
  assert.deepEqual(records, []);
});

onEveryDatabase(
  "loops that write, page, or ask for the same record are not told of",
  setUp,
  async ({ db }) => {
    const records = await warnings(db, async () => {
      const posts = db.repository(Post);
      for (let i = 0; i < MANY; i++) await posts.create({ title: "x", authorId: 1 });
      for (let offset = 0; offset < MANY; offset++) await posts.find({ limit: 1, offset });
      for (let id = 0; id < MANY; id++) {
        await posts.find({ where: { id: { gt: id } }, orderBy: { id: "asc" }, limit: 1 });
      }
      for (let i = 0; i < MANY; i++) await posts.findById(1);
      for (let i = 0; i < MANY; i++) await db.execute("SELECT $1 + 1", [i]);
    });
    assert.deepEqual(records, []);
  },
);

onEveryDatabase("requests that are served side by side are not told of", setUp, async ({ db }) => {
  const posts = db.repository(Post);
  const handlers: Record<string, (request: Request) => Promise<unknown>> = {
    "/at-once": (request) => posts.findById(idOf(request)),
    "/after-body": async (request) => {
      await request.text();
      return await posts.findById(idOf(request));
    },
    "/after-query": async (request) => {
      await db.execute("SELECT 1");
      return await posts.findById(idOf(request));
    },
  };
  const records = await warnings(db, async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        await handlers[new URL(request.url).pathname]!(request);
        return new Response();
      },
    );
    const { port } = server.addr;
    for (const path of Object.keys(handlers)) {
      const ask = async (id: number) => {
        const url = `http://127.0.0.1:${port}${path}?id=${id % MANY + 1}`;
        const response = await fetch(url, { method: "POST", body: "x" });
        assert.equal(response.status, 200);
        await response.body?.cancel();
      };
      await Promise.all(Array.from({ length: 64 }, (_, i) => ask(i)));
      for (let i = 0; i < 10; i++) await ask(i);
    }
  });
  assert.deepEqual(records.map(({ message }) => message), []);
});

onEveryDatabase("a request that reads one by one is told, beside others", setUp, async ({ db }) => {
  const posts = db.repository(Post);
  const records = await warnings(db, async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async () => {
        for (const { authorId } of await posts.find()) await posts.findById(authorId);
        return new Response();
      },
    );
    const url = `http://127.0.0.1:${server.addr.port}/`;
    await Promise.all(Array.from({ length: 4 }, async () => {
      await (await fetch(url)).text();
    }));
  });
  assert.equal(records.length, 1);
});

function idOf(request: Request): number {
  return Number(new URL(request.url).searchParams.get("id"));
}
