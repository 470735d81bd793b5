// A torture run: the Worker is killed repeatedly in the middle of a burst of deliveries, while Slack and
// Workers KV fail in turn, and must recover in the end. A life is the time from a start to the next kill.
// The seed decides when each kill happens, but not what is in progress at that moment. `checks.mjs`
// checks the result.

import { failKv, post, startTestbed } from "../testbed.mjs";
import { seededRandom } from "../../dev/seeded-random.mjs";
import { Kombo } from "./kombo.mjs";
import { checkRecovery } from "./checks.mjs";
import { sequencesOf } from "./sequences.mjs";

const CUSTOMERS_PER_LIFE = 5;
const DELIVERIES_PER_LIFE = 18;
const LANES = 6;
/** A life has one of these as the longest pause between a response and the kill. */
const PAUSES_MS = [0, 20, 200, 1_500];

/** How Slack answers during a life. */
const SLACK = [
  () => undefined,
  () => ({ status: 429, headers: { "retry-after": "1" }, body: "rate_limited" }),
  () => ({ status: 500, body: "rollup_error" }),
  () => "hang",
  () => "drop",
];

/** How writes to Workers KV end during a life; see failKv. */
const KV = ["done", "failed", "silent", "lost", "done silently"];

// Five of each, so that 25 lives have every combination.
const faultsOf = (life) => ({
  slack: SLACK[life % 5],
  kv: KV[(2 * life + Math.floor(life / 5)) % 5],
});

const SETTINGS = {
  // A message that is sent only because time has passed would be counted as a repetition.
  ALERT_REPEAT_MINUTES: "240",
  DAILY_SUMMARY_UTC: "off",
};

/**
 * Runs it, and returns what happened. Rejects if something was lost or done twice. `test.after` registers
 * what to do at the end; `onKill` is called after each kill.
 */
export async function torture(test, { kills, seed, timeoutMs, onKill = () => {} }) {
  const random = seededRandom(seed);
  const sequences = sequencesOf(kills * CUSTOMERS_PER_LIFE, random);
  const kombo = new Kombo(random.shuffled(sequences), random);
  const it = await startTestbed(test, {
    persist: true,
    wrappers: ["faulty-kv"],
    bindings: SETTINGS,
  });
  // For each life, how many messages had arrived by its end.
  const ends = [];
  for (let life = 0; life < kills; life += 1) {
    const { slack, kv } = faultsOf(life);
    it.slack.answerWith(slack);
    await failKv(it.edge, kv);
    await burst(it, kombo, random);
    ends.push(it.slack.messages.length);
    await it.start();
    onKill();
  }
  it.slack.answerWith([]);
  while (!kombo.isDone) await Promise.all(lanes(it, () => kombo.next(), kombo));
  const start = Date.now();
  await checkRecovery(it, { sequences, kombo, ends, timeoutMs });
  const { acknowledged, unanswered } = kombo;
  const messages = it.slack.messages.length;
  const recoveryMs = Date.now() - start;
  return { kills, events: acknowledged.length, unanswered, messages, recoveryMs };
}

/** Concurrent deliveries until the kill. */
async function burst(it, kombo, random) {
  const pause = random.between(0, random.oneOf(PAUSES_MS));
  let answers = random.between(1, DELIVERIES_PER_LIFE);
  let left = DELIVERIES_PER_LIFE;
  let reached;
  const moment = new Promise((resolve) => (reached = resolve));
  const onAnswer = () => (answers -= 1) === 0 && reached();
  const next = () => ((left -= 1) < 0 ? undefined : kombo.next());
  const all = Promise.all(lanes(it, next, kombo, onAnswer));
  // If there is less to deliver than that, the kill follows the last response.
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

/** One delivery. Only a kill may leave it without a response. */
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
