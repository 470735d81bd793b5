// Sends the deliveries of a round over connections that stay open, and measures the time of each. A
// connection sends the next delivery when it has received a response. Any incorrect response is an error.

import { build } from "hdr-histogram-js";
import { Pool } from "undici";
import { SIGNATURE_HEADER } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../../scripts/local-settings.mjs";

const MINUTE_US = 60_000_000;
const RANGE = { highestTrackableValue: 10 * MINUTE_US, numberOfSignificantValueDigits: 3 };

/** A histogram of response times, in microseconds. */
export const newTimes = () => build(RANGE);

/**
 * How connections are used. The runtime closes one that was idle for five seconds, even if it was itself
 * too busy to read from it, and a delivery that is sent at that moment gets no response. So connections
 * are only kept open while they are busy. When nothing is measured, each delivery has its own.
 */
export const KEPT_OPEN = { pipelining: 1 };
export const ONE_EACH = { pipelining: 0 };

/** A sender of deliveries to a Worker, until `close`. */
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

/** Sends all deliveries. Resolves to the time that it took, in milliseconds. */
export async function sendAll(sender, deliveries, times, isCorrect) {
  const remaining = deliveries.values();
  const began = performance.now();
  const connection = async () => {
    for (const delivery of remaining) {
      const since = performance.now();
      const answer = await sender.send(delivery);
      times.recordValue(Math.round((performance.now() - since) * 1_000));
      if (!isCorrect(answer, delivery))
        throw new Error(`answered ${answer.status} ${answer.text}, not ${delivery.outcome}`);
    }
  };
  await Promise.all(Array.from({ length: sender.connections }, connection));
  return performance.now() - began;
}

/** A function that checks a response: against the contract, or the only response that a Worker has. */
export const checkFor =
  ({ answersAll }) =>
  ({ status, text }, { outcome }) => {
    if (answersAll) return status === 200 && text.includes(answersAll);
    if (outcome === undefined) return status === 401;
    return status === 200 && JSON.parse(text).outcome === outcome;
  };
