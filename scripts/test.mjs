// `npm test`: all checks that must pass before a change is merged, the cheap ones first. It stops at the
// first failure, and prints the command that repeats only the failed step. `--only host` runs the host
// tests. `--only runtime` builds the Workers and tests them on the real runtime; file names after it
// select some of those tests, and skip the other steps after them.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { argumentsOf, badArgument } from "./arguments.mjs";
import { checkBoundaries } from "./boundaries.mjs";
import { build, developmentWorker, worker, workerWithForcedPanics } from "./build.mjs";
import { run } from "./command.mjs";
import { testClients } from "./clients.mjs";
import { checkContract } from "./contract.mjs";
import { prettier } from "./format.mjs";
import { lintFuzzing } from "./fuzz.mjs";
import { cargoTool, inProject, main, projectEnvironment, python, Stop } from "./project.mjs";
import { release } from "./release.mjs";
import { reproduce } from "./reproduce.mjs";
import { testApi } from "./schemathesis.mjs";
import { setUp } from "./setup.mjs";
import { SIMULATION, simulate } from "./simulate.mjs";

const command = {
  name: "test",
  operands: ["[test file…]"],
  about: `Runs all checks that must pass before a change is merged. It stops at the first failure, and prints the command that repeats the failed step.`,
  options: {
    only: {
      value: "group",
      about: `"host", or "runtime": builds the Workers and tests them on the real runtime; file names select some of those tests`,
    },
  },
};

/** The files of runtime tests that were named. */
let files = [];

const strictly = ["--", "-D", "warnings"];
const wasm = ["--target", "wasm32-unknown-unknown"];

const steps = [
  {
    name: "setup",
    always: true,
    again: "node scripts/setup.mjs",
    do: () => setUp({ forTests: true }),
  },
  {
    name: "formatting of JavaScript, TypeScript, JSON and YAML",
    again: "npm run format",
    do: () => run(...prettier("--check")),
  },
  cargo("formatting of Rust", ["fmt", "--all", "--check"]),
  {
    name: "layers, platform only in src/cloudflare/, secrets compared in constant time",
    again: "node scripts/boundaries.mjs",
    do: checkBoundaries,
  },
  {
    name: "contract",
    again: "npm run contract",
    do: checkContract,
  },
  {
    name: "clients generated from the contract",
    again: "node scripts/clients.mjs",
    do: testClients,
  },
  {
    name: "licenses, versions and sources of crates",
    again: ".tools/bin/cargo-deny --locked check bans licenses sources",
    do: () =>
      run(cargoTool("cargo-deny"), ["--locked", "check", "bans", "licenses", "sources"], {
        env: projectEnvironment({}),
      }),
  },
  cargo("lints, host", ["clippy", "--locked", "--workspace", "--all-targets", ...strictly]),
  cargo("lints, WebAssembly", ["clippy", "--locked", ...wasm, ...strictly]),
  cargo("lints, WebAssembly, development build", [
    ...["clippy", "--locked", "--features", "development", ...wasm, ...strictly],
  ]),
  {
    name: "formatting and lints of the fuzz targets",
    again: "npm run fuzz",
    do: lintFuzzing,
  },
  cargo("documentation", ["doc", "--locked", "--no-deps", "--document-private-items"], {
    RUSTDOCFLAGS: "-D warnings",
  }),
  cargo("host tests", ["test", "--locked"], {}, "host"),
  cargo("the simulation detects broken code", ["test", ...SIMULATION], {}, "host"),
  {
    name: "simulation, 2,000 seeds",
    group: "host",
    again: "npm run simulate",
    do: () => simulate(),
  },
  {
    name: "Slack's own classes accept the messages",
    group: "host",
    again: ".tools/python/bin/python scripts/slack-sdk.py target/tmp/slack-messages.ndjson",
    do: () =>
      run(join(python, "bin", "python"), [
        inProject("scripts", "slack-sdk.py"),
        inProject("target", "tmp", "slack-messages.ndjson"),
      ]),
  },
  {
    name: "build",
    group: "runtime",
    again: "npm run build",
    do: () => build(worker),
  },
  {
    name: "development build",
    group: "runtime",
    again: "npm run build -- --development",
    do: () => build(developmentWorker),
  },
  {
    name: "build with forced panics",
    group: "runtime",
    again: "npm run build -- --forced-panics",
    do: () => build(workerWithForcedPanics),
  },
  {
    name: "packages, and the files of a release",
    group: "runtime",
    again: "npm run release",
    do: () => release(),
  },
  {
    name: "tests on the real runtime",
    group: "runtime",
    again: "npm run test:runtime",
    do: () => run("node", ["--test", "--test-reporter=spec", ...runtimeTests()]),
  },
  {
    name: "the Worker has the same bytes when it is built in another folder, by another user",
    group: "runtime",
    unlessChosen: true,
    again: "node scripts/reproduce.mjs",
    do: reproduce,
  },
  {
    name: "the API keeps its contract",
    group: "runtime",
    unlessChosen: true,
    again: "node scripts/schemathesis.mjs",
    do: testApi,
  },
];

function cargo(name, args, variables = {}, group = undefined) {
  const prefix = Object.entries(variables).map(([key, value]) => `${key}="${value}" `);
  return {
    name,
    group,
    again: `${prefix.join("")}cargo ${args.join(" ")}`,
    do: () => run("cargo", args, { env: projectEnvironment(variables) }),
  };
}

function runtimeTests() {
  if (files.length > 0) return files;
  const all = readdirSync(inProject("tests")).filter((name) => name.endsWith(".test.mjs"));
  if (all.length === 0) throw new Stop("No tests/*.test.mjs found: nothing was tested.");
  return all.sort().map((name) => join("tests", name));
}

const duration = (since) => {
  const seconds = (Date.now() - since) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
};

await main(async () => {
  const { values, positionals } = await argumentsOf(command);
  files = positionals;
  const chosen = steps.filter(
    ({ always, group, unlessChosen }) =>
      (always || !values.only || group === values.only) && !(unlessChosen && files.length > 0),
  );
  if (chosen.length === 1)
    throw badArgument(command, `--only must be "host" or "runtime", not "${values.only}".`);

  const began = Date.now();
  for (const [index, step] of chosen.entries()) {
    const since = Date.now();
    console.log(`\n[${index + 1}/${chosen.length}] ${step.name}`);
    try {
      await step.do();
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      throw new Stop(
        `${error.message}\n\n✗ ${step.name} failed after ${duration(since)}. ` +
          `This step alone: ${step.again}`,
      );
    }
    console.log(`✓ ${step.name}, ${duration(since)}`);
  }
  console.log(`\nAll ${chosen.length} steps passed in ${duration(began)}.`);
});
