// What a run comes to: plain figures, as `--json` prints them and as the document is made of.

import { cpus, totalmem } from "node:os";
import { createRequire } from "node:module";
import { median } from "simple-statistics";

const GIB = 1_024 ** 3;

const ms = (times, percentile) => times.getValueAtPercentile(percentile) / 1_000;

/** The median of all rounds, with the least and the most. */
const spread = (values) => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** One scenario: for each Worker its processor time, its pace and the times of its answers. */
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

/** The way to Slack: for each Worker the times in milliseconds. */
export const alertFigures = (results) =>
  results.map(({ worker, answered, posted, after }) => ({
    worker,
    alerts: posted.totalCount,
    answered: { p50: ms(answered, 50), p99: ms(answered, 99) },
    posted: { p50: ms(posted, 50), p99: ms(posted, 99) },
    after: { p50: ms(after, 50), p99: ms(after, 99) },
  }));

/** Where and with what it was measured. */
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
