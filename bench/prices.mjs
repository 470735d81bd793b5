// What Cloudflare bills for operations, on the Workers Paid plan, in dollars: prices as of 2026-11 and
// what each month includes. Counts come from operations/meter.mjs (`billed`), of this Worker or of any
// other. Left out, since no count on this machine tells of it: CPU time, the time that objects are in
// memory ($12.50 a million GB-s after 400,000), what is stored, and logs.

const MILLION = 1e6;

/** What each price is for, in dollars a million, and how many a month includes. */
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

/** The plan itself, a month. */
export const PLAN = 5;

/**
 * Of 100 events, as bench/load/traffic.mjs has them come: Kombo tells of each sync and of each change
 * that it brought, and of all else a few times in a customer's life.
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

/** How often each is billed for, on the average of an event; `counts` are `billed` ones by scenario. */
export function average(counts, mix = MIX) {
  const all = Object.values(mix).reduce((total, share) => total + share, 0);
  const total = {};
  for (const [name, share] of Object.entries(mix)) {
    if (counts[name] === undefined) throw new RangeError(`nothing was counted of "${name}"`);
    for (const [kind, count] of Object.entries(counts[name]))
      total[kind] = (total[kind] ?? 0) + (count * share) / all;
  }
  return total;
}

const usedOf = ({ of }, counts, events) =>
  events * of.reduce((total, kind) => total + (counts[kind] ?? 0), 0);

/** Dollars for so many events, each of which is billed so often, with nothing included. */
export const priceOf = (counts, events = MILLION) =>
  PRICES.reduce((sum, price) => sum + (usedOf(price, counts, events) * price.a) / MILLION, 0);

/** Dollars of a month with so many events and nothing else, the plan and what it includes taken into account. */
export const billOf = (counts, events = MILLION) =>
  PRICES.reduce((sum, price) => {
    const beyond = Math.max(0, usedOf(price, counts, events) - price.included);
    return sum + (beyond * price.a) / MILLION;
  }, PLAN);
