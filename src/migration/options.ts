/**
 * How migrations are managed.
 *
 * @module
 */
import type { RunnerOptions } from "./runner.ts";
import type { Allowances } from "./status.ts";

/** How migrations are managed. */
export interface MigrationOptions extends RunnerOptions {
  /** Where the files are. Default: `./migrations`. */
  readonly folder?: string;
  /** Milliseconds to wait for another process that migrates. Default: 60,000. */
  readonly lockWait?: number;
  /** Told before and after each migration. */
  readonly onProgress?: (progress: MigrationProgress) => void;
}

/** A migration that begins or has ended. */
export interface MigrationProgress {
  /** Its name. */
  readonly name: string;
  /** Which way. */
  readonly way: "up" | "down";
  /** How many milliseconds it took; none when it begins. */
  readonly duration?: number;
}

/** How far up. */
export interface UpOptions extends Allowances {
  /** Up to this one, itself included. Default: all. */
  readonly to?: string;
  /** Stops the wait for another process. */
  readonly signal?: AbortSignal;
}

/** How far down. */
export interface DownOptions {
  /** How many. Default: 1. */
  readonly count?: number;
  /** Down to this one, which stays; the empty text: all. */
  readonly to?: string;
  /** Stops the wait for another process. */
  readonly signal?: AbortSignal;
}

/** What a dry run found. */
export interface DryRun {
  /** The migration. */
  readonly name: string;
  /** What it sends. */
  readonly statements: readonly string[];
}
