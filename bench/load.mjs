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

const usage = `Usage: npm run load -- [options]

Sends the Worker a mix of deliveries as Kombo would, in three parts: at a pace for minutes, over a
thousand connections at once, and beside a flood of wrong signatures. Any answer but the right one is
an error.

  --minutes <n>      how long the steady part takes, default 10
  --rate <n>         its deliveries a second, default 150
  --connections <n>  its connections, default 50
  --customers <n>    customers in that time, default 20000; at most 40 a second
  --only <part>      steady, crowd or flood
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
const MOST_A_SECOND = 40;

function read(values) {
  const number = (name) => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Stop(`--${name} takes a number.\n\n${usage}`);
    return value;
  };
  const names = ["minutes", "rate", "connections", "customers"];
  const [minutes, rate, connections, customers] = names.map(number);
  if (customers / (minutes * 60) > MOST_A_SECOND) {
    throw new Stop(`The local runtime takes at most ${MOST_A_SECOND} customers a second.`);
  }
  const folder = values.folder ?? (existsSync(RAM_DISK) ? RAM_DISK : tmpdir());
  return { minutes, rate, connections, customers, folder };
}

/** The parts: what they count beside the bar, and how they run. */
async function partsOf({ minutes, rate, connections, customers }) {
  const { steady } = await import("./load/steady.mjs");
  const { crowd, CROWD_ROUNDS } = await import("./load/crowd.mjs");
  const { flood, FLOOD_PARTS } = await import("./load/flood.mjs");
  return {
    steady: {
      total: Math.ceil(minutes * 60),
      what: "seconds",
      run: (it, bar) => {
        const onSecond = (second) => bar.update(second);
        return steady(it, { minutes, rate, connections, customers, onSecond });
      },
    },
    crowd: {
      total: CROWD_ROUNDS,
      what: "rounds",
      run: (it, bar) => crowd(it, { onRound: () => bar.increment() }),
    },
    flood: {
      total: FLOOD_PARTS,
      what: "parts of the flood",
      run: (it, bar) => flood(it, { onPart: () => bar.increment() }),
    },
  };
}

await main(async () => {
  const { values } = argumentsOf(usage, options);
  const settings = read(values);
  await setUp();
  await build(worker);
  // Not at the top: before the set-up has run, the packages may not be there.
  const { startBar } = await import("../scripts/progress.mjs");
  const { withWorker } = await import("./load/worker.mjs");
  const { print } = await import("./load/report.mjs");
  const parts = await partsOf(settings);
  if (values.only && !Object.hasOwn(parts, values.only)) throw new Stop(usage);
  const results = {};
  for (const [name, { total, what, run }] of Object.entries(parts)) {
    if (values.only && name !== values.only) continue;
    const bar = startBar(total, what);
    try {
      results[name] = await withWorker(settings.folder, (it) => run(it, bar));
    } finally {
      bar.stop();
    }
    if (!values.json) print(name, results[name]);
  }
  if (values.json) console.log(JSON.stringify(results, null, 2));
  const wrong = Object.values(results).filter(({ errors }) => errors.count > 0);
  if (wrong.length > 0) throw new Stop("Not every answer was right.");
});
