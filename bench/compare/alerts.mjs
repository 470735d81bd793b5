// Measures the time from Kombo's POST of a customer's first failure to the message in Slack, on an idle
// channel. A channel accepts one message a second, so each Worker runs several times, each with its own
// channel, and they take turns. The network and load are left out.

import { deliver, makeEvent } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../../scripts/local-settings.mjs";
import { newTimes } from "./sender.mjs";
import { SECRET, open } from "./testbed.mjs";

const CHANNELS = 3;
// A little more than the rate limit, so that no message waits for the one before.
const IDLE_MS = 1_100;
/**
 * A message that takes longer is awaited at the channel's next turn, so that the others need not wait.
 */
const TURN_MS = 100;
const TIMEOUT_MS = 30_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const alertsOf = (workers) => workers.filter(({ postsToSlack }) => postsToSlack).length;

/**
 * Measures this number of failures for each Worker, and calls `onAlert` after each. Returns for each
 * Worker the times from the POST to the response, from the POST to the message, and from the response to
 * the message.
 */
export async function measureAlerts(workers, failures, onAlert) {
  const channels = [];
  const alerting = workers.filter(({ postsToSlack }) => postsToSlack);
  try {
    const results = alerting.map(({ name }) => ({ worker: name, ...newResult() }));
    for (let number = 0; number < CHANNELS; number += 1) {
      for (const [at, worker] of alerting.entries())
        channels.push({ ...(await open(worker)), result: results[at], pending: undefined });
    }
    // The first events of an isolate run its code for the first time, so they are not measured.
    const warmUp = newResult();
    for (const channel of channels) await turn({ ...channel, result: warmUp }, "warm-up").posted;
    const turns = Math.ceil(failures / CHANNELS) * channels.length;
    for (let at = 0; at < turns; at += 1) {
      const channel = channels[at % channels.length];
      await channel.pending;
      const { answered, posted } = turn(channel, `customer-${at}`);
      channel.pending = posted.then(() => pause(IDLE_MS));
      // Handled at the channel's next turn, which may be after Node reports an unhandled rejection.
      channel.pending.catch(() => {});
      await answered;
      await Promise.race([posted, pause(TURN_MS)]);
      onAlert();
    }
    await Promise.all(channels.map(({ pending }) => pending));
    return results;
  } finally {
    for (const { close } of channels) await close();
  }
}

const newResult = () => ({ answered: newTimes(), posted: newTimes(), after: newTimes() });

/** One failure of a new customer. Its times are recorded when its message has arrived. */
function turn({ edge, slack, result }, originId) {
  slack.clear();
  const url = new URL(WEBHOOK_PATH, edge.url);
  const event = makeEvent("connection-flow-failed", { originId });
  const began = performance.now();
  const since = () => performance.now() - began;
  const answered = deliver(url, event, { secret: SECRET }).then((response) => {
    if (response.status !== 200) throw new Error(`a failure was answered ${response.status}`);
    return since();
  });
  const message = slack.waitFor(1, { timeoutMs: TIMEOUT_MS }).then(since);
  const posted = Promise.all([answered, message]).then(([answerMs, messageMs]) => {
    const record = (times, ms) => times.recordValue(Math.max(0, Math.round(ms * 1_000)));
    record(result.answered, answerMs);
    record(result.posted, messageMs);
    record(result.after, messageMs - answerMs);
  });
  return { answered, posted };
}
