import assert from "node:assert/strict";
import { consoleSink, Logger, type LogRecord } from "./logger.ts";

function recorded(level: "debug" | "info" | "warn" | "error", work: () => void): LogRecord[] {
  const records: LogRecord[] = [];
  Logger.configure({ level, sink: (record) => void records.push(record) });
  try {
    work();
  } finally {
    Logger.configure({});
  }
  return records;
}

Deno.test("Logger is silent until it is configured", () => {
  assert.equal(Logger.isEnabled("error"), false);
  Logger.error("nobody hears this");
});

Deno.test("Logger gives the sink what is at least as important as the level", () => {
  const records = recorded("warn", () => {
    Logger.debug("a");
    Logger.info("b");
    Logger.warn("c");
    Logger.error("d", { table: "users" });
    assert.equal(Logger.isEnabled("info"), false);
    assert.equal(Logger.isEnabled("warn"), true);
  });
  assert.deepEqual(records.map(({ level, message }) => [level, message]), [
    ["warn", "c"],
    ["error", "d"],
  ]);
  assert.deepEqual(records[1]?.data, { table: "users" });
  assert.ok(Object.isFrozen(records[0]));
});

Deno.test("Logger.child names its category, and its children theirs below it", () => {
  const records = recorded("debug", () => {
    Logger.child("query").debug("x");
    Logger.child("query").child("slow").warn("y");
  });
  assert.deepEqual(records.map(({ category }) => category), ["query", "query.slow"]);
});

Deno.test("Logger keeps a failing sink away from the code that logs", () => {
  const [original, said] = [console.error, [] as unknown[]];
  console.error = (...args: unknown[]) => void said.push(...args);
  try {
    Logger.configure({
      sink: () => {
        throw new Error("disk full");
      },
    });
    Logger.info("x");
  } finally {
    Logger.configure({});
    console.error = original;
  }
  assert.match(String(said[0]), /log sink failed/);
});

Deno.test("consoleSink writes a line with time, level, category and message", () => {
  const [original, said] = [console.warn, [] as unknown[]];
  console.warn = (...args: unknown[]) => void said.push(...args);
  try {
    const time = new Date(0);
    consoleSink()({ time, level: "warn", category: "query", message: "slow", data: {} });
  } finally {
    console.warn = original;
  }
  assert.deepEqual(said, ["1970-01-01T00:00:00.000Z WARN  [query] slow"]);
});
