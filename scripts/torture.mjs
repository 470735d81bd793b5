// `npm run torture`: kills the Worker repeatedly in the middle of a burst, while Slack and Workers KV
// fail in turn, and checks that everything recovers. `npm test` does the same with a few kills.

import { build, worker } from "./build.mjs";
import { argumentsOf, badArgument } from "./arguments.mjs";
import { isStarted, main } from "./project.mjs";
import { setUp } from "./setup.mjs";

const command = {
  name: "torture",
  about: `Kills the Worker at random moments of a burst of deliveries while Slack and Workers KV fail by turns, redelivers what was not acknowledged, and checks that everything recovers.`,
  options: {
    kills: { value: "number", about: "how many times; default: 100", default: "100" },
    seed: {
      value: "number",
      about: "a whole number that fixes the random choices; default: a new one",
    },
  },
};

/** The longest pause between two retries is five minutes. */
const TIMEOUT_MS = 6 * 60_000;

const whole = (text, name) => {
  if (!/^\d{1,9}$/.test(text))
    throw badArgument(command, `--${name} must be a whole number, not "${text}".`);
  return Number(text);
};

async function runTorture(kills, seed) {
  // Not at the top: the packages may not be installed before the setup has run.
  const { startBar } = await import("./progress.mjs");
  const { torture } = await import("../tests/torture/run.mjs");
  const ends = [];
  const bar = startBar(kills, "kills");
  const onKill = () => bar.increment();
  try {
    const test = { after: (end) => ends.push(end) };
    return await torture(test, { kills, seed, timeoutMs: TIMEOUT_MS, onKill });
  } catch (error) {
    error.message += `\n\nReproduce: npm run torture -- --kills ${kills} --seed ${seed}`;
    throw error;
  } finally {
    bar.stop();
    for (const end of ends) await end();
  }
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    const { values } = await argumentsOf(command);
    const kills = whole(values.kills, "kills");
    const seed = whole(values.seed ?? String(Date.now() % 1_000_000_000), "seed");
    if (kills === 0) throw badArgument(command, "--kills must be at least 1.");
    await setUp();
    await build(worker);
    console.log(`${kills} kills, seed ${seed}`);
    const { events, unanswered, messages, recoveryMs } = await runTorture(kills, seed);
    console.log(
      `${events} events, each acknowledged once; ${unanswered} deliveries were cut off and repeated.\n` +
        `${messages} messages reached Slack. Everything had recovered ${(recoveryMs / 1000).toFixed(1)} s after the last event.`,
    );
  });
}
