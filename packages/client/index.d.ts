// The types of the client, and of the entrypoint that a service binding leads to. The types of the
// documents are in kombo-edge.d.ts, which kombo-edge's contract generates.

import type {
  CustomerDocument,
  CustomerSummary,
  HeldIntegration,
  IncidentSummary,
  IntegrationDocument,
  Mappings,
  QuarantineSummary,
  UnassignedSummary,
} from "./kombo-edge.js";

export type * from "./kombo-edge.js";

/** A client for the ways to read that are given. */
export declare function createClient(options: ClientOptions): Client;

export type ClientOptions = CommonOptions & (KvOptions | ServiceOptions | HttpOptions);

export interface CommonOptions {
  /** How long to wait for an answer: 5,000 milliseconds by default. */
  timeoutMs?: number;
  /** Called when Workers KV fails and the object is asked instead. */
  onKvError?: (error: UnavailableError) => void;
}

/** Workers KV alone: what it says may be a minute old, a no as well. */
export interface KvOptions {
  /** The namespace that kombo-edge writes. */
  kv: Mappings;
  service?: undefined;
  url?: undefined;
}

/** A service binding to the entrypoint `ReadApi`, and Workers KV before it if `kv` is given. */
export interface ServiceOptions {
  /** `ReadApi`, or the type that `wrangler types` gives the binding, which does not have its methods. */
  service: ReadApi | UntypedService;
  kv?: Mappings | undefined;
  url?: undefined;
}

/** What every service binding has. */
export interface UntypedService {
  fetch(...request: never[]): Promise<unknown>;
}

/** The HTTP API, and Workers KV before it if `kv` is given. */
export interface HttpOptions {
  /** The URL of kombo-edge: `https:`, or a server on this machine. */
  url: string | URL;
  /** `API_READ_TOKEN`, or another token that may read. */
  token: string;
  /** In place of the global `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  kv?: Mappings | undefined;
  service?: undefined;
}

/**
 * Reads the mapping. Every method rejects with a `KomboEdgeError` if there is no answer. Keep one client for
 * as long as your process or isolate lives: it ignores documents that are older than one it has seen.
 */
export interface Client {
  /** What a customer has connected; null if nothing. */
  customer(originId: string): Promise<CustomerDocument | null>;
  /** An integration by its id, with its customer; null if kombo-edge does not know it, or it was deleted. */
  integration(integrationId: string): Promise<IntegrationDocument | null>;
  /**
   * The integration that a customer uses in a category, such as `HRIS`; null if it has connected none. With an
   * integration that is not `usable`, do not call Kombo.
   */
  current(originId: string, category: string): Promise<HeldIntegration | null>;
  /** All customers with an integration, in the order of their ids. `pageSize`: 1 to 1,000, the default. */
  customers(options?: { pageSize?: number }): AsyncGenerator<CustomerEntry, void, undefined>;
}

/** A customer in a list. */
export type CustomerEntry = CustomerSummary & { origin_id: string };

/**
 * The entrypoint `ReadApi` of kombo-edge, as the type of a service binding. Each method returns what the
 * route of the same name returns, and null instead of a 404. `createClient` gives its errors their types.
 */
export interface ReadApi {
  customer(originId: string): Promise<CustomerDocument | null>;
  integration(integrationId: string): Promise<IntegrationDocument | null>;
  customers(page?: PageOptions): Promise<ReadPage<"customers", CustomerEntry>>;
  incidents(page?: PageOptions): Promise<ReadPage<"incidents", IncidentSummary & { key: string }>>;
  unassigned(
    page?: PageOptions,
  ): Promise<ReadPage<"unassigned", UnassignedSummary & { integration_id: string }>>;
  quarantine(
    page?: PageOptions,
  ): Promise<ReadPage<"quarantine", QuarantineSummary & { event_id: string }>>;
}

/** Which page of a list. */
export interface PageOptions {
  /** Entries at most: 1 to 1,000; 100 by default. */
  limit?: number;
  /** The `cursor` of the previous page. */
  cursor?: string | null;
}

/** A page of a list. Its `cursor` gets the next one; null on the last one. */
export type ReadPage<Name extends string, Entry> = { [name in Name]: Entry[] } & {
  cursor: string | null;
};

/** Any error of this package. */
export declare class KomboEdgeError extends Error {
  /** kombo-edge's name for the problem, such as `no-reply`; null if it gave none. */
  readonly code: string | null;
}

/** There was no answer, or none in time. Trying again can help. */
export declare class UnavailableError extends KomboEdgeError {}

/** The token or the service binding does not give access. */
export declare class AccessError extends KomboEdgeError {}

/** kombo-edge rejects the request: an invalid id, or a URL or an entrypoint that is not its own. */
export declare class RequestError extends KomboEdgeError {}
