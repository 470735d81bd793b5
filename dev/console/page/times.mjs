// How the page writes times and spans of time, in the reader's zone and language.

const written = (options) => {
  const format = new Intl.DateTimeFormat(undefined, options);
  return (at) => format.format(new Date(at));
};

const DAY = { weekday: "short", day: "numeric", month: "short" };

/** The time of a day, to the second. */
export const timeOf = written({ timeStyle: "medium" });

/** A day and a time, to the second. */
export const momentOf = written({ ...DAY, hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** A day and a time, to the minute. */
export const minuteOf = written({ ...DAY, hour: "2-digit", minute: "2-digit" });

/** A day. */
export const dayOf = written({ weekday: "long", day: "numeric", month: "long" });

export const isSameDay = (one, other) => dayOf(one) === dayOf(other);

const UNITS = [
  { ms: 86_400_000, one: "day", many: "days" },
  { ms: 3_600_000, one: "hour", many: "hours" },
  { ms: 60_000, one: "min", many: "min" },
];

/** A span of time in words: its two largest units, such as "1 day 2 hours". */
export function spanOf(ms) {
  const parts = [];
  let left = Math.round(ms / 60_000) * 60_000;
  for (const { ms: unit, one, many } of UNITS) {
    const count = Math.floor(left / unit);
    left -= count * unit;
    if (count > 0) parts.push(`${count} ${count === 1 ? one : many}`);
  }
  return parts.slice(0, 2).join(" ") || "0 min";
}
