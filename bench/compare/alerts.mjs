// How long the first failure of a customer takes from Kombo's POST to the message in Slack, on a
// channel that is idle. A channel takes one message a second, so each Worker runs several times, each
// time with a channel of its own, and they take turns. What it leaves out: the network, and load.

import { deliver, makeEvent } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../../scripts/local-settings.mjs";
import { newTimes } from "./sender.mjs";
import { SECRET, open } from "./testbed.mjs";

const CHANNELS = 3;
// A little more than the pace, so that no message waits for the one before.
const IDLE_MS = 1_100;
/** A message that takes longer is waited for at the channel's next turn, so that nobody waits for it. */
const TURN_MS = 100;
const TIMEOUT_MS = 30_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const alertsOf = (workers) => workers.filter(({ postsToSlack }) => postsToSlack).length;

/**
 * Measures so many failures of each Worker; `onAlert` is called after each. Gives back for each its
 * times from the POST to its answer, to the message, and from the answer to the message.
 */
export async function measureAlerts(workers, failures, onAlert) {
  const channels = [];
  const telling = workers.filter(({ postsToSlack }) => postsToSlack);
  try {
    const results = telling.map(({ name }) => ({ worker: name, ...newResult() }));
    for (let number = 0; number < CHANNELS; number += 1) {
      for (const [at, worker] of telling.entries())
        channels.push({ ...(await open(worker)), result: results[at], pending: undefined });
    }
    // The first events of an isolate run code for the first time; they are not what is asked for.
    const warmUp = newResult();
    for (const channel of channels) await turn({ ...channel, result: warmUp }, "warm-up").posted;
    const turns = Math.ceil(failures / CHANNELS) * channels.length;
    for (let at = 0; at < turns; at += 1) {
      const channel = channels[at % channels.length];
      await channel.pending;
      const { answered, posted } = turn(channel, `customer-${at}`);
      channel.pending = posted.then(() => pause(IDLE_MS));
      // Seen at the channel's next turn, which may be later than Node looks for who cares.
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

/** One failure of a new customer; its times are recorded when its message was posted. */
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
