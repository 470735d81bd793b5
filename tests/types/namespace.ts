// A Worker whose binding has Cloudflare's own type, as `wrangler types` declares it. It is only type-checked
// and never runs. The line that is marked as an error must be one.

import type { KVNamespace } from "@cloudflare/workers-types";
import type { Key, Mappings } from "../../contract/kombo-edge.js";

interface Env {
  MAPPINGS: KVNamespace;
  NARROWER: KVNamespace<Key>;
}

const currentHris = async (env: { MAPPINGS: Mappings }, originId: string) =>
  (await env.MAPPINGS.get(`customer:${originId}`, "json"))?.current.HRIS;

export const passedOn = (env: Env): Promise<string | undefined> => currentHris(env, "42");

export const assigned = ({ MAPPINGS, NARROWER }: Env): Mappings[] => [MAPPINGS, NARROWER];

type Incomplete = Pick<KVNamespace, "get">;

// @ts-expect-error: it has no `list`.
export const incomplete = (mappings: Incomplete): Mappings => mappings;
