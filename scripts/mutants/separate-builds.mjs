// Tests the mutants that can't be in one build with the others, each in a separate build by
// cargo-mutants.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../command.mjs";
import { cargoTool, projectEnvironment } from "../project.mjs";
import { PROPTEST_VARIABLES } from "./runner.mjs";

// The first build in a copy builds everything. A test that is only slow must not count as one that caught
// a mutant, so the limits are long enough for a busy machine.
const SECONDS = ["--timeout", "300", "--build-timeout", "1800"];

/**
 * Tests them. Returns the names of those that were missed. cargo-mutants writes its lists to `folder`.
 */
export async function testSeparately(mutants, { folder, jobs }) {
  if (mutants.length === 0) return { missed: [], rejected: 0 };
  const names = mutants.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // For mutants that omit a field of a struct, cargo-mutants ignores `--re` but not `--file`, which it
  // only respects without its configuration. Mutants that the configuration excludes are not selected
  // here anyway.
  const files = [...new Set(mutants.map(({ file }) => file))];
  const options = [
    ...["mutants", "--output", folder, "--package", "kombo-edge", "--jobs", String(jobs)],
    ...["--baseline", "skip", "--gitignore", "true", ...SECONDS],
    ...names.flatMap((name) => ["--re", `^${name}$`]),
    ...["--no-config", ...files.flatMap((file) => ["--file", file])],
  ];
  try {
    const env = projectEnvironment(PROPTEST_VARIABLES);
    await run(cargoTool("cargo-mutants"), options, { env, what: "mutants in separate builds" });
  } catch (error) {
    // It exits with 2 or 3 if some were missed or timed out. The lists say which.
    if (!/exit code [23]\b/.test(error.message)) throw error;
  }
  const lines = (name) => {
    const file = join(folder, "mutants.out", `${name}.txt`);
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  };
  return { missed: lines("missed"), rejected: lines("unviable").length };
}
