// `npm run bench`: measures what an event costs this Worker, and its peers that do the same or less on
// the same runtime (see bench/peers). The end of docs/performance.md says what the figures do not show.

import { readFileSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { argumentsOf, badArgument } from "../scripts/arguments.mjs";
import { build, worker } from "../scripts/build.mjs";
import { main, Stop } from "../scripts/project.mjs";
import { setUp } from "../scripts/setup.mjs";

const command = {
  name: "bench",
  about: `Compares the Worker with its peers in bench/peers: processor time and throughput of each scenario, the time to Slack, and the first request after a start. Takes about twenty minutes; nothing else should run meanwhile.`,
  options: {
    rounds: {
      value: "n",
      about: "measured rounds of each Worker and scenario; default: 5",
      default: "5",
    },
    connections: {
      value: "n",
      about: "connections that are kept busy; default: 16",
      default: "16",
    },
    scale: {
      value: "n",
      about: "deliveries in a round, as a multiple of the default number; default: 1",
      default: "1",
    },
    alerts: {
      value: "n",
      about: "first failures whose time to Slack is measured, for each Worker; default: 100",
      default: "100",
    },
    reads: {
      value: "n",
      about: "reads right after the response, of each build of this Worker; default: 400",
      default: "400",
    },
    starts: { value: "n", about: "starts of each Worker; default: 7", default: "7" },
    kv: {
      value: "kind",
      about: `Workers KV in the scenarios: "simulated" (miniflare's, the default), or "memory", which costs next to nothing, so that the Workers' own work is compared`,
      default: "simulated",
    },
    only: {
      value: "name",
      about: `one scenario, "alerts", "reads", "starts", "bill", or "levels" of optimization`,
    },
    build: {
      value: "folder",
      about:
        "also measure another build of this Worker, under the name of its folder; may be given several times",
      multiple: true,
      default: [],
    },
    "no-peers": { about: "leave out the peers" },
    write: { about: "write docs/performance.md and its plots" },
    save: { value: "file", about: "save the figures as JSON" },
    figures: { value: "file", about: "measure nothing, and use saved figures" },
    json: { about: "print the figures as JSON" },
  },
};

function read(values) {
  const number = (name) => {
    const value = Number(values[name]);
    if (!(value > 0)) throw badArgument(command, `--${name} must be a positive number.`);
    return value;
  };
  const whole = (name) => Math.ceil(number(name));
  const [rounds, connections] = ["rounds", "connections"].map(whole);
  const [alerts, reads, starts] = ["alerts", "reads", "starts"].map(whole);
  if (values.write && (values.only || values["no-peers"]))
    throw new Stop("--write needs all figures: omit --only and --no-peers.");
  if (!["simulated", "memory"].includes(values.kv))
    throw badArgument(command, `--kv must be simulated or memory, not "${values.kv}".`);
  const builds = values.build.map((folder) => ({ name: basename(resolve(folder)), folder }));
  const [scale, withPeers] = [number("scale"), !values["no-peers"]];
  return { rounds, connections, alerts, reads, starts, scale, kv: values.kv, builds, withPeers };
}

async function measured(settings, only) {
  await setUp();
  // Not at the top: the packages may not be installed before the setup has run.
  const { PARTS, measure } = await import("./compare/run.mjs");
  if (only && !PARTS.includes(only))
    throw new Stop(`--only must be one of\n  ${PARTS.join("\n  ")}`);
  await build(worker);
  return measure(settings, only);
}

await main(async () => {
  const { values } = await argumentsOf(command);
  const settings = read(values);
  const figures = values.figures
    ? JSON.parse(readFileSync(values.figures, "utf8"))
    : await measured(settings, values.only);
  const { print } = await import("./compare/tables.mjs");
  const { goalsOf } = await import("./compare/goals.mjs");
  const goals = values["no-peers"] ? [] : goalsOf(figures);
  const all = { ...figures, goals };
  if (values.save) writeFileSync(values.save, JSON.stringify(all, null, 2));
  if (values.write) (await import("./compare/document.mjs")).writeDocument(all);
  if (values.json) console.log(JSON.stringify(all, null, 2));
  else print(all);
});
