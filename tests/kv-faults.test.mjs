// The ways in which Workers KV can fail, on the real runtime: meanwhile deliveries are accepted and
// alerts are sent, and the documents are written later without another event. That an uncertain write is
// repeated after a minute would take too long here; the host tests cover it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  TIMEOUT_MS,
  absent,
  deliver,
  document,
  eventually,
  failKv,
  failure,
  setClockAhead,
  healthOf,
  key,
  keys,
  logged,
  makeEvent,
  seenByKv,
  startTestbed,
} from "./testbed.mjs";

const ID = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const CUSTOMER = "customer:org_7741";
const INTEGRATION = `integration:${ID}`;

/** The attempts to write a key, once there are at least `count`. */
const attempts = (edge, wanted, count = 1) =>
  eventually(async () => {
    const { writes } = await seenByKv(edge);
    const found = writes.filter(({ key }) => key === wanted);
    return found.length >= count && found;
  }, `${count} attempts to write ${wanted}`);

/** Milliseconds from each write to the next of the same key. */
const gaps = (writes) =>
  writes.flatMap(({ key, at }, index) => {
    const next = writes.slice(index + 1).find((other) => other.key === key);
    return next ? [next.at - at] : [];
  });

const becomes = (state) => {
  const event = makeEvent("integration-state-changed");
  event.data.state = state;
  return event;
};

describe("Workers KV", { concurrency: true }, () => {
  for (const [shown, end, error, reason] of [
    ["answers 503", "failed", "KV PUT failed: 503 Service Unavailable", "Workers KV answered 503"],
    ["answers 429", "failed", "KV PUT failed: 429 Too Many Requests", "Workers KV answered 429"],
    ["fails without a status", "failed", "Network connection lost.", "without a status"],
    ["does not answer", "silent", undefined, "did not answer"],
  ]) {
    test(`while it ${shown}, only the documents wait, and they are written later by themselves`, async (t) => {
      const { edge, slack, log } = await startTestbed(t, { wrappers: ["faulty-kv"] });
      await failKv(edge, end, error);
      const quarantined = makeEvent("integration-created");
      delete quarantined.data.id;
      assert.equal(await deliver(edge, makeEvent("integration-created")), "accepted");
      assert.equal(await deliver(edge, failure("other-customer")), "accepted");
      assert.equal(await deliver(edge, makeEvent("integration-created:nulls")), "accepted");
      assert.equal(await deliver(edge, quarantined), "quarantined");
      const messages = await slack.waitFor(3);
      for (const words of [/could not connect/, /without a customer id/, /not be understood/]) {
        assert.ok(
          messages.some(({ json }) => words.test(json.text)),
          `${words} is reported`,
        );
      }
      for (const wanted of [CUSTOMER, INTEGRATION]) await attempts(edge, wanted, 2);
      assert.deepEqual(await keys(edge), [], "nothing could be written");
      assert.equal(
        (await edge.fetch("/healthz")).status,
        200,
        "a short fault does not make health fail",
      );
      assert.ok((await logged(log, "kv_write", "failed")).reason.includes(reason));

      await failKv(edge, "done");
      const customer = await document(edge, CUSTOMER);
      assert.deepEqual(customer.current, { HRIS: ID });
      await document(edge, INTEGRATION);
      await document(edge, `quarantine:${quarantined.id}`);
      await key(edge, "unassigned:");
      const incident = await document(edge, await key(edge, "incident:"));
      assert.equal(incident.origin_id, "other-customer");

      for (const gap of gaps((await seenByKv(edge)).writes)) {
        assert.ok(gap >= 1_000, `a key was written again after ${gap} ms`);
      }
      const tail = ID.split(":")[1];
      for (const { message } of log) assert.ok(!message.includes(tail), message);
    });
  }

  for (const [shown, end] of [
    ["an error", "lost"],
    ["silence", "done silently"],
  ]) {
    test(`a write that was performed but answered with ${shown} ends as the newest document`, async (t) => {
      const { edge } = await startTestbed(t, { wrappers: ["faulty-kv"] });
      await failKv(edge, end);
      await deliver(edge, makeEvent("integration-created"));
      await document(edge, CUSTOMER);
      await deliver(edge, becomes("INVALID"));
      await failKv(edge, "done");
      const customer = await document(edge, CUSTOMER, (it) => it.integrations[0].state !== null);
      assert.equal(customer.integrations[0].state, "INVALID");
      assert.ok(customer.revision > 1);
      await document(edge, INTEGRATION, ({ state }) => state === "INVALID");
    });
  }

  test("a document is removed even if the Worker does not know that it was written", async (t) => {
    const { edge } = await startTestbed(t, { wrappers: ["faulty-kv"] });
    await failKv(edge, "lost");
    await deliver(edge, makeEvent("integration-created"));
    await document(edge, CUSTOMER);
    await document(edge, INTEGRATION);
    await failKv(edge, "failed", "KV DELETE failed: 503 Service Unavailable");
    await deliver(edge, makeEvent("integration-deleted"));
    await failKv(edge, "done");
    await absent(edge, CUSTOMER);
    await absent(edge, INTEGRATION);
  });

  test("a removal that failed is retried", async (t) => {
    const { edge } = await startTestbed(t, { wrappers: ["faulty-kv"] });
    await deliver(edge, makeEvent("integration-created"));
    await document(edge, CUSTOMER);
    await document(edge, INTEGRATION);
    await failKv(edge, "failed", "KV DELETE failed: 429 Too Many Requests");
    await deliver(edge, makeEvent("integration-deleted"));
    for (const wanted of [CUSTOMER, INTEGRATION]) {
      await eventually(async () => {
        const { writes } = await seenByKv(edge);
        return writes.some(({ operation, key }) => operation === "delete" && key === wanted);
      }, `an attempt to delete ${wanted}`);
    }
    assert.deepEqual(await keys(edge), [CUSTOMER, INTEGRATION]);
    await failKv(edge, "done");
    await absent(edge, CUSTOMER);
    await absent(edge, INTEGRATION);
  });

  for (const [shown, end] of [
    ["rejects every write", "failed"],
    ["answers no write", "silent"],
  ]) {
    test(`when KV ${shown} for a long time, health reports it, and everything else continues until it is back`, async (t) => {
      const { edge, slack } = await startTestbed(t, { wrappers: ["shifted-clock", "faulty-kv"] });
      await failKv(edge, end);
      const customers = ["one", "two", "three"].map((number) => `customer-${number}-x`);
      for (const originId of customers) {
        const integrationId = `lever:${originId}`;
        const about = { originId, organization: originId, tool: "lever", integrationId };
        assert.equal(await deliver(edge, makeEvent("integration-created", about)), "accepted");
        assert.equal(
          await deliver(edge, failure(originId, { organization: originId })),
          "accepted",
        );
      }
      await setClockAhead(edge, 11);
      // By this clock, the alerts that still wait for their turn have not moved for eleven minutes, either.
      await eventually(async () => (await healthOf(edge, 503)).kv === "late", "late documents");
      assert.equal(await deliver(edge, makeEvent("integration-created")), "accepted");
      for (const name of customers) {
        await slack.waitFor(1, {
          where: ({ text }) => text.includes(name),
          timeoutMs: TIMEOUT_MS,
        });
      }
      assert.equal((await edge.fetch("/healthz/intake")).status, 200, "deliveries are accepted");
      assert.deepEqual(await keys(edge), [], "nothing could be written");

      await failKv(edge, "done");
      for (const name of customers) {
        await document(edge, `customer:${name}`);
        await document(edge, `integration:lever:${name}`);
      }
      await document(edge, CUSTOMER);
      await eventually(
        async () => (await keys(edge, "incident:")).length === customers.length,
        "the documents of all incidents",
      );
      // The isolate caches what it knows for five seconds of the clock.
      await setClockAhead(edge, 12);
      assert.equal((await healthOf(edge, 200)).status, "ok");
    });
  }
});
