// Posts to Slack's incoming webhook and interprets the response. It never throws: a missing response is
// one of the results.

import { MINUTE_MS, SECOND_MS } from "./time.ts";

const TIMEOUT_MS = 10 * SECOND_MS;
const MIN_WAIT_MS = SECOND_MS;
const MAX_WAIT_MS = 15 * MINUTE_MS;
const MISSING_WAIT_MS = 30 * SECOND_MS;

export type Answer =
  | { kind: "delivered" }
  | { kind: "wait"; ms: number }
  | { kind: "message refused" }
  | { kind: "hook refused"; reason: string }
  | { kind: "no answer" };

export async function post(url: string, message: string): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: message,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // Reads the body too, to free the connection.
    return judge(response, await response.text());
  } catch {
    return { kind: "no answer" };
  }
}

function judge({ status, headers }: Response, text: string): Answer {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 429) return { kind: "wait", ms: waitOf(headers.get("retry-after")) };
  if (status >= 500) return { kind: "no answer" };
  if (status === 400 || status === 413) return { kind: "message refused" };
  return { kind: "hook refused", reason: `${status} ${text.slice(0, 60)}` };
}

function waitOf(retryAfter: string | null): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  if (!Number.isFinite(seconds)) return MISSING_WAIT_MS;
  return Math.min(Math.max(seconds * SECOND_MS, MIN_WAIT_MS), MAX_WAIT_MS);
}
