// `npm run mutants`: breaks each line that decides, one at a time, and sees whether a test or the
// simulation notices. cargo-mutants makes the mutants, of what .cargo/mutants.toml names; one build
// holds them all (see mutants/schemata.mjs), because a build for each would take hours. `npm test`
// leaves it out.

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { argumentsOf } from "./arguments.mjs";
import { capture } from "./command.mjs";
import { tryAlone } from "./mutants/separate-builds.mjs";
import { buildTests, plantWhatCompiles } from "./mutants/build.mjs";
import { copyProject } from "./mutants/copy.mjs";
import { passWithoutMutants, tryAll } from "./mutants/runner.mjs";
import { cargoTool, inProject, isStarted, main, Stop } from "./project.mjs";
import { installCargoTools, setUp } from "./setup.mjs";

const USAGE = `Usage: npm run mutants -- [options] [text…]

  --jobs N     how many run at a time; default: one per processor
  --help       show this text

Mutants: all that .cargo/mutants.toml selects, or those whose line in the list of cargo-mutants contains
one of the texts, such as "src/contracts/kombo/signature.rs" or "in Signature::parse".`;

const MUTANTS = {
  crate: "cargo-mutants",
  binary: "cargo-mutants",
  // It knows itself only as a subcommand of Cargo.
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

/** With the quick programs all, with the slow ones those that are left. */
async function tryInTurn(mutants, programs, jobs, onDone) {
  const quick = programs.filter(({ slow }) => !slow);
  const slow = programs.filter((program) => program.slow);
  const onTried = ({ noticed }) => noticed && onDone();
  const first = await tryAll(mutants, quick, { jobs, onTried });
  const left = first.filter(({ noticed }) => !noticed).map(({ mutant }) => mutant);
  writeFileSync(missedFile, left.map(({ name }) => `${name}\n`).join(""));
  const second = await tryAll(left, slow, { jobs, onTried: onDone });
  return [...first.filter(({ noticed }) => noticed), ...second];
}

function show(results, counts) {
  const by = {};
  for (const { noticed } of results) {
    if (noticed) by[noticed.by] = (by[noticed.by] ?? 0) + 1;
  }
  const endless = results.filter(({ noticed }) => noticed?.how === "never ends").length;
  const parts = Object.entries(by).map(([name, count]) => `${name} ${count}`);
  console.log(
    `${counts.all} mutants: ${counts.refused} do not compile, ` +
      `${counts.all - counts.refused - counts.missed.length} were noticed, ` +
      `${counts.missed.length} were missed.\n` +
      `The first to notice: ${parts.join(", ")}; a build of its own ${counts.alone}. ` +
      `${endless} never ended.`,
  );
}

/** Plants and tries them all; gives back what each came to. */
async function tryPlanted(mutants, jobs) {
  const { startBar } = await import("./progress.mjs");
  copyProject(tree);
  const files = [...new Set(mutants.map(({ file }) => file))];
  const sources = files.map((file) => [file, readFileSync(inProject(file), "utf8")]);
  console.log(`${mutants.length} mutants; the compiler says which of them compile …`);
  const told = (refused) => console.log(`  ${refused} do not so far`);
  const planted = await plantWhatCompiles(tree, sources, mutants, told);
  console.log(`Building the tests with ${planted.standing.length} mutants in them …`);
  const programs = await buildTests(tree);
  const red = await passWithoutMutants(programs);
  if (red) throw new Stop(`${red} fails without a mutant.`);
  const bar = startBar(planted.standing.length, "mutants");
  const results = await tryInTurn(planted.standing, programs, jobs, () => bar.increment());
  bar.stop();
  return { ...planted, results };
}

async function tryMutants() {
  const options = { jobs: { type: "string" } };
  const { values, positionals } = argumentsOf(USAGE, options, { maxPositionals: Infinity });
  const jobs = Number(values.jobs ?? availableParallelism());
  if (!Number.isInteger(jobs) || jobs < 1) throw new Stop(USAGE);
  await setUp();
  await installCargoTools([MUTANTS]);
  const mutants = listed(positionals);
  if (mutants.length === 0) throw new Stop("No mutant is so called.");
  const { results, refused, alone } = await tryPlanted(mutants, jobs);
  const unnoticed = results.filter(({ noticed }) => !noticed).map(({ mutant }) => mutant.name);
  for (const name of unnoticed) console.log(`  missed: ${name}`);
  // What is known is not lost, should the rest be interrupted: it takes long.
  writeFileSync(missedFile, unnoticed.map((name) => `${name}\n`).join(""));
  const byThemselves = await tryAlone(alone, { folder, jobs });
  for (const name of byThemselves.missed) console.log(`  missed: ${name}`);
  const missed = [...unnoticed, ...byThemselves.missed].sort();
  writeFileSync(missedFile, missed.map((name) => `${name}\n`).join(""));
  show(results, {
    all: mutants.length,
    refused: refused.length + byThemselves.refused,
    alone: alone.length - byThemselves.missed.length - byThemselves.refused,
    missed,
  });
  if (missed.length > 0) {
    throw new Stop("Write a test that notices each, or say in .cargo/mutants.toml why none can.");
  }
}

if (isStarted(import.meta.url)) await main(tryMutants);
