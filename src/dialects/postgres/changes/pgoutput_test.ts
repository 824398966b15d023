import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PgoutputDecoder } from "./pgoutput.ts";

/** A transaction without rows, as the server sends it. */
function emptyTransaction(decoder: PgoutputDecoder, xid: number): number | undefined {
  const begin = Buffer.alloc(21);
  begin[0] = "B".charCodeAt(0);
  begin.writeUInt32BE(xid, 17);
  assert.equal(decoder.read(begin, 0), undefined);
  assert.equal(decoder.inTransaction, true);
  const commit = Buffer.alloc(26);
  commit[0] = "C".charCodeAt(0);
  commit.writeUInt32BE(1, 10);
  commit.writeUInt32BE(2, 14);
  const transaction = decoder.read(commit, 0);
  assert.equal(transaction?.end, 2 ** 32 + 2);
  assert.equal(transaction?.time, 946_684_800_000);
  return transaction?.xid;
}

Deno.test("PgoutputDecoder gives transaction numbers their epoch, over the turn of one and back", () => {
  const epoch = 2 ** 32;
  const decoder = new PgoutputDecoder(3 * epoch - 5, "public");
  assert.equal(emptyTransaction(decoder, epoch - 7), 3 * epoch - 7);
  assert.equal(emptyTransaction(decoder, 3), 3 * epoch + 3);
  assert.equal(emptyTransaction(decoder, epoch - 1), 3 * epoch - 1);
  assert.equal(emptyTransaction(decoder, 2 ** 30), 3 * epoch + 2 ** 30);
  assert.equal(emptyTransaction(new PgoutputDecoder(800, "public"), 798), 798);
});

Deno.test("PgoutputDecoder passes over what changes no row, and refuses rows of tables that it does not know", () => {
  const decoder = new PgoutputDecoder(1, "public");
  for (const kind of ["Y", "O", "M"]) {
    assert.equal(decoder.read(Buffer.from(`${kind}\0\0\0\0`), 0), undefined);
  }
  assert.throws(() => decoder.read(Buffer.from("I\0\0\0\x01N\0\0", "latin1"), 0), TypeError);
});
