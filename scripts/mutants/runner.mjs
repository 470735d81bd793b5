// Tests the mutants: runs one test program after another with a mutant active, until one fails. All
// mutants are tested with the fast programs first; only those that they miss are tested with the
// simulation.

import { spawn } from "node:child_process";
import { projectEnvironment } from "../project.mjs";
import { VARIABLE } from "./schemata.mjs";

// Limits of processor time, since the machine may be busy. A mutant that exceeds its limit is caught too.
// No program takes a quarter of its limit without a mutant.
const FAST_SECONDS = 60;
const SLOW_SECONDS = 300;

// How the test harness reports a test that failed. One is enough, so the program is stopped then; its own
// option for that is unstable.
const FAILED = "... FAILED";

// Properties run with few cases, because there are many mutants, and counterexamples are neither shrunk
// nor saved.
export const PROPTEST_VARIABLES = {
  PROPTEST_CASES: "16",
  PROPTEST_MAX_SHRINK_ITERS: "0",
  PROPTEST_FAILURE_PERSISTENCE: "off",
};

/** Runs one program with a mutant active: "passes", "fails" or "timed out". */
function runWith(number, { path, folder, slow }) {
  const env = projectEnvironment({
    ...PROPTEST_VARIABLES,
    CARGO_MANIFEST_DIR: folder,
    [VARIABLE]: String(number),
  });
  const limited = `ulimit -t ${slow ? SLOW_SECONDS : FAST_SECONDS}; exec "$@"`;
  const args = ["-c", limited, "sh", path, "--test-threads=1"];
  const child = spawn("sh", args, { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    let hasFailed = false;
    child.stdout.setEncoding("utf8").on("data", (text) => {
      hasFailed ||= text.includes(FAILED);
      if (hasFailed) child.kill("SIGKILL");
    });
    child.on("close", (code, signal) => {
      if (hasFailed) return resolve("fails");
      if (signal === "SIGXCPU" || signal === "SIGKILL") return resolve("timed out");
      resolve(code === 0 ? "passes" : "fails");
    });
  });
}

/** The program that catches a mutant: `{ by, how }`; undefined if none does. */
async function testOne({ number }, programs) {
  for (const program of programs) {
    const how = await runWith(number, program);
    if (how !== "passes") return { by: program.name, how };
  }
  return undefined;
}

/** Tests all mutants, `jobs` at a time: `[{ mutant, caught }]`. `onTested` is called with each result. */
export async function testAll(mutants, programs, { jobs, onTested }) {
  const results = [];
  const waiting = [...mutants];
  const worker = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const result = { mutant, caught: await testOne(mutant, programs) };
      results.push(result);
      onTested(result);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}

/**
 * The first program that fails without a mutant, which would make all results meaningless; else
 * undefined.
 */
export async function failingWithoutMutants(programs) {
  for (const program of programs) {
    if ((await runWith(-1, program)) !== "passes") return program.name;
  }
  return undefined;
}
