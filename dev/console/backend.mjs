// What a backend sees of the Worker: the documents in Workers KV by kind, and what the API reports about
// alerts. It only reads.

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
export async function backendOf(kv, call) {
  const names = await allKeys(kv);
  const documents = new Map(
    await Promise.all(names.map(async (name) => [name, await kv.get(name, "json")])),
  );
  const ofKind = (prefix) =>
    [...documents]
      .filter(([key, document]) => key.startsWith(prefix) && document !== null)
      .map(([key, document]) => ({ key, document }));
  const [status, { undelivered }] = await Promise.all([
    call("/v1/status"),
    call("/v1/undelivered"),
  ]);
  return {
    ...Object.fromEntries(Object.entries(KINDS).map(([kind, prefix]) => [kind, ofKind(prefix)])),
    status,
    undelivered,
  };
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
