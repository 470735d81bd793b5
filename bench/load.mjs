// `npm run load`: the Worker under load, on the local runtime. What it shows is whether it answers
// rightly and keeps its memory and its pace; how fast Cloudflare would be, it can't show.

import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { argumentsOf } from "../scripts/arguments.mjs";
import { build, worker } from "../scripts/build.mjs";
import { main, Stop } from "../scripts/project.mjs";
import { setUp } from "../scripts/setup.mjs";

// Where files cost nothing: on a disk, its time for a commit would be all that is measured.
const RAM_DISK = "/dev/shm";

/** Few enough for the local runtime to have all their objects in memory. */
const RESIDENTS = 60;

const usage = `Usage: npm run load -- [options]

Sends the Worker a mix of deliveries as Kombo would. Any answer but the right one is an error. Parts:

  steady             at a pace for minutes, from customers who come and go
  stay               the same from ${RESIDENTS} customers who stay
  burst              over a thousand connections at once
  flood              beside a flood of wrong signatures
  alarms             what the local runtime itself keeps for each object that waits for an alarm

  --only <part>      one of them
  --minutes <n>      how long each of the first two takes, default 10
  --rate <n>         their deliveries a second, default 150
  --connections <n>  their connections, default 50
  --customers <n>    customers who come and go, default 20000; at most 40 a second
  --folder <path>    where objects are stored meanwhile; default ${RAM_DISK} where there is one
  --json             the figures as JSON`;

const text = { type: "string" };
const options = {
  minutes: { ...text, default: "10" },
  rate: { ...text, default: "150" },
  connections: { ...text, default: "50" },
  customers: { ...text, default: "20000" },
  only: text,
  folder: text,
  json: { type: "boolean" },
};

/** The local runtime keeps files open for every object, and an object for 10 seconds and more. */
const MAX_PER_SECOND = 40;

function read(values) {
  const number = (name) => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Stop(`--${name} takes a number.\n\n${usage}`);
    return value;
  };
  const names = ["minutes", "rate", "connections", "customers"];
  const [minutes, rate, connections, customers] = names.map(number);
  const comeAndGo = [undefined, "steady"].includes(values.only);
  if (comeAndGo && customers / (minutes * 60) > MAX_PER_SECOND) {
    throw new Stop(`The local runtime takes at most ${MAX_PER_SECOND} customers a second.`);
  }
  const folder = values.folder ?? (existsSync(RAM_DISK) ? RAM_DISK : tmpdir());
  return { minutes, rate, connections, customers, folder };
}

/** The parts: what they count beside the bar, and how they run. */
async function partsOf({ minutes, rate, connections, customers }) {
  const { steady } = await import("./load/steady.mjs");
  const { Residents, Traffic } = await import("./load/traffic.mjs");
  const { burst, BURST_ROUNDS } = await import("./load/burst.mjs");
  const { flood, FLOOD_PARTS } = await import("./load/flood.mjs");
  const { alarms, ALARM_SECONDS, WAITING } = await import("./load/alarms.mjs");
  const onSecondOf = (bar) => (second) => bar.update(second);
  const atAPace = (who) => ({
    total: Math.ceil(minutes * 60),
    what: "seconds",
    run: (it, bar) => steady(it, { minutes, rate, connections, ...who, onSecond: onSecondOf(bar) }),
  });
  return {
    steady: atAPace({ Kind: Traffic, customers }),
    stay: atAPace({ Kind: Residents, customers: RESIDENTS }),
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
  const { values } = argumentsOf(usage, options);
  const settings = read(values);
  await setUp();
  await build(worker);
  // Not at the top: the packages may not be installed before the setup has run.
  const { startBar } = await import("../scripts/progress.mjs");
  const { withWorker } = await import("./load/worker.mjs");
  const { print } = await import("./load/report.mjs");
  const parts = await partsOf(settings);
  if (values.only && !Object.hasOwn(parts, values.only)) throw new Stop(usage);
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
  if (wrong.length > 0) throw new Stop("Not every answer was right.");
});
