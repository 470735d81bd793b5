// Signed events of a known type that cannot be used, on the real runtime: they are answered with 200, so
// that Kombo does not repeat them forever, stored unchanged, and reported to the engineers once for each
// type and reason.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deliver, document, failure, keys, makeEvent, post, startTestbed } from "./testbed.mjs";

async function outcome(edge, body) {
  const response = await post(edge, body);
  assert.equal(response.status, 200);
  return (await response.json()).outcome;
}

const withoutId = () => {
  const event = makeEvent("integration-created");
  delete event.data.id;
  return event;
};

const lengthened = (text, bytes) => text + "x".repeat(bytes - Buffer.byteLength(text));

describe("the quarantine", { concurrency: true }, () => {
  test("keeps each event byte for byte, and reports each type and reason once", async (t) => {
    const { edge, slack } = await startTestbed(t);
    const events = [withoutId(), withoutId(), withoutId()];
    for (const event of events) {
      event.data.end_user.organization_name = 'Müller & "Søn" 🦉 \\';
      const body = `  ${JSON.stringify(event, null, "\t")}\r\n`;
      assert.equal(await outcome(edge, body), "quarantined");
      assert.equal(await outcome(edge, body), "duplicate");
      const { received_at, ...kept } = await document(edge, `quarantine:${event.id}`);
      assert.match(received_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.deepEqual(kept, {
        schema: 1,
        environment: "production",
        event_id: event.id,
        type: "integration-created",
        reason: "`data.id` is missing or not a string",
        body,
      });
    }
    const other = failure(42);
    assert.equal(await outcome(edge, JSON.stringify(other)), "quarantined");
    await deliver(edge, makeEvent("integration-created:nulls"));
    const messages = await slack.waitFor(3);
    const matching = (pattern) => messages.filter(({ json }) => pattern.test(json.text));
    const [created, ...more] = matching(/could not be understood.*integration-created/);
    assert.equal(more.length, 0, "once for its type and reason");
    assert.match(created.text, /`data\.id` is missing/);
    assert.ok(created.text.includes(events[0].id));
    const [failed] = matching(/could not be understood.*connection-flow-failed/);
    assert.match(failed.text, /origin_id/);
    assert.equal(matching(/without a customer id/).length, 1);
    for (const { text } of messages) assert.ok(text.includes("For engineers"));
    assert.equal((await keys(edge, "quarantine:")).length, 4);
  });

  test("is reported to the engineers' webhook if there is one, and not to the team", async (t) => {
    const bindings = ({ opsUrl }) => ({ SLACK_OPS_URL: opsUrl });
    const { edge, slack } = await startTestbed(t, { bindings });
    assert.equal(await deliver(edge, withoutId()), "quarantined");
    const [message] = await slack.waitFor(1);
    assert.equal(message.path, new URL(slack.opsUrl).pathname);
    assert.ok(!message.text.includes("For engineers"), "their own channel needs no label");
    await deliver(edge, failure("first-customer"));
    const [, next] = await slack.waitFor(2);
    assert.equal(next.path, new URL(slack.url).pathname);
    assert.ok(next.text.includes("first-customer"));
  });

  test("keeps an event with an id that is too long for a key, and the longest allowed id is mapped", async (t) => {
    const { edge, slack, log } = await startTestbed(t);
    const created = (integrationId, originId) =>
      makeEvent("integration-created", { integrationId, originId });
    const tooLong = [
      ["data.id", created(lengthened("hibob:secret", 501), "short")],
      // Bytes count, not characters: 5 + 2 * 248 = 501.
      ["data.id", created(`übe:${"ü".repeat(248)}`, "short")],
      ["data.end_user.origin_id", created("hibob:short", lengthened("customer", 504))],
      ["data.end_user.origin_id", failure(lengthened("customer", 504))],
    ];
    for (const [field, event] of tooLong) {
      assert.equal(await deliver(edge, event), "quarantined");
      const kept = await document(edge, `quarantine:${event.id}`);
      assert.equal(kept.reason, `\`${field}\` is empty or too long for a key`);
      assert.deepEqual(JSON.parse(kept.body), event);
    }
    const id = lengthened("hibob:", 500);
    const customer = lengthened("customer", 503);
    assert.equal(await deliver(edge, created(id, customer)), "accepted");
    const mapped = await document(edge, `customer:${customer}`);
    assert.deepEqual(mapped.current, { HRIS: id });
    assert.equal((await document(edge, `integration:${id}`)).origin_id, customer);
    assert.deepEqual(await keys(edge, "customer:"), [`customer:${customer}`]);
    await slack.waitFor(3);
    const written = [...log.map(({ message }) => message), ...slack.messages.map((it) => it.text)];
    for (const text of written) assert.ok(!text.includes("secretxxx"), text);
  });

  test("keeps an event of one MiB with the longest allowed event id", async (t) => {
    const { edge } = await startTestbed(t);
    const event = { ...withoutId(), id: "e".repeat(256) };
    event.data.note = "";
    const left = 1024 * 1024 - JSON.stringify(event).length;
    // Quotation marks need two bytes in the event, and four in the JSON that carries it.
    event.data.note = '"'.repeat(Math.floor(left / 2));
    const body = JSON.stringify(event);
    assert.equal(await outcome(edge, body), "quarantined");
    const kept = await document(edge, `quarantine:${event.id}`);
    assert.equal(kept.body, body);
  });
});
