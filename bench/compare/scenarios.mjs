// What is delivered to each Worker: for every scenario the deliveries of a round, and what has to have
// happened before. All Workers get the same kind of delivery, each its own events.

import { bodyOf, freshId, makeEvent, sign } from "../../dev/kombo.mjs";
import { SECRET } from "./testbed.mjs";

/** Customers that were there before, where a scenario is about such. */
const KNOWN = 20;
const CATEGORY = "HRIS";

let customers = 0;
const newCustomer = () => `customer-${(customers += 1)}`;

const sealed = (event, outcome, secret = SECRET) => {
  const body = bodyOf(event);
  return { body, signature: sign(body, secret), outcome };
};

const created = (originId) =>
  makeEvent("integration-created", {
    originId,
    organization: `${originId}, Inc.`,
    tool: "personio",
    category: CATEGORY,
    integrationId: `personio:${freshId()}`,
  });

const failed = (originId, tool = "lever") =>
  makeEvent("connection-flow-failed", {
    originId,
    organization: `${originId}, Inc.`,
    tool,
    category: CATEGORY,
  });

const times = (count, make) => Array.from({ length: count }, (_, at) => make(at));
const accepted = (event) => sealed(event, "accepted");
/** One of the known ones, in turn. */
const inTurn = (those, at) => those[at % those.length];

const known = (count, make) =>
  times(count, newCustomer).map((name) => ({ name, event: make(name) }));
const half = KNOWN / 2;

/**
 * `known` makes what is delivered before a round of so many deliveries, and is not counted; `delivery`
 * one of the round. `each` is how many a round has by default: so many that the processor time of a
 * round is far above its resolution, and so few new objects that the local runtime, which keeps files
 * open for each, can hold them.
 */
export const SCENARIOS = [
  {
    name: "ignored event",
    is: "a signed event of a type that changes nothing",
    each: 2_500,
    known: () => [],
    delivery: () => sealed(makeEvent("data-changed"), "ignored"),
  },
  {
    name: "new mapping",
    is: "the first integration of a new customer",
    each: 150,
    known: () => [],
    delivery: () => accepted(created(newCustomer())),
  },
  {
    name: "first failure, new customer",
    is: "a failed connection of a customer that was never heard of",
    each: 150,
    known: () => [],
    delivery: () => accepted(failed(newCustomer())),
  },
  {
    name: "first failure, known customer",
    is: "a failed connection of a customer that connected another tool a moment ago",
    each: 150,
    known: (count) => known(count, created),
    delivery: (those, at) => accepted(failed(inTurn(those, at).name)),
  },
  {
    name: "repeated failure",
    is: "one more attempt, while the incident is open",
    each: 800,
    known: () => known(KNOWN, failed),
    delivery: (those, at) => accepted(failed(inTurn(those, at).name)),
  },
  {
    name: "duplicate",
    is: "an event that was taken before",
    each: 1_200,
    known: () => [...known(half, created), ...known(half, failed)],
    delivery: (those, at) => sealed(inTurn(those, at).event, "duplicate"),
  },
  {
    name: "bad signature",
    is: "a delivery that was signed with another secret",
    each: 2_500,
    known: () => [],
    delivery: () => sealed(failed("forged"), undefined, "another secret"),
  },
];

/** The deliveries that make a Worker know what a scenario takes as known. */
export const before = (those) => those.map(({ event }) => accepted(event));

/** The deliveries of one round. */
export const deliveriesOf = ({ delivery }, those, count) =>
  times(count, (at) => delivery(those, at));
