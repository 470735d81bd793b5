// What a backend sees of the Worker: the documents in Workers KV by kind, and what the API reports about
// alerts. Beside each open incident is what its object knows, because repeats reach Workers KV and Slack
// later. It only reads.

const KINDS = {
  customers: "customer:",
  integrations: "integration:",
  unassigned: "unassigned:",
  incidents: "incident:",
  quarantine: "quarantine:",
};

/**
 * The documents with their keys, by kind, and the state of the alerts: `status` and `undelivered`. `call`
 * calls the Worker's API.
 */
export async function backendOf(edge, call) {
  const kv = await edge.kv();
  const names = await allKeys(kv);
  const documents = new Map(
    await Promise.all(names.map(async (name) => [name, await kv.get(name, "json")])),
  );
  const ofKind = (prefix) =>
    [...documents]
      .filter(([key, document]) => key.startsWith(prefix) && document !== null)
      .map(([key, document]) => ({ key, document }));
  const kinds = Object.fromEntries(
    Object.entries(KINDS).map(([kind, prefix]) => [kind, ofKind(prefix)]),
  );
  const [incidents, status, undelivered] = await Promise.all([
    withObjects(kinds.incidents, edge, call),
    call("/v1/status"),
    allUndelivered(call),
  ]);
  return { ...kinds, incidents, status, undelivered };
}

/** The names of all keys of a namespace. */
export async function allKeys(kv) {
  const names = [];
  let page = { cursor: undefined, list_complete: false };
  while (!page.list_complete) {
    page = await kv.list({ cursor: page.cursor });
    names.push(...page.keys.map(({ name }) => name));
  }
  return names;
}

async function allUndelivered(call) {
  const all = [];
  for (let cursor = ""; cursor !== null;) {
    const page = await call(`/v1/undelivered?limit=1000${cursor && `&cursor=${cursor}`}`);
    all.push(...page.undelivered);
    cursor = page.cursor && encodeURIComponent(page.cursor);
  }
  return all;
}

/**
 * The incidents, each with what its object knows: `object` is `{ attempts, lastAt, writtenAt, reportedAt }`,
 * where the last two are the times, in milliseconds, when repeats that are held back reach Workers KV and
 * Slack, or null. `object` is null if the incident has just ended.
 */
async function withObjects(incidents, edge, call) {
  if (incidents.length === 0) return [];
  const customers = await edge.miniflare.getDurableObjectNamespace("CUSTOMERS");
  const copies = new Map();
  const rowsOf = (name) => {
    if (!copies.has(name)) {
      const path = `/v1/objects/customer/${customers.idFromName(name)}`;
      copies.set(
        name,
        call(path).then(({ rows }) => rows),
      );
    }
    return copies.get(name);
  };
  return Promise.all(
    incidents.map(async (incident) => {
      const [, object, name] = incident.key.match(/^incident:([^:]+):(.+)$/);
      return { ...incident, object: known((await rowsOf(object))[`incident/${name}`]) };
    }),
  );
}

function known(row) {
  if (!row?.open) return null;
  const { attempts, last_at: lastAt, recount_at: writtenAt = null, schedule } = row;
  return { attempts, lastAt, writtenAt, reportedAt: schedule?.due ?? null };
}
