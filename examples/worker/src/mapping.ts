// Which integration belongs to which customer, from kombo-edge. Workers KV is fast, but may be a minute
// old, and it also caches that a key does not exist. So a usable result from KV is used, and otherwise
// the request goes to the object that stores the data.

import type {
  CustomerDocument,
  Documents,
  HeldIntegration,
  IntegrationDocument,
  Key,
  Mappings,
} from "./kombo-edge";

export interface MappingEnv {
  /** The namespace that kombo-edge writes. */
  MAPPINGS: Mappings;
  /** The Worker kombo-edge. */
  KOMBO_EDGE: Fetcher;
  /** The token for its read routes. */
  API_READ_TOKEN: string;
}

/** kombo-edge did not respond, or responded with an error. */
export class EdgeUnavailable extends Error {}

/** The integration of a category that a customer uses; undefined if it has connected none. */
export async function currentIntegration(
  env: MappingEnv,
  originId: string,
  category: string,
): Promise<HeldIntegration | undefined> {
  const near = currentOf(await fromKv(env, `customer:${originId}`), category);
  if (near?.usable) return near;
  return currentOf(await fromObject<CustomerDocument>(env, "customers", originId), category);
}

/** An integration by its id; null if kombo-edge does not know it, or it was deleted. */
export async function findIntegration(
  env: MappingEnv,
  id: string,
): Promise<IntegrationDocument | null> {
  const near = await fromKv(env, `integration:${id}`);
  if (near !== null && near.origin_id !== null) return near;
  return fromObject<IntegrationDocument>(env, "integrations", id);
}

const currentOf = (
  customer: CustomerDocument | null,
  category: string,
): HeldIntegration | undefined =>
  customer?.integrations.find(({ id }) => id === customer.current[category]);

async function fromKv<K extends Key>(env: MappingEnv, key: K): Promise<Documents[K] | null> {
  try {
    return await env.MAPPINGS.get(key, { type: "json", cacheTtl: 30 });
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
