/**
 * Prisma's client is code that its command line makes from a schema.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { configOf, runDeno } from "./processes.ts";

const schemas = ["sqlite", "postgres"].map((name) =>
  fileURLToPath(new URL(`peers/prisma/${name}/schema.prisma`, import.meta.url))
);

/** Makes the clients that `peers/prisma.ts` imports. */
export async function generatePrisma(): Promise<void> {
  for (const schema of schemas) {
    await runDeno({
      args: [
        "run",
        `--config=${configOf(true)}`,
        // It reads its packages and settings, starts itself and package managers, and asks the system a lot.
        "-A",
        "npm:prisma",
        "generate",
        `--schema=${schema}`,
      ],
      // Any program will do: it downloads its engine for migrations otherwise, which nobody needs here.
      env: { PRISMA_SCHEMA_ENGINE_BINARY: Deno.execPath(), PRISMA_HIDE_UPDATE_MESSAGE: "1" },
    });
  }
}
