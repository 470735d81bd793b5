// The scenarios: the deliveries of a round, and what must have happened before. All Workers get the same
// kinds of deliveries, but each gets its own events.

import { bodyOf, freshId, makeEvent, sign } from "../../dev/kombo.mjs";
import { SECRET } from "./testbed.mjs";

/** The number of known customers, in scenarios about known customers. */
const KNOWN = 20;
const CATEGORY = "HRIS";

let customers = 0;
const newCustomer = () => `customer-${(customers += 1)}`;

const signed = (event, outcome, secret = SECRET) => {
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
const accepted = (event) => signed(event, "accepted");
/** One of the known customers, in turn. */
const inTurn = (customers, at) => customers[at % customers.length];

const known = (count, make) =>
  times(count, newCustomer).map((name) => ({ name, event: make(name) }));
const half = KNOWN / 2;

/**
 * `known` makes the events before a round with this number of deliveries, which are not measured;
 * `delivery` makes one delivery of the round. `each` is the default number of deliveries in a round. It
 * is high enough for the resolution of processor time, and low enough for the local runtime, which keeps
 * files open for each new object.
 */
export const SCENARIOS = [
  {
    name: "ignored event",
    is: "a signed event of a type that changes nothing",
    each: 2_500,
    known: () => [],
    delivery: () => signed(makeEvent("data-changed"), "ignored"),
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
    is: "a failed connection of an unknown customer",
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
    is: "an event that was accepted before",
    each: 1_200,
    known: () => [...known(half, created), ...known(half, failed)],
    delivery: (those, at) => signed(inTurn(those, at).event, "duplicate"),
  },
  {
    name: "bad signature",
    is: "a delivery that was signed with another secret",
    each: 2_500,
    known: () => [],
    delivery: () => signed(failed("forged"), undefined, "another secret"),
  },
];

/** The deliveries that must come before a scenario. */
export const before = (those) => those.map(({ event }) => accepted(event));

/** The deliveries of one round. */
export const deliveriesOf = ({ delivery }, those, count) =>
  times(count, (at) => delivery(those, at));
