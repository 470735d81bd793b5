// The ways in which Slack can fail for a while, on the real runtime: an alert leaves the queue only when
// Slack has accepted it, and whatever Slack does, Kombo gets its response and the backend its mapping.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  TIMEOUT_MS,
  deliver,
  document,
  eventually,
  failure,
  setClockAhead,
  healthOf,
  keys,
  logged,
  makeEvent,
  startTestbed,
} from "./testbed.mjs";

/** How long Kombo waits is not known. The ten seconds that Slack may need must not delay a response. */
const SOON_MS = 5_000;

async function deliverFast(edge, event) {
  const start = Date.now();
  assert.equal(await deliver(edge, event), "accepted");
  const duration = Date.now() - start;
  assert.ok(duration < SOON_MS, `the delivery needed ${duration} ms`);
}

const incidents = (edge, count) =>
  eventually(async () => (await keys(edge, "incident:")).length === count, `${count} incidents`);

/** Milliseconds from each message to the next, as they arrived. */
const gaps = (messages) => messages.slice(1).map(({ at }, index) => at - messages[index].at);

/** Which of the customers each message names. */
const named = (messages, ...customers) =>
  messages.map(({ text }) => customers.find((customer) => text.includes(customer)));

describe("Slack", { concurrency: true }, () => {
  test("alerts arrive in order, at least a second apart", async (t) => {
    const { edge, slack } = await startTestbed(t);
    const customers = ["first-customer", "second-customer", "third-customer"];
    for (const [index, customer] of customers.entries()) {
      await deliverFast(edge, failure(customer));
      // The incident is written when the alert is handed over, so the next alert can't overtake it.
      await incidents(edge, index + 1);
    }
    const messages = await slack.waitFor(3);
    assert.deepEqual(named(messages, ...customers), customers);
    for (const gap of gaps(messages)) assert.ok(gap >= 1_000, `${gap} ms apart`);
  });

  for (const [shown, fault] of [
    ["answers 500", { status: 500, body: "rollup_error" }],
    ["answers 503", { status: 503, body: "" }],
    ["receives a message and cuts the connection", "drop"],
  ]) {
    test(`when Slack ${shown}, the alert is delivered later, and once`, async (t) => {
      const { edge, slack, log } = await startTestbed(t, { slack: { answers: [fault] } });
      await deliverFast(edge, failure("first-customer"));
      await slack.waitFor(1);
      await deliverFast(edge, failure("second-customer"));
      // The queue is in order: once the second has arrived, the first can't be repeated.
      const messages = await slack.waitFor(3);
      assert.deepEqual(named(messages, "first-customer", "second-customer"), [
        "first-customer",
        "first-customer",
        "second-customer",
      ]);
      for (const gap of gaps(messages)) assert.ok(gap >= 1_000, `${gap} ms apart`);
      assert.match((await logged(log, "alert", "failed")).reason, /^Slack /);
      assert.equal(
        (await edge.fetch("/healthz")).status,
        200,
        "a short fault does not make health fail",
      );
    });
  }

  test("when Slack asks to wait two seconds, nothing is posted during that time", async (t) => {
    const answers = [{ status: 429, headers: { "retry-after": "2" }, body: "rate_limited" }];
    const { edge, slack, log } = await startTestbed(t, { slack: { answers } });
    await deliverFast(edge, failure("first-customer"));
    await slack.waitFor(1);
    // A delivery during that time must not wake the queue.
    await deliverFast(edge, failure("second-customer"));
    const messages = await slack.waitFor(3);
    const [waited] = gaps(messages);
    assert.ok(waited >= 2_000, `the next post came after ${waited} ms`);
    assert.deepEqual(named(messages, "first-customer", "second-customer"), [
      "first-customer",
      "first-customer",
      "second-customer",
    ]);
    assert.match((await logged(log, "alert", "rate_limited")).reason, /2 s/);
  });

  test("a message counts as delivered although the body of the answer stalls", async (t) => {
    const answers = [{ status: 200, body: "o", isStalled: true }];
    const { edge, slack, log } = await startTestbed(t, { slack: { answers } });
    await deliverFast(edge, failure("first-customer"));
    await slack.waitFor(1);
    await logged(log, "alert", "delivered");
    await deliverFast(edge, failure("second-customer"));
    const messages = await slack.waitFor(2);
    assert.deepEqual(named(messages, "first-customer", "second-customer"), [
      "first-customer",
      "second-customer",
    ]);
    assert.ok(gaps(messages)[0] < 5_000, "Slack's ten seconds are not waited for");
  });

  test("a wait that Slack asks for counts although the body of the answer stalls", async (t) => {
    const headers = { "retry-after": "3.5" };
    const answers = [{ status: 429, headers, body: "", isStalled: true }];
    const { edge, slack, log } = await startTestbed(t, { slack: { answers } });
    await deliverFast(edge, failure("first-customer"));
    const [waited] = gaps(await slack.waitFor(2));
    assert.ok(waited >= 3_500 && waited < 8_000, `the next post came after ${waited} ms`);
    assert.match((await logged(log, "alert", "rate_limited")).reason, /3 s/);
  });

  test("a webhook that is rejected turns health red although the body of the answer stalls", async (t) => {
    const { edge, slack, log } = await startTestbed(t);
    slack.answerWith(() => ({ status: 404, body: "no_service", isStalled: true }));
    await deliverFast(edge, failure("first-customer"));
    assert.match((await logged(log, "alert", "hook_refused")).reason, /404: no_service/);
    assert.equal((await healthOf(edge, 503)).slack, "failing");
    assert.equal(slack.messages.length, 1);
  });

  test("when Slack never answers, only the alerts wait for it", async (t) => {
    const { edge, slack, log } = await startTestbed(t, { slack: { answers: ["hang"] } });
    await deliverFast(edge, failure("first-customer"));
    await slack.waitFor(1);
    await deliverFast(edge, failure("second-customer"));
    await deliverFast(edge, makeEvent("integration-created", { originId: "third-customer" }));
    await document(edge, "customer:third-customer");
    await incidents(edge, 2);
    assert.equal((await edge.fetch("/healthz")).status, 200);
    assert.equal(slack.messages.length, 1, "Slack held the first post all that time");
    const messages = await slack.waitFor(3, { timeoutMs: TIMEOUT_MS });
    const [waited] = gaps(messages);
    assert.ok(waited >= 10_000, `Slack had ${waited} ms to answer`);
    assert.deepEqual(named(messages, "first-customer", "second-customer"), [
      "first-customer",
      "first-customer",
      "second-customer",
    ]);
    assert.match((await logged(log, "alert", "failed")).reason, /did not answer in time/);
  });

  test("when Slack does not answer for a long time, health fails until Slack accepts what waited", async (t) => {
    const { edge, slack } = await startTestbed(t, { wrappers: ["shifted-clock"] });
    slack.answerWith(() => "hang");
    await deliverFast(edge, failure("first-customer"));
    await deliverFast(edge, makeEvent("integration-created", { originId: "second-customer" }));
    await document(edge, "customer:second-customer");
    await slack.waitFor(2, { timeoutMs: TIMEOUT_MS });
    await setClockAhead(edge, 11);
    assert.equal((await healthOf(edge, 503)).slack, "failing");
    slack.answerWith([]);
    const [message] = await slack.waitFor(1, {
      where: ({ answer }) => answer.status === 200,
      timeoutMs: TIMEOUT_MS,
    });
    assert.ok(message.text.includes("first-customer"));
    await setClockAhead(edge, 12);
    assert.equal((await healthOf(edge, 200)).status, "ok");
  });

  test("a message with blocks that Slack rejects is sent as plain text, and the next one in full", async (t) => {
    const answers = [{ status: 400, body: "invalid_blocks" }];
    const { edge, slack, log } = await startTestbed(t, { slack: { answers } });
    await deliverFast(edge, failure("first-customer"));
    await slack.waitFor(1);
    await deliverFast(edge, failure("second-customer"));
    const [rejected, plain, next] = await slack.waitFor(3);
    assert.ok(rejected.json.blocks.length > 0);
    assert.equal(plain.json.blocks, undefined);
    for (const { json } of [rejected, plain]) assert.match(json.text, /^🔴 .* could not connect/);
    assert.ok(plain.text.includes("first-customer"));
    assert.ok(next.text.includes("second-customer") && next.json.blocks.length > 0);
    const line = await logged(log, "alert", "message_refused");
    assert.match(line.reason, /400: invalid_blocks; the message is malformed/);
  });

  test("a message that Slack rejects in both forms does not hold up the next", async (t) => {
    const rejection = { status: 400, body: "invalid_payload" };
    const { edge, slack } = await startTestbed(t, { slack: { answers: [rejection, rejection] } });
    await deliverFast(edge, failure("first-customer"));
    await slack.waitFor(1);
    await deliverFast(edge, failure("second-customer"));
    await slack.waitFor(3);
    await deliverFast(edge, failure("third-customer"));
    const messages = await slack.waitFor(4);
    assert.deepEqual(named(messages, "first-customer", "second-customer", "third-customer"), [
      "first-customer",
      "first-customer",
      "second-customer",
      "third-customer",
    ]);
    assert.equal((await edge.fetch("/healthz")).status, 200, "the webhook is healthy");
  });
});
