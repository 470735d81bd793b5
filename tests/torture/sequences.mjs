// What the customers do in a torture run: their events, and what must be true once all of these have been
// acknowledged, in whatever order they arrived. Each customer has one sequence of events, so that the
// messages about it can be counted. What the documents must contain is in `expected.mjs`.

import { makeEvent } from "../../dev/kombo.mjs";

const TOOLS = [
  ["personio", "HRIS"],
  ["hibob", "HRIS"],
  ["lever", "ATS"],
  ["greenhouse", "ATS"],
  ["360learning", "LMS"],
];

const minute = (number) => `2026-11-20T10:${String(number).padStart(2, "0")}:00.000Z`;

/** One customer, its connections and the events about them. */
class Customer {
  constructor(name, random) {
    this.name = name;
    this.random = random;
    this.events = 0;
    this.connections = random.shuffled(TOOLS).map(([tool, category], at) => ({
      tool,
      category,
      integrationId: `${tool}:${name}-${at}`,
    }));
  }

  make(type, connection, data = {}) {
    this.events += 1;
    const id = `${this.name}/${this.events}`;
    const named = { originId: this.name, organization: this.name, email: null };
    const event = makeEvent(type, { id, ...named, ...connection });
    return { ...event, data: { ...event.data, ...data } };
  }

  created = (connection) => this.make("integration-created", connection);
  deleted = (connection) => this.make("integration-deleted", connection);
  failed = ({ tool, category }) => this.make("connection-flow-failed", { tool, category });
  ignored = (connection) => this.make("data-changed", connection);

  stateChanged = (connection, state, at) =>
    this.make("integration-state-changed", connection, { state, updated_at: minute(at) });

  issue(connection, change) {
    const { issue, ...data } = this.make("issue-status-changed", connection).data;
    const changes = { ...issue, id: `${this.name}-issue`, resolved_at: null };
    if (change === "resolved")
      Object.assign(changes, { status: "RESOLVED", resolved_at: minute(59) });
    return this.make("issue-status-changed", connection, { ...data, change, issue: changes });
  }
}

// A sequence consists of groups of events. The events of a group are delivered in any order, and a group
// is delivered only when the one before it has been acknowledged. `notifies`: Slack must receive a
// message about the customer; `once`: and only one.

/** Connects up to three tools. Kombo then reports states of the first. */
function connects(customer) {
  const connections = customer.connections.slice(0, customer.random.between(1, 3));
  const [first] = connections;
  const events = connections.map(customer.created);
  events.push(
    customer.stateChanged(first, "ACTIVE", 20),
    customer.stateChanged(first, "INACTIVE", 10),
  );
  return { groups: [[...events, customer.ignored(first)]] };
}

/** Fails, up to four times. */
function fails(customer) {
  const times = customer.random.between(1, 4);
  const events = Array.from({ length: times }, () => customer.failed(customer.connections[0]));
  return { groups: [events], notifies: true, once: true, incidents: 1 };
}

/** Fails, and then connects. */
function failsThenConnects(customer) {
  const [connection] = customer.connections;
  const failures = [customer.failed(connection), customer.failed(connection)];
  return { groups: [failures, [customer.created(connection)]], notifies: true };
}

/** Has a connection that stops working. The event that it was working before may arrive later. */
function stopsWorking(customer) {
  const [connection] = customer.connections;
  const events = [
    customer.created(connection),
    customer.stateChanged(connection, "INVALID", 20),
    customer.stateChanged(connection, "ACTIVE", 10),
  ];
  return { groups: [events], notifies: true, once: true, incidents: 1 };
}

/** Has an issue. */
function hasAnIssue(customer) {
  const [connection] = customer.connections;
  const events = [customer.created(connection), customer.issue(connection, "raised")];
  return { groups: [events], notifies: true, once: true, incidents: 1 };
}

/** Has an issue that is resolved. */
function hadAnIssue(customer) {
  const [connection] = customer.connections;
  const changes = ["raised", "resolved"].map((change) => customer.issue(connection, change));
  return { groups: [[customer.created(connection), ...changes]] };
}

/** Deletes an integration, which stays deleted whatever arrives late. Another one remains. */
function leaves(customer) {
  const [removed, kept] = customer.connections;
  const events = [
    customer.created(removed),
    customer.deleted(removed),
    customer.stateChanged(removed, "ACTIVE", 10),
    customer.created(kept),
  ];
  return { groups: [events] };
}

/** Deletes its only integration. */
function leavesForGood(customer) {
  const [removed] = customer.connections;
  return { groups: [[customer.created(removed)], [customer.deleted(removed)]] };
}

const SEQUENCES = {
  connects,
  fails,
  failsThenConnects,
  stopsWorking,
  hasAnIssue,
  hadAnIssue,
  leaves,
  leavesForGood,
};

/** The sequences of `count` customers, each kind equally often. */
export function sequencesOf(count, random) {
  const kinds = Object.entries(SEQUENCES);
  return Array.from({ length: count }, (_, number) => {
    const [kind, build] = kinds[number % kinds.length];
    const customer = `${kind}-${number}-x`;
    const none = { notifies: false, once: false, incidents: 0 };
    return { customer, ...none, ...build(new Customer(customer, random)) };
  });
}
