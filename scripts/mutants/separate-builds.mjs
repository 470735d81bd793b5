// Tries mutants that can't stand beside others, as cargo-mutants does it: each in a build of its own.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../command.mjs";
import { cargoTool, projectEnvironment } from "../project.mjs";
import { PROPTEST_VARIABLES } from "./runner.mjs";

// The first build in a copy is one of everything. A test that only takes long must not count as one
// that noticed, so there is time enough on a machine that is busy, too.
const SECONDS = ["--timeout", "300", "--build-timeout", "1800"];

/** Tries them; leaves cargo-mutants' own lists in `folder`. Gives back the names that were missed. */
export async function tryAlone(mutants, { folder, jobs }) {
  if (mutants.length === 0) return { missed: [], refused: 0 };
  const names = mutants.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // Where a field is left out of a struct it heeds no name, but the files; and these only where the
  // configuration names none. What that excludes is not among the mutants.
  const files = [...new Set(mutants.map(({ file }) => file))];
  const options = [
    ...["mutants", "--output", folder, "--package", "kombo-edge", "--jobs", String(jobs)],
    ...["--baseline", "skip", "--gitignore", "true", ...SECONDS],
    ...names.flatMap((name) => ["--re", `^${name}$`]),
    ...["--no-config", ...files.flatMap((file) => ["--file", file])],
  ];
  try {
    const env = projectEnvironment(PROPTEST_VARIABLES);
    await run(cargoTool("cargo-mutants"), options, { env, what: "those that stand alone" });
  } catch (error) {
    // It exits with 2 or 3 where some were missed or never ended: the lists say which.
    if (!/exit code [23]\b/.test(error.message)) throw error;
  }
  const lines = (name) => {
    const file = join(folder, "mutants.out", `${name}.txt`);
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  };
  return { missed: lines("missed"), refused: lines("unviable").length };
}
