// Which integration belongs to which customer, from kombo-edge. Workers KV is fast, but may be a minute
// old, and it also caches that a key does not exist. So a usable result from KV is used, and otherwise
// the request goes to the object that stores the data. The types leave out fields that are not read.

export interface MappingEnv {
  /** The namespace that kombo-edge writes. */
  MAPPINGS: KVNamespace;
  /** The Worker kombo-edge. */
  KOMBO_EDGE: Fetcher;
  /** The token for its read routes. */
  API_READ_TOKEN: string;
}

/** The document `customer:{origin_id}`. */
interface Customer {
  integrations: Held[];
  /** For each category the id of the integration to use. */
  current: Record<string, string>;
}

/** One integration of a customer. */
export interface Held {
  id: string;
  tool: string | null;
  state: string | null;
  setup_status: string | null;
  /** Whether it can be called. */
  usable: boolean;
}

/** The document `integration:{integration_id}`. */
export interface Integration {
  /** Your id of the customer; null while it is unassigned. */
  origin_id: string | null;
  tool: string | null;
}

/** kombo-edge did not respond, or responded with an error. */
export class EdgeUnavailable extends Error {}

/** The integration of a category that a customer uses; undefined if it has connected none. */
export async function currentIntegration(
  env: MappingEnv,
  originId: string,
  category: string,
): Promise<Held | undefined> {
  const near = currentOf(await fromKv<Customer>(env, `customer:${originId}`), category);
  if (near?.usable) return near;
  return currentOf(await fromObject<Customer>(env, "customers", originId), category);
}

/** An integration by its id; null if kombo-edge does not know it, or it was deleted. */
export async function findIntegration(env: MappingEnv, id: string): Promise<Integration | null> {
  const near = await fromKv<Integration>(env, `integration:${id}`);
  if (near !== null && near.origin_id !== null) return near;
  return fromObject<Integration>(env, "integrations", id);
}

const currentOf = (customer: Customer | null, category: string): Held | undefined =>
  customer?.integrations.find(({ id }) => id === customer.current[category]);

async function fromKv<Document>(env: MappingEnv, key: string): Promise<Document | null> {
  try {
    return await env.MAPPINGS.get<Document>(key, { type: "json", cacheTtl: 30 });
  } catch (error) {
    // Workers KV has had outages of hours. The object still responds.
    console.warn(JSON.stringify({ event: "kv-failed", reason: String(error) }));
    return null;
  }
}

async function fromObject<Document>(
  env: MappingEnv,
  kind: "customers" | "integrations",
  id: string,
): Promise<Document | null> {
  // The host does not matter: the binding always leads to kombo-edge.
  const url = `https://kombo-edge/v1/${kind}/${encodeURIComponent(id)}`;
  const response = await env.KOMBO_EDGE.fetch(url, {
    headers: { authorization: `Bearer ${env.API_READ_TOKEN}` },
    signal: AbortSignal.timeout(5_000),
  }).catch((error: unknown) => {
    throw new EdgeUnavailable("kombo-edge does not respond", { cause: error });
  });
  if (response.status === 404) return null;
  if (!response.ok) throw new EdgeUnavailable(`kombo-edge answered ${response.status}`);
  return response.json<Document>();
}
