// The figures as tables, for the terminal and for the document.

import { markdownTable } from "markdown-table";
import { average, billOf, priceOf } from "../prices.mjs";

const whole = (value) => value.toFixed(0);
const ms = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));
const KIB = 1_024;

const table = (head, rows) =>
  markdownTable([head, ...rows], { align: ["l", ...head.slice(1).map(() => "r")] });

const named = (all, name) => all.find(({ worker }) => worker === name);

/** A scenario, with a row for each Worker. */
export function scenarioTable({ workers }) {
  const [ours] = workers;
  const head = ["", "CPU µs an event", "least–most", "ours/its", "events/s", "p50 ms", "p99 ms"];
  const rows = workers.map(({ worker, cpuUs, perSecond, p50, p99 }) => [
    worker,
    whole(cpuUs.median),
    `${whole(cpuUs.least)}–${whole(cpuUs.most)}`,
    worker === ours.worker ? "" : ratio(ours.cpuUs.median / cpuUs.median),
    whole(perSecond.median),
    ms(p50),
    ms(p99),
  ]);
  return table(head, rows);
}

const ratio = (value) => `${value.toFixed(2)} ×`;

/** The ratios of our figure to that of each peer, with a row for each scenario. */
function ratioTable(scenarios, figureOf) {
  const [{ workers }] = scenarios;
  const peers = workers.slice(1).map(({ worker }) => worker);
  const rows = scenarios.map((scenario) => {
    const ours = figureOf(scenario.workers[0]);
    return [
      scenario.name,
      ...peers.map((peer) => ratio(ours / figureOf(named(scenario.workers, peer)))),
    ];
  });
  return table(["", ...peers], rows);
}

export const cpuRatios = (scenarios) => ratioTable(scenarios, ({ cpuUs }) => cpuUs.median);
export const answerRatios = (scenarios) => ratioTable(scenarios, ({ p50 }) => p50);

export const alertTable = (alerts) =>
  table(
    ["", "answer p50 ms", "p99", "message p50 ms", "p99", "after the answer p99", "alerts"],
    alerts.map(({ worker, answered, posted, after, alerts: count }) => [
      worker,
      ...[answered.p50, answered.p99, posted.p50, posted.p99, after.p99].map(ms),
      whole(count),
    ]),
  );

export const readTable = (reads) =>
  table(
    ["", "reads", "found nothing", "found after at most ms"],
    reads.map(({ worker, reads: all, missing, longestMs }) => [
      worker,
      ...[all, missing].map(whole),
      ms(longestMs),
    ]),
  );

export const startTable = (starts, sizes) =>
  table(
    ["", "first request ms", "least–most", "module KiB gzipped"],
    starts.map(({ worker, ms: middle, least, most }) => [
      worker,
      ms(middle),
      `${ms(least)}–${ms(most)}`,
      (named(sizes, worker).gzipped / KIB).toFixed(1),
    ]),
  );

/** The optimization levels: processor time of each scenario, first request and size. */
export function levelTable({ scenarios, starts, sizes }) {
  const names = sizes.map(({ worker }) => worker);
  const row = (what, figureOf) => [what, ...names.map(figureOf)];
  return table(
    ["`opt-level`", ...names],
    [
      ...scenarios.map(({ name, workers }) =>
        row(`${name}, CPU µs`, (level) => whole(named(workers, level).cpuUs.median)),
      ),
      row("first request ms", (level) => ms(named(starts, level).ms)),
      row("module KiB gzipped", (level) => (named(sizes, level).gzipped / KIB).toFixed(1)),
    ],
  );
}

const count = (value) => String(Number(value.toFixed(2)));
const dollars = (sum) => `$${sum.toFixed(2)}`;

/** What is billed for an average event of the mix, and what a million of them cost. */
export const billTable = (bill) =>
  table(
    [
      "",
      "object requests and alarms",
      "rows written, alarms set",
      "KV writes and deletes",
      "queue operations",
      "a million events",
      "a month with them",
    ],
    bill.map(({ worker, counts }) => {
      const of = average(counts);
      return [
        worker,
        count(of.objectRequests + of.alarms),
        count(of.rowsWritten + of.alarmsSet),
        count(of.kvWrites + of.kvDeletes),
        count(of.queueOperations),
        dollars(priceOf(of)),
        dollars(billOf(of)),
      ];
    }),
  );

/** What is billed for an event of each kind at this Worker. */
export const operationsTable = ([{ counts }]) =>
  table(
    [
      "",
      ...["object requests", "alarms", "rows read", "rows written", "alarms set"],
      ...["KV writes", "KV deletes", "outgoing", "a million"],
    ],
    Object.entries(counts).map(([name, of]) => [
      name,
      ...[of.objectRequests, of.alarms, of.rowsRead, of.rowsWritten, of.alarmsSet].map(count),
      ...[of.kvWrites, of.kvDeletes, of.outgoing].map(count),
      dollars(priceOf(of)),
    ]),
  );

export const goalTable = (goals) =>
  markdownTable([
    ["goal", "measured", ""],
    ...goals.map(({ what, figure, isMet }) => [what, figure, isMet ? "met" : "**missed**"]),
  ]);

/** Prints all figures to the terminal. */
export function print({ scenarios, alerts, reads, starts, sizes, bill, levels, goals }) {
  const parts = scenarios.map((scenario) => `${scenario.name}\n${scenarioTable(scenario)}`);
  if (scenarios.length > 1) {
    parts.push(`Our CPU time divided by each peer's\n${cpuRatios(scenarios)}`);
    parts.push(`Our p50 of the response divided by each peer's\n${answerRatios(scenarios)}`);
  }
  if (alerts) parts.push(`from the POST to Slack, on an idle channel\n${alertTable(alerts)}`);
  if (reads) parts.push(`reads right after the response\n${readTable(reads)}`);
  if (starts) parts.push(`the first request after a start\n${startTable(starts, sizes)}`);
  if (bill) parts.push(`what Cloudflare bills\n${billTable(bill)}\n\n${operationsTable(bill)}`);
  if (levels) parts.push(`optimization levels\n${levelTable(levels)}`);
  if (goals.length > 0) parts.push(`goals\n${goalTable(goals)}`);
  console.log(`\n${parts.join("\n\n")}\n`);
}
