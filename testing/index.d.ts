// The types of `kombo-edge/testing`.

import type { CustomerDocument, IntegrationDocument, Mappings } from "../contract/kombo-edge.js";

/** Starts kombo-edge for a test. Call `dispose` at its end; several may run at once. */
export declare function startEdge(options?: EdgeOptions): Promise<Edge>;

/** The webhook secret with which Kombo signs, for the settings of a backend. */
export declare const KOMBO_WEBHOOK_SECRET: string;

export interface EdgeOptions {
  /** Settings of kombo-edge, such as `FIRST_ALERT_DELAY_SECONDS`; see docs/reference.md. */
  settings?: Record<string, string>;
  /** A backend on Workers, to run in the same runtime. */
  backend?: BackendOptions;
}

/** A backend on Workers, as its wrangler.toml describes it. */
export interface BackendOptions {
  /** The path of its wrangler.toml, or wrangler.json. */
  config: string | URL;
  /** A section of it, such as `staging`. */
  environment?: string;
  /** Its secrets, and variables that differ from the file. */
  vars?: Record<string, string>;
  /** Its binding for the namespace that kombo-edge writes: `MAPPINGS` by default. */
  mappings?: string;
}

export interface Edge extends AsyncDisposable {
  /** Where kombo-edge listens. */
  readonly url: string;
  /** The token for the whole API, and the one that may only read: `API_READ_TOKEN`. */
  readonly token: string;
  readonly readToken: string;
  readonly kombo: Kombo;
  readonly slack: Slack;
  readonly clock: Clock;
  /** What kombo-edge has logged, oldest first. */
  readonly log: readonly LogLine[];
  /** What your backend reads about a customer from Workers KV; null if there is nothing. */
  mapping(originId: string): Promise<CustomerDocument | null>;
  /** What it reads about an integration. */
  integration(integrationId: string): Promise<IntegrationDocument | null>;
  /** A request to the API of kombo-edge, such as `/v1/incidents`. */
  api(path: string, options?: ApiOptions): Promise<Response>;
  /** The namespace, to read it or to make it lag. */
  kv(): Promise<Mappings & WritableMappings>;
  /** A request to the backend that was given to `startEdge`. */
  fetchBackend(path: string, init?: RequestInit): Promise<Response>;
  /** Kills kombo-edge, as a power cut would, and starts it again with what it had stored. */
  restart(): Promise<void>;
  /** Stops everything, and removes what was stored. */
  dispose(): Promise<void>;
}

/**
 * Kombo. Each method that sends an event resolves once kombo-edge has stored it and done what follows at once:
 * Workers KV is written, and the first message is in Slack. Two seconds pass for kombo-edge with each event.
 */
export interface Kombo {
  /** A customer connects a tool. Resolves to the integration's id, which is the same each time. */
  connects(originId: string, tool: string, details?: ConnectionDetails): Promise<string>;
  /** A customer tries to connect a tool and fails. */
  failsToConnect(originId: string, tool: string, details?: CustomerDetails): Promise<void>;
  /** Kombo reports the state of an integration that was connected: active and set up unless given. */
  reports(integrationId: string, state?: IntegrationState): Promise<void>;
  /** The integration is deleted at Kombo. */
  deletes(integrationId: string): Promise<void>;
  /** A signed `data-changed`, as a request to your own backend: `fetch(url, edge.kombo.dataChanged(id))`. */
  dataChanged(integrationId: string): SignedRequest;
  /** An event by the name of a fixture, such as `issue-status-changed`, with some fields changed. */
  event(name: string, changes?: Record<string, unknown>): KomboEvent;
  /** Sends any event. Resolves to `accepted`, `duplicate`, `ignored` or `quarantined`. */
  send(event: KomboEvent): Promise<string>;
  /** The signature of a body, for the header `X-Kombo-Signature`. */
  sign(body: string | Uint8Array): string;
}

export interface CustomerDetails {
  /** Kombo's category: `HRIS` by default. */
  category?: string;
  /** The customer's name. */
  organization?: string;
  /** The e-mail address of the person who connects. */
  email?: string;
}

export interface ConnectionDetails extends CustomerDetails {
  /** The integration's id: derived from the customer, the tool and the category by default. */
  integrationId?: string;
}

export interface IntegrationState {
  state?: string;
  setupStatus?: string;
  qaStatus?: string;
}

export interface KomboEvent {
  id: string;
  type: string;
  data: Record<string, unknown>;
}

export interface SignedRequest {
  method: "POST";
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

export interface Slack {
  /** The messages that Slack accepted, oldest first. */
  readonly messages: SlackMessage[];
  /**
   * The messages once there are `count`, for what your own backend set off. Rejects after `timeoutMs`, 10,000
   * by default.
   */
  waitFor(count: number, options?: { timeoutMs?: number }): Promise<SlackMessage[]>;
  /** What Slack does from now on. It begins with `fine`. */
  behave(behavior: SlackBehavior): void;
  /** Forgets the messages. */
  clear(): void;
}

export type SlackBehavior =
  "fine" | "slow" | "limited" | "down" | "silent" | "plain" | "refused" | "revoked";

export interface SlackMessage {
  at: Date;
  channel: "team" | "engineers";
  /** What a reader sees, without formatting. */
  text: string;
  /** The body as it was posted. */
  json: unknown;
}

export interface Clock {
  /** The time as kombo-edge sees it. */
  now(): Date;
  /**
   * Lets time pass for kombo-edge, not for the test: what is due meanwhile happens in its order, and has
   * happened when this resolves.
   */
  advance(time: {
    days?: number;
    hours?: number;
    minutes?: number;
    seconds?: number;
  }): Promise<void>;
}

export interface ApiOptions {
  method?: string;
  json?: unknown;
  token?: string;
}

export interface LogLine {
  at: Date;
  level: string;
  message: string;
  /** The line's fields, if it is JSON. */
  fields: Record<string, unknown> | undefined;
}

export interface WritableMappings {
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}
