/**
 * OpenTelemetry with Deno's own provider and its console exporter: what really leaves the process.
 *
 * @module
 */
import assert from "node:assert/strict";
import { freshPostgresDatabase } from "../targets/mod.ts";

/** A span as the console exporter prints it. */
interface PrintedSpan {
  readonly name: string;
  readonly kind: string;
  readonly trace: string;
  readonly id: string;
  /** Its attributes, its `parent` and its `status`. */
  readonly facts: Readonly<Record<string, string>>;
}

const program = new URL("./program.ts", import.meta.url).pathname;

/** Runs the program and gives what it prints. */
async function run(input: unknown, env: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      "--allow-env",
      "--allow-net=127.0.0.1,localhost",
      "--config",
      new URL("../../deno.json", import.meta.url).pathname,
      program,
      JSON.stringify(input),
    ],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const printed = decoder.decode(stdout) + decoder.decode(stderr);
  assert.ok(success, printed);
  return printed;
}

const observed = {
  OTEL_DENO: "true",
  OTEL_EXPORTER_OTLP_PROTOCOL: "console",
  OTEL_DENO_CONSOLE: "ignore",
};

function spansOf(printed: string): PrintedSpan[] {
  const blocks = printed.split(/^(?=SPAN |METRIC |LOG )/m).filter((block) =>
    block.startsWith("SPAN")
  );
  return blocks.map((block) => {
    const [head = "", ...lines] = block.trimEnd().split("\n");
    const [, name, trace, id, kind] = /^SPAN (.+) \[(\w+)\/(\w+)\] (\w+) /.exec(head) ?? [];
    assert.ok(name && trace && id && kind, head);
    const facts = lines.map((line) => /^ {2}([\w.]+): (.*)$/.exec(line)?.slice(1) ?? []);
    return { name, kind, trace, id, facts: Object.fromEntries(facts) };
  });
}

function only(spans: readonly PrintedSpan[], name: string, parent: PrintedSpan): PrintedSpan {
  const found = spans.filter((span) => span.name === name && span.facts.parent === parent.id);
  assert.ok(found.length > 0, `no ${name} below ${parent.name}`);
  return found[0]!;
}

for (const system of ["sqlite", "postgresql"]) {
  Deno.test(`OpenTelemetry gets spans and durations by its conventions (${system})`, async () => {
    const fresh = system === "sqlite" ? undefined : await freshPostgresDatabase();
    try {
      const config = fresh === undefined
        ? { database: "sqlite", databasePath: ":memory:" }
        : { database: "postgres", url: fresh.url };
      const printed = await run({ config }, observed);
      const spans = spansOf(printed);
      const [request] = spans.filter(({ name }) => name === "request");
      assert.ok(request);

      const select = only(spans, "SELECT notes", request);
      assert.equal(select.kind, "Client");
      assert.equal(select.trace, request.trace);
      const { facts } = select;
      assert.equal(facts["db.system.name"], system);
      assert.equal(facts["db.query.summary"], "SELECT notes");
      assert.equal(facts["db.operation.name"], "SELECT");
      assert.equal(facts["db.collection.name"], "notes");
      assert.equal(facts["db.query.text"], "SELECT id, text FROM notes");
      assert.equal(facts["db.response.returned_rows"], "1");
      if (fresh === undefined) {
        assert.equal(facts["db.namespace"], ":memory:");
        assert.ok(!("server.address" in facts));
      } else {
        const url = new URL(fresh.url);
        assert.equal(facts["db.namespace"], url.pathname.slice(1));
        assert.equal(facts["server.address"], url.hostname);
        assert.equal(facts["server.port"], url.port);
      }

      const transaction = only(spans, "transaction", request);
      assert.equal(transaction.kind, "Internal");
      for (const name of ["BEGIN", "INSERT notes", "COMMIT"]) only(spans, name, transaction);

      const [failed] = spans.filter((span) => span.facts["error.type"] === "REX_UNIQUE_VIOLATION");
      assert.equal(failed?.name, "INSERT notes");
      assert.match(failed.facts.status!, /^Error/);
      assert.equal(
        failed.facts["db.response.status_code"],
        system === "sqlite" ? "2067" : "23505",
      );
      const [rolledBack] = spans.filter(({ name, facts }) =>
        name === "transaction" && facts["error.type"] === "Error"
      );
      assert.ok(rolledBack);
      only(spans, "ROLLBACK", rolledBack);

      assert.match(printed, /^METRIC db\.client\.operation\.duration \(Histogram, unit=s\)$/m);
      assert.match(
        printed,
        /bounds: +\[0\.001, 0\.005, 0\.01, 0\.05, 0\.1, 0\.5, 1\.0, 5\.0, 10\.0\]/,
      );
      assert.match(printed, /\{.*error\.type=REX_UNIQUE_VIOLATION.*\} count=1 /);
      assert.doesNotMatch(printed, /secret|db\.query\.parameter/);
    } finally {
      await fresh?.drop();
    }
  });
}

Deno.test("OpenTelemetry gets parameter values where they are asked for", async () => {
  const config = { database: "sqlite", databasePath: ":memory:" };
  const spans = spansOf(await run({ config, parameters: true }, observed));
  const values = spans.map(({ facts }) => facts["db.query.parameter.0"]).filter(Boolean);
  assert.deepEqual(values, ["bound-secret", "second", "bound-secret"]);
});

Deno.test("a program that hands over the API works the same where nothing collects", async () => {
  const config = { database: "sqlite", databasePath: ":memory:" };
  assert.equal(await run({ config }, {}), "");
});

Deno.test("nothing of OpenTelemetry is in the library's module graph", async () => {
  for (const entry of ["mod.ts", "src/features/otel/mod.ts"]) {
    const { stdout } = await new Deno.Command("deno", {
      args: ["info", "--json", new URL(`../../${entry}`, import.meta.url).pathname],
    }).output();
    const graph: { modules: { specifier: string; error?: string }[] } = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    const names = graph.modules.map(({ specifier }) => specifier);
    assert.ok(names.some((name) => name.endsWith(entry)));
    assert.deepEqual(names.filter((name) => name.includes("opentelemetry")), []);
    if (entry === "mod.ts") assert.deepEqual(names.filter((name) => name.includes("/otel/")), []);
  }
});
