// `npm run simulate -- --seeds 1000000`: runs the simulation, by default 2,000 seeds; see simulation/.
// The options are those of the program: `npm run simulate -- --help`.

import { run } from "./command.mjs";
import { isStarted, main, projectEnvironment } from "./project.mjs";
import { setUp } from "./setup.mjs";

export const SIMULATION = ["--locked", "--profile", "simulation", "-p", "kombo-edge-simulation"];

/** Runs the simulation. A failure prints the shortest script that breaks a guarantee. */
export const simulate = (options = []) =>
  run("cargo", ["run", "--quiet", ...SIMULATION, "--", ...options], { env: projectEnvironment() });

if (isStarted(import.meta.url)) {
  await main(async () => {
    await setUp();
    await simulate(process.argv.slice(2));
  });
}
