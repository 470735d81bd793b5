// What the customers of a torture do: events, and what must be the case once all of them were
// acknowledged, in whatever order they came. Each customer has one story, and stands for nothing else,
// so that what is told of it can be counted. What documents must say is `expected.mjs`'s.

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
  constructor(name, choices) {
    this.name = name;
    this.choices = choices;
    this.events = 0;
    this.connections = choices.shuffled(TOOLS).map(([tool, category], at) => ({
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
  unconcerned = (connection) => this.make("data-changed", connection);

  stands = (connection, state, at) =>
    this.make("integration-state-changed", connection, { state, updated_at: minute(at) });

  issue(connection, change) {
    const { issue, ...data } = this.make("issue-status-changed", connection).data;
    const told = { ...issue, id: `${this.name}-issue`, resolved_at: null };
    if (change === "resolved") Object.assign(told, { status: "RESOLVED", resolved_at: minute(59) });
    return this.make("issue-status-changed", connection, { ...data, change, issue: told });
  }
}

// A story gives groups of events: those of a group are delivered in any order, and a group only when
// the one before was acknowledged. `tells`: people must hear of the customer; `once`: and but once.

/** Connects up to three tools, of which Kombo then tells how they stand. */
function connects(customer) {
  const connections = customer.connections.slice(0, customer.choices.between(1, 3));
  const [first] = connections;
  const events = connections.map(customer.created);
  events.push(customer.stands(first, "ACTIVE", 20), customer.stands(first, "INACTIVE", 10));
  return { groups: [[...events, customer.unconcerned(first)]] };
}

/** Fails, up to four times. */
function fails(customer) {
  const times = customer.choices.between(1, 4);
  const events = Array.from({ length: times }, () => customer.failed(customer.connections[0]));
  return { groups: [events], tells: true, once: true, incidents: 1 };
}

/** Fails, and then connects. */
function failsThenConnects(customer) {
  const [connection] = customer.connections;
  const failures = [customer.failed(connection), customer.failed(connection)];
  return { groups: [failures, [customer.created(connection)]], tells: true };
}

/** Has a connection that stops working; that it worked once may come later. */
function stopsWorking(customer) {
  const [connection] = customer.connections;
  const events = [
    customer.created(connection),
    customer.stands(connection, "INVALID", 20),
    customer.stands(connection, "ACTIVE", 10),
  ];
  return { groups: [events], tells: true, once: true, incidents: 1 };
}

/** Has an issue. */
function hasAnIssue(customer) {
  const [connection] = customer.connections;
  const events = [customer.created(connection), customer.issue(connection, "raised")];
  return { groups: [events], tells: true, once: true, incidents: 1 };
}

/** Had an issue. */
function hadAnIssue(customer) {
  const [connection] = customer.connections;
  const changes = ["raised", "resolved"].map((change) => customer.issue(connection, change));
  return { groups: [[customer.created(connection), ...changes]] };
}

/** Leaves: whatever else comes late, the integration is gone. Another one stays. */
function leaves(customer) {
  const [gone, kept] = customer.connections;
  const events = [
    customer.created(gone),
    customer.deleted(gone),
    customer.stands(gone, "ACTIVE", 10),
    customer.created(kept),
  ];
  return { groups: [events] };
}

/** Leaves with all that it had. */
function leavesForGood(customer) {
  const [gone] = customer.connections;
  return { groups: [[customer.created(gone)], [customer.deleted(gone)]] };
}

const STORIES = {
  connects,
  fails,
  failsThenConnects,
  stopsWorking,
  hasAnIssue,
  hadAnIssue,
  leaves,
  leavesForGood,
};

/** The stories of so many customers, each kind as often as any other. */
export function stories(count, choices) {
  const kinds = Object.entries(STORIES);
  return Array.from({ length: count }, (_, number) => {
    const [kind, tell] = kinds[number % kinds.length];
    const customer = `${kind}-${number}-x`;
    const none = { tells: false, once: false, incidents: 0 };
    return { customer, ...none, ...tell(new Customer(customer, choices)) };
  });
}
