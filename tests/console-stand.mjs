// What the tests of the console share: a stand, and the console that shows it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startConsole } from "../dev/console/server.mjs";
import { startStand } from "../dev/stand.mjs";
import { SECRET, TOKENS } from "./stand.mjs";

/** Starts a stand and its console, and stops both at the end of the test. */
export async function serve(test) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  const stand = await startStand({
    persist: folder,
    bindings: (slack) => ({
      ...TOKENS,
      KOMBO_WEBHOOK_SECRET: SECRET,
      SLACK_WEBHOOK_URL: slack.url,
      SLACK_OPS_URL: slack.opsUrl,
    }),
  });
  test.after(async () => {
    await stand.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const token = TOKENS.API_TOKEN;
  const page = await startConsole({ stand, secret: SECRET, token, webhookPath: "/webhooks/kombo" });
  test.after(() => page.stop());
  return { stand, url: page.url };
}
