// `node scripts/schemathesis.mjs`: Schemathesis generates requests of all kinds from
// contract/openapi.json and checks the responses of the Worker against it. Its configuration is
// schemathesis.toml. Some documents exist from the start, so that not every request gets a 404. It can't
// know which response is right for a request: tests/contract-api.test.mjs tests that.

import { join } from "node:path";
import { makeEvent, deliver } from "../dev/kombo.mjs";
import { startSlack } from "../dev/slack.mjs";
import { build, worker } from "./build.mjs";
import { run } from "./command.mjs";
import { WEBHOOK_PATH } from "./local-settings.mjs";
import { OPENAPI } from "./openapi.mjs";
import { inProject, isStarted, main, projectEnvironment, python, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";

const SETTINGS = {
  KOMBO_WEBHOOK_SECRET: "kombo-test-secret",
  API_TOKEN: "full-token-0123456789",
  API_READ_TOKEN: "read-token-0123456789",
};

/** Events that create what the examples in the contract refer to. */
const events = () => {
  const acme = { originId: "36123", organization: "Acme, Inc.", tool: "personio" };
  const integrationId = "personio:CBNMt7dSNCzBdnRTx87dev4E";
  const unreadable = makeEvent("integration-created", { id: "Qm4vT8sYpR2kWzH6cLxN9dBf" });
  return [
    makeEvent("connection-flow-failed", { ...acme, originId: "refused" }),
    makeEvent("integration-created", { ...acme, integrationId }),
    makeEvent("integration-state-changed", { ...acme, integrationId }),
    makeEvent("integration-created:nulls"),
    { ...unreadable, data: {} },
  ];
};

export async function testApi() {
  // Not at the top: miniflare may not be installed before the setup has run.
  const { startWorker } = await import("../dev/worker.mjs");
  const slack = await startSlack({
    answers: ({ text }) =>
      text.includes("refused") ? { status: 400, body: "invalid_blocks" } : undefined,
  });
  let edge;
  try {
    edge = await startWorker({ bindings: { ...SETTINGS, SLACK_WEBHOOK_URL: slack.url } });
    const url = new URL(WEBHOOK_PATH, edge.url);
    for (const event of events()) {
      const { status } = await deliver(url, event, { secret: SETTINGS.KOMBO_WEBHOOK_SECRET });
      if (status !== 200) throw new Stop(`An event was answered ${status}.`);
    }
    const config = inProject("scripts", "schemathesis.toml");
    const args = ["--config-file", config, "run", OPENAPI, "--url", edge.url.origin, "--no-color"];
    const env = projectEnvironment({
      ...SETTINGS,
      HYPOTHESIS_STORAGE_DIRECTORY: inProject("target", "tmp", "hypothesis"),
    });
    await run(join(python, "bin", "schemathesis"), args, { env, what: "schemathesis" });
    const health = await edge.fetch("/healthz");
    if (health.status !== 200)
      throw new Stop(`Afterwards /healthz answered: ${await health.text()}`);
  } finally {
    await edge?.dispose();
    await slack.stop();
  }
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    await setUp({ forTests: true });
    await build(worker);
    await testApi();
  });
}
