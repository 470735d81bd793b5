// A Slack webhook that is rejected or missing, on the real runtime: what waits for it is kept and listed,
// and is sent as soon as the operator has set another one, without a new event.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  TIMEOUT_MS,
  deliver,
  document,
  failure,
  healthOf,
  logged,
  makeEvent,
  startTestbed,
} from "./testbed.mjs";

const pathOf = (url) => new URL(url).pathname;

/** After a crash, interrupted work is resumed within twelve seconds. */
const accepted = { where: ({ answer }) => answer.status === 200, timeoutMs: TIMEOUT_MS };

/** Makes Slack give this answer at one webhook, and accept everything at any other. */
const answerOn = (slack, url, answer) =>
  slack.answerWith(({ path }) => (path === pathOf(url) ? answer : undefined));

describe("a webhook", { concurrency: true }, () => {
  test("that was revoked holds the queue and is reported, and its replacement gets all of the queue", async (t) => {
    const it = await startTestbed(t, { persist: true });
    const { slack, log } = it;
    answerOn(slack, slack.url, { status: 404, body: "no_service" });
    await deliver(it.edge, failure("first-customer"));
    const line = await logged(log, "alert", "hook_refused");
    assert.match(line.reason, /404: no_service; .* create a new one .* set its URL/);
    const health = await healthOf(it.edge, 503);
    assert.deepEqual(health, { status: "failing", version: health.version, slack: "failing" });
    assert.equal((await it.edge.fetch("/healthz/intake")).status, 200);

    assert.equal(await deliver(it.edge, failure("second-customer")), "accepted");
    await deliver(it.edge, makeEvent("integration-created", { originId: "third-customer" }));
    await document(it.edge, "customer:third-customer");

    await it.crash();
    assert.equal(
      (await healthOf(it.edge, 503)).slack,
      "failing",
      "a restart alone changes nothing",
    );
    await it.crash({ SLACK_WEBHOOK_URL: slack.opsUrl });
    assert.equal((await it.edge.fetch("/healthz")).status, 200);
    const [first, second] = await slack.waitFor(2, accepted);
    for (const { path } of [first, second]) assert.equal(path, pathOf(slack.opsUrl));
    assert.ok(first.text.includes("first-customer") && second.text.includes("second-customer"));
    assert.equal(slack.messages.length, 3, "the revoked webhook was tried once");
    for (const { message } of log) assert.ok(!message.includes("/services/"), message);
  });

  test("that redirects is rejected, and the redirect is not followed", async (t) => {
    const { edge, slack, log } = await startTestbed(t);
    const headers = { location: slack.opsUrl };
    answerOn(slack, slack.url, { status: 302, headers, body: "" });
    await deliver(edge, failure("first-customer"));
    assert.match((await logged(log, "alert", "hook_refused")).reason, /302/);
    assert.equal((await healthOf(edge, 503)).slack, "failing");
    assert.deepEqual(
      slack.messages.map(({ path }) => path),
      [pathOf(slack.url)],
    );
  });

  test("of the engineers that is rejected does not hold up the team's", async (t) => {
    const bindings = ({ opsUrl }) => ({ SLACK_OPS_URL: opsUrl });
    const { edge, slack, log } = await startTestbed(t, { bindings });
    answerOn(slack, slack.opsUrl, { status: 410, body: "channel_is_archived" });
    await deliver(edge, makeEvent("integration-created:nulls"));
    assert.match((await logged(log, "alert", "hook_refused")).reason, /unarchive the channel/);
    await deliver(edge, failure("first-customer"));
    const [message] = await slack.waitFor(1, accepted);
    assert.equal(message.path, pathOf(slack.url));
    assert.ok(message.text.includes("first-customer"));
    assert.equal((await healthOf(edge, 503)).slack, "failing");
  });

  for (const [shown, fault, rest] of [
    ["asks to wait", { status: 429, headers: { "retry-after": "2" }, body: "" }, 2_000],
    ["rejects a message", { status: 400, body: "invalid_blocks" }, 1_000],
  ]) {
    test(`that replaces a revoked one and ${shown} is not called again too soon`, async (t) => {
      const it = await startTestbed(t, { persist: true });
      const { slack, log } = it;
      const answers = [{ status: 403, body: "invalid_token" }, fault];
      slack.answerWith(answers);
      await deliver(it.edge, failure("first-customer"));
      await logged(log, "alert", "hook_refused");
      await it.crash({ SLACK_WEBHOOK_URL: slack.opsUrl });
      assert.equal((await it.edge.fetch("/healthz")).status, 200);
      const [, faulty, next] = await slack.waitFor(3);
      const waited = next.at - faulty.at;
      assert.ok(waited >= rest, `the next post came after ${waited} ms`);
    });
  }

  test("that is set for the first time gets what waited for it", async (t) => {
    const it = await startTestbed(t, { persist: true, bindings: { SLACK_WEBHOOK_URL: "" } });
    assert.equal(await deliver(it.edge, failure("first-customer")), "accepted");
    assert.deepEqual((await healthOf(it.edge, 503)).settings, ["SLACK_WEBHOOK_URL"]);
    await it.crash({ SLACK_WEBHOOK_URL: it.slack.url });
    assert.equal((await it.edge.fetch("/healthz")).status, 200);
    const [message] = await it.slack.waitFor(1);
    assert.ok(message.text.includes("first-customer"));
  });
});
