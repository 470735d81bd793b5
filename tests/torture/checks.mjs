// Checks that all is well after a torture run: the documents are exactly as expected, Slack received
// every message that it must and none twice without need, and every acknowledged event is known.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { eventually, keys, post } from "../testbed.mjs";
import { expectedDocuments, reduced } from "./expected.mjs";

/** How many keys Workers KV reads at a time. */
const PAGE = 100;

/** Rejects with what is wrong, unless the Worker recovers within `timeoutMs`. */
export async function checkRecovery(it, { sequences, kombo, ends, timeoutMs }) {
  await recovers(() => differences(it.edge, kombo.acknowledged), timeoutMs);
  await recovers(() => incidentDifferences(it.edge, sequences), timeoutMs);
  await recovers(() => unreported(it.slack, sequences), timeoutMs);
  assertNoRepetition(it.slack.messages, ends, sequences);
  await assertAllKnown(it.edge, kombo.acknowledged);
}

/** Waits until `look` finds nothing wrong. */
async function recovers(look, timeoutMs) {
  let wrong;
  const right = async () => {
    wrong = await look();
    return wrong.length === 0;
  };
  await eventually(right, "the recovery", timeoutMs).catch(() => {
    assert.fail(
      `${wrong.length} things did not recover, among them:\n${wrong.slice(0, 5).join("\n")}`,
    );
  });
}

async function documents(edge, prefix) {
  const kv = await edge.kv();
  const names = await keys(edge, prefix);
  const found = new Map();
  for (let at = 0; at < names.length; at += PAGE) {
    const page = await kv.get(names.slice(at, at + PAGE), "json");
    for (const [name, document] of page) if (document !== null) found.set(name, document);
  }
  return found;
}

/** How the documents under `customer:` and `integration:` differ from what they should be. */
async function differences(edge, events) {
  const wanted = expectedDocuments(events);
  const found = new Map([
    ...(await documents(edge, "customer:")),
    ...(await documents(edge, "integration:")),
  ]);
  const all = new Set([...wanted.keys(), ...found.keys()]);
  return [...all].flatMap((key) => {
    const is = found.has(key) ? reduced(found.get(key)) : undefined;
    return isDeepStrictEqual(is, wanted.get(key))
      ? []
      : [`${key} is ${text(is)}, not ${text(wanted.get(key))}`];
  });
}

/** The customers with a wrong number of open incidents. */
async function incidentDifferences(edge, sequences) {
  const open = [...(await documents(edge, "incident:")).values()].map((it) => it.origin_id);
  return sequences.flatMap(({ customer, incidents }) => {
    const count = open.filter((it) => it === customer).length;
    return count === incidents ? [] : [`${customer} has ${count} incidents, not ${incidents}`];
  });
}

/** The customers about whom Slack should have received a message, but did not. */
function unreported(slack, sequences) {
  const texts = slack.accepted().map(({ text }) => text);
  const waiting = sequences.filter(({ notifies, customer }) => {
    return notifies && !texts.some((text) => text.includes(customer));
  });
  return waiting.map(({ customer }) => `no message about ${customer}`);
}

/**
 * Fails if a message about a customer was repeated although Slack's response to it had arrived. The
 * response may not have arrived if Slack gave none, or if the message was the last one before a kill.
 */
function assertNoRepetition(messages, ends, sequences) {
  const lastOfLife = new Set(ends.map((end) => end - 1));
  const received = messages.flatMap(({ answer, text }, at) => {
    const lost = answer === "hang" || answer === "drop";
    return lost || answer.status === 200 ? [{ text, inDoubt: lost || lastOfLife.has(at) }] : [];
  });
  for (const { customer } of sequences.filter(({ once }) => once)) {
    const about = received.filter(({ text }) => text.includes(customer));
    const needless = about.slice(0, -1).filter(({ inDoubt }) => !inDoubt);
    assert.equal(needless.length, 0, `${customer} was reported again for no reason`);
  }
}

/** Sends each acknowledged event again: it is known, and changes nothing. */
async function assertAllKnown(edge, events) {
  const before = await documents(edge, "customer:");
  for (const event of events.filter(({ type }) => type !== "data-changed")) {
    const { outcome } = await (await post(edge, JSON.stringify(event, null, 2))).json();
    assert.equal(outcome, "duplicate", `${event.type} ${event.id}`);
  }
  assert.deepEqual(await documents(edge, "customer:"), before);
}

const text = (value) => JSON.stringify(value);
