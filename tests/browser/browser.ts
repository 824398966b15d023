/**
 * Tests in a real browser: one Chromium for all tests of a file.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromiumPath, missingChromium } from "./chromium.ts";

/** How long a page may take to show what it is to show, in milliseconds: only a failure takes so long. */
const PATIENCE = 30_000;

/** Without these a browser looks for servers of its maker. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser of one test: its windows share nothing with those of other tests. */
export interface TestBrowser {
  /** Opens a tab in a window of its own, as another person would; listens to it from its beginning. */
  open(url: string, listen?: (page: Page) => void): Promise<Tab>;
}

/** A tab. */
export interface Tab {
  /** What it shows. */
  readonly page: Page;
  /** Its window: can be taken off the network. */
  readonly context: BrowserContext;
}

const executablePath = chromiumPath();
let running: Promise<Browser> | undefined;

async function launch(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return await chromium.launch({ executablePath, args: QUIET });
}

Deno.test.afterAll(async () => {
  // One that could not be started has failed its tests.
  const browser = await running?.catch(() => undefined);
  await browser?.close();
});

/** A test in Chromium. It is skipped where there is none, and its name says so. */
export function browserTest(name: string, test: (browser: TestBrowser) => Promise<void>): void {
  const ignore = executablePath === undefined;
  Deno.test({
    name: ignore ? `${name} (skipped: ${missingChromium})` : name,
    ignore,
    // The browser outlives the test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => inBrowser(test),
  });
}

async function inBrowser(test: (browser: TestBrowser) => Promise<void>): Promise<void> {
  const browser = await (running ??= launch());
  const contexts: BrowserContext[] = [];
  const faults: Error[] = [];
  const open = async (url: string, listen?: (page: Page) => void): Promise<Tab> => {
    const context = await browser.newContext();
    contexts.push(context);
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(error));
    listen?.(page);
    await page.goto(url);
    return { page, context };
  };
  try {
    await test({ open });
    assert.deepEqual(faults, []);
  } finally {
    for (const context of contexts) await context.close();
  }
}
