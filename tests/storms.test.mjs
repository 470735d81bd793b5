// Storms of alerts, outages and the daily summary on the real runtime.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  TIMEOUT_MS,
  deliver,
  document,
  eventually,
  failure,
  setClockAhead,
  key,
  keys,
  logged,
  makeEvent,
  setAlarms,
  setClock,
  startTestbed,
} from "./testbed.mjs";

const accepted = { where: ({ answer }) => answer.status === 200, timeoutMs: TIMEOUT_MS };
const allText = (messages) => messages.map(({ text }) => text).join("\n");

/** Runs tasks, at most `lanes` at a time. */
async function runTasks(lanes, tasks) {
  const left = [...tasks];
  const lane = async () => {
    while (left.length > 0) await left.shift()();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

describe("a storm", { concurrency: false }, () => {
  test("of 300 customers sends at most 40 messages, one a second, which name every customer", async (t) => {
    const { edge, slack } = await startTestbed(t);
    const customers = Array.from({ length: 300 }, (_, number) => `customer-${number}-x`);
    const fail = (originId) => () =>
      deliver(edge, failure(originId, { organization: originId, email: null }));
    await runTasks(25, customers.map(fail));
    const unreported = () => customers.filter((name) => !allText(slack.messages).includes(name));
    await eventually(() => unreported().length === 0, "a message about each customer");
    assert.ok(slack.messages.length <= 40, `${slack.messages.length} messages`);
    const times = slack.messages.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - times[index]);
    for (const gap of gaps) assert.ok(gap >= 1_000, `${gap} ms apart`);
    t.diagnostic(`${slack.messages.length} messages`);
  });

  test("does not postpone the alarm that reports it, however late that alarm is", async (t) => {
    const { edge, slack } = await startTestbed(t, { wrappers: ["delayed-alarms"] });
    await setAlarms(edge, { lateMs: 1_000 });
    const isSilent = () => slack.messages.length === 0;
    let number = 0;
    // Delivering all of these would take far longer than the alarms are delayed.
    const lane = async () => {
      while (isSilent() && number < 1_000)
        await deliver(edge, failure(`customer-${(number += 1)}`));
    };
    await Promise.all([lane(), lane()]);
    assert.ok(!isSilent(), `no message during ${number} failures`);
  });

  test("that waits through an outage and a crash is merged and reported in full", async (t) => {
    const it = await startTestbed(t, { persist: true });
    it.slack.answerWith(() => ({ status: 503, body: "" }));
    for (const originId of ["one-x", "two-x", "three-x"]) await deliver(it.edge, failure(originId));
    await it.slack.waitFor(1);
    await it.crash();
    const created = makeEvent("integration-created", { originId: "one-x" });
    await deliver(it.edge, created);
    await eventually(
      async () => (await keys(it.edge, "incident:")).length === 2,
      "the end of one incident",
    );
    await it.crash();
    it.slack.answerWith([]);
    const messages = await it.slack.waitFor(3, accepted);
    const texts = messages.map(({ json }) => json.text);
    const countOf = (words) => texts.filter((text) => text.includes(words)).length;
    assert.equal(countOf("could not connect"), 2, texts.join("\n"));
    assert.equal(countOf("after 1 failed attempt"), 1, texts.join("\n"));
  });
});

describe("over time", { concurrency: true }, () => {
  test("the daily summary is sent when it is due, from the keys in Workers KV", async (t) => {
    const { edge, slack, log } = await startTestbed(t, { wrappers: ["shifted-clock"] });
    // A Tuesday, two seconds before the hour.
    await setClock(edge, "2027-03-02T06:59:58.000Z");
    await deliver(edge, failure("first-customer"));
    await deliver(edge, makeEvent("integration-created:nulls"));
    await document(edge, await key(edge, "incident:"));
    const summary = ({ json }) => json.text.startsWith("📋 Daily summary");
    const [message] = await slack.waitFor(1, { where: summary, timeoutMs: TIMEOUT_MS });
    for (const part of [
      "1 not connected yet",
      "first-customer",
      "1 integration without a customer",
    ]) {
      assert.ok(message.text.includes(part), `${part} in ${message.text}`);
    }
    assert.ok(!message.text.includes("N8hWc4ZpXv6RtKq2MsLbY9Fd"), "no integration id");
    await logged(log, "alert", "delivered");
  });

  test("failures are reported again when the pause is over, however many there were", async (t) => {
    const { edge, slack } = await startTestbed(t, { wrappers: ["shifted-clock"] });
    await deliver(edge, failure("first-customer"));
    await slack.waitFor(1);
    for (let number = 0; number < 4; number += 1) await deliver(edge, failure("first-customer"));
    await setClockAhead(edge, 16);
    // Alarms that were set before the clock moved keep their time. An overdue one is set again by the
    // next event of the customer.
    await deliver(edge, failure("first-customer"));
    const [, again] = await slack.waitFor(2);
    assert.match(again.json.text, /6 attempts$/m);
  });
});
