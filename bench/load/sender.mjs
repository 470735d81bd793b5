// Sends deliveries over a number of connections, takes the time of each, and knows which answer is
// right: any other is an error.

import { build } from "hdr-histogram-js";
import { Pool } from "undici";
import { SIGNATURE_HEADER } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../../scripts/local-settings.mjs";

/** Errors that are kept with their text; the others are counted. */
const KEPT = 5;

/** How often it is looked what is due. */
const TICK_MS = 2;

const SECOND_US = 1_000_000;
// Far beyond any limit of time, so that nothing is cut off.
const RANGE = { highestTrackableValue: 600 * SECOND_US, numberOfSignificantValueDigits: 3 };

/** Times of many answers, in microseconds. */
export const newTimes = () => build(RANGE);

/** What times come to, in milliseconds. */
export function figures(times) {
  const at = (percentile) => times.getValueAtPercentile(percentile) / 1_000;
  const max = times.totalCount === 0 ? 0 : times.maxValue / 1_000;
  return { count: times.totalCount, p50: at(50), p90: at(90), p99: at(99), max };
}

export class Sender {
  constructor(origin, connections) {
    // A connection for each delivery: the runtime closes one that was kept when it did not get to it
    // for five seconds, and what was sent over it then gets no answer.
    this.pool = new Pool(origin, { connections, pipelining: 0 });
    this.errors = { count: 0, first: [] };
  }

  /** One delivery; its time since it was due goes to `times`. */
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
    if (this.errors.first.length < KEPT)
      this.errors.first.push(`${JSON.stringify(got)}, not ${outcome}`);
  }

  /**
   * Sends so many a second for so long, and no more at a time than there are connections: the others
   * wait, and their waiting counts. Always busy, the local runtime would come to no timer, so to no
   * alarm and no eviction. `timesOf` gives where the next time goes.
   */
  async keepPace({ perSecond, seconds }, next, timesOf) {
    const began = performance.now();
    const total = Math.floor(seconds * perSecond);
    const underWay = new Set();
    const dueAt = (number) => began + (number / perSecond) * 1_000;
    for (let number = 0; number < total;) {
      for (; number < total && dueAt(number) <= performance.now(); number += 1) {
        const answer = this.send(next(), timesOf(), dueAt(number));
        underWay.add(answer);
        answer.finally(() => underWay.delete(answer));
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    await Promise.all(underWay);
  }

  close() {
    return this.pool.close();
  }
}
