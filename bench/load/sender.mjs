// Sends deliveries over several connections, measures the time of each, and checks each response.

import { build } from "hdr-histogram-js";
import { Pool } from "undici";
import { SIGNATURE_HEADER } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../../scripts/local-settings.mjs";

/** How many errors are kept with their text. All are counted. */
const MAX_ERROR_TEXTS = 5;

/** The interval at which due deliveries are sent. */
const TICK_MS = 2;

const SECOND_US = 1_000_000;
// Far longer than any timeout, so that no time is cut off.
const RANGE = { highestTrackableValue: 600 * SECOND_US, numberOfSignificantValueDigits: 3 };

/** A histogram of response times, in microseconds. */
export const newTimes = () => build(RANGE);

/** The figures of a histogram, in milliseconds. */
export function figures(times) {
  const at = (percentile) => times.getValueAtPercentile(percentile) / 1_000;
  const max = times.totalCount === 0 ? 0 : times.maxValue / 1_000;
  return { count: times.totalCount, p50: at(50), p90: at(90), p99: at(99), max };
}

export class Sender {
  constructor(origin, connections) {
    // A connection for each delivery: the runtime closes one from which it has not read for five seconds,
    // and a delivery that is sent at that moment gets no response.
    this.pool = new Pool(origin, { connections, pipelining: 0 });
    this.errors = { count: 0, first: [] };
  }

  /** Sends a delivery, and records in `times` how long after its due time it was answered. */
  async send({ body, signature, outcome, done }, times, began = performance.now()) {
    const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: signature };
    const got = await this.pool
      .request({ method: "POST", path: WEBHOOK_PATH, headers, body })
      .then(async (answer) => ({ status: answer.statusCode, ...(await answer.body.json()) }))
      .catch((error) => ({ failed: error.message }));
    times.recordValue(Math.round((performance.now() - began) * 1_000));
    const right =
      outcome === undefined ? got.status === 401 : got.status === 200 && got.outcome === outcome;
    if (right) return done();
    this.errors.count += 1;
    if (this.errors.first.length < MAX_ERROR_TEXTS)
      this.errors.first.push(`${JSON.stringify(got)}, not ${outcome}`);
  }

  /**
   * Sends deliveries at a constant rate. If all connections are busy, the others wait, and this time is
   * included. Without pauses the local runtime would never run timers, and so neither alarms nor
   * evictions. `timesOf` returns the histogram for the next delivery.
   */
  async sendAtRate({ perSecond, seconds }, next, timesOf) {
    const began = performance.now();
    const total = Math.floor(seconds * perSecond);
    const inProgress = new Set();
    const dueAt = (number) => began + (number / perSecond) * 1_000;
    for (let number = 0; number < total;) {
      for (; number < total && dueAt(number) <= performance.now(); number += 1) {
        const answer = this.send(next(), timesOf(), dueAt(number));
        inProgress.add(answer);
        answer.finally(() => inProgress.delete(answer));
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    await Promise.all(inProgress);
  }

  close() {
    return this.pool.close();
  }
}
