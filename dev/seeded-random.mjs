// Pseudorandom choices from a seed, so that a failed run can be reproduced.

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** The choices for a seed, which is a whole number. */
export function seededRandom(seed) {
  const generator = xoroshiro128plus(seed);
  /** A whole number from `min` to `max`, inclusive. */
  const between = (min, max) => uniformInt(generator, min, max);
  return {
    between,
    /** One of the items. */
    oneOf: (items) => items[between(0, items.length - 1)],
    /** True in `percent` of 100 cases. */
    happens: (percent) => between(1, 100) <= percent,
    /** The items in a random order. */
    shuffled(items) {
      const order = [...items];
      for (let at = order.length - 1; at > 0; at -= 1) {
        const other = between(0, at);
        [order[at], order[other]] = [order[other], order[at]];
      }
      return order;
    },
  };
}
