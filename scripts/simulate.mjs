// `npm run simulate -- --seeds 1000000`: runs the simulation, by default 2,000 seeds; see simulation/.

import { argumentsOf, badArgument } from "./arguments.mjs";
import { run } from "./command.mjs";
import { isStarted, main, projectEnvironment } from "./project.mjs";
import { setUp } from "./setup.mjs";

export const SIMULATION = ["--locked", "--profile", "simulation", "-p", "kombo-edge-simulation"];

/** Runs the simulation. A failure prints the shortest script that breaks a guarantee. */
export const simulate = (options = []) =>
  run("cargo", ["run", "--quiet", ...SIMULATION, "--", ...options], { env: projectEnvironment() });

const command = {
  name: "simulate",
  about:
    "Runs the simulation: the state machines with every fault of the platform and the network.",
  options: {
    seeds: { value: "number", about: "how many seeds; default: 2000" },
    from: { value: "seed", about: "the first one; default: 0" },
    show: { about: "show what happens in the first one, and run nothing" },
  },
};

/** The options of the program, which are the same. */
function programOptions({ seeds, from, show }) {
  const number = (name, value) => {
    if (!/^\d+$/.test(value))
      throw badArgument(command, `--${name} must be a whole number, not "${value}".`);
    return [`--${name}`, value];
  };
  return [
    ...(seeds === undefined ? [] : number("seeds", seeds)),
    ...(from === undefined ? [] : number("from", from)),
    ...(show ? ["--show"] : []),
  ];
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    const options = programOptions((await argumentsOf(command)).values);
    await setUp();
    await simulate(options);
  });
}
