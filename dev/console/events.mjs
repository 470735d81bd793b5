// The events that the console offers, and how a form becomes one. It leaves out how they are signed
// and sent.

import { eventNames, fieldsOf, freshId, idOf, makeEvent } from "../kombo.mjs";

// In the order in which they usually come; all others concern nobody here.
const STORY = {
  "connection-flow-failed": "Could not connect",
  "integration-created": "Connected",
  "integration-created:nulls": "Connected (no customer)",
  "integration-state-changed": "State changed",
  "issue-status-changed": "Issue",
  "issue-status-changed:environment-wide-resolved": "Environment issue",
  "integration-deleted": "Disconnected",
};

/** The events: `{ name, title, isKnown, fields }`, where the fields hold what they have in a fixture. */
export const offered = [
  ...Object.keys(STORY),
  ...eventNames.filter((name) => !Object.hasOwn(STORY, name)),
].map((name) => ({
  name,
  title: STORY[name] ?? name,
  isKnown: Object.hasOwn(STORY, name),
  fields: filled(fieldsOf(name)),
}));

// What is null in a fixture is the point of that fixture.
function filled(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** The same event once more, with an id of its own. What is no JSON stays as it is. */
export function again(text) {
  try {
    return JSON.stringify({ ...JSON.parse(text), id: freshId() }, null, 2);
  } catch {
    return text;
  }
}

/**
 * An event of now, from what was entered: empty text is null. An integration that was not named is
 * always the same for a customer, a tool and a category, and so is its issue, as if Kombo knew them.
 */
export function eventFrom(name, entered) {
  const { fields } = offered.find((event) => event.name === name);
  const changes = { id: freshId(), at: new Date().toISOString() };
  for (const [field, value] of Object.entries(fields)) {
    changes[field] = String(entered[field] ?? value).trim() || null;
  }
  const { originId, organization, tool, category } = changes;
  if ("integrationId" in fields && !String(entered.integrationId ?? "").trim()) {
    const owner = originId ?? organization ?? "nobody";
    changes.integrationId = `${tool}:${idOf([owner, tool, category].join(" "))}`;
  }
  const event = makeEvent(name, changes);
  const { integration, issue } = event.data;
  if (issue && integration) issue.id = idOf(`issue ${integration.id}`);
  return event;
}
