// The goals of this Worker in comparison with its peers: for each goal its description, the figure that
// was measured, and whether the goal is met.

import { average, priceOf } from "../prices.mjs";

const OURS = "kombo-edge";
const FLOOR = "body only";
const TYPESCRIPT = "TypeScript";
const GATEWAY = "queue";
const QUICK = "KV only";

const MAX_RATIO_TO_FLOOR = 1.5;
const MAX_RATIO_TO_GATEWAY = 1 / 3;
const MAX_AFTER_POST_MS = 30;
/** More than this at p50, from the POST to Slack, than the design without objects. */
const MAX_ALERT_DELAY_MS = 2;
const MAX_MISSING_SHARE = 0.01;
const MAX_READ_DELAY_MS = 250;
const MAX_PRICE = 5.5;
const MAX_START_DELAY_MS = 10;

const IGNORED = "ignored event";
/** Scenarios that end with a message to Slack. */
const ALERTED = ["first failure, new customer", "first failure, known customer"];
/** Scenarios in which each event creates the storage of an object. A gateway has no objects. */
const NEW_OBJECTS = ["new mapping", "first failure, new customer"];

const of = (worker, all) => all.find((it) => it.worker === worker);

/** The ratio of our figure to that of a peer, in every scenario. */
const ratios = ({ scenarios }, peer, figureOf) =>
  scenarios.map(({ name, workers }) => ({
    name,
    ratio: figureOf(of(OURS, workers)) / figureOf(of(peer, workers)),
  }));

const cpu = ({ cpuUs }) => cpuUs.median;
const p50 = (it) => it.p50;

/** A goal for a ratio in several scenarios, of which the worst counts. */
function atMost(what, limit, found) {
  const worst = found.toSorted((one, other) => other.ratio - one.ratio)[0];
  if (!worst) return undefined;
  const figure = `at most ${worst.ratio.toFixed(2)} × (${worst.name})`;
  return { what, figure, isMet: worst.ratio <= limit };
}

export const goalsOf = (figures) =>
  [
    atMost(
      `processor time of an event: at most that of ${TYPESCRIPT}, in every scenario`,
      1,
      ratios(figures, TYPESCRIPT, cpu),
    ),
    atMost(
      `processor time from delivery to Slack: at most a third of that of ${GATEWAY}`,
      MAX_RATIO_TO_GATEWAY,
      ratios(figures, GATEWAY, cpu).filter(({ name }) => ALERTED.includes(name)),
    ),
    atMost(
      `p50 of the response under load: at most that of ${GATEWAY}, except for an object's first event`,
      1,
      ratios(figures, GATEWAY, p50).filter(({ name }) => !NEW_OBJECTS.includes(name)),
    ),
    atMost(
      `processor time of an ignored event: at most ${MAX_RATIO_TO_FLOOR} × ${FLOOR}`,
      MAX_RATIO_TO_FLOOR,
      ratios(figures, FLOOR, cpu).filter(({ name }) => name === IGNORED),
    ),
    atOnce(figures),
    toSlack(figures),
    readsFollow(figures),
    price(figures),
    firstRequest(figures),
  ].filter((goal) => goal !== undefined);

function toSlack({ alerts }) {
  const ours = alerts && of(OURS, alerts);
  if (!ours) return undefined;
  const more = ours.after.p99;
  return {
    what: `time to Slack on an idle channel, p99: under ${MAX_AFTER_POST_MS} ms more than the POST`,
    figure: `${more.toFixed(1)} ms more`,
    isMet: more < MAX_AFTER_POST_MS,
  };
}

function atOnce({ alerts }) {
  const quick = alerts && of(QUICK, alerts);
  if (!quick) return undefined;
  const more = of(OURS, alerts).posted.p50 - quick.posted.p50;
  return {
    what: `time to Slack on an idle channel, p50: at most ${MAX_ALERT_DELAY_MS} ms more than ${QUICK}`,
    figure: `${more.toFixed(1)} ms more`,
    isMet: more <= MAX_ALERT_DELAY_MS,
  };
}

function readsFollow({ reads }) {
  const ours = reads && of(OURS, reads);
  if (!ours) return undefined;
  const share = ours.missing / ours.reads;
  return {
    what: `reads right after the response that find nothing: at most ${MAX_MISSING_SHARE * 100} %, and none after ${MAX_READ_DELAY_MS} ms`,
    figure: `${(share * 100).toFixed(1)} %, none after ${ours.longestMs.toFixed(0)} ms`,
    isMet: share <= MAX_MISSING_SHARE && ours.longestMs <= MAX_READ_DELAY_MS,
  };
}

function price({ bill }) {
  const ours = bill && of(OURS, bill);
  if (!ours) return undefined;
  const dollars = priceOf(average(ours.counts));
  return {
    what: `a million events of the mix: at most $${MAX_PRICE.toFixed(2)}`,
    figure: `$${dollars.toFixed(2)}`,
    isMet: dollars <= MAX_PRICE,
  };
}

function firstRequest({ starts }) {
  if (!starts) return undefined;
  const more = of(OURS, starts).ms - of(FLOOR, starts).ms;
  return {
    what: `first request after a start: at most ${MAX_START_DELAY_MS} ms slower than ${FLOOR}`,
    figure: `${more.toFixed(1)} ms slower`,
    isMet: more <= MAX_START_DELAY_MS,
  };
}
