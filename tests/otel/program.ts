/**
 * A program with a request, a transaction and failures, that is observed by OpenTelemetry: run by `otel_test.ts`.
 *
 * @module
 */
import * as api from "npm:@opentelemetry/api@1.9.0";
import { BaseModel, Column, connect, Entity, type Generated, PrimaryKey } from "../../mod.ts";
import { telemetry } from "../../src/features/otel/mod.ts";

@Entity({ tableName: "notes" })
class Note extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", unique: true })
  text!: string;
}

const { config, parameters } = JSON.parse(Deno.args[0] ?? "{}");

if (import.meta.main) {
  await using db = await connect(config, { instrument: [telemetry(api, { parameters })] });
  await db.schema.create({ models: [Note] });
  await api.trace.getTracer("test").startActiveSpan("request", async (request) => {
    const notes = db.repository(Note);
    await notes.create({ text: "bound-secret" });
    await notes.find();
    await db.transaction(async (tx) => {
      await tx.repository(Note).create({ text: "second" });
    });
    await db.execute("SELECT 'literal-secret' AS text");
    await notes.create({ text: "bound-secret" }).catch(() => {});
    await db.transaction(() => Promise.reject(new Error("message-secret"))).catch(() => {});
    request.end();
  });
}
