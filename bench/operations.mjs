// `node bench/operations.mjs`: what Cloudflare bills for each kind of event, counted on the local
// runtime by tests/counting.mjs, and what a million events cost. tests/operations.test.mjs says which
// of these counts must hold. How the counts of another Worker are put beside these: see prices.mjs.

import { fileURLToPath } from "node:url";
import { deliver, makeEvent } from "../dev/kombo.mjs";
import { startSlack } from "../dev/slack.mjs";
import { startWorker } from "../dev/worker.mjs";
import { argumentsOf } from "../scripts/arguments.mjs";
import { isStarted, main } from "../scripts/project.mjs";
import { billed, costOf } from "./operations/meter.mjs";
import { names, scenario } from "./operations/scenarios.mjs";
import { average, billOf, MIX, priceOf } from "./prices.mjs";

const SECRET = "kombo-bench-secret";
const FRONT = fileURLToPath(new URL("../tests/counting.mjs", import.meta.url));

const usage = `Usage: node bench/operations.mjs [--json]

Counts what is billed for each kind of event, and says what a million of them cost.`;

/** The counts of each scenario, as they are billed. */
async function count() {
  const slack = await startSlack();
  let edge;
  try {
    const bindings = { KOMBO_WEBHOOK_SECRET: SECRET, SLACK_WEBHOOK_URL: slack.url };
    edge = await startWorker({ bindings, fronts: [FRONT] });
    const url = new URL("/webhooks/kombo", edge.url);
    const send = async (event) => {
      const { status } = await deliver(url, event, { secret: SECRET });
      if (status !== 200) throw new Error(`the delivery was answered ${status}`);
    };
    // Each isolate reports its first deliveries, once in ten minutes: no event's own cost.
    await send(makeEvent("connection-flow-failed"));
    const counts = {};
    for (const name of names) {
      const { before, event } = scenario(name);
      for (const earlier of before) await costOf(edge, () => send(earlier));
      counts[name] = billed(await costOf(edge, () => send(event)));
    }
    return counts;
  } finally {
    await edge?.dispose();
    await slack.stop();
  }
}

const COLUMNS = [
  ["requests", "requests"],
  ["objectRequests", "to objects"],
  ["alarms", "alarms"],
  ["rowsRead", "read"],
  ["rowsWritten", "written"],
  ["alarmsSet", "alarms set"],
  ["kvWrites", "KV writes"],
  ["kvDeletes", "KV deletes"],
  ["outgoing", "outgoing"],
];

const dollars = (sum) => `$${sum.toFixed(2)}`;
const line = (title, cells) => title.padEnd(34) + cells.map((cell) => cell.padStart(11)).join("");

function print(counts) {
  console.log(line("", [...COLUMNS.map(([, title]) => title), "a million"]));
  const rows = { ...counts, "average of the mix": average(counts) };
  for (const [name, of] of Object.entries(rows)) {
    const cells = COLUMNS.map(([kind]) => String(Number(of[kind].toFixed(2))));
    console.log(line(name, [...cells, dollars(priceOf(of))]));
  }
  const mix = average(counts);
  console.log(
    `\nThe mix, of 100 events: ${Object.entries(MIX)
      .map(([name, share]) => `${share} ${name}`)
      .join(", ")}`,
  );
  console.log(
    `A month with a million events of the mix, with the plan and what it includes: ${dollars(billOf(mix))}`,
  );
}

if (isStarted(import.meta.url))
  await main(async () => {
    const { values } = argumentsOf(usage, { json: { type: "boolean" } });
    const counts = await count();
    if (values.json) console.log(JSON.stringify({ mix: MIX, counts }, null, 2));
    else print(counts);
  });
