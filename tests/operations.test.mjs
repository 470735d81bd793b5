// What Cloudflare bills for an event and everything that follows from it, as counted by the wrapper
// counting.mjs, and that this does not grow with what happened before. `node bench/operations.mjs` prints
// the counts. Each put or removal of a row is billed as one; setting an alarm is billed as another row, and is counted
// separately. What an isolate reports once in ten minutes is reported before anything is counted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { billed, costOf } from "../bench/operations/meter.mjs";
import { scenario } from "../bench/operations/scenarios.mjs";
import { deliver, failure, makeEvent, post, startTestbed } from "./testbed.mjs";

/** A Worker with an isolate that has sent its report. */
async function counted(t, options = {}) {
  const it = await startTestbed(t, { wrappers: ["counting"], ...options });
  await settled(it, failure("an-early-customer"));
  return it;
}

/** Delivers events one after another, each when everything about the one before is done. */
async function settled({ edge }, ...events) {
  for (const event of events) await costOf(edge, () => deliver(edge, event));
}

/** What is billed for the last event of a scenario, without the kinds that are zero. */
async function cost(it, name) {
  const { before, event } = scenario(name);
  await settled(it, ...before);
  return nonZero(billed(await costOf(it.edge, () => deliver(it.edge, event))));
}

const nonZero = (counts) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** Counts without the rows that are read: a thousand of them cost as much as one that is written. */
const withoutReads = ({ rowsRead, ...rest }) => rest;

const ONE_REQUEST = { requests: 1 };
const ONE_OBJECT_REQUEST = { requests: 1, objectRequests: 1 };

test("an event is billed", async (t) => {
  const it = await counted(t);

  await t.test("one request and nothing else if it is ignored", async () => {
    assert.deepEqual(await cost(it, "ignored"), ONE_REQUEST);
  });

  await t.test("one request and nothing else if its signature is wrong", async () => {
    const forge = async () => {
      const answer = await post(it.edge, "{}", { "X-Kombo-Signature": "A".repeat(43) });
      assert.equal(answer.status, 401);
    };
    // The first one of a minute is reported to the engineers' Notifier.
    await costOf(it.edge, forge);
    assert.deepEqual(nonZero(billed(await costOf(it.edge, forge))), ONE_REQUEST);
    // So are the next two valid deliveries, with which the second forged one is counted.
    await settled(it, failure("an-early-customer"), failure("an-early-customer"));
  });

  await t.test("a request to its object and no row if it arrives twice", async () => {
    for (const name of ["duplicate", "duplicate of a mapping"])
      assert.deepEqual(withoutReads(await cost(it, name)), ONE_OBJECT_REQUEST, name);
  });

  // The incident and the head.
  await t.test("two rows and no key for a repeated failure", async () => {
    const counts = withoutReads(await cost(it, "repeated failure"));
    assert.deepEqual(counts, { ...ONE_OBJECT_REQUEST, rowsWritten: 2 });
  });

  // Each of two objects stores its head, the customer's what it holds, and both record that a write
  // arrived. Alarms are set as guards, and for the next check. The third object is that of the
  // organization, which may have failed without a customer id.
  await t.test("five rows, two keys and no alarm run for a mapping of a new customer", async () => {
    assert.deepEqual(withoutReads(await cost(it, "new mapping")), {
      requests: 1,
      objectRequests: 3,
      alarmsSet: 4,
      kvWrites: 2,
      rowsWritten: 5,
    });
  });

  // Workers KV takes a key once a second. So the customer's key may have to wait for an alarm.
  await t.test("at most six rows and two keys for a mapping of a known customer", async () => {
    const counts = withoutReads(await cost(it, "new mapping of a known customer"));
    const { rowsWritten, alarms = 0, alarmsSet, ...rest } = counts;
    assert.deepEqual(rest, { requests: 1, objectRequests: 3, kvWrites: 2 });
    assert.ok(rowsWritten <= 6 && alarms <= 1 && alarmsSet <= 5, JSON.stringify(counts));
  });

  await t.test("at most twelve rows, a key and a message for a first failure", async () => {
    const { rowsWritten, ...counts } = withoutReads(await cost(it, "first failure"));
    assert.deepEqual(counts, {
      requests: 1,
      objectRequests: 2,
      alarmsSet: 4,
      kvWrites: 1,
      outgoing: 1,
    });
    assert.ok(rowsWritten <= 12, `${rowsWritten} rows`);
  });
});

test("an object that was evicted is not billed for an alarm that is still set", async (t) => {
  const it = await counted(t, { persist: true });
  const again = failure("a-customer");
  const created = makeEvent("integration-created");
  await settled(it, failure("a-customer"), failure("a-customer"), again, created);
  await it.crash();
  await settled(it, failure("an-early-customer"));
  for (const event of [again, created]) {
    const counts = billed(await costOf(it.edge, () => deliver(it.edge, event)));
    assert.deepEqual(withoutReads(nonZero(counts)), ONE_OBJECT_REQUEST, "a duplicate");
  }
  const counts = billed(await costOf(it.edge, () => deliver(it.edge, failure("a-customer"))));
  assert.deepEqual(
    withoutReads(nonZero(counts)),
    { ...ONE_OBJECT_REQUEST, rowsWritten: 2 },
    "a failure",
  );
});

/** All that can happen to a customer: an integration is created, fails, recovers and is deleted. */
function eventsOf(originId, number) {
  const of = (type, changes = {}) => {
    const event = makeEvent(type, { originId, integrationId: `hibob:${originId}-${number}` });
    return { ...event, data: { ...event.data, ...changes } };
  };
  const state = (name, minute) =>
    of("integration-state-changed", {
      state: name,
      updated_at: new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString(),
    });
  return [
    of("integration-created"),
    failure(originId, { tool: "lever", category: "ATS" }),
    state("INVALID", 1),
    state("ACTIVE", 2),
    of("integration-deleted"),
  ];
}

/** Asserts that no operation was billed more often later than earlier, but for a few. */
function assertNoGrowth(early, late, few) {
  for (const [at, counts] of late.entries())
    for (const [kind, count] of Object.entries(counts))
      assert.ok(
        count <= (early[at][kind] ?? 0) + few,
        `${kind}: ${JSON.stringify([early[at], counts])}`,
      );
}

test("what is billed for an event does not grow with a customer's history", async (t) => {
  const originId = "a-customer";
  // No alerts are sent about a test customer: Slack accepts one a second, and is not what is tested here.
  const it = await counted(t, { bindings: { TEST_CUSTOMERS: originId } });
  const billedNow = async (number) => {
    const costs = [];
    for (const event of eventsOf(originId, `${number}-counted`)) {
      costs.push(nonZero(billed(await costOf(it.edge, () => deliver(it.edge, event)))));
    }
    return costs;
  };
  const deliverEvents = async (from, to) => {
    const numbers = Array.from({ length: to - from }, (_, at) => from + at);
    const lane = async () => {
      while (numbers.length > 0)
        for (const event of eventsOf(originId, numbers.shift())) await deliver(it.edge, event);
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
  };
  await deliverEvents(0, 10);
  const early = await billedNow(10);
  await deliverEvents(11, 200);
  const late = await billedNow(200);
  // A key that was written in the last second waits for an alarm, which is a few operations more.
  assertNoGrowth(early, late, 3);
  t.diagnostic(`after 50 and after 1,000 events: ${JSON.stringify(late)}`);
});

test("what is billed for an event does not grow with the number of customers", async (t) => {
  const it = await counted(t);
  const kinds = ["new mapping", "first failure", "repeated failure"];
  const billedNow = async () => {
    const costs = [];
    for (const name of kinds) costs.push(await cost(it, name));
    return costs;
  };
  const addCustomers = async (count) => {
    for (let number = 0; number < count; number += 1) {
      await deliver(it.edge, scenario("new mapping").event);
      if (number % 5 === 0) await deliver(it.edge, scenario("first failure").event);
    }
  };
  await addCustomers(10);
  const early = await billedNow();
  await addCustomers(190);
  // The Notifier looks up ids in two rows, and writes one more, once it knows more than 32.
  assertNoGrowth(early, await billedNow(), 2);
});
