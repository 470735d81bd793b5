// Generates docs/performance.md and its plots from the figures of one run.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inProject } from "../../scripts/project.mjs";
import { MIX } from "../prices.mjs";
import { goalsOf } from "./goals.mjs";
import { WORKERS } from "./peers.mjs";
import { THEMES, plotOf } from "./plots.mjs";
import { alertTable, answerRatios, cpuRatios, goalTable, levelTable } from "./tables.mjs";
import { billTable, operationsTable, readTable, scenarioTable, startTable } from "./tables.mjs";

const DOCUMENT = inProject("docs", "performance.md");
const PLOTS = inProject("docs", "performance");

const KVS = {
  simulated: "miniflare's Workers KV",
  memory: "a Workers KV that costs almost nothing",
};

const slug = (name) => name.replaceAll(/[^a-z]+/g, "-");

export function writeDocument(figures) {
  rmSync(PLOTS, { recursive: true, force: true });
  mkdirSync(PLOTS, { recursive: true });
  for (const scenario of figures.scenarios) {
    for (const [theme, colours] of Object.entries(THEMES)) {
      const file = join(PLOTS, `${slug(scenario.name)}-${theme}.svg`);
      writeFileSync(file, plotOf(scenario, colours));
    }
  }
  writeFileSync(DOCUMENT, textOf(figures));
}

/** Why the goals that were ever missed are hard. */
const MISSED = `Where a goal is missed, this is why:

- *Processor time against TypeScript*: a profile of duplicates shows 80 % of the time in the runtime itself (HTTP, calls of objects, promises) and 10 % in the module and its bindings, where TypeScript has 2 %: the signature is computed and JSON is read in WebAssembly, at the edge and again in the object. A first failure goes through two objects, each of which reads and writes its state twice. A new mapping asks one object more than the peer, that of the customer's organization, because someone may have failed before with a link that had no customer id.
- *Processor time and p50 against queue*: a gateway keeps no state. This Worker has stored an event in an object before it answers.
- *p50 to Slack against KV only*: two commits come before the post, that of the customer and that of the queue in front of Slack. KV only has none, and loses the alert if anything fails.`;

const textOf = (figures) =>
  [
    intro(figures),
    "## Goals",
    goalTable(goalsOf(figures)),
    MISSED,
    "## Ratios",
    "This Worker's processor time for an event, divided by that of each peer. Below 1 is cheaper.",
    cpuRatios(figures.scenarios),
    "The same for the p50 of the response.",
    answerRatios(figures.scenarios),
    "## Scenarios",
    ...figures.scenarios.flatMap(scenarioText),
    "## From Kombo's POST to the message in Slack",
    "The first failure of a new customer, on an idle channel, one at a time.",
    alertTable(figures.alerts),
    "## Reading right after the response",
    "16 senders deliver mappings of new customers, and each reads `GET /v1/customers/{origin_id}` right after its own 200, again and again until the customer is there.",
    readTable(figures.reads),
    "## The first request after a start",
    "An ignored event, sent as soon as the runtime listens; the median of several starts. The local runtime reads and compiles the module before that.",
    startTable(figures.starts, figures.sizes),
    "## What Cloudflare bills",
    billed(),
    billTable(figures.bill),
    "Each kind of event at this Worker, including everything that follows from it; each also costs one Worker request. Each event comes when everything about the ones before is done, and Workers KV would take another write.",
    operationsTable(figures.bill),
    "## Optimization levels",
    "The same Worker at each `opt-level` that `Cargo.toml` could set; it sets the first one.",
    levelTable(figures.levels),
    reading(figures),
  ].join("\n\n") + "\n";

function intro({ circumstances: it }) {
  const peers = WORKERS.map(({ name, is, folder }) => {
    const source = folder ? ` ([source](../bench/peers/${folder}/index.ts))` : "";
    return `- **${name}**${source}: ${is}.`;
  });
  const builds = it.builds.map(({ name }) => `- **${name}**: this Worker as of that commit.`);
  return `# What it costs, compared with its peers

\`npm run bench -- --write\` measures this and generates this page. All run on the same workerd version, each in its own process, and take turns in each round:

${[...peers, ...builds].join("\n")}

The header of each source says what that peer guarantees and what it does not: KV only and queue lose updates if two events about one customer coincide, and send some alerts twice or never.

Measured on ${it.at}: ${it.processor}, ${it.cores} cores, ${it.memoryGib} GiB, with workerd ${it.workerd} and Node.js ${it.node}. Each scenario: ${it.rounds} rounds of each Worker after a warm-up round, over ${it.connections} connections that stay open, with ${KVS[it.kv]}.`;
}

const billed = () =>
  `Counted on the local runtime, at Cloudflare's prices of 2026-11 on the Workers Paid plan, for an event of this mix: ${Object.entries(
    MIX,
  )
    .map(([name, share]) => `${share} % ${name}`)
    .join(
      ", ",
    )}. A million events is the price without what the plan includes; the month is the plan's price and what exceeds the included amounts. CPU time, the time that objects are in memory, storage and logs are not included.`;

function scenarioText(scenario) {
  const { name, is, workers } = scenario;
  const path = (theme) => `performance/${slug(name)}-${theme}.svg`;
  const picture =
    `<picture><source media="(prefers-color-scheme: dark)" srcset="${path("dark")}">` +
    `<img src="${path("light")}" alt="${name}: ${altOf(workers)}"></picture>`;
  const title = `${name[0].toUpperCase()}${name.slice(1)}`;
  const each = Math.min(...workers.map(({ deliveries }) => deliveries));
  return [
    `### ${title}`,
    `${is[0].toUpperCase()}${is.slice(1)}. ${each.toLocaleString("en")} deliveries to each Worker.`,
    picture,
    scenarioTable(scenario),
  ];
}

const altOf = (workers) =>
  workers
    .map(
      ({ worker, cpuUs, p50 }) => `${worker} ${cpuUs.median.toFixed(0)} µs, ${p50.toFixed(1)} ms`,
    )
    .join("; ");

const reading = () => `## How to read it

- *CPU µs an event* is the processor time of the whole runtime process, from the operating system's accounting, from the first delivery of a round until no work is left: alarms, queue consumers, writes to Workers KV and posts to Slack are included. Slack accepts one message a second, so the time until the last digest is included too. The table shows the median of the rounds, with the minimum and the maximum.
- *events/s*, p50 and p99 are those of the responses, with every connection busy.
- The process also does what the platform does elsewhere: HTTP, storage, and miniflare's stand-ins for Workers KV and queues. Cloudflare bills none of that as CPU time of the Worker. So a Worker that writes to Workers KV or sends to a queue seems more expensive here than it is there, and even body only costs something. \`npm run bench -- --kv memory\` compares them without the cost of miniflare's Workers KV.
- Files are in memory. On Cloudflare an object's commit takes milliseconds, because several machines confirm it, and so does a send to a queue. The response times show how much work precedes the response, not what Kombo would see.
- queue's consumer waits up to one second for a batch, so its alerts do too. Without that wait they would arrive at once, and each event would cost more.
- KV only and queue post each alert separately, without a rate limit. Slack would reject most of them in a storm; the stand-in accepts all.
- The runtime and the sender share the machine's cores, so events/s is not the limit of the Worker.
`;
