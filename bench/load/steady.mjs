// Sends deliveries at a constant rate for minutes, to see whether responses stay fast and memory stays
// constant.

import { linearRegression } from "simple-statistics";
import { seededRandom } from "../../dev/seeded-random.mjs";
import { memoryOf, openFilesOf, processorTimeOf } from "./process.mjs";
import { figures, newTimes, Sender } from "./sender.mjs";
import { SECRET, statusOf } from "./worker.mjs";

const SAMPLE_MS = 1_000;
const SEED = 1;

/**
 * Runs it with this class of traffic. `onSecond` is called about once a second with the elapsed seconds.
 */
export async function steady({ edge, slack }, settings) {
  const { Kind, customers, minutes, rate, connections, onSecond } = settings;
  const seconds = minutes * 60;
  const traffic = new Kind({ customers, seconds, random: seededRandom(SEED), secret: SECRET });
  const sender = new Sender(edge.url.origin, connections);
  const began = performance.now();
  const second = () => (performance.now() - began) / 1_000;
  // The first and the last minute, or the two halves of a shorter run.
  const edgeSeconds = Math.min(60, seconds / 2);
  const parts = { first: newTimes(), middle: newTimes(), last: newTimes() };
  const partAt = (at) =>
    at < edgeSeconds ? "first" : at < seconds - edgeSeconds ? "middle" : "last";
  const samples = [];
  const sample = () => {
    const at = second();
    samples.push({ at, memory: memoryOf(edge.pid), openFiles: openFilesOf(edge.pid) });
    onSecond(Math.floor(at));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const processorBefore = processorTimeOf(edge.pid);
  try {
    await sender.sendAtRate(
      { perSecond: rate, seconds },
      () => traffic.next(second()),
      () => parts[partAt(second())],
    );
  } finally {
    clearInterval(timer);
  }
  sample();
  const took = second();
  const processor = processorTimeOf(edge.pid) - processorBefore;
  await sender.close();
  const count = Object.values(parts).reduce((sum, times) => sum + times.totalCount, 0);
  return {
    seconds: took,
    deliveries: count,
    perSecond: count / took,
    processorUsEach: processor / count,
    customers: traffic.begun,
    kinds: traffic.counts,
    errors: sender.errors,
    firstMinute: figures(parts.first),
    lastMinute: figures(parts.last),
    memory: memoryFigures(samples),
    openFilesMost: Math.max(...samples.map(({ openFiles }) => openFiles)),
    messages: slack.messages.length,
    waitingForSlack: (await statusOf(edge)).team.waiting,
  };
}

/** The memory in MiB, and its growth in the second half in MiB per minute. */
function memoryFigures(samples) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const { m } = linearRegression(half.map(({ at, memory }) => [at / 60, memory]));
  return {
    start: samples[0].memory,
    middle: half[0].memory,
    end: samples.at(-1).memory,
    most: Math.max(...samples.map(({ memory }) => memory)),
    slope: m,
  };
}
