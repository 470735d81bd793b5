// Waits for the deployed Worker, and for the first event from Kombo. Only the Worker's count of rejected
// signatures reveals a wrong Kombo secret, so it is reported here.

import { Stop } from "../project.mjs";

const POLL_MS = 2_000;
// It can take minutes until a new name under workers.dev resolves everywhere.
const START_TIMEOUT_MS = 5 * 60_000;

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));

/**
 * Resolves once the Worker reports that it can store events. Rejects with a Stop that says what is
 * missing.
 */
export async function untilReady(url, limitMs = START_TIMEOUT_MS) {
  const end = Date.now() + limitMs;
  for (;;) {
    const { status, body } = await intake(url);
    if (status === 200) return;
    if (body?.settings)
      throw new Stop(
        `The Worker rejects all events until these are set: ${body.settings.join(", ")}.`,
      );
    if (Date.now() > end)
      throw new Stop(`${url} does not respond yet. Run this again in a minute; nothing is lost.`);
    await pause();
  }
}

async function intake(url) {
  try {
    const response = await fetch(new URL("/healthz/intake", url), { redirect: "manual" });
    return { status: response.status, body: await response.json().catch(() => undefined) };
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
export async function firstEvent(call, report, { waiting, limitMs, since }) {
  const { watch: before } = await call("GET", "/v1/status");
  const isNew = ({ last_event_at: at }) =>
    at !== null && (at !== before.last_event_at || Date.parse(at) >= since);
  const end = Date.now() + limitMs;
  let watch = before;
  if (!isNew(watch)) report(waiting);
  let refused = before.refused_signatures_24h;
  while (!isNew(watch)) {
    if (Date.now() > end) return undefined;
    await pause();
    ({ watch } = await call("GET", "/v1/status"));
    if (watch.refused_signatures_24h > refused) {
      refused = watch.refused_signatures_24h;
      report(REJECTED);
    }
  }
  return watch.last_event_at;
}

const REJECTED = `Deliveries arrive, but their signatures are rejected: KOMBO_WEBHOOK_SECRET is not the secret that Kombo
signs with. Copy it again from https://app.kombo.dev/configuration/webhooks, in the environment of this
deployment, and run this command again.`;
