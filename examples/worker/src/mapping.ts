// Which integration belongs to which customer, as kombo-edge knows it. Workers KV is near and answers
// at once, but may be a minute old, and remembers as long that a key was absent. So a yes from KV is
// used, and a no is asked again of the object that writes it. The types leave out what is not read.

export interface MappingEnv {
  /** The namespace that kombo-edge writes. */
  MAPPINGS: KVNamespace;
  /** The Worker kombo-edge. */
  KOMBO_EDGE: Fetcher;
  /** Opens its read routes. */
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
  /** Your id of the customer; null while nobody knows whose it is. */
  origin_id: string | null;
  tool: string | null;
}

/** kombo-edge could not be asked. */
export class EdgeUnavailable extends Error {}

/** The integration of a category that a customer uses; undefined when it has connected none. */
export async function currentIntegration(
  env: MappingEnv,
  originId: string,
  category: string,
): Promise<Held | undefined> {
  const near = currentOf(await fromKv<Customer>(env, `customer:${originId}`), category);
  if (near?.usable) return near;
  return currentOf(await fromObject<Customer>(env, "customers", originId), category);
}

/** An integration by its id; null when kombo-edge has not heard of it, or it was deleted. */
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
    // Workers KV has failed for hours before. The object still answers.
    console.warn(JSON.stringify({ event: "kv-failed", reason: String(error) }));
    return null;
  }
}

async function fromObject<Document>(
  env: MappingEnv,
  kind: "customers" | "integrations",
  id: string,
): Promise<Document | null> {
  // The host does not matter: the binding leads to kombo-edge whatever it is.
  const url = `https://kombo-edge/v1/${kind}/${encodeURIComponent(id)}`;
  const response = await env.KOMBO_EDGE.fetch(url, {
    headers: { authorization: `Bearer ${env.API_READ_TOKEN}` },
    signal: AbortSignal.timeout(5_000),
  }).catch((error: unknown) => {
    throw new EdgeUnavailable("kombo-edge does not answer", { cause: error });
  });
  if (response.status === 404) return null;
  if (!response.ok) throw new EdgeUnavailable(`kombo-edge answered ${response.status}`);
  return response.json<Document>();
}
