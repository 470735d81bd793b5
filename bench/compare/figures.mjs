// The results of a run as plain figures, for `--json` and for the document.

import { cpus, totalmem } from "node:os";
import { createRequire } from "node:module";
import { median } from "simple-statistics";

const GIB = 1_024 ** 3;

const ms = (times, percentile) => times.getValueAtPercentile(percentile) / 1_000;

/** The median of all rounds, with the minimum and the maximum. */
const spread = (values) => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** A scenario: the processor time, throughput and response times of each Worker. */
export const scenarioFigures = ({ name, is }, results) => ({
  name,
  is,
  workers: results.map(({ worker, times, rounds }) => ({
    worker,
    deliveries: times.totalCount,
    cpuUs: spread(rounds.map(({ cpuUs }) => cpuUs)),
    perSecond: spread(rounds.map(({ perSecond }) => perSecond)),
    p50: ms(times, 50),
    p99: ms(times, 99),
  })),
});

/** The times to Slack of each Worker, in milliseconds. */
export const alertFigures = (results) =>
  results.map(({ worker, answered, posted, after }) => ({
    worker,
    alerts: posted.totalCount,
    answered: { p50: ms(answered, 50), p99: ms(answered, 99) },
    posted: { p50: ms(posted, 50), p99: ms(posted, 99) },
    after: { p50: ms(after, 50), p99: ms(after, 99) },
  }));

/** The machine, the versions and the settings of the run. */
export function circumstances(settings) {
  const require = createRequire(import.meta.url);
  const [{ model }, ...others] = cpus();
  return {
    at: new Date().toISOString().slice(0, 10),
    processor: model.trim(),
    cores: others.length + 1,
    memoryGib: Math.round(totalmem() / GIB),
    node: process.versions.node,
    workerd: require("workerd/package.json").version,
    ...settings,
  };
}
