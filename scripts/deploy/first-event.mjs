// Waits for the deployed Worker, and for the first event from Kombo. Only the Worker's counts of rejected
// deliveries reveal a wrong Kombo secret or a wrong URL in Kombo, so they are reported here.

import { BLOCKED_REMEDY, blockedBy, isBlocked } from "../bot-protection.mjs";
import { Stop } from "../project.mjs";

const POLL_MS = 2_000;
// It can take minutes until a new name under workers.dev resolves everywhere.
const START_TIMEOUT_MS = 5 * 60_000;

const pause = (ms = POLL_MS) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Resolves once the Worker reports that it can store events. Rejects with a Stop that says what is
 * missing.
 */
export async function untilReady(url, limitMs = START_TIMEOUT_MS) {
  const end = Date.now() + limitMs;
  for (;;) {
    const { status, body, blocked } = await intake(url);
    if (status === 200) return;
    if (body?.settings)
      throw new Stop(
        `The Worker rejects all events until these are set: ${body.settings.join(", ")}.`,
      );
    if (blocked?.includes("cf-mitigated"))
      throw new Stop(
        `Cloudflare's bot protection answers in place of the Worker (${blocked}).\n${BLOCKED_REMEDY}`,
      );
    if (Date.now() > end)
      throw new Stop(`${url} does not respond yet. Run this again in a minute; nothing is lost.`);
    await pause();
  }
}

async function intake(url) {
  try {
    const response = await fetch(new URL("/healthz/intake", url), { redirect: "manual" });
    const blocked = isBlocked(response) ? blockedBy(response) : undefined;
    return { status: response.status, body: await response.json().catch(() => undefined), blocked };
  } catch {
    return {};
  }
}

/**
 * Waits for an event that Kombo signed, and resolves to its time, or to undefined after the time limit.
 * `call` calls the Worker's API. `report` gets each message for the user: first `waiting`, once events
 * will be noticed. An event from before `since`, in milliseconds, proves nothing about the current
 * secret.
 */
export async function firstEvent(call, report, { waiting, limitMs, since, pollMs }) {
  const { watch: before } = await call("GET", "/v1/status");
  const isNew = ({ last_event_at: at }) =>
    at !== null && (at !== before.last_event_at || Date.parse(at) >= since);
  const end = Date.now() + limitMs;
  let watch = before;
  if (!isNew(watch)) report(waiting);
  let rejected = rejections(before);
  while (!isNew(watch)) {
    if (Date.now() > end) return undefined;
    await pause(pollMs);
    ({ watch } = await call("GET", "/v1/status"));
    const now = rejections(watch);
    for (const [kind, text] of Object.entries(REPORTS))
      if (now[kind] > rejected[kind]) report(text);
    rejected = now;
  }
  return watch.last_event_at;
}

/** How many deliveries were rejected, by kind. */
const rejections = (watch) => ({
  wrong: watch.refused_signatures_24h - watch.malformed_signatures_24h,
  malformed: watch.malformed_signatures_24h,
  missing: watch.missing_signatures_24h,
  misdirected: watch.misdirected_24h,
});

const REPORTS = {
  wrong: `Deliveries arrive, but their signatures are rejected: KOMBO_WEBHOOK_SECRET is not the secret that Kombo
signs with. Copy it again from https://app.kombo.dev/configuration/webhooks, in the environment of this
deployment, and run this command again.`,
  malformed: `Deliveries arrive, but their signatures do not have the form of Kombo's. Something in front of the Worker
may change the header X-Kombo-Signature, or someone else sends them.`,
  missing: `Requests without a signature arrive. They usually come from scanners. If Kombo sent them, create a webhook
secret in Kombo, or find out what removes the header X-Kombo-Signature on the way.`,
  misdirected: `Kombo delivers to another path of the Worker. Correct the webhook's URL in Kombo: it must be the one above.`,
};
