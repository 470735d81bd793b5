// What Workers KV must hold once a set of events has been acknowledged, derived from the contract without
// the Worker's code. What depends on when events were received is omitted: times, revisions, and which of
// two usable integrations in one category connected last.

import assert from "node:assert/strict";

/** The documents under `customer:` and `integration:` by their keys. */
export function expectedDocuments(events) {
  const integrations = new Map();
  for (const event of events) applyEvent(integrations, event);
  const documents = new Map();
  for (const { deleted, owner, ...held } of integrations.values()) {
    if (deleted) continue;
    documents.set(`integration:${held.id}`, { ...essence(held), origin_id: owner });
    const key = `customer:${owner}`;
    const customer = documents.get(key) ?? { origin_id: owner, integrations: [] };
    customer.integrations.push(held);
    documents.set(key, customer);
  }
  for (const { integrations: held } of documents.values()) held?.sort(byId);
  return documents;
}

/** A document in Workers KV, reduced to what expected ones have. Throws if it contradicts itself. */
export function reduced(document) {
  if (!document.integrations) {
    const { integration_id: id, origin_id } = document;
    return { ...essence({ ...document, id }), origin_id };
  }
  const { origin_id, integrations, current } = document;
  checkCurrent(integrations, current);
  const held = integrations.map((it) => ({
    ...essence(it),
    setup_status: it.setup_status,
    qa_status: it.qa_status,
    state_changed_at: it.state_changed_at,
  }));
  return { origin_id, integrations: held.sort(byId) };
}

const byId = (one, other) => (one.id < other.id ? -1 : 1);

const essence = ({ id, tool, category, state, usable }) => ({ id, tool, category, state, usable });

function applyEvent(integrations, { type, data }) {
  const subject = data.integration ?? data;
  const id = subject.integration_id ?? subject.id;
  if (type === "connection-flow-failed" || type === "data-changed") return;
  const known = integrations.get(id) ?? {
    id,
    tool: subject.tool ?? subject.integration_tool,
    category: subject.category ?? subject.integration_category,
    owner: subject.end_user.origin_id,
    state: null,
    usable: true,
    setup_status: null,
    qa_status: null,
    state_changed_at: null,
    deleted: false,
  };
  integrations.set(id, known);
  if (type === "integration-deleted") known.deleted = true;
  if (type !== "integration-state-changed" || known.state_changed_at > data.updated_at) return;
  const { state, setup_status, qa_status, updated_at } = data;
  const usable = state === "ACTIVE" && setup_status === "COMPLETED";
  Object.assign(known, { state, setup_status, qa_status, state_changed_at: updated_at, usable });
}

/** For each category: the usable one that connected last, or otherwise the one that connected last. */
function checkCurrent(integrations, current) {
  const rank = ({ usable, connected_at, id }) => `${Number(usable)} ${connected_at} ${id}`;
  const order = integrations.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
  assert.deepEqual(current, Object.fromEntries(order.map(({ category, id }) => [category, id])));
}
