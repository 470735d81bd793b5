// Kombo: its signed events, and its API. Only `data-changed` is handled here, since kombo-edge handles
// the other events. Writing is left out.

import { isSigned } from "./hmac.mjs";

const TIMEOUT_MS = 10_000;
const MAX_BODY_BYTES = 1024 * 1024;

/** Kombo rejected a request or did not respond. */
export class KomboRefusal extends Error {
  /** `code`: Kombo's error code; null if the response had none, or there was no response. */
  constructor(code, options) {
    super(`Kombo rejected the request: ${code ?? "no response"}`, options);
    this.code = code;
  }
}

/**
 * The event in a request; undefined if Kombo has not signed it. `secrets` is one secret or, during a
 * rotation, several, separated by white space.
 */
export async function readEvent(request, secrets) {
  const signature = request.headers["x-kombo-signature"];
  if (signature === undefined) return undefined;
  // The raw bytes: JSON that was parsed and serialized again has another signature.
  const body = await bodyOf(request);
  for (const secret of secrets.split(/\s+/).filter(Boolean)) {
    if (isSigned(body, signature, secret)) return JSON.parse(body);
  }
  return undefined;
}

/** A page of an integration's data, such as `hris/employees`: `{ results, next }`. */
export async function getPage({ KOMBO_API_URL, KOMBO_API_KEY }, integrationId, path, cursor) {
  const url = new URL(`${KOMBO_API_URL}/${path}`);
  if (cursor !== null) url.searchParams.set("cursor", cursor);
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${KOMBO_API_KEY}`, "x-integration-id": integrationId },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error) => {
    throw new KomboRefusal(null, { cause: error });
  });
  const body = await response.json().catch(() => undefined);
  if (!response.ok || body?.data === undefined) throw new KomboRefusal(body?.error?.code ?? null);
  return body.data;
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("the body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
