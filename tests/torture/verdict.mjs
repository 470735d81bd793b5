// Whether all is well after a torture: documents as expected and nothing more, nobody unnamed in Slack,
// nobody named twice without need, and every acknowledged event known.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { eventually, keys, post } from "../stand.mjs";
import { expectedDocuments, reduced } from "./expected.mjs";

/** How many keys Workers KV gives at a time. */
const PAGE = 100;

/** Rejects with what is wrong, if it does not come right within `patienceMs`. */
export async function judge(it, { told, kombo, ends, patienceMs }) {
  await healed(() => differences(it.edge, kombo.acknowledged), patienceMs);
  await healed(() => incidentDifferences(it.edge, told), patienceMs);
  await healed(() => unnamed(it.slack, told), patienceMs);
  toldTwice(it.slack.messages, ends, told);
  await allAreKnown(it.edge, kombo.acknowledged);
}

/** Waits until a look finds nothing wrong any more. */
async function healed(look, patienceMs) {
  let wrong;
  const right = async () => {
    wrong = await look();
    return wrong.length === 0;
  };
  await eventually(right, "healing", patienceMs).catch(() => {
    assert.fail(
      `${wrong.length} things did not heal, among them:\n${wrong.slice(0, 5).join("\n")}`,
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

/** What `customer:` and `integration:` hold that they should not, and the other way round. */
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

/** The customers that have another number of open incidents than they should. */
async function incidentDifferences(edge, told) {
  const open = [...(await documents(edge, "incident:")).values()].map((it) => it.origin_id);
  return told.flatMap(({ customer, incidents }) => {
    const count = open.filter((it) => it === customer).length;
    return count === incidents ? [] : [`${customer} has ${count} incidents, not ${incidents}`];
  });
}

/** Those of whom people should have heard, and could not. */
function unnamed(slack, told) {
  const texts = slack.accepted().map(({ text }) => text);
  const waiting = told.filter(({ tells, customer }) => {
    return tells && !texts.some((text) => text.includes(customer));
  });
  return waiting.map(({ customer }) => `${customer} was not told of`);
}

/**
 * Rejects where somebody was told of again though Slack's answer had arrived. It may not have: where
 * Slack gave none, and for the last message before a kill.
 */
function toldTwice(messages, ends, told) {
  const lastOfLife = new Set(ends.map((end) => end - 1));
  const taken = messages.flatMap(({ answer, text }, at) => {
    const lost = answer === "hang" || answer === "drop";
    return lost || answer.status === 200 ? [{ text, inDoubt: lost || lastOfLife.has(at) }] : [];
  });
  for (const { customer } of told.filter(({ once }) => once)) {
    const about = taken.filter(({ text }) => text.includes(customer));
    const needless = about.slice(0, -1).filter(({ inDoubt }) => !inDoubt);
    assert.equal(needless.length, 0, `${customer} was told of again for no reason`);
  }
}

/** Each acknowledged event, once more: it is known, and changes nothing. */
async function allAreKnown(edge, events) {
  const before = await documents(edge, "customer:");
  for (const event of events.filter(({ type }) => type !== "data-changed")) {
    const { outcome } = await (await post(edge, JSON.stringify(event, null, 2))).json();
    assert.equal(outcome, "duplicate", `${event.type} ${event.id}`);
  }
  assert.deepEqual(await documents(edge, "customer:"), before);
}

const text = (value) => JSON.stringify(value);
