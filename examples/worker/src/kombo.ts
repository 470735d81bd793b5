// Kombo: its events, which it signs, and its API. Leaves out events other than `data-changed`, which
// kombo-edge takes, and writing.

import { isSigned } from "./hmac";

export interface KomboEnv {
  /** One secret or, during a rotation, several, separated by white space. */
  KOMBO_WEBHOOK_SECRET: string;
  KOMBO_API_KEY: string;
  KOMBO_API_URL: string;
}

/** An event of Kombo. */
export interface KomboEvent {
  type: string;
  data: unknown;
}

/** Something changed in the data of an integration. Names neither the customer nor the records. */
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

/** Kombo did not give what it was asked for. */
export class KomboRefusal extends Error {
  constructor(
    /** Kombo's own name of the reason; null when it did not answer in its form, or not at all. */
    readonly code: string | null,
    options?: ErrorOptions,
  ) {
    super(`Kombo refused: ${code ?? "no answer"}`, options);
  }
}

/** The event that a request holds; undefined when it was not signed by Kombo. */
export async function readEvent(request: Request, env: KomboEnv): Promise<KomboEvent | undefined> {
  const signature = request.headers.get("x-kombo-signature");
  if (signature === null) return undefined;
  // The bytes as they came: JSON that was parsed and written again has another signature.
  const body = await request.arrayBuffer();
  for (const secret of env.KOMBO_WEBHOOK_SECRET.split(/\s+/).filter(Boolean)) {
    if (await isSigned(body, signature, secret)) return JSON.parse(new TextDecoder().decode(body));
  }
  return undefined;
}

/** A page of what an integration holds, such as `hris/employees`. */
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
