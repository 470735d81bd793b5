// Tries the mutants: runs the tests with one alive, program after program, until one fails. First all
// mutants with the tests that take seconds, then what these missed with the simulation.

import { spawn } from "node:child_process";
import { projectEnvironment } from "../project.mjs";
import { VARIABLE } from "./schemata.mjs";

// What never ends has been noticed too. Seconds of the processor, because the machine may be busy; no
// program takes a quarter of that without a mutant.
const QUICK_SECONDS = 20;
const SLOW_SECONDS = 300;

// One test that fails is enough. A property is tried with few cases each time, for there are many
// mutants; and a counterexample is neither made smaller nor kept.
const UNTIL_ONE_FAILS = ["-Zunstable-options", "--fail-fast", "--test-threads=1"];
export const PROPTEST_VARIABLES = {
  PROPTEST_CASES: "16",
  PROPTEST_MAX_SHRINK_ITERS: "0",
  PROPTEST_FAILURE_PERSISTENCE: "off",
};

/** Runs one program with a mutant alive: "passes", "fails" or "never ends". */
function runWith(number, { path, folder, slow }) {
  const env = projectEnvironment({
    ...PROPTEST_VARIABLES,
    CARGO_MANIFEST_DIR: folder,
    [VARIABLE]: String(number),
  });
  const limited = `ulimit -t ${slow ? SLOW_SECONDS : QUICK_SECONDS}; exec "$@"`;
  const args = ["-c", limited, "sh", path, ...UNTIL_ONE_FAILS];
  const child = spawn("sh", args, { cwd: folder, env, stdio: "ignore" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGXCPU" || signal === "SIGKILL") return resolve("never ends");
      resolve(code === 0 ? "passes" : "fails");
    });
  });
}

/** The program that notices a mutant: `{ by, how }`, undefined where none does. */
async function tryOne({ number }, programs) {
  for (const program of programs) {
    const how = await runWith(number, program);
    if (how !== "passes") return { by: program.name, how };
  }
  return undefined;
}

/** Tries all, `jobs` at a time: `[{ mutant, noticed }]`. `onTried` is called with each. */
export async function tryAll(mutants, programs, { jobs, onTried }) {
  const results = [];
  const waiting = [...mutants];
  const work = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const result = { mutant, noticed: await tryOne(mutant, programs) };
      results.push(result);
      onTried(result);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

/** Whether the tests pass while no mutant is alive: without that nothing is shown. */
export async function passWithoutMutants(programs) {
  for (const program of programs) {
    if ((await runWith(-1, program)) !== "passes") return program.name;
  }
  return undefined;
}
