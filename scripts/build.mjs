// Builds the Worker: build/index.js and build/index_bg.wasm. A build whose inputs are those of the
// last one is skipped. `--forced-panics` builds a second Worker into build-panics/,
// in which the tests can cause a panic; it is never deployed.

import { createRequire } from "node:module";
import { accessSync, constants, existsSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { parseArgs } from "node:util";
import { run } from "./command.mjs";
import { fingerprintOfInputs, isUpToDate, markBuilt } from "./fingerprint.mjs";
import { cargoTool, cargoTools, inProject, isStarted, lockedCrate, main } from "./project.mjs";
import { projectEnvironment, Stop, tools } from "./project.mjs";
import { setUp } from "./setup.mjs";

export const worker = { directory: "build", features: [] };
export const workerWithForcedPanics = { directory: "build-panics", features: ["forced-panics"] };

const MODULE_FILES = ["index.js", "index_bg.wasm"];

// Far below the platform's limit of 3 MB: growth should be noticed.
const LARGEST_GZIPPED_KIB = 225;

// What the runtime is known to take; left to itself, binaryen also uses encodings that it refuses.
const WASM_FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
];

const COMPILER_FLAGS = [
  // Nobody prints a value for developers in production, and what can't be printed can't leak.
  "-Zfmt-debug=none",
  "-Zlocation-detail=file,line",
  // What is longer than one number is moved by one instruction, not by a load and a store for each.
  "-Cllvm-args=-max-store-memcpy=1",
];

/** Builds one of the two Workers; the set-up has to have run. */
export async function build({ directory, features }) {
  const outputs = MODULE_FILES.map((file) => inProject(directory, file));
  const inputs = fingerprintOfInputs();
  if (isUpToDate(directory, inputs, outputs)) {
    console.log(`${directory}/ is up to date.`);
  } else {
    checkWasmBindgenVersion();
    const cargoArguments = ["--locked", ...features.flatMap((name) => ["--features", name])];
    await run(
      cargoTool("worker-build"),
      ["--release", "--out-dir", directory, "--", ...cargoArguments],
      { env: buildEnvironment(), what: `building ${directory}/` },
    );
    await optimizeAgain(directory);
    for (const file of outputs) {
      if (!existsSync(file)) throw new Stop(`worker-build ended well but left no ${file}.`);
    }
    markBuilt(directory, inputs, outputs);
  }
  checkSize(directory, outputs);
}

// worker-build keeps the names of functions whatever it is told. The log names a panic by its place in
// the source, so a third of the module would serve nobody. A second round of optimizing takes another
// twentieth; a third one nothing.
async function optimizeAgain(directory) {
  const module = inProject(directory, "index_bg.wasm");
  const { WASM_OPT_BIN } = buildEnvironment();
  const features = WASM_FEATURES.map((name) => `--enable-${name}`);
  const oneCaller = "--one-caller-inline-max-function-size=1"; // see Cargo.toml
  const passes = ["-Oz", oneCaller, "--strip-debug", "--strip-producers"];
  const what = "optimizing the module again";
  await run(WASM_OPT_BIN, [module, ...features, ...passes, "-o", module], { what });
}

function checkWasmBindgenVersion() {
  const { version } = cargoTools.find(({ binary }) => binary === "wasm-bindgen");
  if (!existsSync(inProject("Cargo.lock"))) {
    throw new Stop("There is no Cargo.lock. It belongs into git; `cargo update` makes a new one.");
  }
  const locked = lockedCrate("wasm-bindgen");
  if (locked === version) return;
  throw new Stop(
    `Cargo.lock has wasm-bindgen ${locked ?? "(none)"}, but its command line tool is ${version}.\n` +
      "Both have to be equal: pin the crate in Cargo.toml, or change cargoTools in scripts/project.mjs.",
  );
}

// Where a variable names a file that isn't there, worker-build warns and downloads one instead. So
// each is checked here, and its cache is a folder of the project, in which nothing should appear.
function buildEnvironment() {
  const resolve = createRequire(import.meta.url).resolve;
  const esbuild = `@esbuild/${process.platform}-${process.arch}/bin/esbuild`;
  const programs = {
    WASM_BINDGEN_BIN: () => cargoTool("wasm-bindgen"),
    WASM_OPT_BIN: () => resolve("binaryen/bin/wasm-opt"),
    ESBUILD_BIN: () => resolve(esbuild),
  };
  const found = {};
  for (const [variable, locate] of Object.entries(programs)) {
    try {
      found[variable] = locate();
      accessSync(found[variable], constants.X_OK);
    } catch (error) {
      throw new Stop(`The program for ${variable} is not there: ${error.message}`);
    }
  }
  return projectEnvironment({
    ...found,
    RUSTFLAGS: [process.env.RUSTFLAGS ?? "", ...COMPILER_FLAGS].join(" "),
    XDG_CACHE_HOME: `${tools}/cache`,
    // The standard library is compiled too, because it can then be small.
    CARGO_UNSTABLE_BUILD_STD: "std,panic_abort",
    CARGO_UNSTABLE_BUILD_STD_FEATURES: "optimize_for_size",
  });
}

function checkSize(directory, outputs) {
  const contents = outputs.map((file) => readFileSync(file));
  const raw = contents.reduce((sum, bytes) => sum + bytes.length, 0);
  const gzipped = contents.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0);
  const kib = (bytes) => (bytes / 1024).toFixed(1);
  console.log(
    `${directory}/: ${kib(raw)} KiB, ${kib(gzipped)} KiB gzipped (limit ${LARGEST_GZIPPED_KIB}).`,
  );
  if (gzipped > LARGEST_GZIPPED_KIB * 1024) {
    throw new Stop(
      `The Worker in ${directory}/ is larger than ${LARGEST_GZIPPED_KIB} KiB gzipped.`,
    );
  }
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    const { values } = parseArgs({ options: { "forced-panics": { type: "boolean" } } });
    await setUp();
    await build(values["forced-panics"] ? workerWithForcedPanics : worker);
  });
}
