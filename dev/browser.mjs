// A headless browser for pictures and tests: Debian's Chromium, or the one that CHROMIUM names. It makes
// no network requests of its own.

import { existsSync } from "node:fs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of Chromium; undefined if it is not installed. */
export function chromium() {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return existsSync(path) ? path : undefined;
}

export const NO_CHROMIUM =
  "Chromium not found. Install Debian's package chromium, or set CHROMIUM to its path.";

/** Starts it. Its pages use English and UTC, so that each run draws the same. */
export async function openBrowser() {
  const { chromium: launcher } = await import("playwright-core");
  const browser = await launcher.launch({ executablePath: chromium(), args: FLAGS });
  return {
    /** A page with a new profile. The options are those of a browser context. */
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
