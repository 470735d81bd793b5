// `npm run fuzz`: runs the fuzz targets one after another, for ten seconds each; fuzz/src describes what
// each checks. `npm test` only compiles them: only this command installs what is required to run them. It
// stops at the first input that fails, which it leaves in fuzz/artifacts/.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { argumentsOf, badArgument } from "./arguments.mjs";
import { run } from "./command.mjs";
import { keepBest } from "./fuzz-corpus.mjs";
import {
  cargoTool,
  inProject,
  isStarted,
  main,
  projectEnvironment,
  root,
  Stop,
} from "./project.mjs";
import { installCargoTools, setUp } from "./setup.mjs";

const command = {
  name: "fuzz",
  operands: ["[target…]"],
  about: "Runs the fuzz targets in fuzz/fuzz_targets one after another; default: all.",
  options: {
    seconds: { value: "number", about: "how long each target runs; default: 10", default: "10" },
    minimize: {
      about: "replace fuzz/corpus by the few inputs found that together cover the most code",
    },
  },
};

const FUZZER = { crate: "cargo-fuzz", binary: "cargo-fuzz", version: "0.13.2" };

// The code is safe Rust, in which an address sanitizer finds nothing and only costs time.
const SANITIZER = ["--sanitizer", "none"];

// An input that takes longer hangs. A longer input finds nothing that a shorter one does not.
const HANGS_AFTER_SECONDS = 10;
const MAX_INPUT_BYTES = 4096;

const inFuzz = (...parts) => inProject("fuzz", ...parts);
const foundInputs = (target) => inFuzz("target", "found", target);
const corpus = (target) => inFuzz("corpus", target);

const targets = () =>
  readdirSync(inFuzz("fuzz_targets"))
    .map((file) => file.replace(/\.rs$/, ""))
    .sort();

function chosenTargets(named) {
  const all = targets();
  const unknown = named.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new Stop(`Unknown target: ${unknown.join(", ")}. Known targets: ${all.join(", ")}`);
  return named.length > 0 ? named : all;
}

/** Checks the formatting and lints of fuzz/, a separate workspace that shares modules with the tests. */
export async function lintFuzzing() {
  const manifest = ["--manifest-path", inFuzz("Cargo.toml")];
  await run("cargo", ["fmt", "--check", ...manifest]);
  await run("cargo", ["clippy", "--locked", ...manifest, "--all-targets", "--", "-D", "warnings"]);
}

const fuzz = (command, ...rest) => [cargoTool("cargo-fuzz"), [command, ...SANITIZER, ...rest]];

function options(target, seconds) {
  const dictionary = inFuzz("dictionaries", `${target}.dict`);
  return [
    `-max_total_time=${seconds}`,
    `-max_len=${MAX_INPUT_BYTES}`,
    `-timeout=${HANGS_AFTER_SECONDS}`,
    "-print_final_stats=1",
    ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
  ];
}

/**
 * Runs one target and returns its statistics. If an input fails, rejects with a Stop that names it. The
 * inputs that it finds are kept with the build, and the corpus is not changed.
 */
async function runTarget(target, seconds) {
  mkdirSync(foundInputs(target), { recursive: true });
  mkdirSync(corpus(target), { recursive: true });
  const corpora = [foundInputs(target), corpus(target)];
  const [program, args] = fuzz("run", target, ...corpora, "--", ...options(target, seconds));
  const { code, signal, lines } = await outputOf(program, args);
  const number = (name) => Number(lastMatch(lines, new RegExp(`stat::${name}:\\s+(\\d+)`)) ?? 0);
  if (code !== 0) throw new Stop(failure(target, lines, signal ?? `exit code ${code}`));
  return {
    target,
    executions: number("number_of_executed_units"),
    speed: number("average_exec_per_sec"),
    coverage: Number(lastMatch(lines, /cov: (\d+)/) ?? 0),
    inputs: Number(lastMatch(lines, /corp: (\d+)/) ?? 0),
  };
}

function failure(target, lines, how) {
  const input = lastMatch(lines, /Test unit written to (\S+)/);
  const panic = lines.findIndex((line) => line.includes("panicked at"));
  const what = panic < 0 ? lines.slice(-20) : lines.slice(panic, panic + 4);
  const shown = what.map((line) => `  ${line.slice(0, 2_000)}`).join("\n");
  if (!input) return `${target} failed (${how}):\n${shown}`;
  const command = `.tools/bin/cargo-fuzz run ${SANITIZER.join(" ")} ${target} ${input}`;
  return `${target} failed:\n${shown}\n\nInput:     ${input}\nReproduce: ${command}`;
}

const lastMatch = (lines, pattern) =>
  lines.findLast((line) => pattern.test(line))?.match(pattern)[1];

/** Runs a program without showing its output. Resolves to its exit code and its lines on stderr. */
function outputOf(program, args) {
  const env = projectEnvironment({ RUST_BACKTRACE: "0" });
  const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
  const lines = [];
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Stop(`${program} did not start: ${error.message}`)));
    child.on("close", (code, signal) => resolve({ code, signal, lines }));
  });
}

// Inputs are compared by what they cover, not by how often. The folder with the result of the merge is
// not used, since its control file has more information.
async function minimize(target) {
  const merged = inFuzz("target", "merged", target);
  const controlFile = `${merged}.control`;
  rmSync(merged, { recursive: true, force: true });
  rmSync(controlFile, { force: true });
  mkdirSync(merged, { recursive: true });
  const merge = ["-set_cover_merge=1", `-merge_control_file=${controlFile}`, "-use_counters=0"];
  const all = [merged, corpus(target), foundInputs(target)];
  const [program, args] = fuzz(
    "run",
    target,
    ...all,
    "--",
    ...merge,
    `-max_len=${MAX_INPUT_BYTES}`,
  );
  const { code, lines } = await outputOf(program, args);
  if (code !== 0) throw new Stop(failure(target, lines, `exit code ${code}`));
  console.log(`${target}: ${keepBest(controlFile, corpus(target))} inputs in its corpus.`);
}

function show(results) {
  const rows = results.map(({ target, executions, speed, coverage, inputs }) => [
    target,
    ...[executions, speed, coverage, inputs].map((number) => number.toLocaleString("en")),
  ]);
  const titles = ["target", "executions", "per second", "edges covered", "inputs"];
  for (const [name, ...cells] of [titles, ...rows]) {
    console.log(name.padEnd(16) + cells.map((cell) => cell.padStart(14)).join(""));
  }
}

async function fuzzAll() {
  const { values, positionals } = await argumentsOf(command);
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw badArgument(command, `--seconds must be a whole number, not "${values.seconds}".`);
  const chosen = chosenTargets(positionals);
  await setUp();
  await installCargoTools([FUZZER]);
  await lintFuzzing();
  await run(...fuzz("build"), { what: "building the fuzz targets" });
  const results = [];
  try {
    for (const target of chosen) {
      console.log(`${target} for ${seconds} s …`);
      results.push(await runTarget(target, seconds));
      if (values.minimize) await minimize(target);
    }
  } finally {
    if (results.length > 0) show(results);
  }
}

if (isStarted(import.meta.url)) await main(fuzzAll);
