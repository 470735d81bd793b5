// `npm run load`: tests the Worker under load on the local runtime: whether responses stay correct and
// fast, and memory stays constant. It can't show how fast Cloudflare would be.

import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { argumentsOf, badArgument } from "../scripts/arguments.mjs";
import { build, worker } from "../scripts/build.mjs";
import { main, Stop } from "../scripts/project.mjs";
import { setUp } from "../scripts/setup.mjs";

// Files in memory: on a disk, the time of a commit would dominate all figures.
const RAM_DISK = "/dev/shm";

/** Few enough for the local runtime to keep all their objects in memory. */
const RESIDENTS = 60;

const command = {
  name: "load",
  about: `Sends the Worker a mix of deliveries as Kombo would. Any incorrect response is an error.`,
  options: {
    only: { value: "part", about: "run one part" },
    minutes: { value: "n", about: "duration of steady and stay; default: 10", default: "10" },
    rate: { value: "n", about: "their deliveries per second; default: 150", default: "150" },
    connections: { value: "n", about: "their connections; default: 50", default: "50" },
    customers: {
      value: "n",
      about: "number of customers who come and go; default: 20000; at most 40 per second",
      default: "20000",
    },
    folder: { value: "path", about: `where to store objects; default: ${RAM_DISK} if it exists` },
    json: { about: "print the figures as JSON" },
  },
  notes: `Parts:
  steady   at a constant rate for minutes, from customers who come and go
  stay     the same, from ${RESIDENTS} customers who stay
  burst    over a thousand connections at once
  flood    during a flood of wrong signatures
  alarms   how much memory the local runtime uses for each object with an alarm`,
};

/** The local runtime keeps every object, with open files, for at least 10 seconds. */
const MAX_PER_SECOND = 40;

function read(values) {
  const number = (name) => {
    const value = Number(values[name]);
    if (!(value > 0)) throw badArgument(command, `--${name} must be a positive number.`);
    return value;
  };
  const names = ["minutes", "rate", "connections", "customers"];
  const [minutes, rate, connections, customers] = names.map(number);
  const comeAndGo = [undefined, "steady"].includes(values.only);
  if (comeAndGo && customers / (minutes * 60) > MAX_PER_SECOND) {
    throw new Stop(
      `The local runtime supports at most ${MAX_PER_SECOND} new customers per second.`,
    );
  }
  const folder = values.folder ?? (existsSync(RAM_DISK) ? RAM_DISK : tmpdir());
  return { minutes, rate, connections, customers, folder };
}

/** The parts: what their progress bars count, and how they run. */
async function partsOf({ minutes, rate, connections, customers }) {
  const { steady } = await import("./load/steady.mjs");
  const { Residents, Traffic } = await import("./load/traffic.mjs");
  const { burst, BURST_ROUNDS } = await import("./load/burst.mjs");
  const { flood, FLOOD_PARTS } = await import("./load/flood.mjs");
  const { alarms, ALARM_SECONDS, WAITING } = await import("./load/alarms.mjs");
  const onSecondOf = (bar) => (second) => bar.update(second);
  const atConstantRate = (who) => ({
    total: Math.ceil(minutes * 60),
    what: "seconds",
    run: (it, bar) => steady(it, { minutes, rate, connections, ...who, onSecond: onSecondOf(bar) }),
  });
  return {
    steady: atConstantRate({ Kind: Traffic, customers }),
    stay: atConstantRate({ Kind: Residents, customers: RESIDENTS }),
    burst: {
      total: BURST_ROUNDS,
      what: "rounds",
      run: (it, bar) => burst(it, { onRound: () => bar.increment() }),
    },
    flood: {
      total: FLOOD_PARTS,
      what: "parts of the flood",
      run: (it, bar) => flood(it, { onPart: () => bar.increment() }),
    },
    alarms: {
      total: ALARM_SECONDS,
      what: "seconds",
      modules: WAITING,
      run: (it, bar) => alarms(it, { onSecond: onSecondOf(bar) }),
    },
  };
}

await main(async () => {
  const { values } = await argumentsOf(command);
  const settings = read(values);
  await setUp();
  await build(worker);
  // Not at the top: the packages may not be installed before the setup has run.
  const { startBar } = await import("../scripts/progress.mjs");
  const { withWorker } = await import("./load/worker.mjs");
  const { print } = await import("./load/report.mjs");
  const parts = await partsOf(settings);
  if (values.only && !Object.hasOwn(parts, values.only))
    throw badArgument(command, `--only must be ${Object.keys(parts).join(", ")}.`);
  const results = {};
  for (const [name, { total, what, modules, run }] of Object.entries(parts)) {
    if (values.only && name !== values.only) continue;
    const bar = startBar(total, what);
    try {
      results[name] = await withWorker(settings.folder, (it) => run(it, bar), { modules });
    } finally {
      bar.stop();
    }
    if (!values.json) print(name, results[name]);
  }
  if (values.json) console.log(JSON.stringify(results, null, 2));
  const wrong = Object.values(results).filter(({ errors }) => errors.count > 0);
  if (wrong.length > 0) throw new Stop("Some responses were incorrect.");
});
