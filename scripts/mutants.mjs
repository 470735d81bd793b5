// `npm run mutants`: breaks each line that decides, one at a time, and sees whether a test or the
// simulation notices. cargo-mutants makes the mutants, of what .cargo/mutants.toml names; one build
// holds them all (see mutants/planting.mjs), because a build for each would take hours. `npm test`
// leaves it out.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { argumentsOf } from "./arguments.mjs";
import { ask, run } from "./command.mjs";
import { buildTests, plantWhatCompiles } from "./mutants/building.mjs";
import { passWithoutMutants, tryAll } from "./mutants/trying.mjs";
import { cargoTool, inProject, isStarted, main, projectEnvironment, Stop } from "./project.mjs";
import { installCargoTools, setUp } from "./setup.mjs";

const USAGE = `Usage: npm run mutants -- [options] [text…]

  --jobs N     how many at a time; default: one for each processor
  --help       this text

Mutants: all of what .cargo/mutants.toml names, or those whose line in the list of cargo-mutants holds
one of the texts, such as "src/signature.rs" or "in Signature::parse".`;

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

/** A copy of what git knows, as it is now, in which nothing is built that no host test needs. */
function copyTree() {
  // The build of the last time stays.
  for (const part of ["src", "tests", "simulation"])
    rmSync(join(tree, part), { recursive: true, force: true });
  const { output } = ask("git", ["ls-files", "--cached", "--others", "--exclude-standard"]);
  for (const file of output.split("\n").filter((name) => existsSync(inProject(name)))) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(inProject(file), join(tree, file));
  }
  const manifest = join(tree, "Cargo.toml");
  const text = readFileSync(manifest, "utf8");
  const forHost = text.replace('crate-type = ["cdylib", "rlib"]', 'crate-type = ["rlib"]');
  if (forHost === text) throw new Stop("Cargo.toml no longer says what this script replaces.");
  writeFileSync(manifest, forHost);
}

function listed(texts) {
  const { ok, output } = ask(cargoTool("cargo-mutants"), ["mutants", "--list", "--json"]);
  if (!ok) throw new Stop(`cargo-mutants could not list the mutants:\n${output}`);
  const all = JSON.parse(output).map((mutant, number) => ({ ...mutant, number }));
  const wanted = ({ name }) => texts.length === 0 || texts.some((text) => name.includes(text));
  return all.filter(wanted);
}

/** Those that can't stand beside others, each in a build of its own: the names that were missed. */
async function tryAlone(mutants, jobs) {
  const names = mutants.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const options = [
    ...["mutants", "--output", folder, "--package", "kombo-edge", "--jobs", String(jobs)],
    ...["--baseline", "skip", "--timeout", "120", "--build-timeout", "1800", "--gitignore", "true"],
    ...names.flatMap((name) => ["--re", `^${name}$`]),
  ];
  try {
    await run(cargoTool("cargo-mutants"), options, { what: "those that stand alone" });
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

async function tryMutants() {
  const { values, positionals } = argumentsOf(
    USAGE,
    { jobs: { type: "string" } },
    { most: Infinity },
  );
  const jobs = Number(values.jobs ?? availableParallelism());
  if (!Number.isInteger(jobs) || jobs < 1) throw new Stop(USAGE);
  await setUp();
  await installCargoTools([MUTANTS]);
  const { startBar } = await import("./progress.mjs");
  const mutants = listed(positionals);
  if (mutants.length === 0) throw new Stop("No mutant is so called.");
  copyTree();
  const files = [...new Set(mutants.map(({ file }) => file))];
  const sources = files.map((file) => [file, readFileSync(inProject(file), "utf8")]);
  console.log(`${mutants.length} mutants; the compiler says which of them compile …`);
  const told = (refused) => console.log(`  ${refused} do not so far`);
  const { standing, refused, alone } = await plantWhatCompiles(tree, sources, mutants, told);
  console.log(`Building the tests with ${standing.length} mutants in them …`);
  const programs = await buildTests(tree);
  const red = await passWithoutMutants(programs);
  if (red) throw new Stop(`${red} fails without a mutant.`);
  const bar = startBar(standing.length, "mutants");
  const results = await tryInTurn(standing, programs, jobs, () => bar.increment());
  bar.stop();
  const byThemselves = alone.length > 0 ? await tryAlone(alone, jobs) : { missed: [], refused: 0 };
  const missed = [
    ...results.filter(({ noticed }) => !noticed).map(({ mutant }) => mutant.name),
    ...byThemselves.missed,
  ].sort();
  writeFileSync(missedFile, missed.map((name) => `${name}\n`).join(""));
  for (const name of missed) console.log(`  missed: ${name}`);
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
