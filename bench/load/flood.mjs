// Measures how a flood of wrong signatures affects valid deliveries: their response times without and
// with it, and the processor time of a rejection. Both are sent at a constant rate, so that delays are
// not hidden.

import { seededRandom } from "../../dev/seeded-random.mjs";
import { processorTimeOf } from "./process.mjs";
import { figures, newTimes, Sender } from "./sender.mjs";
import { Traffic, forged } from "./traffic.mjs";
import { SECRET } from "./worker.mjs";

const SECONDS = 15;
const VALID = { perSecond: 20, seconds: SECONDS };
const FLOOD = { perSecond: 300, seconds: SECONDS };
const CUSTOMERS = 60;
const CONNECTIONS = 100;

export const FLOOD_PARTS = 4;

export async function flood({ edge }, { onPart }) {
  const setting = { customers: CUSTOMERS, seconds: 2 * SECONDS, random: seededRandom(3) };
  const traffic = new Traffic({ ...setting, secret: SECRET });
  let second = 0;
  const valid = new Sender(edge.url.origin, CONNECTIONS);
  const hostile = new Sender(edge.url.origin, CONNECTIONS);
  let number = 0;
  const sendValid = async (times) => {
    const next = () => traffic.next((second += 1 / VALID.perSecond));
    await valid.sendAtRate(VALID, next, () => times);
    return figures(times);
  };
  const sendForged = async () => {
    const times = newTimes();
    const next = () => forged((number += 1));
    await hostile.sendAtRate(FLOOD, next, () => times);
    return figures(times);
  };
  // A warm-up, in which objects are created and code is compiled.
  await sendValid(newTimes());
  onPart();
  const without = await sendValid(newTimes());
  onPart();
  const [withFlood] = await Promise.all([sendValid(newTimes()), sendForged()]);
  onPart();
  const before = processorTimeOf(edge.pid);
  const rejected = await sendForged();
  const processorUsEach = (processorTimeOf(edge.pid) - before) / rejected.count;
  onPart();
  const errors = valid.errors.count + hostile.errors.count;
  const first = [...valid.errors.first, ...hostile.errors.first];
  await Promise.all([valid.close(), hostile.close()]);
  const pace = { valid: VALID.perSecond, forged: FLOOD.perSecond };
  return {
    pace,
    without,
    with: withFlood,
    rejected,
    processorUsEach,
    errors: { count: errors, first },
  };
}
