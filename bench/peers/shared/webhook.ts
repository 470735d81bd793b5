// The webhook for Kombo, shared by every peer that verifies signatures: size limit, signature, parsing,
// and a response for each outcome. Each peer processes events in its own way. The read API and /healthz
// are left out, since deliveries do not use them.

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Context } from "hono";
import { read } from "./event.ts";
import type { Event, Unreadable } from "./event.ts";
import { isSigned } from "./signature.ts";

const MAX_BODY_BYTES = 1_048_576;
const RETRY_AFTER_SECONDS = "30";
const NO_EVENT = { id: "", type: "" };

export type Outcome = "accepted" | "duplicate" | "ignored" | "quarantined";

export interface Settings {
  KOMBO_WEBHOOK_SECRET: string;
  SLACK_WEBHOOK_URL: string;
}

/** What a peer does with an event. If it throws, the response is 503. */
export interface Intake<E extends Settings> {
  accept(event: Event, env: E, context: ExecutionContext): Promise<Outcome>;
  quarantine(unreadable: Unreadable, env: E): Promise<Outcome>;
}

export function webhook<E extends Settings>({ accept, quarantine }: Intake<E>) {
  const app = new Hono<{ Bindings: E }>();
  app.use(
    "/webhooks/kombo",
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => problem(c, 413, "too-large") }),
  );
  app.post("/webhooks/kombo", async (c) => {
    const env: E = c.env;
    const receivedAt = Date.now();
    const body = await c.req.arrayBuffer();
    const signature = c.req.header("X-Kombo-Signature") ?? "";
    if (!(await isSigned(body, signature, env.KOMBO_WEBHOOK_SECRET))) {
      log({ event: "delivery", outcome: "refused", reason: "signature" });
      return problem(c, 401, "signature");
    }
    const reading = read(body, receivedAt);
    switch (reading.kind) {
      case "no JSON":
        return problem(c, 400, "not-json");
      case "no event":
        // The sender is proved, and Kombo may disable a webhook that rejects.
        return logged(c, NO_EVENT, "ignored", receivedAt);
      case "other":
        return logged(c, reading, "ignored", receivedAt);
      case "unreadable": {
        const { unreadable } = reading;
        return logged(c, unreadable, await quarantine(unreadable, env), receivedAt);
      }
      case "event": {
        const { event } = reading;
        return logged(c, event, await accept(event, env, contextOf(c)), receivedAt);
      }
    }
  });
  app.notFound((c) => problem(c, 404, "not-found"));
  app.onError((error, c) => {
    log({ event: "delivery", outcome: "failed", reason: error.message });
    c.header("retry-after", RETRY_AFTER_SECONDS);
    return problem(c, 503, "not-stored");
  });
  return app;
}

/** Logs one JSON object per line; never a body, a signature or an integration id. */
export const log = (fields: Record<string, unknown>) =>
  console.log(JSON.stringify({ at: new Date().toISOString(), ...fields }));

// Hono's own type lacks features of this version of the platform.
const contextOf = (c: Context) => c.executionCtx as unknown as ExecutionContext;

function logged(c: Context, event: { id: string; type: string }, outcome: Outcome, since: number) {
  const ms = Date.now() - since;
  const { id: event_id, type } = event;
  log({ event: "delivery", outcome, event_id, type, ms });
  c.header("cache-control", "no-store");
  return c.json({ outcome });
}

function problem(c: Context, status: 400 | 401 | 404 | 413 | 503, kind: string): Response {
  c.header("cache-control", "no-store");
  c.header("content-type", "application/problem+json");
  return c.body(JSON.stringify({ type: `urn:kombo-edge:problem:${kind}`, status }), status);
}
