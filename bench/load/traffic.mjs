// What Kombo would send for many customers in the time of a run: whose turn it is, and what happens to
// them. Customers come one after the other and stay for some seconds, because the local runtime keeps
// files open for each object that it has in memory, and lets go of an idle one after ten seconds. Few
// may stay.

import { bodyOf, makeEvent, sign } from "../../dev/kombo.mjs";
import { Customer } from "./customer.mjs";

/** How long a customer stays, in seconds. */
export const STAY_S = 8;

// Of 100 deliveries beside the first one of each customer. Kombo tells of each sync and of each change
// that it brought, several times a day for as long as a customer stays; all else happens a few times in
// a customer's life. A state changes several times while a connection is set up. Who cannot connect
// tries again. Every webhook may come twice.
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
/** Of 100 customers, those whose first attempt fails. */
const FAIL_FIRST = 10;
/** How many customers are asked for one to whom a thing can happen. */
const ASKED = 8;

export class Traffic {
  /** `customers` come within `seconds`. */
  constructor({ customers, seconds, random, secret }) {
    Object.assign(this, { customers, seconds, random, secret });
    this.here = [];
    this.begun = 0;
    this.counts = {};
    this.lots = MIX.flatMap(([kind, share]) => Array(share).fill(kind));
  }

  /** The next delivery at this second of the run: `{ body, signature, outcome, done }`. */
  next(second) {
    const due = Math.min(this.customers, Math.ceil((second / this.seconds) * this.customers));
    if (this.begun < due || this.here.length === 0) return this.begin(second);
    while (this.here.length > 1 && this.here[0].since < second - STAY_S) this.here.shift();
    return this.happens();
  }

  /** Something that happens to one of those who are here. */
  happens() {
    const kind = this.random.oneOf(this.lots);
    for (let asked = 0; asked < ASKED; asked += 1) {
      const customer = this.random.oneOf(this.here);
      const delivery = customer[kind]();
      if (delivery) return this.seal(kind, customer, delivery);
    }
    // To none of them: then what always happens.
    const [customer] = this.here;
    return this.seal("dataChanged", customer, customer.dataChanged());
  }

  begin(second) {
    const customer = new Customer(`customer-${this.begun}`, second, this.random);
    this.begun += 1;
    this.here.push(customer);
    const kind = this.random.happens(FAIL_FIRST) ? "failed" : "connected";
    return this.seal(kind, customer, customer[kind]());
  }

  seal(kind, customer, { event, outcome }) {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const body = bodyOf(event);
    const done = () => outcome === "accepted" && customer.acknowledged(event);
    return { body, signature: sign(body, this.secret), outcome, done };
  }
}

// A connection makes an object, and a deletion leaves nothing to tell of.
const COMING_AND_GOING = ["connected", "deleted"];

/** Customers who all come at once and stay, with one integration at most: the objects remain the same. */
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

/** A delivery that nobody signed with the secret, one of many. */
export function forged(number) {
  const body = bodyOf(makeEvent("connection-flow-failed", { originId: `forged-${number}` }));
  return { body, signature: sign(body, "another secret"), outcome: undefined, done: () => {} };
}
