// Sends the deliveries of a round over some connections that stay open, each of which sends the next
// one when it has its answer, and takes the time of each. Any answer but the right one is an error.

import { build } from "hdr-histogram-js";
import { Pool } from "undici";
import { SIGNATURE_HEADER } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../../scripts/local-settings.mjs";

const MINUTE_US = 60_000_000;
const RANGE = { highestTrackableValue: 10 * MINUTE_US, numberOfSignificantValueDigits: 3 };

/** Times of many answers, in microseconds. */
export const newTimes = () => build(RANGE);

/**
 * How connections are used. The runtime closes one that was idle for five seconds, also when it was
 * itself too busy to get to it, and what is sent over it then gets no answer. So they are kept open only
 * while they are busy, and where nothing is measured each delivery has one of its own.
 */
export const KEPT_OPEN = { pipelining: 1 };
export const ONE_EACH = { pipelining: 0 };

/** What to send a Worker by, until `close`. */
export function senderTo(origin, connections, use = KEPT_OPEN) {
  const pool = new Pool(origin, { connections, ...use });
  return {
    connections,
    close: () => pool.close(),
    async send({ body, signature }) {
      const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: signature };
      const answer = await pool.request({ method: "POST", path: WEBHOOK_PATH, headers, body });
      return { status: answer.statusCode, text: await answer.body.text() };
    },
  };
}

/** Sends all of them; resolves with how long that took in milliseconds. */
export async function sendAll(sender, deliveries, times, isRight) {
  const left = deliveries.values();
  const began = performance.now();
  const one = async () => {
    for (const delivery of left) {
      const since = performance.now();
      const answer = await sender.send(delivery);
      times.recordValue(Math.round((performance.now() - since) * 1_000));
      if (!isRight(answer, delivery))
        throw new Error(`answered ${answer.status} ${answer.text}, not ${delivery.outcome}`);
    }
  };
  await Promise.all(Array.from({ length: sender.connections }, one));
  return performance.now() - began;
}

/** Whether a Worker answered as the contract has it; the one that knows no contract has one answer. */
export const judgeOf =
  ({ answersAll }) =>
  ({ status, text }, { outcome }) => {
    if (answersAll) return status === 200 && text.includes(answersAll);
    if (outcome === undefined) return status === 401;
    return status === 200 && JSON.parse(text).outcome === outcome;
  };
