// Runs the parts of the benchmark one after another, with a progress bar.

import { startBar } from "../../scripts/progress.mjs";
import { alertsOf, measureAlerts } from "./alerts.mjs";
import { alertFigures, circumstances, scenarioFigures } from "./figures.mjs";
import { countsOf } from "../operations/counts.mjs";
import { names } from "../operations/scenarios.mjs";
import { atLevels, prepared } from "./peers.mjs";
import { measureReads, readersOf } from "./reads.mjs";
import { roundsOf, runScenario } from "./rounds.mjs";
import { SCENARIOS } from "./scenarios.mjs";
import { measureStarts } from "./starts.mjs";

/** The parts that can be measured alone. */
export const PARTS = [
  ...SCENARIOS.map(({ name }) => name),
  ...["alerts", "reads", "starts", "bill", "levels"],
];

/** Runs the benchmark and returns the figures. `only` selects one part. */
export async function measure(settings, only) {
  const workers = await prepared(settings);
  const isChosen = (name) => only === undefined || name === only;
  const chosen = SCENARIOS.filter(({ name }) => isChosen(name));
  const scenarios = await scenariosOf(workers, chosen, settings);
  const figures = { circumstances: circumstances(settings), sizes: sizesOf(workers), scenarios };
  if (isChosen("alerts")) figures.alerts = alertFigures(await alerts(workers, settings));
  if (isChosen("reads")) figures.reads = await reads(workers, settings);
  if (isChosen("starts")) figures.starts = await starts(workers, settings);
  if (isChosen("bill")) figures.bill = await bill(workers);
  if (isChosen("levels")) figures.levels = await levels(settings);
  return figures;
}

async function scenariosOf(workers, scenarios, settings) {
  const figures = [];
  for (const scenario of scenarios) {
    const total = workers.length * roundsOf(settings);
    const results = await withBar(total, `rounds, ${scenario.name}`, (onRound) =>
      runScenario(scenario, workers, settings, onRound),
    );
    figures.push(scenarioFigures(scenario, results));
  }
  return figures;
}

/** This Worker at each optimization level. */
async function levels(settings) {
  const workers = await atLevels();
  return {
    scenarios: await scenariosOf(workers, SCENARIOS, settings),
    sizes: sizesOf(workers),
    starts: await starts(workers, settings),
  };
}

const sizesOf = (workers) => workers.map(({ name, gzipped }) => ({ worker: name, gzipped }));

const alerts = (workers, { alerts: each }) =>
  withBar(each * alertsOf(workers), "alerts on their way to Slack", (onAlert) =>
    measureAlerts(workers, each, onAlert),
  );

const reads = (workers, { reads: each }) =>
  withBar(each * readersOf(workers).length, "reads right after the response", (onRead) =>
    measureReads(workers, each, onRead),
  );

const starts = (workers, { starts: each }) =>
  withBar(each * workers.length, "starts", (onStart) => measureStarts(workers, each, onStart));

/** What is billed for the Workers that process events. */
async function bill(workers) {
  const billed = workers.filter(({ answersAll }) => answersAll === undefined);
  return withBar(billed.length * names.length, "kinds of events, counted", async (onCounted) => {
    const bill = [];
    for (const worker of billed)
      bill.push({ worker: worker.name, counts: await countsOf(worker, onCounted) });
    return bill;
  });
}

async function withBar(total, what, act) {
  const bar = startBar(total, what);
  try {
    return await act(() => bar.increment());
  } finally {
    bar.stop();
  }
}
