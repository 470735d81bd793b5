// How integrations are checked with Kombo's API, on the real runtime. The API is a stand-in; a test with
// Kombo's official client shows that it responds as the real one does.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Kombo } from "@kombo-api/sdk";
import { integration, startKombo } from "../dev/kombo-integrations.mjs";
import {
  deliver,
  document,
  eventually,
  logged,
  makeEvent,
  setClock,
  startTestbed,
} from "./testbed.mjs";

const DAY_MS = 86_400_000;
const KEY = "kombo-key-0123456789";
const ID = "hibob:One/ü";

/** A stand-in that knows one integration, and a Worker that may call it. */
async function startTestbedWithKombo(t, answer) {
  const integrations = { [ID]: integration(ID) };
  const kombo = await startKombo({
    keys: { [KEY]: "env-1", other: "env-2" },
    integrations,
    answer,
  });
  t.after(() => kombo.stop());
  const it = await startTestbed(t, {
    wrappers: ["shifted-clock"],
    bindings: { KOMBO_API_KEY: KEY, KOMBO_API_URL: kombo.url, SILENCE_DAYS: "0" },
  });
  return { kombo, ...it };
}

/** Moves the clock ahead by days, and wakes the integration, which would otherwise wait for its alarm. */
async function pass(edge, days, event) {
  await setClock(edge, new Date(Date.now() + days * DAY_MS).toISOString());
  await deliver(edge, event);
}

describe("a check with Kombo", { concurrency: true }, () => {
  test("picks up a change that a lost webhook would have reported", async (t) => {
    const { edge, kombo, log } = await startTestbedWithKombo(t);
    const created = makeEvent("integration-created", { originId: "42", integrationId: ID });
    await deliver(edge, created);
    await document(edge, `integration:${ID}`);
    assert.deepEqual(kombo.requests, [], "nothing is checked immediately");
    kombo.integrations[ID].status = "INVALID";
    await pass(edge, 10, created);
    await document(edge, `integration:${ID}`, ({ state }) => state === "INVALID");
    const paths = kombo.requests.map(({ path }) => path);
    assert.deepEqual(paths.slice(0, 2), [
      "/v1/check-api-key",
      `/v1/integrations/${encodeURIComponent(ID)}`,
    ]);
    const line = await logged(log, "recheck", "known");
    assert.match(line.handle, /^\w{8}$/);
    for (const { message } of log) assert.ok(!message.includes(KEY) && !message.includes(ID));
  });

  test("rejects a key of another environment than the first", async (t) => {
    const { edge, kombo, log } = await startTestbedWithKombo(t);
    const created = makeEvent("integration-created", { originId: "42", integrationId: ID });
    await deliver(edge, created);
    await pass(edge, 10, created);
    await logged(log, "recheck", "known");
    kombo.integrations[ID].status = "INVALID";
    kombo.keys[KEY] = "env-2";
    let days = 10;
    await eventually(async () => {
      await pass(edge, (days += 10), created);
      return log.some(({ fields }) => fields?.outcome === "other_environment");
    }, "the rejection of the key");
    const line = await logged(log, "recheck", "other_environment");
    assert.match(line.reason, /set the right key/);
    const { state } = await document(edge, `integration:${ID}`);
    assert.equal(state, "ACTIVE");
  });

  test("waits as long as Kombo asks it to", async (t) => {
    let rejections = 1;
    const { edge, kombo } = await startTestbedWithKombo(t, () => {
      if (rejections-- > 0) return { status: 429, headers: { "retry-after": "3600" }, body: {} };
    });
    const created = makeEvent("integration-created", { originId: "42", integrationId: ID });
    await deliver(edge, created);
    await pass(edge, 10, created);
    await eventually(() => kombo.requests.length === 1);
    await deliver(edge, created);
    await pass(edge, 10.1, created);
    await eventually(() => kombo.requests.length > 1);
  });
});

describe("an answer of Kombo whose body stalls", { concurrency: true }, () => {
  test("makes the check wait as long as its header asks", async (t) => {
    const headers = { "retry-after": "3600" };
    let rejections = 1;
    const { edge, kombo, log } = await startTestbedWithKombo(t, () => {
      if (rejections-- > 0) return { status: 429, headers, isStalled: true };
    });
    const created = makeEvent("integration-created", { originId: "42", integrationId: ID });
    await deliver(edge, created);
    await pass(edge, 10, created);
    await eventually(() => kombo.requests.length === 1);
    // The clock must not move while the body is still waited for.
    await setTimeout(2_000);
    await pass(edge, 10.1, created);
    await eventually(() => kombo.requests.length > 1);
    const failed = log.filter(({ fields }) => fields?.event === "kombo_ask");
    assert.deepEqual(failed, [], "it was an answer");
  });

  test("is no refusal of the key unless its status says so", async (t) => {
    for (const [status, outcome] of [
      [200, "failed"],
      [401, "key_refused"],
    ]) {
      const { edge, log } = await startTestbedWithKombo(t, () => ({ status, isStalled: true }));
      const created = makeEvent("integration-created", { originId: "42", integrationId: ID });
      await deliver(edge, created);
      await pass(edge, 10, created);
      assert.match((await logged(log, "recheck", outcome)).reason, new RegExp(`${status}`));
    }
  });
});

test("the stand-in responds as Kombo's own client expects", async (t) => {
  const kombo = await startKombo({
    keys: { [KEY]: "env-1" },
    integrations: { [ID]: integration(ID) },
  });
  t.after(() => kombo.stop());
  const client = new Kombo({ api_key: KEY, server_url: kombo.url });
  const { data: checkedKey } = await client.general.checkApiKey();
  assert.equal(checkedKey.environment_id, "env-1");
  const { data: details } = await client.general.getIntegrationDetails({ integration_id: ID });
  assert.equal(details.tool.id, "hibob");
  assert.equal(details.status, "ACTIVE");
  const unknown = client.general.getIntegrationDetails({ integration_id: "hibob:Unknown" });
  await assert.rejects(unknown, (error) => {
    assert.equal(error.error.code, "PLATFORM.INTEGRATION_NOT_FOUND");
    return true;
  });
  const wrong = new Kombo({ api_key: "wrong", server_url: kombo.url });
  await assert.rejects(wrong.general.checkApiKey());
});
