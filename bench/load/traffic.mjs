// The deliveries that Kombo would send for many customers during a run. Customers come one after another
// and stay for some seconds, because the local runtime keeps files open for each object in memory, and
// evicts an idle one after ten seconds. So only few can be present at a time.

import { bodyOf, makeEvent, sign as signatureOf } from "../../dev/kombo.mjs";
import { Customer } from "./customer.mjs";

/** How long a customer stays, in seconds. */
export const STAY_S = 8;

// How many of 100 deliveries, without the first one of each customer. Kombo reports each sync and each
// change that it brought, several times a day for each customer; everything else happens a few times in a
// customer's lifetime. The state changes several times while a connection is set up. Customers who can't
// connect try again. Every webhook may be sent twice.
const MIX = [
  ["dataChanged", 44],
  ["syncFinished", 16],
  ["otherType", 4],
  ["stateChanged", 13],
  ["failedAgain", 6],
  ["failed", 2],
  ["connected", 4],
  ["issueChanged", 3],
  ["deleted", 2],
  ["repeated", 6],
];
/** How many of 100 customers fail at first. */
const FAIL_FIRST = 10;
/** How many customers are tried for one to whom a kind of event can happen. */
const MAX_TRIES = 8;

export class Traffic {
  /** This number of customers comes within `seconds`. */
  constructor({ customers, seconds, random, secret }) {
    Object.assign(this, { customers, seconds, random, secret });
    this.present = [];
    this.begun = 0;
    this.counts = {};
    this.lots = MIX.flatMap(([kind, share]) => Array(share).fill(kind));
  }

  /** The next delivery at this second of the run: `{ body, signature, outcome, done }`. */
  next(second) {
    const due = Math.min(this.customers, Math.ceil((second / this.seconds) * this.customers));
    if (this.begun < due || this.present.length === 0) return this.begin(second);
    while (this.present.length > 1 && this.present[0].since < second - STAY_S) this.present.shift();
    return this.happens();
  }

  /** Something that happens to one of the present customers. */
  happens() {
    const kind = this.random.oneOf(this.lots);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const customer = this.random.oneOf(this.present);
      const delivery = customer[kind]();
      if (delivery) return this.sign(kind, customer, delivery);
    }
    // It can happen to none of them: then something that always can.
    const [customer] = this.present;
    return this.sign("dataChanged", customer, customer.dataChanged());
  }

  begin(second) {
    const customer = new Customer(`customer-${this.begun}`, second, this.random);
    this.begun += 1;
    this.present.push(customer);
    const kind = this.random.happens(FAIL_FIRST) ? "failed" : "connected";
    return this.sign(kind, customer, customer[kind]());
  }

  sign(kind, customer, { event, outcome }) {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const body = bodyOf(event);
    const done = () => outcome === "accepted" && customer.acknowledged(event);
    return { body, signature: signatureOf(body, this.secret), outcome, done };
  }
}

// A connection creates an object, and after a deletion there is nothing left to report.
const COMING_AND_GOING = ["connected", "deleted"];

/**
 * Customers who all come at once and stay, with at most one integration each, so that no objects are
 * added.
 */
export class Residents extends Traffic {
  constructor(settings) {
    super(settings);
    this.lots = this.lots.filter((kind) => !COMING_AND_GOING.includes(kind));
  }

  next(second) {
    if (this.begun < this.customers) return this.begin(second);
    return this.happens();
  }
}

/** A delivery that is signed with another secret. */
export function forged(number) {
  const body = bodyOf(makeEvent("connection-flow-failed", { originId: `forged-${number}` }));
  return {
    body,
    signature: signatureOf(body, "another secret"),
    outcome: undefined,
    done: () => {},
  };
}
