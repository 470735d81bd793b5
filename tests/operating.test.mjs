// The procedures of docs/operations.md on the real runtime, as an operator follows them: a setting is
// changed by a restart with another value, as a deployment does. Procedures that other tests cover are
// not repeated here; the document names those tests.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { integration, startKombo } from "../dev/kombo-integrations.mjs";
import { SIGNATURE_HEADER, sign } from "../dev/kombo.mjs";
import { commandWith } from "./command.mjs";
import { SECRET, TOKENS, deliver, document, eventually, failure, makeEvent } from "./testbed.mjs";
import { TIMEOUT_MS, setClockAhead, logged, post, startTestbed } from "./testbed.mjs";

const NEW_SECRET = "another-kombo-secret";

/** What `npm run ask -- <method> <path>` prints. */
async function runAsk(edge, ...args) {
  const env = { API_TOKEN: TOKENS.API_TOKEN, KOMBO_EDGE_URL: String(edge.url) };
  const { code, printed } = await commandWith(env, edge, "ask", ...args);
  assert.equal(code, 0, printed);
  return printed.startsWith("{") ? JSON.parse(printed) : printed;
}

/** The status of a new delivery that is signed with this secret. */
async function statusOf(edge, secret) {
  const body = JSON.stringify(failure("a-customer"));
  const { status } = await post(edge, body, { [SIGNATURE_HEADER]: sign(body, secret) });
  return status;
}

describe("operations", { concurrency: true }, () => {
  test("Kombo's secret is changed without a rejected delivery", async (t) => {
    const it = await startTestbed(t, { bindings: TOKENS, persist: true });
    await it.crash({ KOMBO_WEBHOOK_SECRET: `${SECRET} ${NEW_SECRET}` });
    assert.equal(await statusOf(it.edge, SECRET), 200, "Kombo still signs with the old one");
    assert.equal(await statusOf(it.edge, NEW_SECRET), 200);
    const { watch } = await runAsk(it.edge, "GET", "/v1/status");
    assert.equal(watch.refused_signatures_24h, 0);

    await it.crash({ KOMBO_WEBHOOK_SECRET: NEW_SECRET });
    assert.equal(await statusOf(it.edge, NEW_SECRET), 200);
    assert.equal(await statusOf(it.edge, SECRET), 401, "the old secret is no longer accepted");
    await eventually(async () => {
      const { watch } = await runAsk(it.edge, "GET", "/v1/status");
      return watch.refused_signatures_24h === 1;
    }, "the count of the rejected delivery");
  });

  test("another channel gets the next message, and nothing is sent twice", async (t) => {
    const it = await startTestbed(t, { bindings: TOKENS, persist: true });
    const { slack } = it;
    const [oldPath, newPath] = [slack.url, slack.opsUrl].map((url) => new URL(url).pathname);
    await deliver(it.edge, failure("a-customer"));
    await slack.waitFor(1);
    await logged(it.log, "alert", "delivered");

    await it.crash({ SLACK_WEBHOOK_URL: slack.opsUrl });
    assert.equal((await it.edge.fetch("/healthz")).status, 200);
    await runAsk(it.edge, "POST", "/v1/test-alert");
    const about = { originId: "a-customer", integrationId: "hibob:One" };
    await deliver(it.edge, makeEvent("integration-created", about));
    const [first, ...moved] = await slack.waitFor(3, { timeoutMs: TIMEOUT_MS });
    assert.equal(first.path, oldPath);
    assert.ok(moved.every(({ path }) => path === newPath));
    const texts = moved.map(({ json }) => json.text);
    for (const words of [/^ℹ️ This is a test/, /connected/]) {
      assert.equal(texts.filter((text) => words.test(text)).length, 1, texts.join("\n"));
    }
  });

  test("another key of the same environment is accepted", async (t) => {
    const id = "hibob:One";
    const kombo = await startKombo({
      keys: { "old-key": "env-1", "new-key": "env-1" },
      integrations: { [id]: integration(id) },
    });
    t.after(() => kombo.stop());
    const it = await startTestbed(t, {
      persist: true,
      wrappers: ["shifted-clock"],
      bindings: { KOMBO_API_KEY: "old-key", KOMBO_API_URL: kombo.url, SILENCE_DAYS: "0" },
    });
    const created = makeEvent("integration-created", { originId: "42", integrationId: id });
    let days = 0;
    /** Moves the clock ahead and wakes the integration (instead of its alarm) until it is checked. */
    const checked = () =>
      eventually(async () => {
        await setClockAhead(it.edge, (days += 10) * 24 * 60);
        await deliver(it.edge, created);
        return it.log.some(
          ({ fields }) => fields?.event === "recheck" && fields.outcome === "known",
        );
      }, "a check with Kombo");
    await deliver(it.edge, created);
    await document(it.edge, `integration:${id}`);
    await checked();
    delete kombo.keys["old-key"];
    kombo.integrations[id].status = "INVALID";
    it.log.length = 0;

    await it.crash({ KOMBO_API_KEY: "new-key" });
    await checked();
    await document(it.edge, `integration:${id}`, ({ state }) => state === "INVALID");
    assert.equal(kombo.requests.at(-1).key, "new-key");
  });

  test("the health of the intake fails while nothing can be stored, and names the setting", async (t) => {
    const it = await startTestbed(t, { persist: true });
    await it.crash({ KOMBO_WEBHOOK_SECRET: "" });
    const failing = await it.edge.fetch("/healthz/intake");
    assert.equal(failing.status, 503);
    assert.deepEqual((await failing.json()).settings, ["KOMBO_WEBHOOK_SECRET"]);
    assert.equal(await statusOf(it.edge, SECRET), 503, "Kombo is asked to try again");
    const line = await logged(it.log, "configuration", "invalid");
    assert.match(line.reason, /^KOMBO_WEBHOOK_SECRET is missing.*wrangler secret put/);
    await it.crash({ KOMBO_WEBHOOK_SECRET: SECRET });
    assert.equal((await it.edge.fetch("/healthz/intake")).status, 200);
    assert.equal(await statusOf(it.edge, SECRET), 200);
  });

  test("a route is called by hand, and the token is sent to no other host", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    await deliver(
      edge,
      makeEvent("integration-created", { originId: "a/b", integrationId: "x:1" }),
    );
    await document(edge, "customer:a/b");
    const json = JSON.stringify({ tool: null, until: new Date(Date.now() + 60_000).toISOString() });
    const path = "/v1/customers/a%2Fb/mute";
    const { muted } = await runAsk(edge, "PUT", path, "--json", json);
    assert.equal(muted.length, 1);
    assert.match(await runAsk(edge, "DELETE", "/v1/integrations/x%3A1"), /^Done\./);
    const wrongs = {
      "The path must be": ["GET", "//example.com/v1/"],
      "<path> is missing": ["GET"],
      "The method must be": ["PATCH", "/v1/status"],
    };
    for (const [problem, wrong] of Object.entries(wrongs)) {
      const { code, printed } = await commandWith({}, edge, "ask", ...wrong);
      assert.equal(code, 1);
      assert.ok(printed.startsWith(`\n${problem}`), printed);
    }
    const { printed } = await commandWith({}, edge, "ask", "PUT", path, "--json", "{");
    assert.match(printed, /--json must be quoted JSON/);
  });
});
