// `node bench/time-to-slack.mjs [failures]`: how long a first failure takes from Kombo's POST to the
// message in Slack, on a channel that is idle. A channel takes one message a second, so several
// Workers run side by side, each with a channel of its own, and take turns. What it leaves out: the
// network, and load, since one event at a time is under way.

import { startSlack } from "../dev/slack.mjs";
import { deliver, makeEvent } from "../dev/kombo.mjs";
import { startWorker } from "../dev/worker.mjs";

const SECRET = "kombo-bench-secret";
const CHANNELS = 8;
// A little more than the pace, so that no message waits for the one before.
const IDLE_MS = 1_100;
const LOOK_AGAIN_MS = 5;

const wanted = Number(process.argv[2] ?? 500);
if (!Number.isInteger(wanted) || wanted < 1) {
  console.error("Usage: node bench/time-to-slack.mjs [failures]");
  process.exit(1);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A Worker with a Slack of its own, and what it logged about alerts. */
async function open() {
  const log = [];
  const slack = await startSlack();
  const edge = await startWorker({
    bindings: { KOMBO_WEBHOOK_SECRET: SECRET, SLACK_WEBHOOK_URL: slack.url },
    onLog: ({ fields }) => fields?.event === "alert" && log.push(fields),
  });
  return { slack, edge, log, url: new URL("/webhooks/kombo", edge.url), freeAt: 0 };
}

/** One failure of a new customer: ms from the POST to the answer, to Slack, and as the log has it. */
async function measure(channel, originId) {
  await pause(channel.freeAt - Date.now());
  channel.slack.clear();
  channel.log.splice(0);
  const event = makeEvent("connection-flow-failed", { originId });
  const began = performance.now();
  const message = channel.slack.waitFor(1).then(() => performance.now() - began);
  const response = await deliver(channel.url, event, { secret: SECRET });
  const answered = performance.now() - began;
  if (response.status !== 200) throw new Error(`the delivery was answered ${response.status}`);
  const posted = await message;
  while (channel.log.length === 0) await pause(LOOK_AGAIN_MS);
  channel.freeAt = Date.now() + IDLE_MS;
  return { answered, posted, logged: channel.log[0].ms };
}

const percentile = (values, share) =>
  values.toSorted((one, other) => one - other)[Math.ceil(share * values.length) - 1];

const line = (title, cells) => title.padEnd(28) + cells.map((cell) => cell.padStart(11)).join("");

const channels = [];
const samples = [];
try {
  while (channels.length < CHANNELS) channels.push(await open());
  // The first event of each isolate starts its objects' code; it is not what is asked for.
  for (const channel of channels) await measure(channel, "warm-up");
  while (samples.length < wanted) {
    const channel = channels[samples.length % CHANNELS];
    samples.push(await measure(channel, `customer-${samples.length}`));
    if (process.stderr.isTTY) process.stderr.write(`\r${samples.length} of ${wanted} failures`);
  }
} finally {
  for (const { edge, slack } of channels) {
    await edge.dispose();
    await slack.stop();
  }
}
if (process.stderr.isTTY) process.stderr.write("\r");

console.log(line(`${wanted} first failures`, ["median", "p99", "most"]));
for (const [title, key] of [
  ["POST to the message", "posted"],
  ["POST to the answer", "answered"],
  ["received to posted, the log", "logged"],
]) {
  const values = samples.map((sample) => sample[key]);
  const cells = [0.5, 0.99, 1].map((share) => `${percentile(values, share).toFixed(1)} ms`);
  console.log(line(title, cells));
}
