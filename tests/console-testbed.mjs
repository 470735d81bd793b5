// What the tests of the console share: a testbed, the console that shows it, and its page in a browser.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, NO_CHROMIUM } from "../dev/browser.mjs";
import { visit } from "../dev/console/page-driver.mjs";
import { startConsole } from "../dev/console/server.mjs";
import { startTestbed } from "../dev/testbed.mjs";
import { SECRET, TIMEOUT_MS, TOKENS } from "./testbed.mjs";

export const LAPTOP = { width: 1440, height: 860 };

/** Without a browser the tests of the page are skipped, except in CI, which must have one. */
export const skip = chromium() === undefined && process.env.CI !== "true" ? NO_CHROMIUM : false;

/** Starts a testbed and its console, and stops both at the end of the test. */
export async function serve(test) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  const testbed = await startTestbed({
    persist: folder,
    bindings: (slack) => ({
      ...TOKENS,
      KOMBO_WEBHOOK_SECRET: SECRET,
      SLACK_WEBHOOK_URL: slack.url,
      SLACK_OPS_URL: slack.opsUrl,
    }),
  });
  test.after(async () => {
    await testbed.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const token = TOKENS.API_TOKEN;
  const page = await startConsole({
    testbed,
    secret: SECRET,
    token,
    webhookPath: "/webhooks/kombo",
  });
  let stopping;
  const stop = () => (stopping ??= page.stop());
  test.after(stop);
  return { testbed, url: page.url, stop };
}

/**
 * Opens the page of a console in a browser. The test fails if the page sends a request to another host,
 * and, unless `mayFail`, if there is an error.
 */
export async function openPage(test, browser, { mayFail, ...options } = {}) {
  const it = await serve(test);
  const page = await browser.page({ viewport: LAPTOP, ...options });
  page.setDefaultTimeout(TIMEOUT_MS);
  const faults = [];
  const errors = mayFail ? [] : faults;
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(`${it.url}/`) && !address.startsWith("data:")) faults.push(address);
  });
  test.after(async () => {
    await page.context().close();
    assert.deepEqual(faults, []);
  });
  if (!mayFail) await visit(page, it.url);
  return { ...it, page };
}

/** Checks what the page shows now, in its present colours and size. `what` describes it. */
export async function assertAccessible(page, what) {
  // Not as an element, which the console's policy forbids.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    // Code has Slack's own colours.
    globalThis.axe.run({ exclude: [".slack_code_inline"] }),
  );
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${target} ${any[0]?.message ?? ""}`),
  );
  assert.deepEqual(found, [], what);
}
