// What Cloudflare bills for an event, counted by the front counting.mjs with all that follows from the
// event by itself, and that it does not grow with what came before. `node bench/operations.mjs` prints
// the counts. Rows are SQLite's own counts; an alarm that is set is billed as one more, and is said
// apart. What an isolate reports of itself once in ten minutes is paid for before anything is counted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { billed, costOf } from "../bench/operations/meter.mjs";
import { scenario } from "../bench/operations/scenarios.mjs";
import { deliver, failure, makeEvent, post, stand } from "./stand.mjs";

/** A Worker whose isolate has reported. */
async function counted(t, options = {}) {
  const it = await stand(t, { fronts: ["counting"], ...options });
  await settled(it, failure("an-early-customer"));
  return it;
}

/** Delivers events one after the other, each when all is done about the one before. */
async function settled({ edge }, ...events) {
  for (const event of events) await costOf(edge, () => deliver(edge, event));
}

/** What the last event of a scenario is billed, without the kinds that it does not need. */
async function cost(it, name) {
  const { before, event } = scenario(name);
  await settled(it, ...before);
  return some(billed(await costOf(it.edge, () => deliver(it.edge, event))));
}

const some = (counts) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** Counts without the rows that are read: there are a thousand of them to a row that is written. */
const withoutReads = ({ rowsRead, ...rest }) => rest;

const ONE_REQUEST = { requests: 1 };
const HEARD = { requests: 1, objectRequests: 1 };

test("an event is billed", async (t) => {
  const it = await counted(t);

  await t.test("one request and nothing else where it concerns nobody", async () => {
    assert.deepEqual(await cost(it, "ignored"), ONE_REQUEST);
  });

  await t.test("one request and nothing else where its signature is wrong", async () => {
    const forge = async () => {
      const answer = await post(it.edge, "{}", { "X-Kombo-Signature": "A".repeat(43) });
      assert.equal(answer.status, 401);
    };
    // The first one of a minute is reported to the engineers' Notifier.
    await costOf(it.edge, forge);
    assert.deepEqual(some(billed(await costOf(it.edge, forge))), ONE_REQUEST);
    // So are the next valid deliveries: the one with which the second is counted, and the one after it.
    await settled(it, failure("an-early-customer"), failure("an-early-customer"));
  });

  await t.test("a request to its object, and no row, where it comes twice", async () => {
    for (const name of ["duplicate", "duplicate of a mapping"])
      assert.deepEqual(withoutReads(await cost(it, name)), HEARD, name);
  });

  await t.test("three rows, and no key, where a failure repeats", async () => {
    const counts = withoutReads(await cost(it, "repeated failure"));
    assert.deepEqual(counts, { ...HEARD, rowsWritten: 3 });
  });

  // Each object makes its table, at two rows; then it stores the event and its head, notes that a write
  // leaves, and that it arrived. Its alarm is set by the event, as a guard, and for its next day.
  await t.test(
    "eight rows, two keys and two alarms for a mapping, and two rows more for each new object",
    async () => {
      const follows = { requests: 1, objectRequests: 2, alarms: 2, alarmsSet: 6, kvWrites: 2 };
      assert.deepEqual(withoutReads(await cost(it, "new mapping")), {
        ...follows,
        rowsWritten: 12,
      });
      const known = withoutReads(await cost(it, "new mapping of a known customer"));
      assert.deepEqual(known, { ...follows, rowsWritten: 10 });
    },
  );

  await t.test("eighteen rows, a key and a message at most for a first failure", async () => {
    const { rowsWritten, ...counts } = withoutReads(await cost(it, "first failure"));
    const { alarms, alarmsSet, ...rest } = counts;
    assert.deepEqual(rest, { requests: 1, objectRequests: 2, kvWrites: 1, outgoing: 1 });
    assert.ok(rowsWritten <= 18 && alarms <= 2 && alarmsSet <= 6, JSON.stringify(counts));
  });
});

test("an object that was let go of is not billed for an alarm that stands", async (t) => {
  const it = await counted(t, { persist: true });
  const again = failure("a-customer");
  const created = makeEvent("integration-created");
  await settled(it, failure("a-customer"), failure("a-customer"), again, created);
  await it.crash();
  await settled(it, failure("an-early-customer"));
  for (const event of [again, created]) {
    const counts = billed(await costOf(it.edge, () => deliver(it.edge, event)));
    assert.deepEqual(withoutReads(some(counts)), HEARD, "a duplicate");
  }
  const counts = billed(await costOf(it.edge, () => deliver(it.edge, failure("a-customer"))));
  assert.deepEqual(withoutReads(some(counts)), { ...HEARD, rowsWritten: 3 }, "a failure");
});

/** What can befall one customer: an integration comes, fails, works again and goes; and an attempt fails. */
function life(originId, number) {
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

test("what an event is billed does not grow with a customer's past", async (t) => {
  const originId = "a-customer";
  // Nobody is told of it: Slack takes a message a second, and is not what is asked for.
  const it = await counted(t, { bindings: { TEST_CUSTOMERS: originId } });
  const billedNow = async (number) => {
    const costs = [];
    for (const event of life(originId, `${number}-counted`)) {
      costs.push(some(billed(await costOf(it.edge, () => deliver(it.edge, event)))));
    }
    return costs;
  };
  const live = async (from, to) => {
    const numbers = Array.from({ length: to - from }, (_, at) => from + at);
    const lane = async () => {
      while (numbers.length > 0)
        for (const event of life(originId, numbers.shift())) await deliver(it.edge, event);
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
  };
  await live(0, 10);
  const early = await billedNow(10);
  await live(11, 200);
  const late = await billedNow(200);
  assert.deepEqual(late, early);
  t.diagnostic(`after 50 and after 1,000 events: ${JSON.stringify(late)}`);
});

test("what an event is billed does not grow with the customers", async (t) => {
  const it = await counted(t);
  const kinds = ["new mapping", "first failure", "repeated failure"];
  const billedNow = async () => {
    const costs = [];
    for (const name of kinds) costs.push(await cost(it, name));
    return costs;
  };
  const come = async (count) => {
    for (let number = 0; number < count; number += 1) {
      await deliver(it.edge, scenario("new mapping").event);
      if (number % 5 === 0) await deliver(it.edge, scenario("first failure").event);
    }
  };
  await come(10);
  const early = await billedNow();
  await come(190);
  assert.deepEqual(await billedNow(), early);
});
