// A scenario: every Worker in a process of its own, all at the same time, and in each round one after
// the other, each time beginning with another one, so that what else the machine does meets all alike.

import { processorTimeOf } from "../load/process.mjs";
import { before, deliveriesOf } from "./scenarios.mjs";
import { judgeOf, newTimes, sendAll, senderTo } from "./sender.mjs";
import { STILL_MS, open } from "./testbed.mjs";

/** Rounds that are not counted: the runtime compiles what is often used. */
const WARM_UP = 1;

export const roundsOf = (settings) => settings.rounds + WARM_UP;

/**
 * Runs a scenario; `onRound` is called after each round of each Worker. Gives back for each Worker its
 * times, and for each round that counts `{ cpuUs, perSecond }`.
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
  return { ...testbed, isRight: judgeOf(worker), times: newTimes(), rounds: [], open: undefined };
}

/** Sends over connections that are new: none of them is old enough to be closed meanwhile. */
async function deliver({ edge, isRight }, deliveries, times, { connections }) {
  const sender = senderTo(edge.url.origin, connections);
  try {
    return await sendAll(sender, deliveries, times, isRight);
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
  // The next Worker's turn begins when this one's work is done; only what it put off may be left.
  await testbed.atRest(STILL_MS);
}

/** Makes known what a round takes as known; nothing of that is left to do when it begins. */
async function prepare(scenario, testbed, count, settings) {
  const known = scenario.known(count);
  if (known.length === 0) return known;
  await deliver(testbed, before(known), newTimes(), settings);
  await testbed.atRest();
  return known;
}

/** The processor time of a round is known when nothing of it is left to do. */
async function finishRound(testbed) {
  if (!testbed.open) return;
  const { count, cpuBefore, perSecond } = testbed.open;
  await testbed.atRest();
  const cpuUs = (processorTimeOf(testbed.edge.pid) - cpuBefore) / count;
  testbed.rounds.push({ cpuUs, perSecond });
  testbed.open = undefined;
}
