// Kombo's issues on the real runtime: a raised issue opens an incident and is reported, and a resolved
// one closes it, in whatever order these events arrive.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { absent, deliver, document, key, keys, makeEvent, startTestbed } from "./testbed.mjs";

const TAIL = "T3xkPq9VwLm2ZrYs8GdHnC5J";

function issue(change, changes = {}) {
  const event = makeEvent("issue-status-changed");
  event.data.change = change;
  Object.assign(event.data.issue, changes);
  if (change === "resolved") {
    event.data.issue.status = "RESOLVED";
    event.data.issue.resolved_at = "2026-09-26T11:42:00.000Z";
  }
  return event;
}

describe("an issue", { concurrency: true }, () => {
  test("of an integration is reported, and listed until it is resolved", async (t) => {
    const { edge, slack } = await startTestbed(t);
    const raised = issue("raised");
    assert.equal(await deliver(edge, raised), "accepted");
    assert.equal(await deliver(edge, raised), "duplicate");
    const wanted = await key(edge, "incident:customer/");
    assert.match(wanted, /^incident:customer\/[\w-]{43}:integration:[\w-]{43}$/);
    const incident = await document(edge, wanted);
    assert.equal(incident.kind, "integration");
    assert.equal(incident.origin_id, "org_7741");
    assert.equal(incident.organization_name, "Lindqvist Logistik AB");
    assert.deepEqual(incident.causes, ["integration.authentication_failed"]);
    const [message] = await slack.waitFor(1);
    assert.match(message.json.text, /^🔴 Lindqvist Logistik AB.* HiBob .*stopped working/);
    for (const fact of ["org_7741", "Authentication failed", "reconnect"]) {
      assert.ok(message.text.includes(fact), `${fact} is in the message`);
    }
    assert.ok(!message.text.includes(TAIL), "the integration id is not");
    // The issue is the first event about the integration, which is mapped anyway.
    const customer = await document(edge, "customer:org_7741");
    assert.equal(customer.integrations[0].id, `hibob:${TAIL}`);

    assert.equal(await deliver(edge, issue("resolved")), "accepted");
    await absent(edge, wanted);
    await document(edge, "customer:org_7741");
  });

  test("together with another keeps the incident open until both are resolved", async (t) => {
    const { edge, slack } = await startTestbed(t);
    const other = { id: "another-issue", type: "integration.action_failing" };
    await deliver(edge, issue("raised"));
    await deliver(edge, issue("raised", other));
    const wanted = await key(edge, "incident:");
    await document(edge, wanted, ({ causes }) => causes.length === 2);
    await deliver(edge, issue("resolved"));
    const left = await document(edge, wanted, ({ causes }) => causes.length === 1);
    assert.deepEqual(left.causes, ["integration.action_failing"]);
    await deliver(edge, issue("resolved", other));
    await absent(edge, wanted);
    const messages = await slack.waitFor(2);
    assert.match(
      messages[1].json.text,
      /Kombo no longer reports a problem with /,
      "it was reported once, and closed once",
    );
  });

  test("that arrives after its resolution opens nothing", async (t) => {
    const { edge, slack } = await startTestbed(t);
    await deliver(edge, issue("resolved"));
    await document(edge, "customer:org_7741");
    await deliver(edge, issue("raised"));
    await deliver(edge, issue("raised", { first_observed_at: "2026-09-27T00:00:00.000Z" }));
    const incident = await document(edge, await key(edge, "incident:"));
    assert.equal(incident.attempts, 1);
    assert.equal(incident.revision, 1, "the late event left no trace");
    const [message] = await slack.waitFor(1);
    assert.match(message.json.text, /stopped working/);
  });

  test("of the environment is reported to the engineers, and listed until it is resolved", async (t) => {
    const { edge, slack } = await startTestbed(t);
    const resolved = makeEvent("issue-status-changed:environment-wide-resolved");
    const raised = makeEvent("issue-status-changed:environment-wide-resolved");
    raised.data.change = "raised";
    Object.assign(raised.data.issue, { status: "OPEN", resolved_at: null });
    assert.equal(await deliver(edge, raised), "accepted");
    const wanted = await key(edge, "incident:");
    assert.match(wanted, /^incident:environment:environment/);
    const incident = await document(edge, wanted);
    assert.equal(incident.kind, "environment");
    assert.equal(incident.origin_id, null);
    assert.deepEqual(incident.causes, ["environment.some_future_type"]);
    const [message] = await slack.waitFor(1);
    assert.match(message.json.text, /whole environment/);
    for (const fact of ["Some future issue", "No action needed.", "For engineers", raised.id]) {
      assert.ok(message.text.includes(fact), `${fact} is in the message`);
    }
    assert.equal(await deliver(edge, resolved), "accepted");
    await absent(edge, wanted);
    assert.deepEqual(await keys(edge), [], "the environment has nothing that a backend reads");
  });
});
