// Kombo: its events, which it signs, and its API. Leaves out events other than `data-changed`, which
// kombo-edge takes, and writing.

import { isSigned } from "./hmac.mjs";

const TIMEOUT_MS = 10_000;
const MAX_BODY_BYTES = 1024 * 1024;

/** Kombo did not give what it was asked for. */
export class KomboRefusal extends Error {
  /** `code`: Kombo's own name of the reason; null when it did not answer in its form, or not at all. */
  constructor(code, options) {
    super(`Kombo refused: ${code ?? "no answer"}`, options);
    this.code = code;
  }
}

/**
 * The event that a request holds; undefined when it was not signed by Kombo. `secrets`: one or, during
 * a rotation, several, separated by white space.
 */
export async function readEvent(request, secrets) {
  const signature = request.headers["x-kombo-signature"];
  if (signature === undefined) return undefined;
  // The bytes as they came: JSON that was parsed and written again has another signature.
  const body = await bodyOf(request);
  for (const secret of secrets.split(/\s+/).filter(Boolean)) {
    if (isSigned(body, signature, secret)) return JSON.parse(body);
  }
  return undefined;
}

/** A page of what an integration holds, such as `hris/employees`: `{ results, next }`. */
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
