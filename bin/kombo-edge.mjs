#!/usr/bin/env node
// The program `kombo-edge`: starts it under a Node that is new enough. The commands are in
// scripts/program.mjs, which is loaded after that.

import "../scripts/node-version.cjs";
import { main } from "../scripts/project.mjs";

let failure = 1;

await main(
  async () => {
    // In a fresh clone nothing is installed yet.
    const { installPackages } = await import("../scripts/packages.mjs");
    await installPackages();
    const { failureOf, runProgram } = await import("../scripts/program.mjs");
    const args = process.argv.slice(2);
    failure = failureOf(args);
    await runProgram(args);
  },
  () => failure,
);
