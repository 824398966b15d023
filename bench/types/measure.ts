/**
 * Counts what the TypeScript compiler does for some files: type instantiations, which are the same on every
 * machine, and the time of the check.
 *
 * Run as a program it takes the path of a list of requests in JSON and prints the measurements. The first of
 * them is of a cold compiler.
 *
 * @module
 */
import { dirname } from "node:path";
import ts from "npm:typescript@6.0.3";

/** What to compile. */
export interface CheckRequest {
  /** The files whose types are checked; what they import is only looked at as far as they need it. */
  readonly files: readonly string[];
  /** Text of files that need not exist on disk, by path. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** What the check of some files took. */
export interface Measurement {
  /** How many types were instantiated. */
  readonly instantiations: number;
  /** Milliseconds of checking, without reading and parsing. */
  readonly milliseconds: number;
  /** The errors that were found, each as `file:line: message`. */
  readonly errors: readonly string[];
}

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
  types: [],
};

/** Checks the files of a request and says what it took. */
export function measure(request: CheckRequest): Measurement {
  const program = ts.createProgram(request.files, OPTIONS, host(request.texts ?? {}));
  const sources = request.files.map((file) => program.getSourceFile(file));
  const start = performance.now();
  const errors = sources.flatMap((source, place) => {
    if (source === undefined) {
      throw new Error(`Cannot measure ${request.files[place]}: no such file`);
    }
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  const milliseconds = performance.now() - start;
  return {
    instantiations: program.getInstantiationCount(),
    milliseconds,
    errors: errors.map(text),
  };
}

/** Files on disk, which all programs share: parsing them takes longer than the checks. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function host(texts: Readonly<Record<string, string>>): ts.CompilerHost {
  const disk = ts.createCompilerHost(OPTIONS);
  const folders = new Set(Object.keys(texts).map((path) => dirname(path)));
  const getSourceFile: ts.CompilerHost["getSourceFile"] = (path, version) => {
    if (path in texts) return ts.createSourceFile(path, texts[path]!, version);
    if (!parsed.has(path)) parsed.set(path, disk.getSourceFile(path, version));
    return parsed.get(path);
  };
  return {
    ...disk,
    getSourceFile,
    fileExists: (path) => path in texts || disk.fileExists(path),
    readFile: (path) => texts[path] ?? disk.readFile(path),
    directoryExists: (path) => folders.has(path) || (disk.directoryExists?.(path) ?? true),
  };
}

function text({ file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (file === undefined) return message;
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
  return `${file.fileName}:${line + 1}: ${message}`;
}

if (import.meta.main) {
  const requests: CheckRequest[] = JSON.parse(Deno.readTextFileSync(Deno.args[0]!));
  console.log(JSON.stringify(requests.map(measure)));
}
