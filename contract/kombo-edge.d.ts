// The documents that kombo-edge keeps in Workers KV, and their keys. Made by `npm run contract` from
// the schemas in contract/schemas and from scripts/types.mjs: change those.

/** The key of what a customer has connected: your own id of it stands behind the colon. */
export type CustomerKey = `customer:${string}`;

/** The key that says whose an integration is: Kombo's id of it stands behind the colon. */
export type IntegrationKey = `integration:${string}`;

/** The key of an integration that belongs to nobody: Kombo's id of it stands behind the colon. */
export type UnassignedKey = `unassigned:${string}`;

/** The key of an open incident. What stands behind the colon is not for reading: list the prefix. */
export type IncidentKey = `incident:${string}`;

/** The key of an event that could not be understood: Kombo's id of it stands behind the colon. */
export type QuarantineKey = `quarantine:${string}`;

/** Every key. */
export type Key = CustomerKey | IntegrationKey | UnassignedKey | IncidentKey | QuarantineKey;

/** The document under each key. */
export interface Documents {
  [key: CustomerKey]: CustomerDocument;
  [key: IntegrationKey]: IntegrationDocument;
  [key: UnassignedKey]: UnassignedDocument;
  [key: IncidentKey]: IncidentDocument;
  [key: QuarantineKey]: QuarantineDocument;
}

/** The metadata of each key, as `list` shows it. That of an integration has none. */
export interface Summaries {
  [key: CustomerKey]: CustomerSummary;
  [key: UnassignedKey]: UnassignedSummary;
  [key: IncidentKey]: IncidentSummary;
  [key: QuarantineKey]: QuarantineSummary;
}

/**
 * The namespace as a backend reads it, for the type of its binding:
 *
 *     const customer = await env.MAPPINGS.get(`customer:${originId}`, "json");
 *     const integrationId = customer?.current.HRIS;
 */
export interface Mappings {
  /** The document under a key; null when there is none. */
  get<K extends Key>(key: K, type: "json"): Promise<Documents[K] | null>;
}

/**
 * What one customer has connected, under the key `customer:{origin_id}`. It is deleted when nothing is left: absent means none.
 */
export interface CustomerDocument {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * The Kombo environment of the deployment, as its setting `ENVIRONMENT` names it.
   */
  environment: string;
  /**
   * Your own id of the customer, as Kombo or a human gave it; at most 503 bytes.
   */
  origin_id: string;
  /**
   * The customer's name, as Kombo told it last, or else an import; `null` if neither did.
   */
  organization_name: string | null;
  /**
   * What the customer has connected, in the order of `connected_at`, then of `id`.
   *
   * @minItems 1
   */
  integrations: HeldIntegration[];
  /**
   * For each category the id of the usable integration that was connected last, else of the one connected last. One without category is in none.
   */
  current: {
    [k: string]: string | undefined;
  };
  /**
   * Grows with each change, also across deletion and return: ignore a document whose revision is lower than one that you have seen.
   */
  revision: number;
  /**
   * When the document last changed.
   */
  updated_at: string;
}
/**
 * One integration of a customer.
 */
export interface HeldIntegration {
  /**
   * Its id at Kombo: the `X-Integration-Id` of a call there. Keep it from logs. At most 500 bytes.
   */
  id: string;
  /**
   * The connected product, as Kombo names it, such as `personio`; an open set. `null` if nobody told it.
   */
  tool: string | null;
  /**
   * Kombo's category of the tool: `HRIS`, `ATS`, `ASSESSMENT`, `LMS`, or what comes next. `null` if nobody told it.
   */
  category: string | null;
  /**
   * Kombo's state: `ACTIVE`, `INVALID`, `INACTIVE`, or a word that came later. `null` until Kombo tells.
   */
  state: string | null;
  /**
   * Kombo's word for how far the set-up is: `INCOMPLETE`, `FINAL_SYNC_PENDING`, `COMPLETED`, or one that came later. `null` until Kombo tells.
   */
  setup_status: string | null;
  /**
   * Kombo's word for its own check: `PENDING`, `FAILED`, `PASSED`, or one that came later. `null` until Kombo tells.
   */
  qa_status: string | null;
  /**
   * Whether it can be called, as far as Kombo told: `state` is `ACTIVE` or `null`, and `setup_status` is `COMPLETED` or `null`.
   */
  usable: boolean;
  /**
   * When it was first heard of, or what an import said.
   */
  connected_at: string;
  /**
   * Kombo's time of the newest of `state`, `setup_status` and `qa_status`; `null` until Kombo tells.
   */
  state_changed_at: string | null;
}

/**
 * Whose one integration is, under the key `integration:{integration_id}`: for events that carry no customer, such as `data-changed`. It is deleted with the integration.
 */
export interface IntegrationDocument {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * The Kombo environment of the deployment, as its setting `ENVIRONMENT` names it.
   */
  environment: string;
  /**
   * Its id at Kombo. Keep it from logs. At most 500 bytes.
   */
  integration_id: string;
  /**
   * Your own id of the customer that it belongs to; `null` while it belongs to nobody (see `unassigned:{integration_id}`).
   */
  origin_id: string | null;
  /**
   * The connected product, as Kombo names it, such as `personio`; an open set. `null` if nobody told it.
   */
  tool: string | null;
  /**
   * Kombo's category of the tool: `HRIS`, `ATS`, `ASSESSMENT`, `LMS`, or what comes next. `null` if nobody told it.
   */
  category: string | null;
  /**
   * Kombo's state: `ACTIVE`, `INVALID`, `INACTIVE`, or a word that came later. `null` until Kombo tells.
   */
  state: string | null;
  /**
   * Whether it can be called, as far as Kombo told: the state is `ACTIVE` or not told, and the set-up is `COMPLETED` or not told.
   */
  usable: boolean;
  /**
   * Since when Kombo says that it does not know the id. Only there while it does, and only where integrations are checked with Kombo (`KOMBO_API_KEY`); a human decides what follows.
   */
  missing_at_kombo_since?: string;
  /**
   * Grows with each change, also across deletion and return: ignore a document whose revision is lower than one that you have seen.
   */
  revision: number;
  /**
   * When the document last changed.
   */
  updated_at: string;
}

/**
 * An integration that belongs to nobody, under the key `unassigned:{integration_id}`, until a human gives it to a customer: Kombo told no `origin_id`, and cannot list it later.
 */
export interface UnassignedDocument {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * The Kombo environment of the deployment, as its setting `ENVIRONMENT` names it.
   */
  environment: string;
  /**
   * Its id at Kombo. Keep it from logs. At most 500 bytes.
   */
  integration_id: string;
  /**
   * The short name under which Slack speaks of it: up to eight letters and digits of a hash of the id.
   */
  handle: string;
  /**
   * The name of the customer that connected it, if Kombo told one.
   */
  organization_name: string | null;
  /**
   * The connected product, as Kombo names it, such as `personio`; an open set. `null` if nobody told it.
   */
  tool: string | null;
  /**
   * Kombo's category of the tool: `HRIS`, `ATS`, `ASSESSMENT`, `LMS`, or what comes next. `null` if nobody told it.
   */
  category: string | null;
  /**
   * When it was first heard of.
   */
  connected_at: string;
  /**
   * Grows with each change.
   */
  revision: number;
  /**
   * When the document last changed.
   */
  updated_at: string;
}

/**
 * What is wrong for one customer, under a key that begins with `incident:`, while it is. The key is deleted when it is over.
 */
export interface IncidentDocument {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * The Kombo environment of the deployment, as its setting `ENVIRONMENT` names it.
   */
  environment: string;
  /**
   * `connection`: somebody cannot connect a tool. `integration`: an integration stopped working. `environment`: Kombo raised an issue about all of them.
   */
  kind: "connection" | "integration" | "environment";
  /**
   * Your own id of the customer, if it has one.
   */
  origin_id: string | null;
  /**
   * The customer's name, if Kombo told one.
   */
  organization_name: string | null;
  /**
   * The tool concerned, as Kombo names it; `null` for an environment, or if nobody told it.
   */
  tool: string | null;
  /**
   * The tool's category; `null` for an environment, or if nobody told it.
   */
  category: string | null;
  /**
   * How many attempts failed; the count may be 15 minutes old. 1 for an incident that is not about a connection.
   */
  attempts: number;
  /**
   * Why it is open: `state INVALID`, or the types of Kombo's issues. Empty for a connection, as Kombo tells no cause.
   */
  causes: string[];
  /**
   * When it opened.
   */
  first_at: string;
  /**
   * When it was last heard of.
   */
  last_at: string;
  /**
   * Until when a human silenced it, if somebody did.
   */
  muted_until: string | null;
  /**
   * Grows with each change, also when it is over and opens again.
   */
  revision: number;
}

/**
 * A signed event of a known type that could not be understood, under the key `quarantine:{event_id}`, until a human retries or dismisses it.
 */
export interface QuarantineDocument {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * The Kombo environment of the deployment, as its setting `ENVIRONMENT` names it.
   */
  environment: string;
  /**
   * Kombo's id of the event; at most 256 bytes.
   */
  event_id: string;
  /**
   * Kombo's type of the event, such as `integration-created`.
   */
  type: string;
  /**
   * What the event lacks.
   */
  reason: string;
  /**
   * When it came.
   */
  received_at: string;
  /**
   * The body, byte for byte as it was signed.
   */
  body: string;
}

/**
 * The metadata of a `customer:` key: what a listing shows without reading the document.
 */
export interface CustomerSummary {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * The customer's name, cut after 60 characters; `null` if nobody told it.
   */
  organization_name: string | null;
  /**
   * What the customer has connected, in the order of the document, as far as it fits: `integrations_total` counts all.
   */
  integrations: BriefIntegration[];
  /**
   * How many integrations the document holds.
   */
  integrations_total: number;
  /**
   * The revision of the document.
   */
  revision: number;
  /**
   * When the document last changed.
   */
  updated_at: string;
}
/**
 * One integration of a customer, in short.
 */
export interface BriefIntegration {
  /**
   * The connected product, as Kombo names it.
   */
  tool: string | null;
  /**
   * Kombo's category of the tool.
   */
  category: string | null;
  /**
   * Kombo's state; `null` until Kombo tells.
   */
  state: string | null;
}

/**
 * The metadata of an `unassigned:` key: what a listing shows without reading the document. Fields that are not required are left out where they would not fit.
 */
export interface UnassignedSummary {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * The short name under which Slack speaks of it: up to eight letters and digits of a hash of the id.
   */
  handle: string;
  /**
   * The name of the customer that connected it, cut after 60 characters, if Kombo told one.
   */
  organization_name?: string | null;
  /**
   * The connected product, as Kombo names it.
   */
  tool?: string | null;
  /**
   * Kombo's category of the tool.
   */
  category?: string | null;
  /**
   * When it was first heard of.
   */
  connected_at: string;
  /**
   * The revision of the document.
   */
  revision: number;
  /**
   * When the document last changed.
   */
  updated_at: string;
}

/**
 * The metadata of an `incident:` key: what a listing shows without reading the document. Fields that are not required are left out where they would not fit.
 */
export interface IncidentSummary {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * `connection`: somebody cannot connect a tool. `integration`: an integration stopped working. `environment`: Kombo raised an issue about all of them.
   */
  kind: "connection" | "integration" | "environment";
  /**
   * Your own id of the customer, if it has one.
   */
  origin_id?: string | null;
  /**
   * The customer's name, cut after 60 characters, if Kombo told one.
   */
  organization_name?: string | null;
  /**
   * The tool concerned, as Kombo names it; `null` for an environment, or if nobody told it.
   */
  tool?: string | null;
  /**
   * The tool's category; `null` for an environment, or if nobody told it.
   */
  category?: string | null;
  /**
   * How many attempts failed; the count may be 15 minutes old. 1 for an incident that is not about a connection.
   */
  attempts: number;
  /**
   * When it opened.
   */
  first_at: string;
  /**
   * When it was last heard of.
   */
  last_at: string;
  /**
   * Until when a human silenced it, if somebody did.
   */
  muted_until: string | null;
  /**
   * The revision of the document.
   */
  revision: number;
}

/**
 * The metadata of a `quarantine:` key: what a listing shows without reading the document. Fields that are not required are left out where they would not fit.
 */
export interface QuarantineSummary {
  /**
   * Version of the document. Additions do not change it: ignore fields that you do not know.
   */
  schema: 1;
  /**
   * Kombo's id of the event; at most 256 bytes.
   */
  event_id?: string;
  /**
   * Kombo's type of the event, such as `integration-created`.
   */
  type: string;
  /**
   * What the event lacks.
   */
  reason?: string;
  /**
   * When it came.
   */
  received_at: string;
}
