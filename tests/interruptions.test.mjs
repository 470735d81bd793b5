// The runtime is killed, or evicts an object, while work is waiting, and no other event arrives: only the
// object's alarm, which is stored with the work, resumes it. A kill is a SIGKILL. Many kills at random
// moments are in `torture.test.mjs`.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  TIMEOUT_MS,
  TOKENS,
  ask,
  deliver,
  document,
  eventually,
  failKv,
  failure,
  key,
  keys,
  makeEvent,
  seenByKv,
  startTestbed,
} from "./testbed.mjs";

const ID = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const CUSTOMER = "customer:org_7741";

const accepted = { where: ({ answer }) => answer.status === 200, timeoutMs: TIMEOUT_MS };

/** Checks everything that follows from a connected customer and one that could not connect. */
async function assertAllDone({ edge, slack }) {
  const customer = await document(edge, CUSTOMER);
  assert.deepEqual(customer.current, { HRIS: ID });
  await document(edge, `integration:${ID}`);
  const incident = await document(edge, await key(edge, "incident:"));
  assert.equal(incident.origin_id, "other-customer");
  const messages = await slack.waitFor(1, accepted);
  assert.equal(messages.length, 1);
  assert.match(messages[0].json.text, /could not connect/);
  assert.ok(messages[0].text.includes("other-customer"));
}

/** Resolves once the Worker has tried to write this many keys since its start. */
const written = ({ edge }, count) =>
  eventually(async () => {
    const { writes } = await seenByKv(edge);
    return new Set(writes.map(({ key }) => key)).size === count;
  }, `attempts to write ${count} documents`);

describe("an interruption", { concurrency: true }, () => {
  test("right after the responses loses nothing that follows from the events", async (t) => {
    const it = await startTestbed(t, { persist: true, wrappers: ["faulty-kv"] });
    await failKv(it.edge, "silent");
    // A message that Slack accepted just before the kill would be sent twice: the Worker can't know of
    // it.
    it.slack.answerWith(() => "hang");
    const outcomes = await Promise.all([
      deliver(it.edge, makeEvent("integration-created")),
      deliver(it.edge, failure("other-customer")),
    ]);
    await it.kill();
    await it.slack.disconnected();
    it.slack.answerWith([]);
    await it.start();
    assert.deepEqual(outcomes, ["accepted", "accepted"]);
    await assertAllDone(it);
  });

  test("in the middle of the work loses none of it", async (t) => {
    const it = await startTestbed(t, {
      persist: true,
      wrappers: ["faulty-kv"],
      slack: { answers: ["hang"] },
    });
    await failKv(it.edge, "silent");
    await deliver(it.edge, makeEvent("integration-created"));
    await deliver(it.edge, failure("other-customer"));
    await it.slack.waitFor(1);
    await written(it, 3);
    assert.deepEqual(await keys(it.edge), []);
    await it.crash();
    await assertAllDone(it);
    assert.equal(it.slack.messages.length, 2, "the hanging post and its repetition");
  });

  test("in the middle of a burst loses nothing that was acknowledged", async (t) => {
    const it = await startTestbed(t, { persist: true });
    const events = ["one", "two", "three", "four", "five"].flatMap((name) => {
      const originId = `customer-${name}`;
      const created = [1, 2, 3].map((number) =>
        makeEvent("integration-created", { originId, integrationId: `hibob:${name}-${number}` }),
      );
      // In another category, since a success closes the failures in its own.
      return [...created, failure(originId, { tool: "lever", category: "ATS" })];
    });
    const { edge } = it;
    const [acknowledged, left] = [[], [...events]];
    let crash;
    const lane = async () => {
      while (left.length > 0) {
        const event = left.shift();
        assert.equal(await deliver(edge, event), "accepted");
        acknowledged.push(event);
        if (acknowledged.length === 8) crash = it.crash();
      }
    };
    await Promise.allSettled([lane(), lane(), lane(), lane()]);
    await crash;
    t.diagnostic(`${acknowledged.length} of ${events.length} were acknowledged`);
    assert.ok(acknowledged.length >= 8 && acknowledged.length < events.length);

    const messageAbout = (customer) => ({
      where: ({ answer, text }) => answer.status === 200 && text.includes(customer),
      timeoutMs: TIMEOUT_MS,
    });
    for (const { type, data } of acknowledged) {
      const customer = data.end_user.origin_id;
      if (type === "connection-flow-failed") {
        await it.slack.waitFor(1, messageAbout(customer));
      } else {
        const { origin_id } = await document(it.edge, `integration:${data.id}`);
        assert.equal(origin_id, customer);
        await document(it.edge, `customer:${customer}`, ({ integrations }) =>
          integrations.some(({ id }) => id === data.id),
        );
      }
    }
    // Kombo repeats what was not acknowledged, and may repeat the rest.
    for (const event of events) {
      const outcome = await deliver(it.edge, event);
      if (acknowledged.includes(event)) assert.equal(outcome, "duplicate");
    }
    for (const name of ["one", "two", "three", "four", "five"]) {
      await it.slack.waitFor(1, messageAbout(`customer-${name}`));
      await document(it.edge, `customer:customer-${name}`, (it) => it.integrations.length === 3);
    }
  });

  test("in the middle of a run is recovered from at the next event, or otherwise at the next alarm", async (t) => {
    const it = await startTestbed(t, { persist: true, wrappers: ["faulty-kv"] });
    await failKv(it.edge, "silent");
    const names = ["touched", "left-alone"];
    const about = (type, name) =>
      makeEvent(type, { originId: name, integrationId: `hibob:${name}` });
    for (const name of names) await deliver(it.edge, about("integration-created", name));
    await written(it, 4);
    await it.crash();
    await deliver(it.edge, about("integration-state-changed", "touched"));
    for (const kind of ["integration:hibob:", "customer:"])
      await document(it.edge, `${kind}touched`);
    // The other one waits for its alarm.
    for (const kind of ["integration:hibob:", "customer:"]) {
      await document(it.edge, `${kind}left-alone`);
    }
  });

  test("after a document was written, but before that was recorded, has it written again", async (t) => {
    const it = await startTestbed(t, { persist: true, wrappers: ["faulty-kv"] });
    await failKv(it.edge, "done silently");
    await deliver(it.edge, makeEvent("integration-created"));
    await document(it.edge, CUSTOMER);
    await document(it.edge, `integration:${ID}`);
    await it.crash();
    await written(it, 2);
    assert.deepEqual((await document(it.edge, CUSTOMER)).current, { HRIS: ID });
  });

  test("by eviction, with an alert waiting in its customer, only means that the object is created again", async (t) => {
    const bindings = { FIRST_ALERT_DELAY_SECONDS: "13" };
    const { edge, slack } = await startTestbed(t, { wrappers: ["faulty-kv"], bindings });
    await deliver(edge, failure("other-customer"));
    const [message] = await slack.waitFor(1, accepted);
    assert.match(message.json.text, /could not connect/);
    const { created } = await seenByKv(edge);
    assert.equal(created.filter((name) => name === "Customer").length, 2);
  });

  // The runtime evicts an object that was idle for ten seconds: nothing is forced here, and
  // faulty-kv.mjs, which counts the objects that are created, shows that it happened.
  test("by eviction, with an alert waiting for Slack, only means that the object is created again", async (t) => {
    const answers = [{ status: 429, headers: { "retry-after": "13" } }];
    const { edge, slack } = await startTestbed(t, { wrappers: ["faulty-kv"], slack: { answers } });
    await deliver(edge, failure("other-customer"));
    const [first, second] = await slack.waitFor(2, { timeoutMs: TIMEOUT_MS });
    assert.equal(second.json.text, first.json.text);
    assert.ok(second.at - first.at >= 13_000);
    const { created } = await seenByKv(edge);
    // The team's twice, and the engineers' once, which receives a report of every first delivery.
    assert.equal(created.filter((name) => name === "Notifier").length, 3);
  });
});

test("what is stored is read back unchanged, whatever characters it has", async (t) => {
  const it = await startTestbed(t, { bindings: TOKENS, persist: true });
  const ids = ["a\u0000b", 'quote" and \\', "\u2028😀", "\u0001\u001f\u007f", "tab\tline\n"];
  for (const [at, originId] of ids.entries()) {
    const integrationId = `personio:${at}`;
    const event = makeEvent("integration-created", { originId, integrationId });
    assert.equal(await deliver(it.edge, event), "accepted");
  }
  const integrations = async (originId) => {
    const answer = await ask(it.edge, `/v1/customers/${encodeURIComponent(originId)}`);
    return answer.status === 200 && (await answer.json()).integrations.map(({ id }) => id);
  };
  for (const id of ids) await eventually(() => integrations(id));
  await it.crash();
  for (const [at, id] of ids.entries())
    assert.deepEqual(await integrations(id), [`personio:${at}`]);
});
