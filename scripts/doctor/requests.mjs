// Requests to the Worker, and the three results that a check can have.

import { Stop } from "../project.mjs";

const TIMEOUT_MS = 20_000;

export const well = (name, says) => ({ name, result: "well", says });
export const wrong = (name, says, remedy) => ({ name, result: "wrong", says, remedy });
export const unasked = (name, says, remedy) => ({ name, result: "unasked", says, remedy });

/**
 * Sends a request and resolves to `{ status, headers, json, sentAt, receivedAt }`. Rejects with a Stop if
 * the Worker can't be reached.
 */
export async function send(url, path, { method = "GET", token, headers = {}, body } = {}) {
  const sentAt = Date.now();
  let response;
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const why = error.cause?.message || error.cause?.code || error.message;
    throw new Stop(`${url.origin} could not be reached: ${why}`);
  }
  const receivedAt = Date.now();
  const json = await response.json().catch(() => undefined);
  return { status: response.status, headers: response.headers, json, sentAt, receivedAt };
}

/** The kind of problem in a response. */
export const kindOf = ({ json }) => json?.type?.replace("urn:kombo-edge:problem:", "");
