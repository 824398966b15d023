/**
 * Rows R9, T1 to T4 and the events of M7 of the specification: changes reach clients by themselves.
 *
 * @module
 */
import assert from "node:assert/strict";
import { openSocket } from "../support/web_socket.ts";
import { type Database, realTimeEmitter, RealtimeSync, RealtimeWebSocketServer } from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";
import { models, Post, Profile, User } from "./blog_models.ts";

interface Told {
  readonly event: string;
  readonly model?: string;
  readonly data: Record<string, unknown>;
}

/** A plain WebSocket and all that it is told. */
class Listener implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #told: Told[] = [];
  #wake = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#told.push(JSON.parse(data));
      this.#wake();
    };
  }

  static async connect(port: number, query = ""): Promise<Listener> {
    const socket = new WebSocket(`ws://localhost:${port}/${query}`);
    const listener = new Listener(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return listener;
  }

  async next(): Promise<Told> {
    while (this.#told.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#told.shift() as Told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    if (this.#socket.readyState !== WebSocket.CLOSED) {
      this.#socket.close();
      await closed;
    }
  }
}

const ada = () => User.from({ name: "Ada", email: "ada@example.org" });

onEveryDatabase("T1, M7: realTimeEmitter tells of save() and delete() after the commit", {
  models,
}, async ({ db }) => {
  const told: [string, object][] = [];
  const onSave = (model: object) => told.push(["save", model]);
  const onDelete = (model: object) => told.push(["delete", model]);
  realTimeEmitter.on("save", onSave).on("delete", onDelete);
  try {
    const user = ada();
    await db.transaction(async (tx) => {
      await user.save(tx);
      assert.deepEqual(told, []);
    });
    assert.deepEqual(told.splice(0), [["save", user]]);
    await user.save(db);
    assert.deepEqual(told, [], "there was nothing to write");
    user.name = "Ada L.";
    await user.save(db);
    await assert.rejects(db.transaction(async (tx) => {
      await tx.transaction((inner) => User.from({ name: "B", email: "b@b.c" }).save(inner));
      throw new Error("no");
    }));
    await user.delete(db);
    assert.deepEqual(told, [["save", user], ["delete", user]]);
  } finally {
    realTimeEmitter.off("save", onSave).off("delete", onDelete);
  }
});

onEveryDatabase("T2: a plain WebSocket is told of user.save(adapter) and user.delete(adapter)", {
  models,
}, async ({ db }) => {
  await using sync = new RealtimeSync(0);
  await using listener = await Listener.connect(sync.port);
  const user = ada();
  await user.save(db);
  const data = { id: user.id, name: "Ada", email: "ada@example.org", age: null };
  assert.deepEqual(await listener.next(), { event: "save", model: "User", data });
  await user.delete(db);
  assert.deepEqual(await listener.next(), { event: "delete", model: "User", data });
});

Deno.test("T2: RealtimeWebSocketServer tells texts to all who are connected", async () => {
  await using server = new RealtimeWebSocketServer(0);
  await server.listen();
  await using one = await Listener.connect(server.port);
  await using other = await Listener.connect(server.port);
  server.broadcast('{"event":"news","data":{}}');
  assert.deepEqual([(await one.next()).event, (await other.next()).event], ["news", "news"]);
  assert.equal(server.clients, 2);
  await server.close();
  assert.equal(server.clients, 0);
});

onEveryDatabase("T3: the same over server-sent events", { models }, async ({ db }) => {
  await using sync = new RealtimeSync(0);
  const response = await fetch(`http://localhost:${sync.port}/events?model=User`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  await ada().save(db);
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/^data: .*\n\n/m.test(text)) break;
  }
  const [, data = ""] = /^data: (.*)$/m.exec(text) ?? [];
  assert.equal(JSON.parse(data).model, "User");
});

onEveryDatabase("T4: clients ask for models, records, values and topics", {
  models,
}, async ({ db }) => {
  await using sync = new RealtimeSync(0, {
    topic: ({ model }) => model === "Post" ? "board" : undefined,
    fields: { Post: ["id", "title"] },
  });
  const [first, second] = [ada(), User.from({ name: "Bob", email: "bob@example.org" })];
  await first.save(db);
  await second.save(db);
  await using record = await Listener.connect(sync.port, `?model=User&id=${second.id}`);
  await using valued = await Listener.connect(sync.port, `?where={"name":"Cy"}`);
  await using board = await Listener.connect(sync.port, "?topic=board&topic=news");
  for (const user of [first, second]) {
    user.name = user === first ? "Cy" : "Di";
    await user.save(db);
  }
  await Post.from({ title: "Hello", user: first }).save(db);
  sync.publish("news", { text: "done" });
  assert.equal((await record.next()).data.name, "Di");
  assert.equal((await valued.next()).data.id, first.id);
  assert.deepEqual((await board.next()).data, { id: 1, title: "Hello" });
  assert.deepEqual(await board.next(), { event: "news", data: { text: "done" } });
});

Deno.test("T4: clients are authorised, and pages from elsewhere are not let in", async () => {
  await using sync = new RealtimeSync(0, {
    authorize: (request, { models }) =>
      request.headers.get("authorization") === "Bearer ada" &&
      models.every((each) => each === "User"),
  });
  const connect = (query: string, headers: Record<string, string>) =>
    new Promise<boolean>((resolve) => {
      const socket = openSocket(`ws://localhost:${sync.port}/${query}`, { headers });
      socket.onopen = () => socket.close();
      socket.onerror = (event) => event.preventDefault();
      socket.onclose = ({ wasClean }) => resolve(wasClean);
    });
  const authorization = "Bearer ada";
  assert.equal(await connect("?model=User", {}), false);
  assert.equal(await connect("?model=Profile", { authorization }), false);
  assert.equal(await connect("?model=User", { authorization }), true);
  const foreign = { authorization, origin: `http://evil.example.org:${sync.port}` };
  assert.equal(
    await connect("?model=User", { ...foreign, host: `evil.example.org:${sync.port}` }),
    false,
  );
  assert.equal(await connect("", { authorization, origin: "http://localhost:5173" }), true);
});

async function makeUserWithProfile(db: Database): Promise<void> {
  await db.repository(User).create({ name: "Eve", email: "eve@example.org" });
  await db.repository(Profile).create({
    bio: "b",
    user: { connect: { email: "eve@example.org" } },
  });
}

onEveryDatabase("R9: with a database, what repositories write is told too", {
  models,
}, async ({ db }) => {
  await using sync = new RealtimeSync(0, { db, models: [User] });
  await sync.ready;
  await using listener = await Listener.connect(sync.port);
  await makeUserWithProfile(db);
  const { event, model, data } = await listener.next();
  assert.deepEqual([event, model, data.name], ["save", "User", "Eve"]);
  await db.repository(User).updateMany({}, { name: "Eva" });
  assert.equal((await listener.next()).data.name, "Eva");
  await db.repository(Profile).deleteMany({});
  await db.repository(User).deleteMany({});
  assert.deepEqual(await listener.next(), {
    event: "delete",
    model: "User",
    data: { id: data.id },
  });
});

onEveryDatabase("R9: with a log, a change by plain SQL is told with all of its row", {
  models,
  rewrite: false,
}, async ({ db }) => {
  // A database that brings no log has nothing to show here.
  assert.ok(db.dialect.changeSupport, "no source tells what is written by SQL text");
  await db.schema.followChanges(models);
  await using sync = new RealtimeSync(0, { db, models: [User] });
  await sync.ready;
  await using listener = await Listener.connect(sync.port);
  await db.execute("INSERT INTO users (name, email, age) VALUES ('Eve', 'eve@example.org', 30)");
  const { event, model, data } = await listener.next();
  const { id, ...values } = data;
  assert.deepEqual([event, model], ["save", "User"]);
  assert.deepEqual(values, { name: "Eve", email: "eve@example.org", age: 30 });
  await db.execute("DELETE FROM users");
  const gone = await listener.next();
  assert.deepEqual([gone.event, gone.data.id], ["delete", id]);
});
