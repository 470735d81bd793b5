// A browser for pictures and tests: Debian's Chromium, or the one that CHROMIUM names, without a window.
// It asks nobody on the network for anything of its own.

import { existsSync } from "node:fs";

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where Chromium is; undefined when there is none. */
export function chromium() {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return existsSync(path) ? path : undefined;
}

export const NO_CHROMIUM =
  "Chromium not found. Install Debian's package chromium, or set CHROMIUM to its path.";

/** Starts it. Its pages belong to a user who reads English in UTC, so that each run draws the same. */
export async function openBrowser() {
  const { chromium: launcher } = await import("playwright-core");
  const browser = await launcher.launch({ executablePath: chromium(), args: QUIET });
  return {
    /** A page of its own, with nothing remembered. The options are those of a context. */
    async page(options) {
      const context = await browser.newContext({
        timezoneId: "UTC",
        locale: "en-GB",
        ...options,
      });
      return context.newPage();
    },
    close: () => browser.close(),
  };
}
