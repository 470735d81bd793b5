// What a backend reads and changes on the real runtime: read routes, pages, and which customer holds an
// integration.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  TOKENS,
  ask,
  deliver,
  document,
  eventually,
  failure,
  keys,
  makeEvent,
} from "./testbed.mjs";
import { absent, problem, seenByKv, startTestbed } from "./testbed.mjs";

const created = (originId, integrationId, changes = {}) =>
  makeEvent("integration-created", { originId, integrationId, ...changes });

const at = (...segments) => `/v1/${segments.map(encodeURIComponent).join("/")}`;

const read = async (edge, path) => {
  const response = await ask(edge, path, { token: TOKENS.API_READ_TOKEN });
  assert.equal(response.status, 200, path);
  assert.equal(response.headers.get("cache-control"), "no-store");
  return response.json();
};

describe("a backend", { concurrency: true }, () => {
  test("reads the current state of one customer and one integration, whatever their ids", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const originId = "a/b c 🦉";
    const id = "hibob:a/b ü";
    await deliver(edge, created(originId, id, { tool: "hibob" }));
    const stored = await document(edge, `customer:${originId}`);
    assert.deepEqual(await read(edge, at("customers", originId)), stored);
    const integration = await document(edge, `integration:${id}`);
    assert.deepEqual(await read(edge, at("integrations", id)), integration);
    const head = await ask(edge, at("customers", originId), { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
  });

  test("gets the correct state while Workers KV is wrong", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    await deliver(edge, created("42", "hibob:One"));
    await document(edge, "customer:42");
    await (await edge.kv()).put("customer:42", "{}");
    assert.equal((await read(edge, "/v1/customers/42")).integrations[0].id, "hibob:One");
    await (await edge.kv()).delete("customer:42");
    assert.equal((await read(edge, "/v1/customers/42")).current.HRIS, "hibob:One");
  });

  test("gets a 404 for what does not exist, and the request leaves nothing behind", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    await deliver(edge, failure("only-incidents"));
    for (const path of [
      "/v1/customers/unknown",
      "/v1/customers/only-incidents",
      "/v1/integrations/none",
    ]) {
      const response = await ask(edge, path);
      assert.equal(response.status, 404, path);
      assert.equal(await problem(response), "nothing");
    }
    const response = await ask(edge, "/v1/nowhere");
    assert.equal(await problem(response), "not-found");
  });

  test("lists customers in pages, with one list operation for each page and without reading values", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS, wrappers: ["faulty-kv"] });
    const all = Array.from({ length: 7 }, (_, number) => `customer-${number}`);
    for (const originId of all) {
      await deliver(edge, created(originId, `hibob:${originId}`, { organization: "Ä".repeat(99) }));
    }
    await eventually(async () => (await keys(edge, "customer:")).length === all.length);
    const before = (await seenByKv(edge)).reads.length;
    const listed = [];
    let cursor = "";
    let pages = 0;
    do {
      const page = await read(edge, `/v1/customers?limit=3&cursor=${encodeURIComponent(cursor)}`);
      listed.push(...page.customers);
      cursor = page.cursor;
      pages += 1;
    } while (cursor !== null);
    assert.deepEqual(
      listed.map(({ origin_id }) => origin_id),
      all,
    );
    assert.equal(pages, 3);
    assert.deepEqual((await seenByKv(edge)).reads.slice(before), ["list", "list", "list"]);
    const [{ updated_at, ...first }] = listed;
    assert.match(updated_at, /^\d{4}-/);
    assert.deepEqual(first, {
      origin_id: "customer-0",
      schema: 1,
      organization_name: "Ä".repeat(60),
      integrations: [{ tool: "hibob", category: "HRIS", state: null }],
      integrations_total: 1,
      revision: 1,
    });
  });

  test("lists what is open and what needs manual action", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    await deliver(edge, failure("42"));
    await deliver(edge, makeEvent("integration-created:nulls", { integrationId: "hibob:Two" }));
    const broken = makeEvent("integration-created");
    delete broken.data.id;
    assert.equal(await deliver(edge, broken), "quarantined");
    const one = (name) =>
      eventually(async () => {
        const page = await read(edge, `/v1/${name}`);
        assert.equal(page.cursor, null);
        return page[name].length === 1 && page[name][0];
      }, `the page of ${name}`);
    const incident = await one("incidents");
    assert.equal(incident.origin_id, "42");
    assert.equal(incident.attempts, 1);
    assert.equal(incident.kind, "connection");
    assert.equal((await document(edge, incident.key)).origin_id, "42");
    const unassigned = await one("unassigned");
    assert.equal(unassigned.integration_id, "hibob:Two");
    assert.match(unassigned.handle, /^\w{8}$/);
    const quarantined = await one("quarantine");
    assert.equal(quarantined.event_id, broken.id);
    assert.equal(quarantined.reason, "`data.id` is missing or not a string");
    assert.equal(quarantined.body, undefined);
  });

  test("gets an error for a page limit that is out of bounds", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    for (const limit of ["0", "1001", "-1", "ten", "1.5"]) {
      const response = await ask(edge, `/v1/customers?limit=${limit}`);
      assert.equal(response.status, 400, limit);
      assert.equal(await problem(response), "bad-limit");
    }
    assert.deepEqual(await read(edge, "/v1/customers?limit=&cursor="), {
      customers: [],
      cursor: null,
    });
  });

  test("assigns an integration to another customer, and undoes that", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    const path = at("integrations", "hibob:Three", "customer");
    const assign = (json) => ask(edge, path, { method: "PUT", json });
    await deliver(edge, created("42", "hibob:Three"));
    await document(edge, "customer:42");
    const assigned = await assign({ origin_id: "43" });
    assert.equal((await assigned.json()).origin_id, "43");
    await absent(edge, "customer:42");
    await document(edge, "customer:43");
    const [message] = await slack.waitFor(1);
    assert.match(message.text, /Previous: customer 42/);
    assert.match(message.text, /Now: customer 43/);
    assert.ok(!message.text.includes("hibob:Three"));
    assert.equal(await problem(await assign({ origin_id: "44", import: true })), "conflict");
    const back = await ask(edge, path, { method: "DELETE" });
    assert.equal((await back.json()).origin_id, "42");
    await document(edge, "customer:42");
  });

  test("removes an integration that it deletes in Kombo, for good", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const path = at("integrations", "hibob:Four");
    await deliver(edge, created("42", "hibob:Four"));
    await document(edge, "customer:42");
    const removed = await ask(edge, path, { method: "DELETE" });
    assert.deepEqual([removed.status, await removed.text()], [204, ""]);
    await absent(edge, "customer:42");
    await absent(edge, "integration:hibob:Four");
    await deliver(edge, makeEvent("integration-deleted", { integrationId: "hibob:Four" }));
    const put = { method: "PUT", json: { origin_id: "42" } };
    const afterwards = await ask(edge, `${path}/customer`, put);
    assert.deepEqual([afterwards.status, await problem(afterwards)], [410, "gone"]);
    const readOnly = { method: "DELETE", token: TOKENS.API_READ_TOKEN };
    assert.equal((await ask(edge, path, readOnly)).status, 401);
  });

  test("retries a quarantined event, and dismisses it", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const broken = makeEvent("integration-created");
    delete broken.data.id;
    assert.equal(await deliver(edge, broken), "quarantined");
    await document(edge, `quarantine:${broken.id}`);
    const path = at("quarantine", broken.id);
    const retried = await ask(edge, path, { method: "POST" });
    assert.deepEqual([retried.status, await retried.json()], [200, { outcome: "quarantined" }]);
    const all = await ask(edge, "/v1/quarantine/retry", { method: "POST" });
    assert.equal(all.status, 202);
    assert.equal((await ask(edge, path, { method: "DELETE" })).status, 204);
    await absent(edge, `quarantine:${broken.id}`);
    assert.equal(await problem(await ask(edge, path, { method: "DELETE" })), "nothing");
  });

  test("closes an incident whose end was never reported", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    await deliver(edge, makeEvent("integration-state-changed", { state: "INVALID" }));
    const [{ key }] = await eventually(async () => {
      const { incidents } = await read(edge, "/v1/incidents");
      return incidents.length > 0 && incidents;
    }, "the incident");
    assert.equal((await ask(edge, at("incidents", key), { method: "DELETE" })).status, 204);
    await absent(edge, key);
    const [, message] = await slack.waitFor(2);
    assert.match(message.json.text, /someone closed the incident about/);
    const again = await ask(edge, at("incidents", key), { method: "DELETE" });
    assert.equal(await problem(again), "nothing");
  });

  test("sees which alerts Slack rejected, and has them sent again", async (t) => {
    const rejection = { status: 400, body: "invalid_blocks" };
    const { edge, slack } = await startTestbed(t, {
      bindings: TOKENS,
      slack: { answers: [rejection, rejection] },
    });
    await deliver(edge, failure("first-customer"));
    const [listed] = await eventually(async () => {
      const { undelivered } = await read(edge, "/v1/undelivered");
      return undelivered.length > 0 && undelivered;
    }, "the list of undelivered alerts");
    assert.equal(listed.origin_id, "first-customer");
    assert.match(listed.reason, /invalid_blocks/);
    const again = await ask(edge, at("undelivered", listed.id), { method: "POST" });
    assert.equal(again.status, 202);
    const messages = await slack.waitFor(3);
    assert.ok(messages[2].text.includes("first-customer"));
    assert.deepEqual((await read(edge, "/v1/undelivered")).undelivered, []);
  });

  test("sends a test alert", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    assert.equal((await ask(edge, "/v1/test-alert", { method: "POST" })).status, 202);
    const [message] = await slack.waitFor(1);
    assert.match(message.json.text, /^ℹ️ This is a test/);
  });
});
