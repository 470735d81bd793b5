// The events that the console offers, and how to make one from the form. Signing and sending are in
// server.mjs.

import { eventNames, fieldsOf, freshId, idOf, makeEvent } from "../kombo.mjs";

// In their usual order. The Worker ignores all others.
const KNOWN = {
  "connection-flow-failed": "Could not connect",
  "integration-created": "Connected",
  "integration-created:nulls": "Connected (no customer)",
  "integration-state-changed": "State changed",
  "issue-status-changed": "Issue",
  "issue-status-changed:environment-wide-resolved": "Environment issue",
  "integration-deleted": "Disconnected",
};

/** The events: `{ name, title, isKnown, fields }`. The fields have their values from the fixture. */
export const offered = [
  ...Object.keys(KNOWN),
  ...eventNames.filter((name) => !Object.hasOwn(KNOWN, name)),
].map((name) => ({
  name,
  title: KNOWN[name] ?? name,
  isKnown: Object.hasOwn(KNOWN, name),
  fields: withoutNulls(fieldsOf(name)),
}));

// Without fields that are null: in such a fixture that is the point.
function withoutNulls(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** The same event with a new id. Text that is not JSON is returned unchanged. */
export function withFreshId(text) {
  try {
    return JSON.stringify({ ...JSON.parse(text), id: freshId() }, null, 2);
  } catch {
    return text;
  }
}

/**
 * An event of the time `now` with the values that were entered; empty text means null. Without an
 * integration id, the id is always the same for a customer, tool and category, as at Kombo, and so is the
 * id of its issue.
 */
export function eventFrom(name, entered, now) {
  const { fields } = offered.find((event) => event.name === name);
  const changes = { id: freshId(), at: new Date(now).toISOString() };
  for (const [field, value] of Object.entries(fields)) {
    changes[field] = String(entered[field] ?? value).trim() || null;
  }
  const { originId, organization, tool, category } = changes;
  if ("integrationId" in fields && !String(entered.integrationId ?? "").trim()) {
    const owner = originId ?? organization ?? "no-customer";
    changes.integrationId = `${tool}:${idOf([owner, tool, category].join(" "))}`;
  }
  const event = makeEvent(name, changes);
  const { integration, issue } = event.data;
  if (issue && integration) issue.id = idOf(`issue ${integration.id}`);
  return event;
}
