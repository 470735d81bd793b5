// Sends deliveries over a number of connections, takes the time of each, and knows which answer is
// right: any other is an error.

import { build } from "hdr-histogram-js";
import { Pool } from "undici";
import { SIGNATURE_HEADER } from "../../dev/kombo.mjs";
import { WEBHOOK_PATH } from "../../scripts/local-settings.mjs";

/** Errors that are kept with their text; the others are counted. */
const KEPT = 5;

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
    this.connections = connections;
    // A connection for each delivery: the runtime closes one that was kept when it did not get to it
    // for five seconds, and what was sent over it then gets no answer.
    this.pool = new Pool(origin, { connections, pipelining: 0 });
    this.errors = { count: 0, first: [] };
  }

  /** One delivery; its time goes to `times`. */
  async send({ body, signature, outcome, done }, times) {
    const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: signature };
    const began = performance.now();
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

  /** Keeps every connection busy until `goesOn` says no; `next` makes the deliveries. */
  async keepBusy(goesOn, next, times) {
    const lane = async () => {
      while (goesOn()) await this.send(next(), times());
    };
    await Promise.all(Array.from({ length: this.connections }, lane));
  }

  /** Sends so many a second for so long, however long the answers take. */
  async keepPace({ perSecond, seconds }, next, times) {
    const began = performance.now();
    const underWay = [];
    const due = () =>
      Math.min(seconds * perSecond, ((performance.now() - began) / 1_000) * perSecond);
    while (underWay.length < Math.floor(seconds * perSecond)) {
      while (underWay.length < due()) underWay.push(this.send(next(), times));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await Promise.all(underWay);
  }

  close() {
    return this.pool.close();
  }
}
