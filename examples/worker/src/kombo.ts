// Kombo: its signed events, and its API. Only `data-changed` is handled here, since kombo-edge handles
// the other events. Writing is left out.

import { isSigned } from "./hmac";

export interface KomboEnv {
  /** One secret or, during a rotation, several, separated by white space. */
  KOMBO_WEBHOOK_SECRET: string;
  KOMBO_API_KEY: string;
  KOMBO_API_URL: string;
}

/** An event from Kombo. */
export interface KomboEvent {
  type: string;
  data: unknown;
}

/** The data of an integration changed. The event names neither the customer nor the records. */
export interface DataChanged extends KomboEvent {
  data: { integration_id: string; changed_models: { name: string }[] };
}

export const isDataChanged = (event: KomboEvent): event is DataChanged =>
  event.type === "data-changed";

/** A page of records. */
export interface Page<Row> {
  results: Row[];
  /** The cursor of the next page; null on the last one. */
  next: string | null;
}

/** Kombo rejected a request or did not respond. */
export class KomboRefusal extends Error {
  constructor(
    /** Kombo's error code; null if the response had none, or there was no response. */
    readonly code: string | null,
    options?: ErrorOptions,
  ) {
    super(`Kombo rejected the request: ${code ?? "no response"}`, options);
  }
}

/** The event in a request; undefined if Kombo has not signed it. */
export async function readEvent(request: Request, env: KomboEnv): Promise<KomboEvent | undefined> {
  const signature = request.headers.get("x-kombo-signature");
  if (signature === null) return undefined;
  // The raw bytes: JSON that was parsed and serialized again has another signature.
  const body = await request.arrayBuffer();
  for (const secret of env.KOMBO_WEBHOOK_SECRET.split(/\s+/).filter(Boolean)) {
    if (await isSigned(body, signature, secret)) return JSON.parse(new TextDecoder().decode(body));
  }
  return undefined;
}

/** A page of an integration's data, such as `hris/employees`. */
export async function getPage<Row>(
  env: KomboEnv,
  integrationId: string,
  path: string,
  cursor: string | null,
): Promise<Page<Row>> {
  const url = new URL(`${env.KOMBO_API_URL}/${path}`);
  if (cursor !== null) url.searchParams.set("cursor", cursor);
  const response = await fetch(url, {
    headers: {
      authorization: `Bearer ${env.KOMBO_API_KEY}`,
      "x-integration-id": integrationId,
    },
    signal: AbortSignal.timeout(10_000),
  }).catch((error: unknown) => {
    throw new KomboRefusal(null, { cause: error });
  });
  const body = await response.json<Answer<Page<Row>>>().catch(() => undefined);
  if (!response.ok || body?.data === undefined) throw new KomboRefusal(body?.error?.code ?? null);
  return body.data;
}

interface Answer<Data> {
  data?: Data;
  error?: { code: string };
}
