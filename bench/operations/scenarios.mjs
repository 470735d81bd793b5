// The kinds of deliveries whose cost is counted: earlier events of the same customer, and the event that
// is counted. Each scenario has its own customer.

import { freshId, makeEvent } from "../../dev/kombo.mjs";

const failure = (originId) => makeEvent("connection-flow-failed", { originId });

const of = (type) => (originId, changes) =>
  makeEvent(type, { originId, integrationId: `hibob:${originId}`, ...changes });
const created = of("integration-created");
const deleted = of("integration-deleted");

/** Later ones are newer. */
function state(originId, name, minute) {
  const event = of("integration-state-changed")(originId);
  const updated_at = new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString();
  return { ...event, data: { ...event.data, state: name, updated_at } };
}

/** The events of a scenario, of which the last one is counted. */
const SCENARIOS = {
  ignored: (customer) => [makeEvent("data-changed", { originId: customer })],
  duplicate: (customer) => {
    const event = failure(customer);
    return [event, event];
  },
  "duplicate of a mapping": (customer) => {
    const event = created(customer);
    return [event, event];
  },
  "repeated failure": (customer) => Array.from({ length: 4 }, () => failure(customer)),
  "first failure": (customer) => [failure(customer)],
  "new mapping": (customer) => [created(customer)],
  "new mapping of a known customer": (customer) => [
    created(customer, { integrationId: `hibob:${freshId()}` }),
    created(customer),
  ],
  "mapping after failures": (customer) => [failure(customer), failure(customer), created(customer)],
  "state without news": (customer) => [
    created(customer),
    state(customer, "ACTIVE", 1),
    state(customer, "ACTIVE", 2),
  ],
  "state changed": (customer) => [created(customer), state(customer, "ACTIVE", 1)],
  "stopped working": (customer) => [created(customer), state(customer, "INVALID", 1)],
  deleted: (customer) => [created(customer), deleted(customer)],
};

export const names = Object.keys(SCENARIOS);

/** A scenario with a new customer: the events `before`, and the `event` that is counted. */
export function scenario(name) {
  const events = SCENARIOS[name](`customer-${freshId()}`);
  return { before: events.slice(0, -1), event: events.at(-1) };
}
