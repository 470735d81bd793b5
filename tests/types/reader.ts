// A backend that uses the client. It is only type-checked and never runs. Each line that is marked as an
// error must be one.

import type { KVNamespace, Service } from "@cloudflare/workers-types";
import type {
  Client,
  CustomerEntry,
  Mappings,
  ReadApi,
  UnassignedSummary,
} from "../../packages/client/index.js";
import { AccessError, createClient } from "../../packages/client/index.js";

interface Env {
  MAPPINGS: Mappings;
  KOMBO_EDGE: ReadApi;
}

export const inWorkers = (env: Env): Client =>
  createClient({ kv: env.MAPPINGS, service: env.KOMBO_EDGE });

/** As `wrangler types` declares the bindings. */
export const generated = (env: { MAPPINGS: KVNamespace; KOMBO_EDGE: Service }): Client =>
  createClient({ kv: env.MAPPINGS, service: env.KOMBO_EDGE });

export const elsewhere = (token: string): Client =>
  createClient({ url: "https://kombo-edge.example", token, timeoutMs: 1_000 });

export const kvAlone = ({ MAPPINGS }: Env): Client => createClient({ kv: MAPPINGS });

// @ts-expect-error: there is no way to read.
createClient({});

// @ts-expect-error: a URL needs a token.
createClient({ url: "https://kombo-edge.example" });

export const both = ({ KOMBO_EDGE }: Env): Client =>
  // @ts-expect-error: one way to the objects is enough.
  createClient({ service: KOMBO_EDGE, url: "https://kombo-edge.example", token: "x" });

export async function idOf(client: Client, originId: string): Promise<string | undefined> {
  const integration = await client.current(originId, "HRIS");
  // @ts-expect-error: the customer may have connected none.
  integration.id;
  // @ts-expect-error: an id is a string.
  await client.customer(42);
  const customer = await client.customer(originId);
  return integration?.usable ? integration.id : customer?.current.HRIS;
}

export async function customersOf(client: Client): Promise<CustomerEntry[]> {
  const all: CustomerEntry[] = [];
  for await (const entry of client.customers({ pageSize: 10 })) all.push(entry);
  return all;
}

export async function unassignedOf({ KOMBO_EDGE }: Env): Promise<UnassignedSummary[]> {
  const { unassigned, cursor } = await KOMBO_EDGE.unassigned({ limit: 10 });
  const next: string | null = cursor;
  // @ts-expect-error: this page has no customers.
  (await KOMBO_EDGE.unassigned({ cursor: next })).customers;
  return unassigned;
}

export const codeOf = (error: unknown): string | null =>
  error instanceof AccessError ? error.code : null;
