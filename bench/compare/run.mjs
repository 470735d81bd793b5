// A run of the benchmark: its parts one after the other, with a bar that shows how far it is.

import { startBar } from "../../scripts/progress.mjs";
import { alertsOf, measureAlerts } from "./alerts.mjs";
import { alertFigures, circumstances, scenarioFigures } from "./figures.mjs";
import { prepared } from "./peers.mjs";
import { roundsOf, runScenario } from "./rounds.mjs";
import { SCENARIOS } from "./scenarios.mjs";
import { measureStarts } from "./starts.mjs";

/** What can be measured alone. */
export const PARTS = [...SCENARIOS.map(({ name }) => name), "alerts", "starts"];

/** The figures of a run; `only` chooses one of its parts. */
export async function measure(settings, only) {
  const workers = await prepared();
  const isChosen = (name) => only === undefined || name === only;
  const scenarios = [];
  for (const scenario of SCENARIOS.filter(({ name }) => isChosen(name))) {
    const total = workers.length * roundsOf(settings);
    const results = await withBar(total, `rounds, ${scenario.name}`, (onRound) =>
      runScenario(scenario, workers, settings, onRound),
    );
    scenarios.push(scenarioFigures(scenario, results));
  }
  const figures = { circumstances: circumstances(settings), sizes: sizesOf(workers), scenarios };
  if (isChosen("alerts")) figures.alerts = alertFigures(await alerts(workers, settings));
  if (isChosen("starts")) figures.starts = await starts(workers, settings);
  return figures;
}

const sizesOf = (workers) => workers.map(({ name, gzipped }) => ({ worker: name, gzipped }));

const alerts = (workers, { alerts: each }) =>
  withBar(each * alertsOf(workers), "alerts on their way to Slack", (onAlert) =>
    measureAlerts(workers, each, onAlert),
  );

const starts = (workers, { starts: each }) =>
  withBar(each * workers.length, "starts", (onStart) => measureStarts(workers, each, onStart));

async function withBar(total, what, act) {
  const bar = startBar(total, what);
  try {
    return await act(() => bar.increment());
  } finally {
    bar.stop();
  }
}
