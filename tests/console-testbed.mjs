// What the tests of the console share: a testbed, and the console that shows it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startConsole } from "../dev/console/server.mjs";
import { startTestbed } from "../dev/testbed.mjs";
import { SECRET, TOKENS } from "./testbed.mjs";

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
  test.after(() => page.stop());
  return { testbed, url: page.url };
}
