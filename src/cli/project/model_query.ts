/**
 * Queries of models as they are written on the command line: `User {"where": {"age": {"gt": 17}}}`.
 *
 * @module
 */
import type { Database } from "../../database/database.ts";
import type { ModelClass } from "../../model/keys.ts";
import { findJsonFault } from "../../base/json_fault.ts";
import { nearest } from "../../base/nearest.ts";
import type { Call } from "../command.ts";
import { UsageError } from "../exit.ts";
import { loadModels } from "./models.ts";
import type { Project } from "./project.ts";

/** A query of a model. */
interface ModelQuery {
  readonly model: string;
  readonly shape: string;
}

/** Reads a query of a model; what does not look like one is SQL. */
export function modelQueryOf(text: string): ModelQuery | undefined {
  const [, model, shape = "{}"] = /^\s*(\p{Lu}[\p{L}\p{N}_]*)\s*(\{.*\})?\s*$/su.exec(text) ?? [];
  return model === undefined ? undefined : { model, shape };
}

/**
 * Runs a query of a model.
 *
 * @throws {UsageError} when there is no such model, or the shape is not JSON
 */
export async function findByModel(
  call: Call,
  project: Project,
  db: Database,
  { model, shape }: ModelQuery,
): Promise<Record<string, unknown>[]> {
  const models = await loadModels(call, project);
  const found = models.find(({ name }) => name === model);
  if (!found) throw unknownModel(model, models);
  const query = parsed(shape) as Parameters<ReturnType<Database["repository"]>["find"]>[0];
  const records: object[] = await db.repository(found).find(query);
  return records.map((record) => ({ ...record }));
}

function parsed(shape: string): unknown {
  try {
    return JSON.parse(shape);
  } catch {
    const { line, column } = findJsonFault(shape);
    throw new UsageError(`the query is not JSON at line ${line}, column ${column}`, {
      hint: `rex-orm query 'User {"where": {"name": {"startsWith": "A"}}, "limit": 10}'`,
    });
  }
}

function unknownModel(name: string, models: readonly ModelClass[]): UsageError {
  const names = models.map((model) => model.name);
  const meant = nearest(name, names);
  return new UsageError(`there is no model ${name}`, {
    hint: meant ? `did you mean ${meant}?` : `there are ${names.join(", ")}`,
  });
}
