// Choices that look random and follow from a seed, so that a run that failed can be chosen again.

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** The choices of a seed, a whole number. */
export function seededRandom(seed) {
  const generator = xoroshiro128plus(seed);
  /** A whole number from `least` to `most`, both included. */
  const between = (least, most) => uniformInt(generator, least, most);
  return {
    between,
    /** One of the items. */
    oneOf: (items) => items[between(0, items.length - 1)],
    /** Whether something happens that does so in `share` of 100 cases. */
    happens: (share) => between(1, 100) <= share,
    /** The items in another order. */
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
