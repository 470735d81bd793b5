// Which integration belongs to which customer, from the read routes of kombo-edge. A single customer or
// integration comes from the object that stores it, so it is always current; the list comes from Workers
// KV and may be a minute old. Do not cache responses: call kombo-edge each time.

const TIMEOUT_MS = 5_000;

/** kombo-edge did not respond, or responded with an error. */
export class EdgeUnavailable extends Error {}

/** The integration of a category that a customer uses; undefined if it has connected none. */
export async function currentIntegration(edge, originId, category) {
  const customer = await get(edge, `customers/${encodeURIComponent(originId)}`);
  return customer?.integrations.find(({ id }) => id === customer.current[category]);
}

/** An integration by its id; null if kombo-edge does not know it, or it was deleted. */
export const findIntegration = (edge, id) => get(edge, `integrations/${encodeURIComponent(id)}`);

/** Summaries of all customers with an integration. `pageSize`: 1 to 1000. */
export async function* customers(edge, { pageSize = 1000 } = {}) {
  let cursor = "";
  do {
    const query = new URLSearchParams({ limit: pageSize, cursor });
    const page = await get(edge, `customers?${query}`);
    yield* page.customers;
    // A page may have fewer entries than requested, even none. Only a null cursor means the end.
    cursor = page.cursor;
  } while (cursor !== null);
}

async function get({ KOMBO_EDGE_URL, API_READ_TOKEN }, path) {
  const response = await fetch(new URL(`/v1/${path}`, KOMBO_EDGE_URL), {
    headers: { authorization: `Bearer ${API_READ_TOKEN}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error) => {
    throw new EdgeUnavailable("kombo-edge does not respond", { cause: error });
  });
  if (response.status === 404) return null;
  if (!response.ok) throw new EdgeUnavailable(`kombo-edge answered ${response.status}`);
  return response.json();
}
