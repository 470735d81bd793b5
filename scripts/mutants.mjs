// `npm run mutants`: mutation testing of the code that .cargo/mutants.toml selects. Each mutant breaks
// one line, which a test or the simulation should catch. cargo-mutants generates the mutants. A single
// build contains all of them (see mutants/schemata.mjs), because a build for each would take hours. Not
// part of `npm test`.

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { argumentsOf, badArgument } from "./arguments.mjs";
import { capture } from "./command.mjs";
import { testSeparately } from "./mutants/separate-builds.mjs";
import { buildTests, insertMutants } from "./mutants/build.mjs";
import { copyProject } from "./mutants/copy.mjs";
import { failingWithoutMutants, testAll } from "./mutants/runner.mjs";
import { cargoTool, inProject, isStarted, main, Stop } from "./project.mjs";
import { installCargoTools, setUp } from "./setup.mjs";

const command = {
  name: "mutants",
  operands: ["[text…]"],
  about: `Tests all mutants that .cargo/mutants.toml selects, or those with one of the texts in their line of the list of cargo-mutants, such as "src/contracts/kombo/signature.rs" or "in Signature::parse".`,
  options: {
    jobs: {
      value: "number",
      about: "how many mutants to test at a time; default: one per processor",
    },
  },
};

const MUTANTS = {
  crate: "cargo-mutants",
  binary: "cargo-mutants",
  // It only works as a subcommand of Cargo.
  subcommand: ["mutants"],
  version: "27.1.0",
};

const folder = inProject("target", "mutants");
const tree = join(folder, "tree");
const missedFile = join(folder, "missed.txt");

function listed(texts) {
  const { ok, output } = capture(cargoTool("cargo-mutants"), ["mutants", "--list", "--json"]);
  if (!ok) throw new Stop(`cargo-mutants could not list the mutants:\n${output}`);
  const all = JSON.parse(output).map((mutant, number) => ({ ...mutant, number }));
  const wanted = ({ name }) => texts.length === 0 || texts.some((text) => name.includes(text));
  return all.filter(wanted);
}

/** Tests all mutants with the fast programs, then those that were missed with the slow ones. */
async function testInTurn(mutants, programs, jobs, onDone) {
  const fast = programs.filter(({ slow }) => !slow);
  const slow = programs.filter((program) => program.slow);
  const onTested = ({ caught }) => caught && onDone();
  const first = await testAll(mutants, fast, { jobs, onTested });
  const left = first.filter(({ caught }) => !caught).map(({ mutant }) => mutant);
  writeFileSync(missedFile, left.map(({ name }) => `${name}\n`).join(""));
  const second = await testAll(left, slow, { jobs, onTested: onDone });
  return [...first.filter(({ caught }) => caught), ...second];
}

function show(results, counts) {
  const by = {};
  for (const { caught } of results) {
    if (caught) by[caught.by] = (by[caught.by] ?? 0) + 1;
  }
  const timedOut = results.filter(({ caught }) => caught?.how === "timed out").length;
  const parts = Object.entries(by).map(([name, count]) => `${name} ${count}`);
  console.log(
    `${counts.all} mutants: ${counts.rejected} do not compile, ` +
      `${counts.all - counts.rejected - counts.missed.length} were caught, ` +
      `${counts.missed.length} were missed.\n` +
      `Caught first by: ${parts.join(", ")}; a separate build ${counts.separate}. ` +
      `${timedOut} timed out.`,
  );
}

/** Builds all mutants together, tests them, and returns the result of each. */
async function testTogether(mutants, jobs) {
  const { startBar } = await import("./progress.mjs");
  copyProject(tree);
  const files = [...new Set(mutants.map(({ file }) => file))];
  const sources = files.map((file) => [file, readFileSync(inProject(file), "utf8")]);
  console.log(`${mutants.length} mutants. Checking which of them compile …`);
  const onRound = (rejected) => console.log(`  ${rejected} do not compile so far`);
  const inserted = await insertMutants(tree, sources, mutants, onRound);
  console.log(`Building the tests with ${inserted.active.length} mutants in them …`);
  const programs = await buildTests(tree);
  const failing = await failingWithoutMutants(programs);
  if (failing) throw new Stop(`${failing} fails without a mutant.`);
  const bar = startBar(inserted.active.length, "mutants");
  const results = await testInTurn(inserted.active, programs, jobs, () => bar.increment());
  bar.stop();
  return { ...inserted, results };
}

async function testMutants() {
  const { values, positionals } = await argumentsOf(command);
  const jobs = Number(values.jobs ?? availableParallelism());
  if (!Number.isInteger(jobs) || jobs < 1)
    throw badArgument(command, `--jobs must be a whole number, not "${values.jobs}".`);
  await setUp();
  await installCargoTools([MUTANTS]);
  const mutants = listed(positionals);
  if (mutants.length === 0) throw new Stop("No mutant matches.");
  const { results, rejected, separate } = await testTogether(mutants, jobs);
  const missedTogether = results.filter(({ caught }) => !caught).map(({ mutant }) => mutant.name);
  for (const name of missedTogether) console.log(`  missed: ${name}`);
  // Written now, because the rest takes long and may be interrupted.
  writeFileSync(missedFile, missedTogether.map((name) => `${name}\n`).join(""));
  const others = await testSeparately(separate, { folder, jobs });
  for (const name of others.missed) console.log(`  missed: ${name}`);
  const missed = [...missedTogether, ...others.missed].sort();
  writeFileSync(missedFile, missed.map((name) => `${name}\n`).join(""));
  show(results, {
    all: mutants.length,
    rejected: rejected.length + others.rejected,
    separate: separate.length - others.missed.length - others.rejected,
    missed,
  });
  if (missed.length > 0) {
    throw new Stop("Write a test that catches each, or say in .cargo/mutants.toml why none can.");
  }
}

if (isStarted(import.meta.url)) await main(testMutants);
