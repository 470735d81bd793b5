// Runs a scenario. All Workers run at the same time, each in its own process. In each round they take
// turns, and each round starts with another one, so that other activity of the machine affects all
// equally.

import { processorTimeOf } from "../load/process.mjs";
import { before, deliveriesOf } from "./scenarios.mjs";
import { checkFor, newTimes, sendAll, senderTo } from "./sender.mjs";
import { STILL_MS, open } from "./testbed.mjs";

/** Rounds that are not measured, while the runtime still optimizes the code. */
const WARM_UP = 1;

export const roundsOf = (settings) => settings.rounds + WARM_UP;

/**
 * Runs a scenario, and calls `onRound` after each round of each Worker. Returns for each Worker its
 * response times, and `{ cpuUs, perSecond }` for each measured round.
 */
export async function runScenario(scenario, workers, settings, onRound) {
  const testbeds = [];
  try {
    for (const worker of workers) testbeds.push(await begin(worker, settings));
    for (let round = 0; round < roundsOf(settings); round += 1) {
      for (let at = 0; at < testbeds.length; at += 1) {
        await runRound(scenario, testbeds[(at + round) % testbeds.length], round, settings);
        onRound();
      }
    }
    for (const testbed of testbeds) await finishRound(testbed);
    return testbeds.map(({ worker, times, rounds }) => ({ worker: worker.name, times, rounds }));
  } finally {
    for (const { close } of testbeds) await close();
  }
}

async function begin(worker, { kv }) {
  const testbed = await open(worker, { kv });
  return {
    ...testbed,
    isCorrect: checkFor(worker),
    times: newTimes(),
    rounds: [],
    open: undefined,
  };
}

/** Sends over new connections, which can't be idle for so long that the runtime closes them. */
async function deliver({ edge, isCorrect }, deliveries, times, { connections }) {
  const sender = senderTo(edge.url.origin, connections);
  try {
    return await sendAll(sender, deliveries, times, isCorrect);
  } finally {
    await sender.close();
  }
}

async function runRound(scenario, testbed, round, settings) {
  await finishRound(testbed);
  const count = Math.ceil(scenario.each * settings.scale);
  const known = await prepare(scenario, testbed, count, settings);
  const cpuBefore = processorTimeOf(testbed.edge.pid);
  const deliveries = deliveriesOf(scenario, known, count);
  const isWarmUp = round < WARM_UP;
  const times = isWarmUp ? newTimes() : testbed.times;
  const took = await deliver(testbed, deliveries, times, settings);
  if (!isWarmUp) testbed.open = { count, cpuBefore, perSecond: (count / took) * 1_000 };
  // The next Worker's turn begins when this one has no more work, except what it has postponed.
  await testbed.atRest(STILL_MS);
}

/** Delivers what a round assumes to have happened, and waits until all work is done. */
async function prepare(scenario, testbed, count, settings) {
  const known = scenario.known(count);
  if (known.length === 0) return known;
  await deliver(testbed, before(known), newTimes(), settings);
  await testbed.atRest();
  return known;
}

/** Records the processor time of a round, once all its work is done. */
async function finishRound(testbed) {
  if (!testbed.open) return;
  const { count, cpuBefore, perSecond } = testbed.open;
  await testbed.atRest();
  const cpuUs = (processorTimeOf(testbed.edge.pid) - cpuBefore) / count;
  testbed.rounds.push({ cpuUs, perSecond });
  testbed.open = undefined;
}
