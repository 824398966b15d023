/**
 * Where in the user's code a statement came from.
 *
 * A stack knows it: the first frame that is neither Rex-ORM's nor a package's.
 *
 * @module
 */

/** A place in the user's code. */
export interface QueryCaller {
  /** The file's path, or its address where it is not on this computer. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** The column, from 1. */
  readonly column: number;
  /** The method that was called there, such as `findById`, where the stack tells it. */
  readonly method?: string;
}

/** One line of a stack. */
export interface Frame {
  /** The function, as the runtime names it; empty where it has no name. */
  readonly name: string;
  /** The address or path of the file. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** The column, from 1. */
  readonly column: number;
  /** It waits for those before it, which run without it. */
  readonly waits: boolean;
}

/** Which frames are the library's own. */
export type OwnFrames = (frame: Frame) => boolean;

const POSITION = /^(.+):(\d+):(\d+)$/;
/** Deno keeps a package in `npm/host/name/version`. */
const IN_DENO_CACHE = /\/npm\/[^/]+\/(?:@[^/]+\/)?[^/]+\/\d+\.\d+\.\d+[^/]*\//;
const MODULE = "src/engine/caller.";

let own: OwnFrames = ownFrames(import.meta.url);

/** Where in the user's code a stack passes through; `undefined` where it does not. */
export function callerOf(frames: readonly Frame[]): QueryCaller | undefined {
  return callerIn(frames, own);
}

/**
 * In a bundle all code is one file, and the library's part ends before the code that uses it. The last module of
 * the library tells where it stands there. Does nothing where the library has files of its own.
 */
export function noteEndOfLibrary(): void {
  if (import.meta.url.includes(MODULE)) return;
  const [, end] = framesOf(new Error().stack ?? "");
  if (end !== undefined) own = ownFrames(import.meta.url, end);
}

/**
 * Tells the library's frames by the address of this module: everything below the same `src`, or, in a bundle,
 * what stands before `end`.
 *
 * @param url the address of this module
 * @param end a place in the last module of the library
 */
export function ownFrames(url: string, end?: Frame): OwnFrames {
  const at = url.lastIndexOf(MODULE);
  if (at >= 0) {
    const root = pathOf(url.slice(0, at));
    return ({ file }) => file.startsWith(`${root}src/`) || file === `${root}mod.ts`;
  }
  const bundle = pathOf(url);
  return ({ file, line, column }) =>
    file === bundle &&
    (end === undefined || line < end.line || (line === end.line && column <= end.column));
}

/** The first frame that is the user's; one from the network, likely a package's, only where there is no other. */
export function callerIn(frames: readonly Frame[], own: OwnFrames): QueryCaller | undefined {
  const users = frames.filter((frame) => !own(frame) && !isForeign(frame.file));
  const found = users.find(({ file }) => !/^https?:/.test(file)) ?? users[0];
  if (found === undefined) return undefined;
  const { file, line, column } = found;
  const method = methodOf(frames.slice(0, frames.indexOf(found)).findLast(own)?.name ?? "");
  return Object.freeze({ file, line, column, ...method !== undefined && { method } });
}

/** Reads a stack as V8 (`at name (file:1:2)`) or JavaScriptCore (`name@file:1:2`) writes it. */
export function framesOf(stack: string): Frame[] {
  return stack.split("\n").flatMap((line) => {
    const text = line.trim();
    const v8 = /^at (?:async )?(?:(.*?) \((.+)\)|(.+))$/.exec(text);
    const [name, place] = v8
      ? [v8[1] ?? "", v8[2] ?? v8[3] ?? ""]
      : [text.slice(0, Math.max(0, text.indexOf("@"))), text.slice(text.indexOf("@") + 1)];
    const position = POSITION.exec(place);
    if (position === null) return [];
    const [, file = "", row, column] = position;
    return [{
      name: name.replace(/^async /, ""),
      file: pathOf(file),
      line: Number(row),
      column: Number(column),
      waits: text.startsWith("at async "),
    }];
  });
}

/** Packages, and what belongs to the runtime. */
function isForeign(file: string): boolean {
  return file.includes("/node_modules/") || file.includes("\\node_modules\\") ||
    /^(?:ext|node|internal|bun|npm):|^native$|^<|^\[/.test(file) || IN_DENO_CACHE.test(file);
}

/** `Repository.findById` and `findById` are the method `findById`; functions within are nobody's business. */
function methodOf(name: string): string | undefined {
  const [, method] = /^(?:new )?[A-Z]\w*\.([a-z]\w*)(?: \[as \w+\])?$/.exec(name) ?? [];
  return method;
}

function pathOf(address: string): string {
  if (!address.startsWith("file://")) return address;
  const path = decodeURIComponent(address.slice("file://".length));
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}
