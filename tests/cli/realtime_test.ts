/** `realtime:subscribe`: changes as they come. */
import assert from "node:assert/strict";
import { type Folder, inEveryFolder, type Ran } from "./support.ts";

const migration = `export default {
  async up(db) {
    await db.schema.createTable("notes", {
      columns: { id: { type: "integer" }, title: { type: "text" } },
      primaryKey: ["id"],
    });
    await db.schema.followChanges(["notes"]);
  },
  async down(db) {
    await db.schema.unfollowChanges();
    await db.schema.dropTable("notes");
  },
};
`;

/** Runs a command that ends after some changes, and writes until it has ended. */
async function whileWriting(folder: Folder, args: readonly string[]): Promise<Ran> {
  let ended = false;
  const running = folder.run(args).finally(() => ended = true);
  for (let id = 1; !ended; id++) {
    const sql =
      `INSERT INTO notes VALUES (${id}, 'Note ${id}'); DELETE FROM notes WHERE id = ${id}`;
    assert.equal((await folder.run(["query", sql])).code, 0);
  }
  return await running;
}

inEveryFolder("realtime:subscribe prints what is committed", async (folder) => {
  assert.equal((await folder.run(["init", ...folder.init])).code, 0);
  const without = await folder.run(["realtime:subscribe"]);
  assert.equal(without.code, 2);
  assert.match(without.err, /no log of changes.*followChanges/s);

  await folder.write("migrations/20240101000000_notes.ts", migration);
  const { code, err } = await folder.run(["migrate", "up"]);
  assert.equal(code, 0, err);
  const text = await whileWriting(folder, ["realtime:subscribe", "notes", "--count", "2"]);
  assert.equal(text.code, 0, text.err);
  assert.match(text.err, /Following notes \(log\)/);
  const [inserted, deleted] = text.out.split("\n");
  assert.match(inserted!, /^[\d:.]+ insert notes id="?\d+"? title="Note \d+"$/);
  assert.match(deleted!, /^[\d:.]+ delete notes id="?\d+"?/);

  const json = await whileWriting(folder, ["realtime:subscribe", "--json", "--count", "1"]);
  const change = JSON.parse(json.out);
  assert.deepEqual([change.table, change.kind], ["notes", "insert"]);
  assert.equal(typeof change.position, "string");
  assert.equal(change.after.title, `Note ${change.after.id}`);
  assert.equal((await folder.run(["realtime:subscribe", "--count", "0"])).code, 2);
  assert.equal((await folder.run(["realtime:subscribe", "--source", "rumour"])).code, 2);
});
