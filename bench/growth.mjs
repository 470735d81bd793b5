// `node bench/growth.mjs`: measures whether events get more expensive over time: the runtime's processor
// time for an event of one customer, in its first hundred events and after ten thousand, and for an event
// of a new customer, with 30 customers and with 3,000; and how much memory and disk a customer uses. What
// is billed is counted by tests/operations.test.mjs.

import { existsSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bodyOf, makeEvent, sign, SIGNATURE_HEADER } from "../dev/kombo.mjs";
import { argumentsOf } from "../scripts/arguments.mjs";
import { isStarted, main } from "../scripts/project.mjs";
import { memoryOf, processorTimeOf } from "./load/process.mjs";
import { SECRET, withWorker } from "./load/worker.mjs";

const RAM_DISK = "/dev/shm";
/** The runtime evicts an object that was idle for ten seconds. */
const EVICTION_MS = 15_000;
/** Enough for all postponed work to end, such as a write that waits for the rate limit of its key. */
const REST_MS = 3_000;
const BATCH = 100;

const command = {
  program: "node bench/growth.mjs",
  about: "Measures whether an event gets more expensive with the events and customers before it.",
  options: {
    events: {
      value: "n",
      about: "earlier events of the one customer; default: 10000",
      default: "10000",
    },
    customers: { value: "n", about: "number of customers; default: 3000", default: "3000" },
  },
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function send(edge, event) {
  const body = bodyOf(event);
  const headers = { [SIGNATURE_HEADER]: sign(body, SECRET) };
  const answer = await edge.fetch("/webhooks/kombo", { method: "POST", body, headers });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`the delivery was answered ${answer.status}`);
}

/** Microseconds of processor time for each of these events, including everything that follows from it. */
async function timeOf(edge, events) {
  await pause(REST_MS);
  const before = processorTimeOf(edge.pid);
  for (const event of events) await send(edge, event);
  await pause(REST_MS);
  return (processorTimeOf(edge.pid) - before) / events.length;
}

/**
 * Five events: an integration is created, fails, recovers and is deleted, and an attempt to connect
 * fails.
 */
function life(originId, number) {
  const named = { originId, integrationId: `hibob:${originId}-${number}` };
  const state = (name, minute) => {
    const event = makeEvent("integration-state-changed", named);
    const updated_at = new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString();
    return { ...event, data: { ...event.data, state: name, updated_at } };
  };
  return [
    makeEvent("integration-created", named),
    makeEvent("connection-flow-failed", { originId, tool: "lever", category: "ATS" }),
    state("INVALID", 1),
    state("ACTIVE", 2),
    makeEvent("integration-deleted", named),
  ];
}

const lives = (originId, from, events) =>
  Array.from({ length: events / 5 }, (_, number) => life(originId, `${from + number}`)).flat();

/** A customer's first events, and the same number after its ten thousandth. */
async function longHistory(parent, events) {
  const run = async ({ edge }) => {
    await timeOf(edge, lives("warm-up", 0, BATCH));
    const first = await timeOf(edge, lives("one", 0, BATCH));
    for (const event of lives("one", BATCH, events)) await send(edge, event);
    const last = await timeOf(edge, lives("one", BATCH + events, BATCH));
    return { first, last };
  };
  // No alerts about this customer: Slack accepts one a second, and is not measured.
  return withWorker(parent, run, { settings: { TEST_CUSTOMERS: "one" } });
}

const customer = (number) =>
  makeEvent("integration-created", {
    originId: `customer-${number}`,
    integrationId: `hibob:customer-${number}`,
  });
const customers = (from, count) => Array.from({ length: count }, (_, at) => customer(from + at));

function sizeOf(folder) {
  const files = readdirSync(join(folder, "objects"), { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((it) => it.isFile())
    .map((it) => statSync(join(it.parentPath, it.name)).size);
  return sizes.reduce((total, size) => total + size, 0);
}

/** New customers, with few and with many others, and what an idle customer uses. */
const manyCustomers = (parent, count) =>
  withWorker(parent, async ({ edge, folder }) => {
    await timeOf(edge, customers(1_000_000, BATCH));
    const few = await timeOf(edge, customers(0, 30));
    await pause(EVICTION_MS);
    const [memory, disk] = [memoryOf(edge.pid), sizeOf(folder)];
    let created = 30;
    for (; created < count; created += BATCH) await timeOf(edge, customers(created, BATCH));
    await pause(EVICTION_MS);
    const idleKib = (1_024 * (memoryOf(edge.pid) - memory)) / (created - 30);
    const diskKib = (sizeOf(folder) - disk) / 1_024 / (created - 30);
    const many = await timeOf(edge, customers(created, BATCH));
    return { few, many, idleKib, diskKib };
  });

const us = (value) => `${value.toFixed(0)} µs`;
const more = (before, after) => `${(100 * (after / before - 1)).toFixed(1)} % more`;

if (isStarted(import.meta.url))
  await main(async () => {
    const { values } = await argumentsOf(command);
    const parent = existsSync(RAM_DISK) ? RAM_DISK : tmpdir();
    const { first, last } = await longHistory(parent, Number(values.events));
    console.log(`an event in a customer's first hundred: ${us(first)}`);
    console.log(`after ${values.events} events: ${us(last)}, ${more(first, last)}`);
    const { few, many, idleKib, diskKib } = await manyCustomers(parent, Number(values.customers));
    console.log(`an event of a new customer, with 30 others: ${us(few)}`);
    console.log(`with ${values.customers} others: ${us(many)}, ${more(few, many)}`);
    console.log(
      `an idle customer: ${idleKib.toFixed(1)} KiB of memory, ${diskKib.toFixed(1)} KiB of disk`,
    );
  });
