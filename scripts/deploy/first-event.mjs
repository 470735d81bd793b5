// Waiting for the deployed Worker, and for the first event of Kombo. A wrong Kombo secret shows nowhere
// else than in what the Worker says of refused signatures, so that is told in words.

import { Stop } from "../project.mjs";

const POLL_MS = 2_000;
// A new name of workers.dev takes up to some minutes until all of the world knows it.
const START_TIMEOUT_MS = 5 * 60_000;

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));

/** Resolves once the Worker answers that it can store. Rejects with what is missing. */
export async function untilReady(url, limitMs = START_TIMEOUT_MS) {
  const end = Date.now() + limitMs;
  for (;;) {
    const { status, body } = await intake(url);
    if (status === 200) return;
    if (body?.settings)
      throw new Stop(
        `The Worker rejects everything until these are set: ${body.settings.join(", ")}.`,
      );
    if (Date.now() > end)
      throw new Stop(`${url} does not answer yet. Run this again in a minute; nothing is lost.`);
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
 * Waits for an event that Kombo signed, and comes to when it came; to undefined when the time is over.
 * `call` asks the Worker's API, `say` gets each thing worth telling: first `waiting`, once what comes
 * from now on is noticed. An event from before `since`, in milliseconds, proves nothing of the secret of
 * today.
 */
export async function firstEvent(call, say, { waiting, limitMs, since }) {
  const { watch: before } = await call("GET", "/v1/status");
  const isNew = ({ last_event_at: at }) =>
    at !== null && (at !== before.last_event_at || Date.parse(at) >= since);
  const end = Date.now() + limitMs;
  let watch = before;
  if (!isNew(watch)) say(waiting);
  let refused = before.refused_signatures_24h;
  while (!isNew(watch)) {
    if (Date.now() > end) return undefined;
    await pause();
    ({ watch } = await call("GET", "/v1/status"));
    if (watch.refused_signatures_24h > refused) {
      refused = watch.refused_signatures_24h;
      say(REFUSED);
    }
  }
  return watch.last_event_at;
}

const REFUSED = `Deliveries arrive, but their signatures are rejected: KOMBO_WEBHOOK_SECRET is not the secret that Kombo
signs with. Copy it again from https://app.kombo.dev/configuration/webhooks, in the environment that
this deployment is for, and run this again. This is the only place where a wrong secret shows.`;
