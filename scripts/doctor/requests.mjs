// A request to the Worker as anybody may make it, and the three things that a check can find.

import { Stop } from "../project.mjs";

const TIMEOUT_MS = 20_000;

export const well = (name, says) => ({ name, result: "well", says });
export const wrong = (name, says, remedy) => ({ name, result: "wrong", says, remedy });
export const unasked = (name, says, remedy) => ({ name, result: "unasked", says, remedy });

/** Asks the Worker; comes to `{ status, headers, json, sentAt, cameAt }`. Rejects where it is not there. */
export async function ask(url, path, { method = "GET", token, headers = {}, body } = {}) {
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
  const cameAt = Date.now();
  const json = await response.json().catch(() => undefined);
  return { status: response.status, headers: response.headers, json, sentAt, cameAt };
}

/** The kind of problem that an answer names. */
export const kindOf = ({ json }) => json?.type?.replace("urn:kombo-edge:problem:", "");
