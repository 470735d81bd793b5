// A torture: the Worker is killed again and again in the middle of a burst of deliveries, while Slack
// and Workers KV fail by turns, and must heal in the end. When each kill comes follows from the seed;
// what is under way at that moment does not. Whether all is well then is `verdict.mjs`'s.

import { failKv, post, stand } from "../stand.mjs";
import { choicesOf } from "../../dev/choices.mjs";
import { Kombo } from "./kombo.mjs";
import { stories } from "./stories.mjs";
import { judge } from "./verdict.mjs";

const CUSTOMERS_A_LIFE = 5;
const DELIVERIES_A_LIFE = 18;
const LANES = 6;
/** A kill comes so long after one of the answers, or within this time. */
const PAUSES_MS = [0, 20, 200, 1_500];

/** How Slack answers in a life. */
const SLACK = [
  () => undefined,
  () => ({ status: 429, headers: { "retry-after": "1" }, body: "rate_limited" }),
  () => ({ status: 500, body: "rollup_error" }),
  () => "hang",
  () => "drop",
];

/** How writes to Workers KV end in a life; see failKv. */
const KV = ["done", "failed", "silent", "lost", "done silently"];

// Five by five, so that in 25 lives each meets each.
const faultsOf = (life) => ({
  slack: SLACK[life % 5],
  kv: KV[(2 * life + Math.floor(life / 5)) % 5],
});

const SETTINGS = {
  // What is told by the clock alone would be counted as told twice.
  ALERT_REPEAT_MINUTES: "240",
  DAILY_SUMMARY_UTC: "off",
};

/**
 * Runs one, and gives back what happened. Rejects when something was lost or done twice. `test` has
 * what it calls `after` its end; `onKill` is called after each.
 */
export async function torture(test, { kills, seed, patienceMs, onKill = () => {} }) {
  const choices = choicesOf(seed);
  const told = stories(kills * CUSTOMERS_A_LIFE, choices);
  const kombo = new Kombo(choices.shuffled(told), choices);
  const it = await stand(test, { persist: true, fronts: ["faulty-kv"], bindings: SETTINGS });
  // For each life, how many messages had come by its end.
  const ends = [];
  for (let life = 0; life < kills; life += 1) {
    const { slack, kv } = faultsOf(life);
    it.slack.answerWith(slack);
    await failKv(it.edge, kv);
    await burst(it, kombo, choices);
    ends.push(it.slack.messages.length);
    await it.start();
    onKill();
  }
  it.slack.answerWith([]);
  while (!kombo.isDone) await Promise.all(lanes(it, () => kombo.next(), kombo));
  const since = Date.now();
  await judge(it, { told, kombo, ends, patienceMs });
  const { acknowledged, unanswered } = kombo;
  const messages = it.slack.messages.length;
  const healedMs = Date.now() - since;
  return { kills, events: acknowledged.length, unanswered, messages, healedMs };
}

/** Deliveries side by side, until the kill. */
async function burst(it, kombo, choices) {
  const pause = choices.between(0, choices.oneOf(PAUSES_MS));
  let answers = choices.between(1, DELIVERIES_A_LIFE);
  let left = DELIVERIES_A_LIFE;
  let reached;
  const moment = new Promise((resolve) => (reached = resolve));
  const onAnswer = () => (answers -= 1) === 0 && reached();
  const next = () => ((left -= 1) < 0 ? undefined : kombo.next());
  const all = Promise.all(lanes(it, next, kombo, onAnswer));
  // Where there is less to deliver than that, the end is the moment.
  await Promise.race([moment, all]);
  await new Promise((resolve) => setTimeout(resolve, pause));
  await it.kill();
  await all;
}

const lanes = (it, next, kombo, onAnswer = () => {}) =>
  Array.from({ length: LANES }, async () => {
    const { edge } = it;
    for (let delivery = next(); delivery; delivery = next()) {
      if (it.edge !== edge) return kombo.lost(delivery);
      await attempt(edge, delivery, kombo);
      onAnswer();
    }
  });

/** One delivery. Only the end of the runtime may leave it without its answer. */
async function attempt(edge, delivery, kombo) {
  const { event, outcomes } = delivery;
  let response;
  let body;
  try {
    response = await post(edge, JSON.stringify(event, null, 2));
    body = await response.json();
  } catch {
    return kombo.lost(delivery);
  }
  if (response.status !== 200 || !outcomes.includes(body.outcome)) {
    const answer = `${response.status} ${JSON.stringify(body)}`;
    throw new Error(`${event.type} ${event.id} was answered ${answer}, not ${outcomes}`);
  }
  kombo.answered(delivery);
}
