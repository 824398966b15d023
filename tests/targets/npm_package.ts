/**
 * Packages that hold programs for one platform, out of Deno's npm cache.
 *
 * This goes through processes and a lock file of its own: whatever `deno.lock` names, each command of the
 * project would download, for every platform.
 *
 * @module
 */

/** A package for one platform. */
export interface PlatformPackage {
  /** Its name at npm. */
  readonly name: string;
  /** The exact version. */
  readonly version: string;
  /** Its integrity, as npm states it. */
  readonly integrity: string;
  /** The system it is for, in npm's words. */
  readonly os: string;
  /** The processor it is for, in npm's words. */
  readonly cpu: string;
  /** Whether it has install scripts, which are not run. */
  readonly scripts?: boolean;
}

/** What `deno info` tells of a package. */
interface PackageInfo {
  readonly npmPackages?: Readonly<Record<string, { readonly localPath?: string }>>;
}

/**
 * Lets Deno fetch a package, unless it has it, and returns its folder.
 *
 * @throws {Error} when it is neither in the cache nor to be had, with what Deno says
 */
export async function npmPackageFolder(wanted: PlatformPackage): Promise<string> {
  const id = `${wanted.name}@${wanted.version}`;
  const lock = await Deno.makeTempFile({ prefix: "rex-orm-package-", suffix: ".lock" });
  try {
    await Deno.writeTextFile(lock, JSON.stringify(lockOf(id, wanted)));
    const options = ["--no-config", "--frozen", `--lock=${lock}`, `npm:${id}`];
    await deno(id, ["cache", ...options]);
    const info: PackageInfo = JSON.parse(await deno(id, ["info", "--json", ...options]));
    const folder = info.npmPackages?.[id]?.localPath;
    if (folder === undefined) throw new Error(`Cannot find npm:${id} in Deno's cache`);
    return folder;
  } finally {
    await Deno.remove(lock);
  }
}

function lockOf(id: string, { version, integrity, os, cpu, scripts }: PlatformPackage): unknown {
  const entry = { integrity, os: [os], cpu: [cpu], ...scripts && { scripts } };
  return { version: "5", specifiers: { [`npm:${id}`]: version }, npm: { [id]: entry } };
}

async function deno(id: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`Cannot fetch npm:${id}: ${decoder.decode(stderr)}`);
}
