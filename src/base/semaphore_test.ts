import assert from "node:assert/strict";
import { Semaphore } from "./semaphore.ts";

Deno.test("refuse() sends away those who wait, and nobody who comes later", async () => {
  const semaphore = new Semaphore({ permits: 1, subject: "the permit" });
  await semaphore.acquire();
  const error = new Error("not now");
  const refused = [semaphore.acquire(), semaphore.acquire()].map((each) =>
    assert.rejects(each, error)
  );
  semaphore.refuse(error);
  await Promise.all(refused);
  const later = semaphore.acquire();
  assert.deepEqual([semaphore.held, semaphore.waiting], [1, 1]);
  semaphore.release();
  await later;
  assert.deepEqual([semaphore.held, semaphore.waiting], [1, 0]);
});
