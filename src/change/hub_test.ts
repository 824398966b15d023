import assert from "node:assert/strict";
import type { Change, CommitBatch } from "./change.ts";
import { ChangeHub } from "./hub.ts";

function inserted(id: number): Change {
  return { table: "users", kind: "insert", key: { id }, after: { id } };
}

function setUp(): { hub: ChangeHub; errors: unknown[] } {
  const errors: unknown[] = [];
  return { hub: new ChangeHub({ onError: (error) => void errors.push(error) }), errors };
}

Deno.test("publish() numbers batches from one and gives them to every listener", () => {
  const { hub } = setUp();
  const [first, second]: CommitBatch[][] = [[], []];
  hub.subscribe((batch) => void first!.push(batch));
  hub.publish([inserted(1)]);
  hub.subscribe((batch) => void second!.push(batch));
  hub.publish([inserted(2), inserted(3)]);
  assert.deepEqual(first!.map(({ position }) => position), [1, 2]);
  assert.deepEqual(second!.map(({ changes }) => changes.map(({ key }) => key.id)), [[2, 3]]);
  assert.equal(hub.position, 2);
});

Deno.test("publish() without changes tells nobody and uses no position", () => {
  const { hub } = setUp();
  hub.subscribe(() => assert.fail("nothing was changed"));
  hub.publish([]);
  assert.equal(hub.position, 0);
});

Deno.test("a listener that throws is reported and disturbs neither the writer nor the others", () => {
  const { hub, errors } = setUp();
  const seen: number[] = [];
  hub.subscribe(() => {
    throw new Error("broken listener");
  });
  hub.subscribe(({ position }) => void seen.push(position));
  hub.publish([inserted(1)]);
  hub.publish([inserted(2)]);
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual(errors.map(String), ["Error: broken listener", "Error: broken listener"]);
});

Deno.test("a listener that publishes does not change the order for the others", () => {
  const { hub } = setUp();
  const seen: number[] = [];
  hub.subscribe(({ position }) => {
    if (position === 1) hub.publish([inserted(2)]);
  });
  hub.subscribe(({ position }) => void seen.push(position));
  hub.publish([inserted(1)]);
  assert.deepEqual(seen, [1, 2]);
});

Deno.test("the function that subscribe() returns ends that subscription alone", () => {
  const { hub } = setUp();
  let count = 0;
  const listener = () => void count++;
  const end = hub.subscribe(listener);
  hub.subscribe(listener);
  end();
  end();
  hub.publish([inserted(1)]);
  assert.equal(count, 1);
});

Deno.test("a batch cannot be changed by a listener", () => {
  const { hub, errors } = setUp();
  const changes = [inserted(1)];
  hub.subscribe((batch) => void (batch.changes as Change[]).push(inserted(2)));
  hub.publish(changes);
  assert.equal(changes.length, 1);
  assert.equal(errors.length, 1);
});
