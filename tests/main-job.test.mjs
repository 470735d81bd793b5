// The main job on the real runtime: signed webhooks become documents in KV and messages in Slack.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absent,
  deliver,
  document,
  eventually,
  keys,
  makeEvent,
  startTestbed,
} from "./testbed.mjs";

const ID = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const CUSTOMER = "customer:org_7741";

test("integration-created creates the documents of its customer and of the integration", async (t) => {
  const { edge } = await startTestbed(t);
  assert.equal(await deliver(edge, makeEvent("integration-created")), "accepted");

  const customer = await document(edge, CUSTOMER);
  const [held] = customer.integrations;
  assert.match(held.connected_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(customer, {
    schema: 1,
    environment: "production",
    origin_id: "org_7741",
    organization_name: "Lindqvist Logistik AB",
    integrations: [
      {
        id: ID,
        tool: "hibob",
        category: "HRIS",
        state: null,
        setup_status: null,
        qa_status: null,
        usable: true,
        connected_at: held.connected_at,
        state_changed_at: null,
      },
    ],
    current: { HRIS: ID },
    revision: 1,
    updated_at: customer.updated_at,
  });
  const integration = await document(edge, `integration:${ID}`);
  assert.deepEqual(integration, {
    schema: 1,
    environment: "production",
    integration_id: ID,
    origin_id: "org_7741",
    tool: "hibob",
    category: "HRIS",
    state: null,
    usable: true,
    revision: 1,
    updated_at: integration.updated_at,
  });
  const { metadata } = await (await edge.kv()).getWithMetadata(CUSTOMER);
  assert.equal(metadata.organization_name, "Lindqvist Logistik AB");
  assert.deepEqual(metadata.integrations, [{ tool: "hibob", category: "HRIS", state: null }]);
});

test("a customer fails to connect, connects and leaves, through Kombo's three main events", async (t) => {
  const { edge, slack } = await startTestbed(t);
  const id = "personio:CBNMt7dSNCzBdnRTx87dev4E";
  const acme = {
    originId: "36123",
    organization: "Acme, Inc.",
    email: "user@example.com",
    tool: "personio",
    category: "HRIS",
  };
  await deliver(edge, makeEvent("connection-flow-failed", acme));
  const [message] = await slack.waitFor(1);
  assert.match(message.json.text, /^🔴 Acme, Inc. could not connect Personio/);
  const [incident] = await eventually(async () => {
    const found = await keys(edge, "incident:");
    return found.length > 0 && found;
  });
  await deliver(edge, makeEvent("integration-created", { ...acme, integrationId: id }));
  const customer = await document(edge, "customer:36123");
  assert.equal(customer.organization_name, "Acme, Inc.");
  assert.deepEqual(customer.current, { HRIS: id });
  await absent(edge, incident);
  await deliver(edge, makeEvent("integration-deleted", { ...acme, integrationId: id }));
  for (const key of ["customer:36123", `integration:${id}`]) await absent(edge, key);
});

test("connection-flow-failed sends one message, and its repetition sends none", async (t) => {
  const { edge, slack, log } = await startTestbed(t);
  const failed = makeEvent("connection-flow-failed");
  assert.equal(await deliver(edge, failed), "accepted");
  assert.equal(await deliver(edge, failed), "duplicate");
  assert.equal(await deliver(edge, makeEvent("connection-flow-failed")), "accepted");
  const [message] = await slack.waitFor(1);

  assert.match(message.json.text, /^🔴 Lindqvist Logistik AB could not connect HiBob/);
  assert.equal(message.json.unfurl_links, false);
  assert.equal(message.json.unfurl_media, false);
  for (const fact of [
    "org_7741",
    "hr.admin@lindqvist.example",
    "mailto:hr.admin@lindqvist.example",
    failed.data.log_url,
  ]) {
    assert.ok(message.text.includes(fact), `${fact} is in the message`);
    // The stand-in is not Slack: it may read the text alone.
    assert.ok(message.json.text.includes(fact), `${fact} is in the text`);
  }
  const [key] = await eventually(async () => {
    const found = await keys(edge, "incident:customer/");
    return found.length > 0 && found;
  });
  assert.match(key, /^incident:customer\/[\w-]{43}:connection:hibob:HRIS$/);
  const incident = await document(edge, key);
  assert.equal(incident.kind, "connection");
  assert.equal(incident.origin_id, "org_7741");
  // Another customer's failure is reported after everything about this one, so nothing more can follow.
  await deliver(edge, makeEvent("connection-flow-failed", { originId: "other" }));
  await slack.waitFor(2);
  assert.equal(slack.messages.filter(({ text }) => text.includes("org_7741")).length, 1);
  assert.ok(log.some(({ fields }) => fields?.event === "alert" && fields.outcome === "delivered"));
});

test("a success closes the incident of the failed attempts", async (t) => {
  const { edge } = await startTestbed(t);
  await deliver(edge, makeEvent("connection-flow-failed"));
  const [key] = await eventually(async () => {
    const found = await keys(edge, "incident:");
    return found.length > 0 && found;
  });
  await deliver(edge, makeEvent("integration-created"));
  await document(edge, CUSTOMER);
  await absent(edge, key);
});

test("integration-deleted removes both documents, and a late integration-created changes nothing", async (t) => {
  const { edge } = await startTestbed(t);
  await deliver(edge, makeEvent("integration-created"));
  await document(edge, CUSTOMER);
  await document(edge, `integration:${ID}`);
  assert.equal(await deliver(edge, makeEvent("integration-deleted")), "accepted");
  await absent(edge, CUSTOMER);
  await absent(edge, `integration:${ID}`);
  assert.equal(await deliver(edge, makeEvent("integration-created")), "accepted");
  await deliver(
    edge,
    makeEvent("integration-created", { integrationId: "other:1", originId: "2" }),
  );
  await document(edge, "customer:2");
  assert.deepEqual(await keys(edge, "integration:"), ["integration:other:1"]);
});

test("integration-deleted before integration-created leaves only the tombstone", async (t) => {
  const { edge } = await startTestbed(t);
  await deliver(edge, makeEvent("integration-deleted"));
  await deliver(edge, makeEvent("integration-created"));
  await deliver(
    edge,
    makeEvent("integration-created", { integrationId: "other:1", originId: "2" }),
  );
  await document(edge, "customer:2");
  assert.deepEqual(await keys(edge), ["customer:2", "integration:other:1"]);
});

test("an integration without an origin id waits to be assigned, and the engineers are notified", async (t) => {
  const { edge, slack } = await startTestbed(t);
  await deliver(edge, makeEvent("integration-created:nulls"));
  const id = "sandbox:N8hWc4ZpXv6RtKq2MsLbY9Fd";
  const waiting = await document(edge, `unassigned:${id}`);
  assert.equal(waiting.organization_name, "Example GmbH");
  const integration = await document(edge, `integration:${id}`);
  assert.equal(integration.origin_id, null);
  const [message] = await slack.waitFor(1);
  assert.match(message.json.text, /Example GmbH connected Kombo Sandbox .* without a customer id/);
  assert.ok(message.text.includes(waiting.handle), "the handle is in the message");
  assert.ok(!message.text.includes("N8hWc4ZpXv6RtKq2MsLbY9Fd"), "the id is not");
  assert.ok(message.text.includes("For engineers"));
});

test("a second customer for one integration is reported, and the first keeps it", async (t) => {
  const { edge, slack } = await startTestbed(t);
  await deliver(edge, makeEvent("integration-created"));
  await deliver(edge, makeEvent("integration-created", { originId: "intruder" }));
  const [message] = await slack.waitFor(1);
  assert.match(message.json.text, /^⚠️ Two customers are named/);
  for (const customer of ["org_7741", "intruder"]) assert.ok(message.text.includes(customer));
  assert.ok(!message.text.includes("T3xkPq9VwLm2ZrYs8GdHnC5J"));
  await document(edge, CUSTOMER);
  assert.deepEqual(await keys(edge, "customer:"), [CUSTOMER]);
});

test("a state change opens and closes the incident of the integration", async (t) => {
  const { edge, slack } = await startTestbed(t);
  await deliver(edge, makeEvent("integration-created"));
  await deliver(edge, makeEvent("integration-state-changed"));
  const broken = await document(edge, CUSTOMER, (it) => it.integrations[0].state === "INVALID");
  assert.equal(broken.integrations[0].usable, false);
  assert.equal(broken.integrations[0].state_changed_at, "2026-09-28T03:00:12.004Z");
  const [message] = await slack.waitFor(1);
  assert.match(message.json.text, /stopped working/);
  const [key] = await eventually(async () => {
    const found = await keys(edge, "incident:");
    return found.length > 0 && found;
  });
  assert.match(key, /:integration:/);
  const active = makeEvent("integration-state-changed");
  active.data.state = "ACTIVE";
  active.data.updated_at = "2026-09-29T03:00:12.004Z";
  await deliver(edge, active);
  await document(edge, CUSTOMER, (it) => it.integrations[0].usable);
  await absent(edge, key);
});

test("an event that lacks a required field is kept, listed and reported", async (t) => {
  const { edge, slack } = await startTestbed(t);
  const event = makeEvent("integration-created");
  delete event.data.id;
  assert.equal(await deliver(edge, event), "quarantined");
  assert.equal(await deliver(edge, event), "duplicate");
  const kept = await document(edge, `quarantine:${event.id}`);
  assert.deepEqual(JSON.parse(kept.body), event);
  assert.equal(kept.type, "integration-created");
  assert.match(kept.reason, /data\.id/);
  const [message] = await slack.waitFor(1);
  assert.match(message.json.text, /could not be understood/);
});

test("an event of another type is ignored, and nothing is stored", async (t) => {
  const { edge } = await startTestbed(t);
  for (const name of ["data-changed", "sync-finished", "assessment:order-received"]) {
    assert.equal(await deliver(edge, makeEvent(name)), "ignored");
  }
  assert.deepEqual(await keys(edge), []);
});
