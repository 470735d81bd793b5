// Cloudflare's prices for operations on the Workers Paid plan, in dollars as of 2026-11, and what each
// month includes. The counts come from operations/meter.mjs (`billed`). Not included, since this machine
// can't count it: CPU time, the time that objects are in memory ($12.50 per million GB-s after 400,000),
// storage, and logs.

const MILLION = 1e6;

/** Each price in dollars per million, what it is for, and how many operations a month includes. */
export const PRICES = [
  { name: "Worker requests", a: 0.3, included: 10 * MILLION, of: ["requests"] },
  {
    name: "object requests and alarms",
    a: 0.15,
    included: MILLION,
    of: ["objectRequests", "alarms"],
  },
  { name: "rows read", a: 0.001, included: 25_000 * MILLION, of: ["rowsRead"] },
  // Setting an alarm is billed as a row written.
  { name: "rows written", a: 1, included: 50 * MILLION, of: ["rowsWritten", "alarmsSet"] },
  { name: "KV reads", a: 0.5, included: 10 * MILLION, of: ["kvReads"] },
  { name: "KV writes", a: 5, included: MILLION, of: ["kvWrites"] },
  { name: "KV deletes", a: 5, included: MILLION, of: ["kvDeletes"] },
  { name: "KV lists", a: 5, included: MILLION, of: ["kvLists"] },
  // A message is written, read and deleted: three operations.
  { name: "queue operations", a: 0.4, included: MILLION, of: ["queueOperations"] },
];

/** The price of the plan for a month. */
export const PLAN = 5;

/**
 * How many of 100 events are of each kind, as in bench/load/traffic.mjs: Kombo reports each sync and each
 * change that it brought, and everything else a few times in a customer's lifetime.
 */
export const MIX = {
  ignored: 64,
  "state without news": 6,
  "state changed": 6,
  "stopped working": 4,
  "repeated failure": 6,
  "first failure": 2,
  "new mapping": 3,
  "new mapping of a known customer": 1,
  deleted: 2,
  "duplicate of a mapping": 6,
};

/** The average counts of an event. `counts` has the result of `billed` for each scenario. */
export function average(counts, mix = MIX) {
  const all = Object.values(mix).reduce((total, share) => total + share, 0);
  const total = {};
  for (const [name, share] of Object.entries(mix)) {
    if (counts[name] === undefined) throw new RangeError(`there are no counts for "${name}"`);
    for (const [kind, count] of Object.entries(counts[name]))
      total[kind] = (total[kind] ?? 0) + (count * share) / all;
  }
  return total;
}

const usedOf = ({ of }, counts, events) =>
  events * of.reduce((total, kind) => total + (counts[kind] ?? 0), 0);

/** The price in dollars of this number of events with these counts, without what the plan includes. */
export const priceOf = (counts, events = MILLION) =>
  PRICES.reduce((sum, price) => sum + (usedOf(price, counts, events) * price.a) / MILLION, 0);

/** The bill in dollars of a month with this number of events, with the plan and what it includes. */
export const billOf = (counts, events = MILLION) =>
  PRICES.reduce((sum, price) => {
    const beyond = Math.max(0, usedOf(price, counts, events) - price.included);
    return sum + (beyond * price.a) / MILLION;
  }, PLAN);
